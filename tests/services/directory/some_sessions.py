"""Sessions to test with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sparekey.services.directory.sessions import Session, SessionKind

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROLE_SESSION = Session(
    kind=SessionKind.ASSUMED_ROLE,
    account="123456789012",
    arn="arn:aws:sts::123456789012:assumed-role/Deploy/one",
    user_id="AROAEXAMPLE:one",
    access_key_id="ASIAEXAMPLE",
    secret_access_key="secret",
    issued=NOW,
    expires=NOW + timedelta(hours=1),
    parent="AROAEXAMPLE",
    parent_arn="arn:aws:iam::123456789012:role/team/Deploy",
)
USER_SESSION = replace(
    ROLE_SESSION,
    kind=SessionKind.USER,
    arn="arn:aws:iam::123456789012:user/team/ann",
    user_id="AIDAEXAMPLE",
    parent="AIDAEXAMPLE",
    parent_arn="arn:aws:iam::123456789012:user/team/ann",
)
ROOT = "arn:aws:iam::123456789012:root"
