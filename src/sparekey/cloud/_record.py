"""What of a call goes into its record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sparekey.arn import Arn
from sparekey.services.directory.identifiers import random_uuid
from sparekey.services.directory.record import CallOutcome, CallRecord, home_region
from sparekey.services.directory.redaction import redacted
from sparekey.storage.compact_json import compact
from sparekey.wire import sensitive_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sparekey.cloud._running import Running
    from sparekey.errors import ServiceError
    from sparekey.policy import Decision, Statement
    from sparekey.services.directory.sessions import Session
    from sparekey.services.operation import Target


def record_of(running: Running, error: ServiceError | None) -> CallRecord:
    """Make the record of a call that was run, and of what it answered; the answer of a reading call is left out."""
    asked, circumstances, caller = running.asked, running.circumstances, running.caller
    principal, session = caller.principal, caller.session
    answer = running.output if running.changes and error is None else None
    return CallRecord(  # by position, which takes half the time
        random_uuid(running.door.entropy),
        running.now,
        running.account or _owner(asked.target),
        home_region(running.service, circumstances.region, principal.partition),
        running.service,
        running.name,
        not running.changes,
        _outcome(asked.decision),
        asked.action,
        asked.target.arn if asked.action else "",
        principal.arn,
        principal.kind,
        principal.account,
        caller.user_id,
        caller.name or "",
        caller.access_key_id,
        *(_NO_SESSION if session is None else _of_session(session)),
        circumstances.source_ip,
        circumstances.user_agent[:LONGEST],
        circumstances.secure,
        circumstances.request_id,
        circumstances.called_via[-1] if circumstances.called_via else "",
        *_deciding(asked.decision),
        error.code or type(error).__name__ if error else "",
        error.message[:LONGEST] if error else "",
        _shown(running, running.parameters),
        _shown(running, answer),
    )


#: CloudTrail cuts user agents and error messages off behind so many characters.
LONGEST: Final = 1024

#: What records of calls without a session say of it.
_NO_SESSION: Final = ("", None, False, "", "", "", "")


def _of_session(session: Session) -> tuple[str, datetime | None, bool, str, str, str, str]:
    """The members of a record from ``session_kind`` to ``issuer_id``."""
    return (
        session.kind,
        session.issued,
        session.mfa_at is not None,
        session.source_identity or "",
        session.federated_provider or "",
        session.parent_arn,
        session.parent,
    )


def _owner(target: Target) -> str:
    """Whose trail a call without an account of its own goes to: that of the resource (the role it assumes)."""
    if target.account or target.arn == "*":
        return target.account
    return Arn.parse(target.arn).account


def _outcome(decision: Decision | None) -> CallOutcome:
    if decision is None:
        return CallOutcome.NOT_ASKED
    if decision.allowed:
        return CallOutcome.ALLOWED
    return CallOutcome.EXPLICIT_DENY if decision.outcome == "explicit_deny" else CallOutcome.IMPLICIT_DENY


#: CloudTrail leaves out parameters and answers that are larger than this.
LARGEST: Final = 100_000

_compact: Final = compact(str, ascii_only=False, allow_nan=True)


def _shown(running: Running, members: Mapping[str, object] | None) -> str:
    """Parameters or an answer as JSON, without secrets."""
    if not members:
        return ""
    text = _compact(redacted(running.service, members, sensitive_names(running.service)))
    return text if len(text) <= LARGEST else json.dumps({"omitted": True, "originalSize": len(text)})


def _deciding(decision: Decision | None) -> tuple[str, str, str, str]:
    """The policy type, policy and statement that decided, and which statement comes nearest to an Allow."""
    if decision is None:
        return "", "", "", ""
    policy_type = decision.policy_type or ""
    because = decision.because
    if because is not None and because.policy is not None:
        return policy_type, because.policy.arn or because.policy.name, _named(because.statement), ""
    if because is not None and because.grant is not None:
        return policy_type, because.grant.name or "", "", ""
    miss = None if decision.allowed else next(iter(decision.near_misses), None)
    if miss is None:
        return policy_type, "", "", ""
    return policy_type, "", "", f"{miss.statement.label} of {miss.policy.name}: {miss.reason}"


def _named(statement: Statement | None) -> str:
    """A statement's Sid, or its number in its policy."""
    return "" if statement is None else str(statement.sid) if statement.sid else f"#{statement.index + 1}"
