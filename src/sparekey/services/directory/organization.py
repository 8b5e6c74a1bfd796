"""What every organization has: AWS's own policies, and a place for each account under the root."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from sparekey.services.directory.accounts import ORGANIZATION_POLICIES, PARENTS, OrganizationPolicy

if TYPE_CHECKING:
    from sparekey.services.directory.accounts import Organization
    from sparekey.storage.interface import Kind

T = TypeVar("T")

#: Organizations' names of its policy types that authorization asks.
SCP: Final = "SERVICE_CONTROL_POLICY"
RCP: Final = "RESOURCE_CONTROL_POLICY"

#: AWS's own policy of a type, which is attached everywhere while the type is enabled, and stored nowhere.
FULL_ACCESS_OF: Final = {SCP: "p-FullAWSAccess", RCP: "p-RCPFullAWSAccess"}

#: id → (name, type, description, document)
_AWS_POLICIES: Final = {
    FULL_ACCESS_OF[SCP]: (
        "FullAWSAccess",
        SCP,
        "Allows access to every operation",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    ),
    FULL_ACCESS_OF[RCP]: (
        "RCPFullAWSAccess",
        RCP,
        "Allows access to every resource",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
    ),
}


class Readable(Protocol):
    """What records can be read from: a transaction, or what remembers what it read."""

    def get(self, kind: Kind[T], *key: str) -> T | None:
        """The record under a key, or ``None``."""
        ...


def is_aws_policy(policy_id: str) -> bool:
    """Whether a policy is AWS's own."""
    return policy_id in _AWS_POLICIES


def aws_policies(partition: str) -> list[OrganizationPolicy]:
    """AWS's own policies."""
    return [_aws_policy(partition, policy_id) for policy_id in _AWS_POLICIES]


def policy_of(records: Readable, organization: Organization, policy_id: str) -> OrganizationPolicy | None:
    """A policy of an organization, or one of AWS's own."""
    if policy_id in _AWS_POLICIES:
        return _aws_policy(organization.arn.split(":", 2)[1], policy_id)
    return records.get(ORGANIZATION_POLICIES, organization.organization_id, policy_id)


@lru_cache(maxsize=16)
def _aws_policy(partition: str, policy_id: str) -> OrganizationPolicy:
    name, policy_type, description, document = _AWS_POLICIES[policy_id]
    arn = f"arn:{partition}:organizations::aws:policy/{policy_type.lower()}/{policy_id}"
    return OrganizationPolicy(policy_id, arn, name, policy_type, document, description)


def parents_of(records: Readable, organization: str, child: str) -> tuple[str, ...]:
    """The ids above an account or unit, root first."""
    found: list[str] = []
    parent = records.get(PARENTS, organization, child)
    while parent is not None:
        found.append(parent.name)
        parent = records.get(PARENTS, organization, parent.name)
    return tuple(reversed(found))


def path_of(records: Readable, organization: str, account: str) -> str:
    """An account's path as ``aws:PrincipalOrgPaths`` shows it: ``o-…/r-…/ou-…/``."""
    return "/".join((organization, *parents_of(records, organization, account), ""))
