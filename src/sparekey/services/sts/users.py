"""Sessions of users: GetSessionToken and GetFederationToken, for long-term credentials only.

The door refuses both to sessions. Nothing has to allow GetSessionToken: it authenticates.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.policy import PrincipalKind
from sparekey.services.directory.sessions import Session, SessionKind
from sparekey.services.operation import Target, operation
from sparekey.services.sts.issued import access_key, credentials, lifetime
from sparekey.services.sts.mfa import authenticate
from sparekey.services.sts.session_policies import packed_size, read_session_policies
from sparekey.services.sts.session_tags import session_tags, tag_keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.policy import ContextValue
    from sparekey.services.operation import Call, Output, Tags

_HALF_A_DAY: Final = 43200
#: How long sessions of a root user last at most; a longer one is cut to that.
_ROOT: Final = 3600


def _seconds(call: Call, asked: int) -> int:
    return min(asked, _ROOT) if call.caller.principal.kind is PrincipalKind.ROOT_USER else asked


@operation("sts:GetSessionToken", authorized=False, changes_with=("serial_number",))
def get_session_token(
    call: Call,
    *,
    duration_seconds: int = _HALF_A_DAY,
    serial_number: str | None = None,
    token_code: str | None = None,
    minimum_session_token_size: int = 0,
) -> Output:
    """Give temporary credentials of the calling user or root user itself, with MFA if it gives a code."""
    with_mfa = authenticate(call, serial_number, token_code)
    caller = call.caller
    issued, expires = lifetime(call, _seconds(call, duration_seconds))
    key_id, secret = access_key(call, caller.account)
    session = Session(
        kind=SessionKind.USER,
        account=caller.account,
        arn=caller.principal.arn,
        user_id=caller.user_id,
        access_key_id=key_id,
        secret_access_key=secret,
        issued=issued,
        expires=expires,
        parent=caller.user_id,
        parent_arn=caller.principal.arn,
        mfa_at=issued if with_mfa else None,
    )
    return credentials(call, session, minimum_session_token_size)


def federated_user(call: Call, *, name: str, **_: object) -> Target:
    """The federated user a request would make."""
    return Target(f"arn:{call.partition}:sts::{call.account}:federated-user/{name}")


def federation_keys(_call: Call, *, tags: Tags = (), **_: object) -> Mapping[str, ContextValue]:
    """``aws:RequestTag/…`` and ``aws:TagKeys``."""
    return tag_keys(tags, ())


@operation("sts:GetFederationToken", resource=federated_user, context=federation_keys)
def get_federation_token(
    call: Call,
    *,
    name: str,
    policy: str | None = None,
    policy_arns: Sequence[Mapping[str, str]] = (),
    duration_seconds: int = _HALF_A_DAY,
    tags: Tags = (),
    minimum_session_token_size: int = 0,
) -> Output:
    """Give temporary credentials of a federated user, who may do what user and session policies both let it do."""
    target = federated_user(call, name=name)
    wanted = session_tags(tags, ())
    if wanted.tags:
        call.authorize("sts:TagSession", target, tag_keys(tags, ()))
    caller = call.caller
    policies = read_session_policies(call, caller.account, policy, policy_arns)
    packed = packed_size(policies, wanted.tags)
    issued, expires = lifetime(call, _seconds(call, duration_seconds))
    key_id, secret = access_key(call, caller.account)
    session = Session(
        kind=SessionKind.FEDERATED_USER,
        account=caller.account,
        arn=target.arn,
        user_id=f"{caller.account}:{name}",
        access_key_id=key_id,
        secret_access_key=secret,
        issued=issued,
        expires=expires,
        parent=caller.user_id,
        parent_arn=caller.principal.arn,
        policies=policies.documents,
        policy_arns=policies.arns,
        tags=wanted.tags,
    )
    return {
        **credentials(call, session, minimum_session_token_size),
        "FederatedUser": {"FederatedUserId": session.user_id, "Arn": session.arn},
        "PackedPolicySize": packed,
    }
