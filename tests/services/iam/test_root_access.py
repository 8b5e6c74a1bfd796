"""Central management of root access in an organization."""

from __future__ import annotations

from tests.services.account import ACCOUNT, an_account, refused
from tests.services.organizations.an_organization import TestOrganization, an_organization


def trusting() -> TestOrganization:
    organization = an_organization()
    organization.calls.enable_aws_service_access(service_principal="iam.amazonaws.com")
    return organization


def test_features_are_switched_on_and_off() -> None:
    organization = trusting()
    iam = organization.account.root.iam
    shown = {"OrganizationId": organization.organization_id}
    assert iam.list_organizations_features() == {**shown, "EnabledFeatures": []}
    assert iam.enable_organizations_root_sessions() == {**shown, "EnabledFeatures": ["RootSessions"]}
    both = {**shown, "EnabledFeatures": ["RootCredentialsManagement", "RootSessions"]}
    assert iam.enable_organizations_root_credentials_management() == both
    assert iam.enable_organizations_root_credentials_management() == both
    assert iam.list_organizations_features() == both
    assert iam.disable_organizations_root_sessions()["EnabledFeatures"] == ["RootCredentialsManagement"]
    assert iam.disable_organizations_root_credentials_management()["EnabledFeatures"] == []


def test_an_account_outside_organizations_has_no_features() -> None:
    with refused("OrganizationNotFoundException"):
        an_account().root.iam.list_organizations_features()


def test_iam_must_be_trusted_by_the_organization() -> None:
    message = f"Trusted Access for IAM not enabled by organization of input account {ACCOUNT}."
    with refused("ServiceAccessNotEnabledException", message):
        an_organization().account.root.iam.list_organizations_features()


def test_an_organization_must_have_all_features() -> None:
    account = an_account()
    account.root.organizations.create_organization(feature_set="CONSOLIDATED_BILLING")
    with refused("OrganizationNotInAllFeaturesModeException"):
        account.root.iam.list_organizations_features()


def test_a_member_account_administers_nothing_until_it_is_delegated() -> None:
    organization = trusting()
    member = organization.member()
    root = organization.root_of(member)
    with refused("AccountNotManagementOrDelegatedAdministratorException"):
        root.iam.list_organizations_features()
    organization.calls.register_delegated_administrator(account_id=member, service_principal="iam.amazonaws.com")
    assert root.iam.list_organizations_features()["EnabledFeatures"] == []
    with refused("CallerIsNotManagementAccountException"):
        root.iam.enable_organizations_root_sessions()
