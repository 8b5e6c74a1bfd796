"""Temporary credentials: what a sealed session token says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

#: the sealing purpose of session tokens
SESSION_TOKEN = "sts.session-token"  # noqa: S105 - the name of a purpose


class SessionKind(StrEnum):
    """How a session was made."""

    ASSUMED_ROLE = "assumed-role"  # AssumeRole, AssumeRoleWithSAML, AssumeRoleWithWebIdentity
    FEDERATED_USER = "federated-user"  # GetFederationToken
    USER = "user"  # GetSessionToken: the user or root user itself
    ROOT = "root"  # AssumeRoot


@dataclass(frozen=True, slots=True)
class Session:
    """The content of a session token. Nothing of it is stored; the token carries it, sealed.

    ``arn`` and ``user_id`` are the principal's (``arn:aws:sts::A:assumed-role/R/S``, ``AROA…:S``). ``parent`` is the
    role's unique id, or the unique id of the user (the account id for its root user) whose credentials made it.
    ``parent_arn`` is that role's or user's ARN when the session was made. ``policies`` are session policy documents,
    ``policy_arns`` managed ones, which stay live. ``tags`` are session tags (``aws:PrincipalTag``), ``transitive``
    their keys that go on in a chain. ``context`` holds the federation's keys (``saml:…``, ``…:aud``).
    """

    kind: SessionKind
    account: str
    arn: str
    user_id: str
    access_key_id: str
    secret_access_key: str
    issued: datetime
    expires: datetime
    parent: str
    parent_arn: str
    policies: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    mfa_at: datetime | None = None
    source_identity: str | None = None
    chained: bool = False
    federated_provider: str | None = None
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    task_policy: str | None = None  # AssumeRoot
