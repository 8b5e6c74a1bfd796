"""Member accounts: made, described, listed, moved and closed.

CreateAccount answers ``IN_PROGRESS`` as AWS does; the account is there at once, and DescribeCreateAccountStatus says
``SUCCEEDED``. CloseAccount suspends at once. CreateGovCloudAccount is not built: it makes a second account in
another partition, and one server serves one partition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sparekey.services.directory.accounts import (
    ACCOUNT_REQUESTS,
    ACCOUNTS,
    CHILDREN,
    EMAILS,
    PARENTS,
    Account,
    AccountRequest,
    Organization,
)
from sparekey.services.directory.identities import Reference
from sparekey.services.operation import Call, Output, Tags, operation
from sparekey.services.organizations.attachments import attach_full_access
from sparekey.services.organizations.errors import (
    NO_ACCOUNT,
    AccountAlreadyClosedException,
    AccountNotFoundException,
    CreateAccountStatusNotFoundException,
    DestinationParentNotFoundException,
    DuplicateAccountException,
    SourceParentNotFoundException,
    invalid,
    violated,
)
from sparekey.services.organizations.ids import is_email, new_account_id, random_id
from sparekey.services.organizations.linked_role import make_access_role, make_linked_role
from sparekey.services.organizations.membership import (
    as_management,
    as_reader,
    check_all_features,
    check_parent,
    find_account,
    is_parent,
    members,
)
from sparekey.services.organizations.organization import enter
from sparekey.services.organizations.paging import page
from sparekey.services.organizations.resources import account_target, parent_target, tag_context, target_of
from sparekey.services.organizations.shapes import account_shape, email_of, request_shape
from sparekey.services.organizations.tagging import authorize_tags, given_tags
from sparekey.services.organizations.units import children

#: Within so many days, this many accounts (or a fifth of all, up to 1,000) can be closed.
_CLOSING_DAYS: Final = timedelta(days=30)
_MOST_CLOSED: Final = 250

#: Observed for invitations.
TOO_MANY: Final = "You have exceeded the allowed number of AWS accounts"


@operation("organizations:CreateAccount", context=tag_context)
def create_account(
    call: Call,
    *,
    email: str,
    account_name: str,
    role_name: str | None = None,
    iam_user_access_to_billing: str = "ALLOW",
    tags: Tags | None = None,
) -> Output:
    """Make a member account, with a role that lets the management account in.

    Raises:
        InvalidInputException: the role's name begins with ``AWSServiceRoleFor``, or a tag is wrong.
        ConstraintViolationException: the organization has as many accounts as it may.
    """
    del iam_user_access_to_billing  # nobody bills here
    organization = as_management(call)
    authorize_tags(call, tags)
    kept = given_tags(tags)
    if (role_name or "").startswith("AWSServiceRoleFor"):
        raise invalid(
            "INVALID_ROLE_NAME",
            "You provided a role name that isn't valid. A role name can't begin with the reserved prefix "
            "AWSServiceRoleFor.",
        )
    check_room(call, organization)
    request = AccountRequest(random_id(call.entropy, "car-", 32), account_name, "FAILED", call.now, call.now)
    if not is_email(email):
        request = replace(request, failure="INVALID_EMAIL")
    elif is_taken(call, email):
        request = replace(request, failure="EMAIL_ALREADY_EXISTS")
    else:
        account = Account(new_account_id(call), call.now, account_name, email, tags=kept)
        call.records.put(EMAILS, (email.lower(),), Reference(account.account_id))
        enter(call, organization, account, method="CREATED")
        attach_full_access(call, organization, account.account_id)
        make_linked_role(call, account.account_id)
        make_access_role(call, account.account_id, role_name, call.account)
        request = replace(request, state="SUCCEEDED", account=account.account_id)
    call.records.put(ACCOUNT_REQUESTS, (organization.organization_id, request.request_id), request)
    shown = request_shape(replace(request, state="IN_PROGRESS", account=None, failure=None))
    del shown["CompletedTimestamp"]
    return {"CreateAccountStatus": shown}


def has_room(call: Call, organization: Organization) -> bool:
    """Whether the organization may have one more account."""
    return sum(1 for _ in members(call, organization)) < call.quotas["Accounts"]


def check_room(call: Call, organization: Organization) -> None:
    """Check that the organization may have one more account.

    Raises:
        ConstraintViolationException: it may not.
    """
    if not has_room(call, organization):
        raise violated("ACCOUNT_NUMBER_LIMIT_EXCEEDED", TOO_MANY)


def is_taken(call: Call, email: str) -> bool:
    """Whether an account has the e-mail address."""
    return call.records.get(EMAILS, email.lower()) is not None or email.lower() == _own_email(call)


def _own_email(call: Call) -> str:
    account = call.records.get(ACCOUNTS, call.account)
    return email_of(account).lower() if account else ""


@operation("organizations:DescribeCreateAccountStatus")
def describe_create_account_status(call: Call, *, create_account_request_id: str) -> Output:
    """What came of a CreateAccount request.

    Raises:
        CreateAccountStatusNotFoundException: there was none of that id.
    """
    organization = as_reader(call, "DescribeCreateAccountStatus")
    request = call.records.get(ACCOUNT_REQUESTS, organization.organization_id, create_account_request_id)
    if request is None:
        raise CreateAccountStatusNotFoundException("You specified a create account request that doesn't exist.")
    return {"CreateAccountStatus": request_shape(request)}


@operation("organizations:ListCreateAccountStatus")
def list_create_account_status(
    call: Call, *, states: Sequence[str] | None = None, next_token: str | None = None, max_results: int | None = None
) -> Output:
    """The CreateAccount requests, or those in some states."""
    organization = as_reader(call, "ListCreateAccountStatus")
    scanned = (each for _, each in call.records.scan(ACCOUNT_REQUESTS, organization.organization_id))
    return page(
        "CreateAccountStatuses",
        (each for each in scanned if not states or each.state in states),
        lambda each: each.request_id,
        request_shape,
        next_token=next_token,
        max_results=max_results,
    )


@operation("organizations:DescribeAccount", resource=account_target)
def describe_account(call: Call, *, account_id: str) -> Output:
    """An account of the organization.

    Raises:
        AccountNotFoundException: there is none of that id.
    """
    organization = as_reader(call, "DescribeAccount", account_target(call, account_id=account_id))
    return {"Account": account_shape(call, organization, find_account(call, organization, account_id))}


@operation("organizations:ListAccounts")
def list_accounts(call: Call, *, next_token: str | None = None, max_results: int | None = None) -> Output:
    """All accounts of the organization."""
    organization = as_reader(call, "ListAccounts")
    return page(
        "Accounts",
        members(call, organization),
        lambda account: account.account_id,
        lambda account: account_shape(call, organization, account),
        next_token=next_token,
        max_results=max_results,
    )


@operation("organizations:ListAccountsForParent", resource=parent_target)
def list_accounts_for_parent(
    call: Call, *, parent_id: str, next_token: str | None = None, max_results: int | None = None
) -> Output:
    """The accounts right under a root or unit.

    Raises:
        ParentNotFoundException: there is no such root or unit.
    """
    organization = as_reader(call, "ListAccountsForParent", parent_target(call, parent_id=parent_id))
    check_parent(call, organization, parent_id)
    here = set(children(call, organization, parent_id))
    return page(
        "Accounts",
        (account for account in members(call, organization) if account.account_id in here),
        lambda account: account.account_id,
        lambda account: account_shape(call, organization, account),
        next_token=next_token,
        max_results=max_results,
    )


@operation("organizations:MoveAccount", resource=account_target)
def move_account(call: Call, *, account_id: str, source_parent_id: str, destination_parent_id: str) -> None:
    """Move an account under another root or unit, whose policies apply to it at once.

    Raises:
        AccountNotFoundException: there is no such account, or it is not under the source (observed).
        SourceParentNotFoundException: the source does not exist.
        DestinationParentNotFoundException: the destination does not exist.
        DuplicateAccountException: it is under the destination.
    """
    organization = as_management(call)
    for parent_id in (source_parent_id, destination_parent_id):
        call.authorize("organizations:MoveAccount", target_of(call, parent_id))
    own = organization.organization_id
    find_account(call, organization, account_id)
    if not is_parent(call, organization, source_parent_id):
        raise SourceParentNotFoundException("You specified a source parent that doesn't exist.")
    if not is_parent(call, organization, destination_parent_id):
        raise DestinationParentNotFoundException("You specified a destination parent that doesn't exist.")
    parent = call.records.get(PARENTS, own, account_id)
    if parent is None or parent.name != source_parent_id:
        raise AccountNotFoundException(NO_ACCOUNT)
    if source_parent_id == destination_parent_id:
        raise DuplicateAccountException("That account is already present in the specified destination.")
    call.records.delete(CHILDREN, own, source_parent_id, account_id)
    call.records.put(CHILDREN, (own, destination_parent_id, account_id), Reference("ACCOUNT"))
    call.records.put(PARENTS, (own, account_id), Reference(destination_parent_id))


@operation("organizations:CloseAccount", resource=account_target)
def close_account(call: Call, *, account_id: str) -> None:
    """Close a member account: nobody can sign in to it any more, and after 90 days it is gone.

    Raises:
        AccountNotFoundException: there is no such account.
        AccountAlreadyClosedException: it is closed.
        ConstraintViolationException: it is the management account, or too many were closed in 30 days.
    """
    organization = as_management(call)
    account = find_account(call, organization, account_id)
    if account_id == organization.management_account:
        raise violated("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You can't close the management account.")
    if account.closed is not None:
        # observed
        raise AccountAlreadyClosedException("This account is already closed.")
    check_all_features(organization)
    _check_closings(call, organization)
    closed = replace(account, status="SUSPENDED", closed=call.now)
    call.records.put(ACCOUNTS, (account_id,), closed)


def _check_closings(call: Call, organization: Organization) -> None:
    everyone = list(members(call, organization))
    lately = sum(1 for each in everyone if each.closed is not None and call.now - each.closed < _CLOSING_DAYS)
    if lately >= min(1000, max(_MOST_CLOSED, len(everyone) // 5)):
        # observed
        raise violated("CLOSE_ACCOUNT_QUOTA_EXCEEDED", "You have exceeded close account quota for the past 30 days.")


OPERATIONS = (
    *(create_account, describe_create_account_status, list_create_account_status),
    *(describe_account, list_accounts, list_accounts_for_parent, move_account, close_account),
)
