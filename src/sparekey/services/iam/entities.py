"""Writing users, groups and roles, whichever of the three it is: record, name, and what depends on the name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from sparekey.services.directory import tallies
from sparekey.services.directory.identities import GROUPS, ROLES, USERS, Group, Reference, Role, User
from sparekey.services.directory.policies import ATTACHMENTS, BOUNDARY_USES
from sparekey.services.iam.errors import UnmodifiableEntityException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.storage.interface import Kind, Transaction

Identity = User | Group | Role


class InAccount(Protocol):
    """Records, and the account they are about; a call is one."""

    @property
    def records(self) -> Transaction:
        """The records."""
        ...

    @property
    def account(self) -> str:
        """The account."""
        ...


@dataclass(frozen=True, slots=True)
class EntityKind:
    """What sets users, groups and roles apart: their word, and the names of their quotas."""

    word: str
    quota: str
    policies_quota: str
    size_quota: str


USER: Final = EntityKind("user", "Users", "AttachedPoliciesPerUser", "UserPolicySize")
GROUP: Final = EntityKind("group", "Groups", "AttachedPoliciesPerGroup", "GroupPolicySize")
ROLE: Final = EntityKind("role", "Roles", "AttachedPoliciesPerRole", "RolePolicySize")

_KINDS: Final[Mapping[type[Identity], EntityKind]] = {User: USER, Group: GROUP, Role: ROLE}


def kind_of(identity: Identity) -> EntityKind:
    """Whether an entity is a user, group or role."""
    return _KINDS[type(identity)]


def unique_id_of(identity: Identity) -> str:
    """An entity's unique id."""
    match identity:
        case User():
            return identity.user_id
        case Group():
            return identity.group_id
        case Role():
            return identity.role_id


def keep(call: InAccount, identity: Identity) -> None:
    """Write an entity under its name."""
    key = (call.account, identity.name.lower())
    match identity:
        case User():
            call.records.put(USERS, key, identity)
        case Group():
            call.records.put(GROUPS, key, identity)
        case Role():
            call.records.put(ROLES, key, identity)


def of_same_name(where: InAccount, identity: Identity) -> Identity | None:
    """The stored entity of the same kind and name, in whatever letter case."""
    name = identity.name.lower()
    match identity:
        case User():
            return where.records.get(USERS, where.account, name)
        case Group():
            return where.records.get(GROUPS, where.account, name)
        case Role():
            return where.records.get(ROLES, where.account, name)


def refuse_linked(role: Role) -> None:
    """Leave service-linked roles to the services they are for.

    Raises:
        UnmodifiableEntityException: the role is one.
    """
    if role.linked_service is not None:
        raise UnmodifiableEntityException(
            f"Cannot perform the operation on the protected role '{role.name}' - this role is only modifiable by AWS"
        )


def note_use(call: InAccount, uses: Kind[Reference], policy_arn: str, identity: Identity) -> None:
    """Note under a managed policy that an entity has it attached, or as its boundary."""
    kind = kind_of(identity).word
    if call.records.add(uses, (call.account, policy_arn, kind, identity.name.lower()), Reference(identity.name)):
        tallies.add(call.records, call.account, uses_named(uses, policy_arn), unique_id_of(identity))


def uses_named(uses: Kind[Reference], policy_arn: str) -> str:
    """What the tally of a policy's attachments, or of its uses as a boundary, counts."""
    return f"{uses.name} {policy_arn}"


def forget_use(call: InAccount, uses: Kind[Reference], policy_arn: str, identity: Identity) -> None:
    """Take back what :func:`note_use` noted."""
    if call.records.delete(uses, call.account, policy_arn, kind_of(identity).word, identity.name.lower()):
        tallies.add(call.records, call.account, uses_named(uses, policy_arn), unique_id_of(identity), -1)


def uses_of(call: InAccount, uses: Kind[Reference], policy_arn: str) -> int:
    """How many entities of the account have a managed policy attached, or as their boundary."""
    return tallies.count(call.records, call.account, uses_named(uses, policy_arn))


def rename_uses(call: InAccount, old: Identity, new: Identity) -> None:
    """Move an entity's attachments and boundary to its new name."""
    for uses, policy_arns in ((ATTACHMENTS, old.attached), (BOUNDARY_USES, boundaries_of(old))):
        for policy_arn in policy_arns:
            forget_use(call, uses, policy_arn, old)
            note_use(call, uses, policy_arn, new)


def boundaries_of(identity: Identity) -> tuple[str, ...]:
    """The ARN of an entity's permissions boundary, if it has one."""
    if isinstance(identity, Group) or identity.boundary is None:
        return ()
    return (identity.boundary,)


def with_attached(identity: Identity, attached: tuple[str, ...]) -> Identity:
    """The entity with other managed policies."""
    return replace(identity, attached=attached)


def with_inline(identity: Identity, inline: Mapping[str, str]) -> Identity:
    """The entity with other inline policies."""
    return replace(identity, inline=inline)
