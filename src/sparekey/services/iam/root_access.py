"""Central management of root access to the member accounts of an organization.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.services.directory.accounts import ACCOUNTS, DELEGATIONS, ORGANIZATIONS, Organization
from sparekey.services.directory.settings import (
    ROOT_CREDENTIALS_MANAGEMENT,
    ROOT_FEATURES,
    ROOT_SESSIONS,
    RootFeatures,
)
from sparekey.services.iam.errors import (
    AccountNotManagementOrDelegatedAdministratorException,
    CallerIsNotManagementAccountException,
    OrganizationNotFoundException,
    OrganizationNotInAllFeaturesModeException,
    ServiceAccessNotEnabledException,
)
from sparekey.services.iam.resources import nothing
from sparekey.services.operation import operation

if TYPE_CHECKING:
    from sparekey.services.operation import Call, Output

_SERVICE: Final = "iam.amazonaws.com"

#: In the order that answers list them.
_FEATURES: Final = (ROOT_CREDENTIALS_MANAGEMENT, ROOT_SESSIONS)


@operation("iam:ListOrganizationsFeatures", resource=nothing)
def list_organizations_features(call: Call) -> Output:
    """List the features for central root access that are on."""
    return _answer(call, _administered(call))


@operation("iam:EnableOrganizationsRootCredentialsManagement", resource=nothing)
def enable_organizations_root_credentials_management(call: Call) -> Output:
    """Let the management account manage the root credentials of member accounts."""
    return _switch(call, ROOT_CREDENTIALS_MANAGEMENT, on=True)


@operation("iam:DisableOrganizationsRootCredentialsManagement", resource=nothing)
def disable_organizations_root_credentials_management(call: Call) -> Output:
    """Leave the root credentials of member accounts to these."""
    return _switch(call, ROOT_CREDENTIALS_MANAGEMENT, on=False)


@operation("iam:EnableOrganizationsRootSessions", resource=nothing)
def enable_organizations_root_sessions(call: Call) -> Output:
    """Let the management account and delegated administrators call AssumeRoot for member accounts."""
    return _switch(call, ROOT_SESSIONS, on=True)


@operation("iam:DisableOrganizationsRootSessions", resource=nothing)
def disable_organizations_root_sessions(call: Call) -> Output:
    """Let nobody call AssumeRoot for member accounts."""
    return _switch(call, ROOT_SESSIONS, on=False)


def _administered(call: Call) -> Organization:
    """The organization that the calling account administers IAM for.

    Raises:
        OrganizationNotFoundException: the account is in none.
        OrganizationNotInAllFeaturesModeException: the organization has consolidated billing only.
        ServiceAccessNotEnabledException: IAM has no trusted access.
        AccountNotManagementOrDelegatedAdministratorException: the account is just a member.
    """
    account = call.records.get(ACCOUNTS, call.account)
    identifier = account.organization if account else None
    organization = call.records.get(ORGANIZATIONS, identifier) if identifier else None
    if organization is None:
        raise OrganizationNotFoundException(f"Organization not found for account {call.account}.")
    if organization.feature_set != "ALL":
        raise OrganizationNotInAllFeaturesModeException(
            f"Organization {organization.organization_id} does not have all features enabled."
        )
    if _SERVICE not in organization.trusted_services:
        raise ServiceAccessNotEnabledException(
            f"Trusted Access for IAM not enabled by organization of input account {call.account}."
        )
    delegated = call.records.get(DELEGATIONS, organization.organization_id, call.account, _SERVICE) is not None
    if organization.management_account != call.account and not delegated:
        raise AccountNotManagementOrDelegatedAdministratorException(
            f"Account {call.account} is neither the management account nor a delegated administrator for IAM."
        )
    return organization


def _switch(call: Call, feature: str, *, on: bool) -> Output:
    organization = _administered(call)
    if on and organization.management_account != call.account:
        raise CallerIsNotManagementAccountException(f"Account {call.account} is not the management account.")
    known = call.records.get(ROOT_FEATURES, organization.organization_id)
    features = set(known.enabled if known else ()) - {feature} | ({feature} if on else set())
    enabled = tuple(each for each in _FEATURES if each in features)
    call.records.put(ROOT_FEATURES, (organization.organization_id,), RootFeatures(enabled))
    return _answer(call, organization)


def _answer(call: Call, organization: Organization) -> Output:
    known = call.records.get(ROOT_FEATURES, organization.organization_id)
    return {
        "OrganizationId": organization.organization_id,
        "EnabledFeatures": list(known.enabled) if known else [],
    }


OPERATIONS = (
    list_organizations_features,
    enable_organizations_root_credentials_management,
    disable_organizations_root_credentials_management,
    enable_organizations_root_sessions,
    disable_organizations_root_sessions,
)
