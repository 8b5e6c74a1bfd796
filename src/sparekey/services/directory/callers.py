"""Who calls with the credentials of a user, of a root user or of a session, and what a session's kind comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.errors import AccessDenied, InvalidClientTokenId, ServiceError
from sparekey.policy import Principal, PrincipalKind
from sparekey.services.directory.identities import LINKED_PATH
from sparekey.services.directory.sessions import Session, SessionKind
from sparekey.services.operation import Caller

if TYPE_CHECKING:
    from datetime import datetime

    from sparekey.policy import ContextValue
    from sparekey.services.directory.identities import User

#: What a session made by GetSessionToken may call of STS; AssumeRole, and what nobody is ever denied.
_STS_OF_USER_SESSIONS: Final = frozenset(("AssumeRole", "GetCallerIdentity"))


def caller_of_root_user(partition: str, account: str, access_key_id: str) -> Caller:
    """Who calls with an access key of an account's root user."""
    principal = Principal(PrincipalKind.ROOT_USER, f"arn:{partition}:iam::{account}:root", account)
    return Caller(principal, account, access_key_id=access_key_id)


def caller_of_user(user: User, account: str, access_key_id: str) -> Caller:
    """Who calls with an access key of a user."""
    return Caller(Principal(PrincipalKind.IAM_USER, user.arn, account), user.user_id, user.name, access_key_id)


def caller_of(session: Session) -> Caller:
    """Who calls with the credentials of a session."""
    account = session.account
    principal, name = Principal(PrincipalKind.ROOT_USER, session.arn, account), None
    match session.kind:
        case SessionKind.ASSUMED_ROLE:
            linked = session.parent_arn.split(":", 5)[5].startswith(f"role{LINKED_PATH}")  # paths may have colons
            kind = PrincipalKind.SERVICE_LINKED_ROLE if linked else PrincipalKind.ROLE_SESSION
            principal = Principal(kind, session.arn, account, role_arn=session.parent_arn)
        case SessionKind.FEDERATED_USER:
            principal = Principal(PrincipalKind.FEDERATED_USER, session.arn, account, user_arn=session.parent_arn)
        case SessionKind.USER if not session.arn.endswith(":root"):
            principal = Principal(PrincipalKind.IAM_USER, session.arn, account)
            name = session.arn.rpartition("/")[2]
        case SessionKind.USER | SessionKind.ROOT:
            pass
    return Caller(principal, session.user_id, name, session.access_key_id, session)


def session_context(session: Session, now: datetime) -> dict[str, ContextValue]:
    """The context keys that requests carry because they are signed with the credentials of this session.

    ``aws:PrincipalTag/…`` are the session's tags only: they win over the tags of the role or user, which the door adds.
    """
    context: dict[str, ContextValue] = {
        "aws:TokenIssueTime": session.issued.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:userid": session.user_id,
        "aws:MultiFactorAuthPresent": "true" if session.mfa_at else "false",
    }
    context.update(session.context)
    if session.mfa_at:
        context["aws:MultiFactorAuthAge"] = str(max(0, int((now - session.mfa_at).total_seconds())))
    if session.kind is SessionKind.USER and not session.arn.endswith(":root"):
        context["aws:username"] = session.arn.rpartition("/")[2]
    if session.federated_provider:
        context["aws:FederatedProvider"] = session.federated_provider
    if session.source_identity:
        context["aws:SourceIdentity"] = session.source_identity
    if session.kind is SessionKind.ROOT:
        context["aws:AssumedRoot"] = "true"
    for key, value in session.tags.items():
        context[f"aws:PrincipalTag/{key}"] = value
    return context


def refused_for_session(session: Session, service: str, operation: str) -> ServiceError | None:
    """The error AWS answers because of the kind of a session alone, before any policy is asked; ``None`` if it is none.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
    """
    if service == "sts" and operation in ("GetFederationToken", "GetSessionToken"):
        return AccessDenied(f"Cannot call {operation} with session credentials")
    federated = session.kind is SessionKind.FEDERATED_USER
    without_mfa = session.kind is SessionKind.USER and session.mfa_at is None
    if service == "iam" and (federated or without_mfa):
        return InvalidClientTokenId("The security token included in the request is invalid")
    limited = federated or (session.kind is SessionKind.USER and operation not in _STS_OF_USER_SESSIONS)
    if service == "sts" and operation != "GetCallerIdentity" and limited:
        return AccessDenied(f"Cannot call {operation} with session credentials")
    return None
