"""What AssumeRoleWithSAML and AssumeRoleWithWebIdentity have in common: a provider's word in place of credentials.

The caller has no credentials, so nothing but the role's trust policy can allow; the engine knows the provider by
``aws:FederatedProvider``, which the Principal of a trust policy names under ``Federated``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sparekey.errors import AccessDenied
from sparekey.services.sts.errors import InvalidIdentityTokenException
from sparekey.services.sts.session_policies import read_session_policies
from sparekey.services.sts.session_tags import session_tags, tag_keys
from sparekey.services.sts.trusting_roles import (
    Wanted,
    account_of_role,
    begin_session,
    check_duration,
    find_role,
    role_target,
    tags_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sparekey.policy import ContextValue
    from sparekey.services.operation import Call, Tags, Target

_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_TAG_KEY, _TAG_VALUE, _MOST_TAGS = 128, 256, 50


class Presented(NamedTuple):
    """What a provider says of its user.

    ``keys`` are condition keys of the request; ``lasting`` those that the session's own requests carry too.
    """

    provider: str
    session_name: str
    keys: Mapping[str, str | tuple[str, ...]]
    lasting: Mapping[str, str | tuple[str, ...]]
    tags: Tags = ()
    transitive: Sequence[str] = ()
    source_identity: str | None = None


class Asked(NamedTuple):
    """What the request asks for besides. ``shortened`` is what the provider leaves of the seconds."""

    seconds: int
    policy: str | None
    policy_arns: Sequence[Mapping[str, str]]
    minimum_token_size: int
    shortened: Callable[[int], int] = int


def is_session_name(text: str) -> bool:
    """Whether a text can be a session name or a source identity."""
    return _NAME.fullmatch(text) is not None


def assume_for_provider(
    call: Call, action: str, role_arn: str, presented: Presented, asked: Asked
) -> dict[str, object]:
    """Begin a session of a role that trusts the provider; ``action`` is the one the trust policy must allow.

    Raises:
        InvalidIdentityTokenException: tags or source identity break the limits.
        AccessDenied: there is no such role, or it does not trust.
        ValidationError: the session would last too long, or the session policies cannot be.
    """
    _check(presented)
    target = role_target(call, role_arn)
    tags = session_tags(presented.tags, presented.transitive)
    keys: dict[str, ContextValue] = {
        **tags_of(target),
        **presented.keys,
        **tag_keys(presented.tags, presented.transitive),
        "aws:FederatedProvider": presented.provider,
        "sts:RoleSessionName": presented.session_name,
    }
    actions = [action]
    if tags.tags:
        actions.append("sts:TagSession")
    if presented.source_identity is not None:
        keys["sts:SourceIdentity"] = presented.source_identity
        actions.append("sts:SetSourceIdentity")
    for each in actions:
        _authorize(call, each, target, keys)
    role = find_role(call, role_arn)
    if role is None:
        raise _refused(action)
    check_duration(role, asked.seconds)
    wanted = Wanted(
        session_name=presented.session_name,
        seconds=asked.shortened(asked.seconds),
        policies=read_session_policies(call, account_of_role(role_arn), asked.policy, asked.policy_arns),
        tags=tags,
        source_identity=presented.source_identity,
        federated_provider=presented.provider,
        context=presented.lasting,
        minimum_token_size=asked.minimum_token_size,
    )
    return begin_session(call, role, wanted)


def _check(presented: Presented) -> None:
    """Hold what the provider gives to the limits of requests, which the wire has checked for those only."""
    identity = presented.source_identity
    if identity is not None and not is_session_name(identity):
        raise InvalidIdentityTokenException(
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'
        )
    fits = all(1 <= len(tag["Key"]) <= _TAG_KEY and len(tag["Value"]) <= _TAG_VALUE for tag in presented.tags)
    if not fits or len(presented.tags) > _MOST_TAGS:
        raise InvalidIdentityTokenException("The session tags exceed the limits.")  # our own words


def _authorize(call: Call, action: str, target: Target, keys: Mapping[str, ContextValue]) -> None:
    try:
        call.authorize(action, target, keys)
    except AccessDenied:
        raise _refused(action) from None


def _refused(action: str) -> AccessDenied:
    """What AWS says to callers without credentials."""
    return AccessDenied(f"Not authorized to perform {action}")
