"""Who may call: the organization of the calling account, and what that account is in it.

Beside what policies allow, AWS lets most operations be called by the management account only. A delegated administrator
of any service may read; the organization's resource policy can let a member account read and manage policies.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sparekey.arn import is_account_id
from sparekey.errors import AccessDenied
from sparekey.policy import PolicyType
from sparekey.services.directory.accounts import (
    ACCOUNTS,
    DELEGATIONS,
    ORGANIZATIONS,
    PARENTS,
    RESOURCE_POLICIES,
    UNITS,
    Account,
    Organization,
    Unit,
)
from sparekey.services.directory.carried import parsed
from sparekey.services.operation import ANY
from sparekey.services.organizations.errors import (
    NO_ACCOUNT,
    NO_PARENT,
    NO_UNIT,
    NOT_IN_USE,
    NOT_PERMITTED,
    AccessDeniedException,
    AccountNotFoundException,
    AWSOrganizationsNotInUseException,
    OrganizationalUnitNotFoundException,
    ParentNotFoundException,
    PolicyTypeNotAvailableForOrganizationException,
    violated,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sparekey.policy import ContextValue
    from sparekey.services.operation import Call, Target

#: A closed account leaves its organization after so long.
CLOSING: Final = timedelta(days=90)


def organization_of(call: Call) -> Organization | None:
    """The organization of the calling account."""
    account = call.records.get(ACCOUNTS, call.account)
    if account is None or account.organization is None:
        return None
    return call.records.get(ORGANIZATIONS, account.organization)


def as_member(call: Call) -> Organization:
    """The organization, for what every member account may call.

    Raises:
        AWSOrganizationsNotInUseException: the account is in none.
    """
    organization = organization_of(call)
    if organization is None:
        raise AWSOrganizationsNotInUseException(NOT_IN_USE)
    return organization


def as_management(call: Call) -> Organization:
    """The organization, for what its management account alone may call.

    Raises:
        AWSOrganizationsNotInUseException: the account is in none.
        AccessDeniedException: it is another account.
    """
    organization = as_member(call)
    if organization.management_account != call.account:
        raise AccessDeniedException(NOT_PERMITTED)
    return organization


def as_reader(
    call: Call, action: str, target: Target = ANY, context: Mapping[str, ContextValue] | None = None
) -> Organization:
    """The organization, for what delegated administrators may call too.

    Raises:
        AWSOrganizationsNotInUseException: the account is in none.
        AccessDeniedException: it is a member account that nothing was delegated to.
    """
    organization = as_member(call)
    delegated = call.records.count(DELEGATIONS, organization.organization_id, call.account, limit=1)
    return organization if delegated else as_delegate(call, action, target, context)


def as_delegate(
    call: Call, action: str, target: Target = ANY, context: Mapping[str, ContextValue] | None = None
) -> Organization:
    """The organization, for what its resource policy may let member accounts call.

    Raises:
        AWSOrganizationsNotInUseException: the account is in none.
        AccessDeniedException: it is a member account that the resource policy does not let call this.
    """
    organization = as_member(call)
    if organization.management_account == call.account:
        return organization
    stored = call.records.get(RESOURCE_POLICIES, organization.organization_id)
    if stored is None:
        raise AccessDeniedException(NOT_PERMITTED)
    policy = parsed(stored.content, PolicyType.RESOURCE, "the organization's resource policy", stored.arn)
    asked = target._replace(account=organization.management_account, policy=policy)
    try:
        call.authorize(f"organizations:{action}", asked, context or {})
    except AccessDenied:
        raise AccessDeniedException(NOT_PERMITTED) from None
    return organization


def check_all_features(organization: Organization) -> None:
    """Check that the organization has more than consolidated billing.

    Raises:
        ConstraintViolationException: it has not.
    """
    if organization.feature_set != "ALL":
        raise violated(
            "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
            "You attempted to perform an operation that requires the organization to be configured to support all "
            "features.",
        )


def check_policy_types(organization: Organization) -> None:
    """Check that the organization can have policies, which takes all features, too.

    Raises:
        PolicyTypeNotAvailableForOrganizationException: it cannot.
    """
    if organization.feature_set != "ALL":
        raise PolicyTypeNotAvailableForOrganizationException(
            "You can't use the specified policy type with the feature set currently enabled for this organization."
        )


def has_left(account: Account, call: Call) -> bool:
    """Whether a closed account's time is over, so that it is gone from its organization."""
    return account.closed is not None and call.now - account.closed > CLOSING


def members(call: Call, organization: Organization) -> Iterator[Account]:
    """The accounts of an organization in the order of their ids, the management account among them."""
    for (_, child), _ in call.records.scan(PARENTS, organization.organization_id):
        if not is_account_id(child):
            return
        account = call.records.get(ACCOUNTS, child)
        if account is not None and not has_left(account, call):
            yield account


def find_account(call: Call, organization: Organization, account_id: str) -> Account:
    """An account of the organization.

    Raises:
        AccountNotFoundException: it has none of that id.
    """
    account = call.records.get(ACCOUNTS, account_id)
    if account is None or account.organization != organization.organization_id or has_left(account, call):
        raise AccountNotFoundException(NO_ACCOUNT)
    return account


def find_unit(call: Call, organization: Organization, unit_id: str) -> Unit:
    """A unit of the organization.

    Raises:
        OrganizationalUnitNotFoundException: it has none of that id.
    """
    unit = call.records.get(UNITS, organization.organization_id, unit_id)
    if unit is None:
        raise OrganizationalUnitNotFoundException(NO_UNIT)
    return unit


def is_parent(call: Call, organization: Organization, parent_id: str) -> bool:
    """Whether an id is that of the root or of a unit of the organization."""
    if parent_id == organization.root_id:
        return True
    return call.records.get(UNITS, organization.organization_id, parent_id) is not None


def check_parent(call: Call, organization: Organization, parent_id: str) -> None:
    """Check that a root or unit is there.

    Raises:
        ParentNotFoundException: it is not.
    """
    if not is_parent(call, organization, parent_id):
        raise ParentNotFoundException(NO_PARENT)
