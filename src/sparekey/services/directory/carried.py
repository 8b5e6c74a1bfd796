"""The policies that a user, group or role carries, as the engine reads them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.catalog import managed_policies
from sparekey.policy import Policy, PolicyType
from sparekey.services.directory.identities import GROUPS, Group, Role, User
from sparekey.services.directory.policies import POLICIES
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sparekey.services.directory.remembered import Reads

#: How many parsed documents are kept.
DOCUMENTS: Final = 8192

#: What a root user may do by itself, where it is asked for as a policy: the session of a federated user it made.
EVERYTHING: Final = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'


_KINDS: Final[Mapping[type, str]] = {User: "user", Group: "group", Role: "role"}


class Carried(NamedTuple):
    """A policy and where an identity has it from.

    ``owner`` is ``user``, ``group`` or ``role`` and the friendly name of who carries it. ``policy_name`` is the name of
    the inline or managed policy; ``text`` its document.
    """

    policy: Policy
    owner: tuple[str, str]
    policy_name: str
    text: str


@lru_cache(maxsize=DOCUMENTS)
def parsed(text: str, policy_type: PolicyType, name: str, arn: str | None = None, partition: str = "aws") -> Policy:
    """A document as a policy of the engine.

    One that AWS would never have stored (it came with a snapshot) may hold any statement: nothing is allowed that
    hangs on it.
    """
    from sparekey.policy import parse_policy

    policy = parse_policy(text, type=policy_type, name=name, arn=arn, partition=partition)
    if policy.malformed:
        return Policy(policy_type, name, (), unknown=(Unknown((f"the document of {name}",)),), arn=arn)
    return policy


def managed(reads: Reads, arn: str, policy_type: PolicyType = PolicyType.IDENTITY) -> Policy:
    """The default version of a managed policy; a policy without statements where there is none by that ARN."""
    text = managed_document(reads, arn)
    if text is None:
        return Policy(policy_type, f"`{arn}`", (), arn=arn)
    return parsed(text, policy_type, f"`{arn}`", arn, arn.split(":", 2)[1])


def managed_document(reads: Reads, arn: str) -> str | None:
    """The document of the default version of a customer's or AWS's managed policy."""
    segments = arn.split(":", 5)
    if len(segments) != 6:
        return None
    if segments[4] == "aws":
        known = managed_policies.find(arn)
        return known.document if known else None
    policy = reads.get(POLICIES, segments[4], friendly_name(arn).lower())
    if policy is None or policy.arn != arn:
        return None
    return next((each.document for each in policy.versions if each.version_id == policy.default_version), None)


def carried(reads: Reads, identity: User | Group | Role) -> Iterator[Carried]:
    """The inline and managed policies of an identity, and for a user those of its groups."""
    kind = _KINDS[type(identity)]
    owner = (kind, identity.name)
    for name, text in identity.inline.items():
        label = f"inline policy `{name}` of `{kind}/{identity.name}`"
        yield Carried(parsed(text, PolicyType.IDENTITY, label), owner, name, text)
    for arn in identity.attached:
        text = managed_document(reads, arn) or ""
        yield Carried(managed(reads, arn), owner, friendly_name(arn), text)
    if isinstance(identity, User):
        account = identity.arn.split(":")[4]
        for group_name in identity.groups:
            if (group := reads.get(GROUPS, account, group_name.lower())) is not None:
                yield from carried(reads, group)


def friendly_name(arn: str) -> str:
    """The name at the end of an ARN, behind its path."""
    return arn.rpartition("/")[2]
