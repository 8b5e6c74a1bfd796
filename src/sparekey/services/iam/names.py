"""Finding the entities of an account by the names, ARNs and ids that requests give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.errors import AccessDenied, ValidationError
from sparekey.services.directory.identities import (
    GROUPS,
    LINKED_PATH,
    ROLES,
    UNIQUE_IDS,
    USERS,
    Group,
    Reference,
    Role,
    User,
)
from sparekey.services.directory.instance_profiles import INSTANCE_PROFILES, InstanceProfile
from sparekey.services.directory.policies import POLICIES, ManagedPolicy
from sparekey.services.iam.errors import InvalidInputException, NoSuchEntityException

if TYPE_CHECKING:
    from sparekey.services.operation import Call

#: The alphabet of unique ids and access key ids: base 32.
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

#: How long a unique id is; access key ids are one character shorter.
_ID_LENGTH = 21

#: How long a path may be.
_PATH_LENGTH = 512


def find_user(call: Call, user_name: str) -> User:
    """The user of that name, in whatever letter case.

    Raises:
        NoSuchEntityException: there is none.
    """
    user = call.records.get(USERS, call.account, user_name.lower())
    if user is None:
        raise NoSuchEntityException(f"The user with name {user_name} cannot be found.")
    return user


def find_group(call: Call, group_name: str) -> Group:
    """The group of that name, in whatever letter case.

    Raises:
        NoSuchEntityException: there is none.
    """
    group = call.records.get(GROUPS, call.account, group_name.lower())
    if group is None:
        raise NoSuchEntityException(f"The group with name {group_name} cannot be found.")
    return group


def find_role(call: Call, role_name: str) -> Role:
    """The role of that name, in whatever letter case.

    Raises:
        NoSuchEntityException: there is none.
    """
    role = call.records.get(ROLES, call.account, role_name.lower())
    if role is None:
        raise NoSuchEntityException(f"The role with name {role_name} cannot be found.")
    return role


def find_instance_profile(call: Call, instance_profile_name: str) -> InstanceProfile:
    """The instance profile of that name, in whatever letter case.

    Raises:
        NoSuchEntityException: there is none.
    """
    profile = call.records.get(INSTANCE_PROFILES, call.account, instance_profile_name.lower())
    if profile is None:
        raise NoSuchEntityException(f"Instance Profile {instance_profile_name} cannot be found.")
    return profile


def stored_policy(call: Call, arn_of_policy: str) -> ManagedPolicy | None:
    """The managed policy of exactly that ARN: of the call's account, or AWS's own from the catalog; else nothing."""
    account, name = policy_account_and_name(arn_of_policy, partition=call.partition)
    if account == "aws":
        from sparekey.services.iam.aws_managed import find

        return find(arn_of_policy)
    policy = call.records.get(POLICIES, account, name.lower()) if account == call.account else None
    return policy if policy is not None and policy.arn == arn_of_policy else None


def is_of_linked_roles(call: Call, policy: ManagedPolicy) -> bool:
    """Whether a managed policy is one of AWS's own that only service-linked roles have."""
    return policy.arn.startswith(f"arn:{call.partition}:iam::aws:policy{LINKED_PATH}")


def find_policy(call: Call, arn_of_policy: str, *, attach: bool = False) -> ManagedPolicy:
    """The managed policy of that ARN, of the call's account or AWS's own.

    ``attach`` words the error as the operations do that attach policies.

    Raises:
        NoSuchEntityException: there is none.
        ValidationError: the text is no ARN.
        InvalidInputException: it is the ARN of something else.
    """
    policy = stored_policy(call, arn_of_policy)
    if policy is None:
        ending = "does not exist or is not attachable." if attach else "was not found."
        raise NoSuchEntityException(f"Policy {arn_of_policy} {ending}")
    return policy


def own_policy(call: Call, arn_of_policy: str, action: str) -> ManagedPolicy:
    """The managed policy of that ARN, for an action that changes it.

    Raises:
        NoSuchEntityException: there is none.
        AccessDenied: it is one of AWS's own, which nobody else changes.
        ValidationError: the text is no ARN.
        InvalidInputException: it is the ARN of something else.
    """
    found = find_policy(call, arn_of_policy)
    if f":{call.account}:" not in found.arn:
        who = call.caller.principal.arn
        raise AccessDenied(f"User: {who} is not authorized to perform: {action} on resource: policy {arn_of_policy}")
    return found


def policy_account_and_name(arn_of_policy: str, *, partition: str = "aws") -> tuple[str, str]:
    """The account (``aws`` for AWS's own) and the name in a managed policy's ARN.

    Raises:
        ValidationError: the text is no ARN, or one of another partition.
        InvalidInputException: it is the ARN of something else.
    """
    segments = arn_of_policy.split(":", 5)
    if len(segments) != 6 or segments[0] != "arn" or not segments[5]:
        raise ValidationError("Invalid ARN:  Could not be parsed!")
    if segments[1] != partition:
        raise ValidationError("Invalid ARN partition")
    kind, _, name = segments[5].partition("/")
    name = name.rpartition("/")[2]
    if segments[2] != "iam" or segments[3] or kind != "policy" or not name:
        raise InvalidInputException(f"ARN {arn_of_policy} is not valid.")
    return segments[4], name


def checked_path(path: str) -> str:
    """A path, which begins and ends with a slash: ``/``, ``/team/``, ``/a//b/``.

    Raises:
        ValidationError: it is none.
    """
    inner = path[1:-1]
    good = path == "/" or (len(path) > 2 and path[0] == path[-1] == "/" and all("!" <= each <= "~" for each in inner))
    if not good or len(path) > _PATH_LENGTH:
        raise ValidationError(
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric "
            "characters and/or / characters."
        )
    return path


def arn(call: Call, resource: str) -> str:
    """The ARN of something of IAM's in the account of the call: ``arn(call, "mfa/phone")``."""
    return f"arn:{call.partition}:iam::{call.account}:{resource}"


def user_arn(call: Call, path: str, name: str) -> str:
    """The ARN of a user."""
    return arn(call, f"user{path}{name}")


def group_arn(call: Call, path: str, name: str) -> str:
    """The ARN of a group."""
    return arn(call, f"group{path}{name}")


def role_arn(call: Call, path: str, name: str) -> str:
    """The ARN of a role."""
    return arn(call, f"role{path}{name}")


def policy_arn(call: Call, path: str, name: str) -> str:
    """The ARN of a customer managed policy."""
    return arn(call, f"policy{path}{name}")


def instance_profile_arn(call: Call, path: str, name: str) -> str:
    """The ARN of an instance profile."""
    return arn(call, f"instance-profile{path}{name}")


def unique_id(call: Call, prefix: str, *, length: int = _ID_LENGTH) -> str:
    """A new unique id: ``AIDA…`` for users, ``AGPA`` groups, ``AROA`` roles, ``ANPA`` policies, ``AIPA`` profiles, ….

    Access key ids (``AKIA``) are 20 characters long, all others 21.
    """
    return prefix + "".join(_ALPHABET[byte & 31] for byte in call.entropy(length - len(prefix)))


def register_id(call: Call, identifier: str, of_arn: str) -> None:
    """Note which ARN the unique id of a user, group or role stands for, now that it was made or moved."""
    call.records.put(UNIQUE_IDS, (call.account, identifier), Reference(of_arn))
