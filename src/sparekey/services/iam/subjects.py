"""What a last-accessed report is about: a user, group, role or managed policy, by its ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.services.directory.access_reports import ReportedEntity
from sparekey.services.directory.carried import Carried, carried, managed
from sparekey.services.directory.identities import GROUPS, MEMBERS, ROLES, USERS, Group, Role, User
from sparekey.services.directory.policies import ATTACHMENTS
from sparekey.services.directory.remembered import Reads
from sparekey.services.iam.errors import InvalidInputException, NoSuchEntityException
from sparekey.services.iam.names import find_policy
from sparekey.services.operation import Target

if TYPE_CHECKING:
    from sparekey.policy import Policy
    from sparekey.services.operation import Call


class Subject(NamedTuple):
    """The policies a report looks at, and the users and roles that could use them."""

    policies: tuple[Policy, ...]
    entities: tuple[ReportedEntity, ...]


def subject_target(call: Call, *, arn: str, **_: object) -> Target:
    """What authorization sees: the entity of that ARN."""
    try:
        identity = find_identity(call, arn)
    except (NoSuchEntityException, InvalidInputException):
        return Target(arn, call.account)
    return Target(arn, call.account, tags={} if isinstance(identity, Group) else identity.tags)


def find_subject(call: Call, arn: str) -> Subject:
    """The subject of that ARN.

    Raises:
        NoSuchEntityException: there is none in the account.
        InvalidInputException: the text is no ARN of a user, group, role or managed policy.
    """
    if arn.split(":", 5)[-1].startswith("policy/"):
        find_policy(call, arn)
        return Subject((managed(Reads(call.records), arn),), _attached_to(call, arn))
    identity = find_identity(call, arn)
    policies = tuple(each.policy for each in carried_policies(call, identity))
    if isinstance(identity, Group):
        return Subject(policies, tuple(_user_entity(user) for user in _members(call, identity)))
    return Subject(policies, (_entity(identity),))


def find_identity(call: Call, arn: str) -> User | Group | Role:
    """The user, group or role of that ARN.

    Raises:
        NoSuchEntityException: there is none in the account.
        InvalidInputException: the text is no ARN of a user, group or role.
    """
    segments = arn.split(":", 5)
    if len(segments) != 6 or segments[0] != "arn" or segments[2] != "iam":
        raise InvalidInputException(f"Invalid ARN: {arn}")
    kind, _, path = segments[5].partition("/")
    name = path.rpartition("/")[2].lower()
    found: User | Group | Role | None
    match kind:
        case "user":
            found = call.records.get(USERS, call.account, name)
        case "group":
            found = call.records.get(GROUPS, call.account, name)
        case "role":
            found = call.records.get(ROLES, call.account, name)
        case _:
            raise InvalidInputException(f"Invalid ARN: {arn}")
    if found is None or found.arn != arn:
        raise NoSuchEntityException(f"{arn} does not exist.")
    return found


def carried_policies(call: Call, identity: User | Group | Role) -> tuple[Carried, ...]:
    """The policies an identity carries, and for a user those of its groups."""
    return tuple(carried(Reads(call.records), identity))


def _members(call: Call, group: Group) -> list[User]:
    references = call.records.scan(MEMBERS, call.account, group.name.lower())
    users = [call.records.get(USERS, call.account, reference.name.lower()) for _, reference in references]
    return [user for user in users if user is not None]


def _attached_to(call: Call, arn: str) -> tuple[ReportedEntity, ...]:
    """The users and roles that a managed policy is attached to, and the members of the groups it is attached to."""
    found: dict[str, ReportedEntity] = {}
    for key, reference in list(call.records.scan(ATTACHMENTS, call.account, arn)):
        for entity in _of_attachment(call, key[2], reference.name.lower()):
            found[entity.unique_id] = entity
    return tuple(found.values())


def _of_attachment(call: Call, kind: str, name: str) -> list[ReportedEntity]:
    match kind:
        case "group":
            group = call.records.get(GROUPS, call.account, name)
            return [_user_entity(user) for user in _members(call, group)] if group else []
        case "role":
            role = call.records.get(ROLES, call.account, name)
            return [_entity(role)] if role else []
        case _:
            user = call.records.get(USERS, call.account, name)
            return [_entity(user)] if user else []


def _entity(identity: User | Role) -> ReportedEntity:
    if isinstance(identity, User):
        return _user_entity(identity)
    return ReportedEntity(identity.arn, identity.name, "ROLE", identity.role_id, identity.path)


def _user_entity(user: User) -> ReportedEntity:
    return ReportedEntity(user.arn, user.name, "USER", user.user_id, user.path)
