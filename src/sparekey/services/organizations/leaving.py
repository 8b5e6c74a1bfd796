"""Accounts that leave the organization, by themselves or removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from sparekey.services.directory.accounts import ACCOUNTS, CHILDREN, DELEGATIONS, PARENTS, Account, Organization
from sparekey.services.operation import Call, operation
from sparekey.services.organizations.attachments import detach_all
from sparekey.services.organizations.errors import MasterCannotLeaveOrganizationException, violated
from sparekey.services.organizations.membership import as_management, as_member, find_account
from sparekey.services.organizations.resources import account_target

#: A created account must be so old before it can leave.
#: https://docs.aws.amazon.com/organizations/latest/APIReference/API_LeaveOrganization.html
WAITING: Final = timedelta(days=4)


@operation("organizations:LeaveOrganization")
def leave_organization(call: Call) -> None:
    """Take the caller's account out of its organization.

    Raises:
        MasterCannotLeaveOrganizationException: it is the management account.
        ConstraintViolationException: it administers a service, or was created less than four days ago.
    """
    organization = as_member(call)
    _leave(call, organization, find_account(call, organization, call.account))


@operation("organizations:RemoveAccountFromOrganization", resource=account_target)
def remove_account_from_organization(call: Call, *, account_id: str) -> None:
    """Take a member account out of the organization; nothing but its own policies applies to it then.

    Raises:
        AccountNotFoundException: there is no such account.
        MasterCannotLeaveOrganizationException: it is the management account.
        ConstraintViolationException: it administers a service, or was created less than four days ago.
    """
    organization = as_management(call)
    _leave(call, organization, find_account(call, organization, account_id))


def _leave(call: Call, organization: Organization, account: Account) -> None:
    own, account_id = organization.organization_id, account.account_id
    if account_id == organization.management_account:
        raise MasterCannotLeaveOrganizationException(
            "You can't remove a management account from an organization. If you want the management account to become "
            "a member account in another organization, you must first delete the current organization of the "
            "management account."
        )
    if call.records.count(DELEGATIONS, own, account_id, limit=1):
        raise violated(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            "You attempted to remove an account that is registered as a delegated administrator for a service "
            "integrated with your organization. To complete this operation, you must first deregister this account as "
            "a delegated administrator.",
        )
    if account.joined_method == "CREATED" and call.now - account.created < WAITING:
        raise violated(
            "WAIT_PERIOD_ACTIVE",
            "After you create an Amazon Web Services account, you must wait until at least four days after the "
            "account was created.",
        )
    detach_all(call, organization, account_id)
    parent = call.records.get(PARENTS, own, account_id)
    if parent is not None:
        call.records.delete(CHILDREN, own, parent.name, account_id)
    call.records.delete(PARENTS, own, account_id)
    gone = replace(account, organization=None, joined=None, tags={})
    call.records.put(ACCOUNTS, (account_id,), gone)


OPERATIONS = (leave_organization, remove_account_from_organization)
