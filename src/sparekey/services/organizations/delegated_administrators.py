"""Trusted access of AWS services to the organization, and the member accounts that administer services for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.accounts import DELEGATIONS, ORGANIZATIONS, Account, Delegation, Organization
from sparekey.services.operation import Call, Output, operation
from sparekey.services.organizations.errors import (
    AccountAlreadyRegisteredException,
    AccountNotRegisteredException,
    invalid,
    violated,
)
from sparekey.services.organizations.membership import (
    as_management,
    as_reader,
    check_all_features,
    find_account,
    members,
)
from sparekey.services.organizations.paging import page
from sparekey.services.organizations.resources import account_target, service_context
from sparekey.services.organizations.shapes import account_shape

if TYPE_CHECKING:
    from datetime import datetime

_NOT_REGISTERED: Final = "The specified account is not a delegated administrator for this Amazon Web Services service."


def _check_service(service_principal: str) -> None:
    if not service_principal.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        raise invalid("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")


@operation("organizations:EnableAWSServiceAccess", context=service_context)
def enable_aws_service_access(call: Call, *, service_principal: str) -> None:
    """Let a service work with the organization.

    Raises:
        InvalidInputException: it is no AWS service.
        ConstraintViolationException: the organization has consolidated billing only.
    """
    organization = as_management(call)
    _check_service(service_principal)
    check_all_features(organization)
    services = {service_principal: call.now, **organization.trusted_services}
    call.records.put(ORGANIZATIONS, (organization.organization_id,), replace(organization, trusted_services=services))


@operation("organizations:DisableAWSServiceAccess", context=service_context)
def disable_aws_service_access(call: Call, *, service_principal: str) -> None:
    """Let a service no longer work with the organization; nobody administers it then.

    Raises:
        InvalidInputException: it is no AWS service.
    """
    organization = as_management(call)
    _check_service(service_principal)
    own = organization.organization_id
    services = {name: at for name, at in organization.trusted_services.items() if name != service_principal}
    call.records.put(ORGANIZATIONS, (own,), replace(organization, trusted_services=services))
    for key, delegation in list(call.records.scan(DELEGATIONS, own)):
        if delegation.service == service_principal:
            call.records.delete(DELEGATIONS, *key)


@operation("organizations:ListAWSServiceAccessForOrganization")
def list_aws_service_access_for_organization(
    call: Call, *, next_token: str | None = None, max_results: int | None = None
) -> Output:
    """The services that may work with the organization."""
    organization = as_reader(call, "ListAWSServiceAccessForOrganization")
    return page(
        "EnabledServicePrincipals",
        sorted(organization.trusted_services.items()),
        lambda each: each[0],
        lambda each: {"ServicePrincipal": each[0], "DateEnabled": each[1]},
        next_token=next_token,
        max_results=max_results,
    )


@operation("organizations:RegisterDelegatedAdministrator", resource=account_target, context=service_context)
def register_delegated_administrator(call: Call, *, account_id: str, service_principal: str) -> None:
    """Let a member account administer a service for the organization, and read about the organization.

    Raises:
        AccountNotFoundException: there is no such account.
        AccountAlreadyRegisteredException: it administers the service already.
        InvalidInputException: it is no AWS service.
        ConstraintViolationException: it is the management account or closed, or the service has no trusted access.
    """
    organization = as_management(call)
    account = find_account(call, organization, account_id)
    _check_service(service_principal)
    if account_id == organization.management_account:
        # observed
        raise violated(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register management account/yourself as delegated administrator for your organization.",
        )
    if account.closed is not None:
        raise violated(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register a suspended account as a delegated administrator.",
        )
    if service_principal not in organization.trusted_services:
        # observed
        raise violated(
            "SERVICE_ACCESS_NOT_ENABLED",
            "You must enable service access before you delegate an administrator for this service. Call the AWS API "
            "EnableAWSServiceAccess first.",
        )
    key = (organization.organization_id, account_id, service_principal)
    if not call.records.add(DELEGATIONS, key, Delegation(account_id, service_principal, call.now)):
        # observed
        raise AccountAlreadyRegisteredException(
            "The provided account is already a delegated administrator for your organization."
        )


@operation("organizations:DeregisterDelegatedAdministrator", resource=account_target, context=service_context)
def deregister_delegated_administrator(call: Call, *, account_id: str, service_principal: str) -> None:
    """Let a member account no longer administer a service.

    Raises:
        AccountNotFoundException: there is no such account.
        AccountNotRegisteredException: it does not administer the service.
    """
    organization = as_management(call)
    find_account(call, organization, account_id)
    if not call.records.delete(DELEGATIONS, organization.organization_id, account_id, service_principal):
        raise AccountNotRegisteredException(_NOT_REGISTERED)


@operation("organizations:ListDelegatedAdministrators", context=service_context)
def list_delegated_administrators(
    call: Call, *, service_principal: str | None = None, next_token: str | None = None, max_results: int | None = None
) -> Output:
    """The accounts that administer a service, or any."""
    context = service_context(call, service_principal=service_principal)
    organization = as_reader(call, "ListDelegatedAdministrators", context=context)
    since: dict[str, datetime] = {}
    for _, each in call.records.scan(DELEGATIONS, organization.organization_id):
        if service_principal in (None, each.service):
            since[each.account] = min(each.enabled, since.get(each.account, each.enabled))
    return page(
        "DelegatedAdministrators",
        (account for account in members(call, organization) if account.account_id in since),
        lambda account: account.account_id,
        lambda account: _administrator(call, organization, account, since[account.account_id]),
        next_token=next_token,
        max_results=max_results,
    )


def _administrator(call: Call, organization: Organization, account: Account, since: datetime) -> dict[str, object]:
    shape = account_shape(call, organization, account)
    del shape["Paths"]
    return {**shape, "DelegationEnabledDate": since}


@operation("organizations:ListDelegatedServicesForAccount", resource=account_target)
def list_delegated_services_for_account(
    call: Call, *, account_id: str, next_token: str | None = None, max_results: int | None = None
) -> Output:
    """The services that an account administers.

    Raises:
        AccountNotFoundException: there is no such account.
        AccountNotRegisteredException: it administers none.
    """
    target = account_target(call, account_id=account_id)
    organization = as_reader(call, "ListDelegatedServicesForAccount", target)
    find_account(call, organization, account_id)
    found = [each for _, each in call.records.scan(DELEGATIONS, organization.organization_id, account_id)]
    if not found:
        raise AccountNotRegisteredException(_NOT_REGISTERED)
    return page(
        "DelegatedServices",
        found,
        lambda each: each.service,
        lambda each: {"ServicePrincipal": each.service, "DelegationEnabledDate": each.enabled},
        next_token=next_token,
        max_results=max_results,
    )


OPERATIONS = (
    *(enable_aws_service_access, disable_aws_service_access, list_aws_service_access_for_organization),
    *(register_delegated_administrator, deregister_delegated_administrator),
    *(list_delegated_administrators, list_delegated_services_for_account),
)
