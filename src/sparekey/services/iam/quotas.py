"""Quotas of an account and of the entities in it, by their names in ``GetAccountSummary``.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.services.directory import tallies
from sparekey.services.directory.tallies import TALLIES, part_of
from sparekey.services.iam.errors import LimitExceededException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.operation import Call

#: The names by which AWS's sentences call quotas.
_SENTENCES: Final[Mapping[str, str]] = {
    "Users": "UsersPerAccount",
    "Groups": "GroupsPerAccount",
    "Roles": "RolesPerAccount",
    "Policies": "PoliciesPerAccount",
    "InstanceProfiles": "InstanceProfilesPerAccount",
    "GroupsPerUser": "GroupsPerUser",
    "AttachedPoliciesPerUser": "PoliciesPerUser",
    "AttachedPoliciesPerGroup": "PoliciesPerGroup",
    "AttachedPoliciesPerRole": "PoliciesPerRole",
    "PolicySize": "PolicySize",
    "AssumeRolePolicySize": "ACLSizePerRole",
    "PolicyVersionsInUse": "PolicyVersionsInUsePerAccount",
}

#: Below half of a quota of at least this many, one part of the tally tells that there is room: the others, which other
#: calls are changing, are not read. Ids are random, so no part is ever so far behind the others.
_LARGE: Final = 1000


def quota(call: Call, name: str) -> int:
    """How many of something the account may have."""
    return call.quotas[name]


def exceeded(name: str, limit: int) -> LimitExceededException:
    """AWS's error for a quota that is used up."""
    return LimitExceededException(f"Cannot exceed quota for {_SENTENCES[name]}: {limit}")


def hold(call: Call, name: str, value: int) -> None:
    """Hold a number to a quota.

    Raises:
        LimitExceededException: it is larger.
    """
    limit = quota(call, name)
    if value > limit:
        raise exceeded(name, limit)


def counted(call: Call, name: str) -> int:
    """How many of something (``Users``, …) the account has."""
    return tallies.count(call.records, call.account, name)


def make_room(call: Call, name: str, identifier: str) -> None:
    """Count one more of something that is bounded for the whole account.

    Raises:
        LimitExceededException: the account may have no more.
    """
    limit = quota(call, name)
    part = call.records.get(TALLIES, call.account, name, part_of(identifier))
    mine = part.count if part else 0
    if (limit < _LARGE or mine * 2 * tallies.PARTS >= limit) and counted(call, name) >= limit:
        raise exceeded(name, limit)
    tallies.add(call.records, call.account, name, identifier)


def give_room(call: Call, name: str, identifier: str) -> None:
    """Count one fewer."""
    tallies.add(call.records, call.account, name, identifier, -1)
