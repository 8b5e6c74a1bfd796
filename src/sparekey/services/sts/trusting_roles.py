"""The role a request wants to assume, as authorization sees it, and the session it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.errors import ValidationError
from sparekey.policy import PolicyType
from sparekey.services.directory.carried import parsed
from sparekey.services.directory.identities import ROLES
from sparekey.services.directory.sessions import Session, SessionKind
from sparekey.services.directory.trust import trust_document
from sparekey.services.operation import Target
from sparekey.services.sts.issued import access_key, credentials, lifetime
from sparekey.services.sts.session_policies import SessionPolicies, packed_size
from sparekey.services.sts.session_tags import SessionTags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.policy import ContextValue
    from sparekey.services.directory.identities import Role
    from sparekey.services.operation import Call

#: How long a session of a role may last that was assumed with temporary credentials.
LONGEST_CHAINED: Final = 3600
_TOO_LONG: Final = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
_TOO_LONG_CHAINED: Final = (
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
)


class Wanted(NamedTuple):
    """What a request asks of the session of a role.

    ``context`` and ``federated_provider`` come from the identity provider; ``chained``: the caller is a role's session.
    """

    session_name: str
    seconds: int
    policies: SessionPolicies = SessionPolicies()
    tags: SessionTags = SessionTags({})
    source_identity: str | None = None
    chained: bool = False
    federated_provider: str | None = None
    context: Mapping[str, str | tuple[str, ...]] = {}
    minimum_token_size: int = 0


def account_of_role(role_arn: str) -> str:
    """The account a role ARN names.

    Raises:
        ValidationError: the text is no ARN, in AWS's words.
    """
    segments = role_arn.split(":", 5)
    if len(segments) != 6 or segments[0] != "arn" or not (segments[1] and segments[2] and segments[5]):
        raise ValidationError(f"{role_arn} is invalid")
    return segments[4]


def find_role(call: Call, role_arn: str) -> Role | None:
    """The role of exactly this ARN; names of roles are case-sensitive here."""
    account = account_of_role(role_arn)
    role = call.records.get(ROLES, account, role_arn.rpartition("/")[2].lower())
    return role if role is not None and role.arn == role_arn else None


def role_target(call: Call, role_arn: str) -> Target:
    """A role as a resource: its trust policy is its resource-based policy.

    A role that does not exist trusts nobody, so that the answer does not tell whether it does.

    Raises:
        ValidationError: the text is no ARN.
    """
    role = find_role(call, role_arn)
    if role is None:
        return Target(role_arn, account_of_role(role_arn) or call.account)
    name = f"the trust policy of `{role.arn}`"
    trust = parsed(trust_document(call.records, role), PolicyType.TRUST, name, None, call.partition)
    return Target(role.arn, account_of_role(role_arn), trust, role.tags)


def tags_of(target: Target) -> dict[str, ContextValue]:
    """``iam:ResourceTag/…``: the tags of the role."""
    return {f"iam:ResourceTag/{key}": value for key, value in target.tags.items()}


def check_duration(role: Role, seconds: int, *, chained: bool = False) -> None:
    """Refuse a session that would last too long.

    Raises:
        ValidationError: longer than the role lets, or than a chain lets.
    """
    if chained and seconds > LONGEST_CHAINED:
        raise ValidationError(_TOO_LONG_CHAINED)
    if seconds > role.max_session_duration:
        raise ValidationError(_TOO_LONG)


def begin_session(call: Call, role: Role, wanted: Wanted) -> dict[str, object]:
    """Make a session of a role: the members that the AssumeRole operations answer alike.

    Raises:
        PackedPolicyTooLargeException: session policies and tags take too much room.
    """
    account = role.arn.split(":")[4]
    packed = packed_size(wanted.policies, wanted.tags.tags)
    issued, expires = lifetime(call, wanted.seconds)
    key_id, secret = access_key(call, account)
    session = Session(
        kind=SessionKind.ASSUMED_ROLE,
        account=account,
        arn=f"arn:{call.partition}:sts::{account}:assumed-role/{role.name}/{wanted.session_name}",
        user_id=f"{role.role_id}:{wanted.session_name}",
        access_key_id=key_id,
        secret_access_key=secret,
        issued=issued,
        expires=expires,
        parent=role.role_id,
        parent_arn=role.arn,
        policies=wanted.policies.documents,
        policy_arns=wanted.policies.arns,
        tags=wanted.tags.tags,
        transitive=wanted.tags.transitive,
        source_identity=wanted.source_identity,
        chained=wanted.chained,
        federated_provider=wanted.federated_provider,
        context=wanted.context,
    )
    answer = credentials(call, session, wanted.minimum_token_size)
    answer["AssumedRoleUser"] = {"AssumedRoleId": session.user_id, "Arn": session.arn}
    if packed:
        answer["PackedPolicySize"] = packed
    if wanted.source_identity:
        answer["SourceIdentity"] = wanted.source_identity
    return answer
