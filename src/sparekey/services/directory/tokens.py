"""Session tokens: sessions sealed into text that travels with the client, and what they mean to the door.

Nothing of a session is stored: the token carries all of it, encrypted and authenticated, so it survives a restart and
opens on every server that shares the root key. Inside it is compact JSON, deflated; a token that must have a minimum
size is padded behind the deflated text.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sparekey.errors import AccessDenied, InvalidClientTokenId, ServiceError
from sparekey.policy import Principal, PrincipalKind
from sparekey.services.directory.sessions import SESSION_TOKEN, Session, SessionKind
from sparekey.services.operation import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.policy import ContextValue, Decision, Statement
    from sparekey.services.operation import Sealer

#: The first byte of what a token seals; another layout takes another number.
_LAYOUT: Final = b"\x01"

_TIMES: Final = frozenset(("issued", "expires", "mfa_at"))
_TUPLES: Final = frozenset(("policies", "policy_arns", "transitive"))

#: Members of a session and the short names they have in a token. Never reuse a short name.
_MEMBERS: Final[Mapping[str, str]] = {
    "kind": "k",
    "account": "a",
    "arn": "n",
    "user_id": "u",
    "access_key_id": "i",
    "secret_access_key": "s",
    "issued": "f",
    "expires": "e",
    "parent": "p",
    "parent_arn": "r",
    "policies": "d",
    "policy_arns": "m",
    "tags": "t",
    "transitive": "v",
    "mfa_at": "o",
    "source_identity": "y",
    "chained": "c",
    "federated_provider": "g",
    "context": "x",
    "task_policy": "q",
}

#: What a session made by GetSessionToken may call of STS; AssumeRole, and what nobody is ever denied.
_STS_OF_USER_SESSIONS: Final = frozenset(("AssumeRole", "GetCallerIdentity"))


def seal_session(sealer: Sealer, session: Session, *, minimum_size: int = 0) -> str:
    """The session token of a session: at least ``minimum_size`` characters of base64.

    Times are kept to the second.
    """
    packed = _LAYOUT + zlib.compress(json.dumps(_as_json(session), separators=(",", ":")).encode(), 6)
    token = b64encode(sealer.seal(packed, SESSION_TOKEN))
    missing = minimum_size - len(token)
    if missing > 0:
        token = b64encode(sealer.seal(packed + bytes(missing * 3 // 4 + 3), SESSION_TOKEN))
    return token.decode("ascii")


def open_session(sealer: Sealer, token: str) -> Session:
    """The session that a token was made of; the caller compares :attr:`Session.expires` with the time.

    Raises:
        ValueError: the token was not made here, or it was changed.
    """
    packed = sealer.unseal(b64decode(token, validate=True), SESSION_TOKEN)
    if packed[:1] != _LAYOUT:
        raise ValueError("the token has a layout of another release")
    return _from_json(json.loads(zlib.decompressobj().decompress(packed[1:])))


def _as_json(session: Session) -> dict[str, object]:
    """The members of a session that say something, under their short names."""
    told: dict[str, object] = {}
    for member, short in _MEMBERS.items():
        value = getattr(session, member)
        if isinstance(value, datetime):
            value = int(value.timestamp())
        if value:
            told[short] = dict(value) if member in ("tags", "context") else value
    return told


def _from_json(told: Mapping[str, object]) -> Session:
    """The session that :func:`_as_json` wrote down."""
    members: dict[str, object] = {}
    for member, short in _MEMBERS.items():
        value = told.get(short)
        if value is None:
            continue
        if member in _TIMES and isinstance(value, int):
            value = datetime.fromtimestamp(value, UTC)
        elif member in _TUPLES and isinstance(value, list):
            value = tuple(value)
        elif member == "context" and isinstance(value, dict):
            value = {key: tuple(each) if isinstance(each, list) else each for key, each in value.items()}
        members[member] = value
    members["kind"] = SessionKind(str(members["kind"]))
    return Session(**members)  # type: ignore[arg-type]  # typed by _as_json, authenticated by the seal


def caller_of(session: Session) -> Caller:
    """Who calls with the credentials of a session."""
    account = session.account
    principal, name = Principal(PrincipalKind.ROOT_USER, session.arn, account), None
    match session.kind:
        case SessionKind.ASSUMED_ROLE:
            linked = session.parent_arn.split(":", 5)[5].startswith("role/aws-service-role/")  # paths may have colons
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


#: the sealing purpose of encoded authorization messages
AUTHORIZATION_MESSAGE: Final = "sts.authorization-message"


def encode_authorization_message(sealer: Sealer, decision: Decision, caller: Caller) -> str:
    """A refused request in the form that DecodeAuthorizationMessage opens, for services that answer with one.

    It tells of the context only what the request itself gave: the rest is worked out when a condition asks.
    """
    message = json.dumps([caller.account, _message(decision, caller)], separators=(",", ":")).encode()
    return urlsafe_b64encode(sealer.seal(zlib.compress(message, 6), AUTHORIZATION_MESSAGE)).decode("ascii")


def decode_authorization_message(sealer: Sealer, message: str) -> tuple[str, str]:
    """The account of the caller who was refused, and the message as JSON text in AWS's shape.

    Raises:
        ValueError: the message was not made here, or it was changed.
    """
    sealed = urlsafe_b64decode(message.encode("ascii"))
    account, decoded = json.loads(zlib.decompress(sealer.unseal(sealed, AUTHORIZATION_MESSAGE)))
    return str(account), json.dumps(decoded, separators=(",", ":"))


def _message(decision: Decision, caller: Caller) -> dict[str, object]:
    """https://docs.aws.amazon.com/cli/latest/reference/sts/decode-authorization-message.html"""
    request = decision.request
    because = decision.because
    denying = because.statement if because and decision.outcome == "explicit_deny" else None
    conditions = [
        {"key": key, "values": _items([{"value": each} for each in ((value,) if isinstance(value, str) else value)])}
        for key, value in request.context.values.items()
        if isinstance(value, str | tuple)
    ]
    return {
        "allowed": decision.allowed,
        "explicitDeny": decision.outcome == "explicit_deny",
        "matchedStatements": _items([_statement(denying)] if denying else []),
        "failures": _items([]),
        "context": {
            "principal": {"id": caller.user_id, "name": caller.name or "", "arn": request.principal.arn},
            "action": request.action,
            "resource": str(request.resource),
            "conditions": _items(conditions),
        },
    }


def _statement(statement: Statement) -> dict[str, object]:
    return {
        "statementId": str(statement.sid or ""),
        "effect": str(statement.effect).upper(),
        "principals": _items([]),
        "principalGroups": _items([]),
        "actions": _items([{"value": str(each)} for each in statement.action or ()]),
        "resources": _items([{"value": str(each)} for each in statement.resource or ()]),
        "conditions": _items(
            [
                {"key": str(each.key), "values": _items([{"value": str(value)} for value in each.values])}
                for each in statement.conditions
            ]
        ),
    }


def _items(items: Sequence[Mapping[str, object]]) -> dict[str, object]:
    return {"items": items}
