from __future__ import annotations

import pytest

from sparekey.services.organizations.paging import page
from tests.services.account import ACCOUNT, allow, an_account, refused
from tests.services.organizations.an_organization import RCP, SCP, an_organization

NOT_MEMBER = "Your account is not a member of an organization."
NOT_PERMITTED = "You don't have permissions to access this resource."


def test_a_new_organization_has_its_creator_as_management_account() -> None:
    account = an_account()
    made = account.root.organizations.create_organization()["Organization"]
    assert made["MasterAccountId"] == ACCOUNT
    assert made["FeatureSet"] == "ALL"
    assert made["Arn"] == f"arn:aws:organizations::{ACCOUNT}:organization/{made['Id']}"
    assert made["MasterAccountArn"] == f"arn:aws:organizations::{ACCOUNT}:account/{made['Id']}/{ACCOUNT}"
    assert made["AvailablePolicyTypes"] == [{"Type": SCP, "Status": "ENABLED"}]
    assert account.root.organizations.describe_organization()["Organization"] == made
    assert account.root.organizations.list_accounts()["Accounts"][0]["JoinedMethod"] == "INVITED"
    assert account.root.iam.get_role(role_name="AWSServiceRoleForOrganizations")


def test_an_account_can_be_in_one_organization_only() -> None:
    organization = an_organization()
    with refused("AlreadyInOrganizationException", "The AWS account is already a member of an organization."):
        organization.calls.create_organization()


def test_an_account_in_no_organization_is_told_so() -> None:
    account = an_account()
    for operation in ("describe_organization", "list_roots", "list_accounts", "delete_organization"):
        with refused("AWSOrganizationsNotInUseException", NOT_MEMBER):
            account.root.call("organizations", operation)
    asked: dict[str, dict[str, object]] = {
        "describe_account": {"account_id": ACCOUNT},
        "describe_resource_policy": {},
        "create_policy": {"content": "{}", "description": "", "name": "x", "type": SCP},
        "invite_account_to_organization": {"target": {"Type": "ACCOUNT", "Id": "111122223333"}},
    }
    for operation, parameters in asked.items():
        with refused("AWSOrganizationsNotInUseException", NOT_MEMBER):
            account.root.call("organizations", operation, **parameters)


def test_a_member_account_sees_the_organization_but_may_not_manage_it() -> None:
    organization = an_organization()
    root = organization.root_of(organization.member()).organizations
    assert root.describe_organization()["Organization"]["Id"] == organization.organization_id
    for operation in ("list_accounts", "list_roots", "delete_organization", "enable_all_features"):
        with refused("AccessDeniedException", NOT_PERMITTED):
            getattr(root, operation)()
    with refused("AccessDeniedException", NOT_PERMITTED):
        root.create_account(email="x@example.com", account_name="x")


def test_a_user_needs_permission_for_the_action() -> None:
    organization = an_organization()
    ann = organization.account.signed_in("ann", allow("organizations:ListRoots"))
    ann.organizations.list_roots()
    with refused("AccessDenied") as caught:
        ann.organizations.list_accounts()
    assert caught.value.message == (
        f"User: {ann.arn} is not authorized to perform: organizations:ListAccounts on resource: * because no "
        "identity-based policy allows the organizations:ListAccounts action"
    )


def test_an_organization_with_member_accounts_cannot_be_deleted() -> None:
    organization = an_organization()
    member = organization.member()
    with refused("OrganizationNotEmptyException"):
        organization.calls.delete_organization()
    organization.account.later(days=5)
    organization.calls.remove_account_from_organization(account_id=member)
    organization.unit("left behind")
    organization.policy(allow("*"))
    organization.calls.delete_organization()
    with refused("AWSOrganizationsNotInUseException", NOT_MEMBER):
        organization.calls.describe_organization()
    again = organization.calls.create_organization()["Organization"]
    assert again["Id"] != organization.organization_id


def test_an_organization_whose_members_are_long_closed_can_be_deleted() -> None:
    organization = an_organization()
    organization.calls.close_account(account_id=organization.member())
    organization.account.later(days=89)
    with refused("OrganizationNotEmptyException"):
        organization.calls.delete_organization()
    organization.account.later(days=2)
    organization.calls.delete_organization()


def test_no_type_of_policies_is_enabled_at_first() -> None:
    account = an_account()
    account.root.organizations.create_organization()
    root = account.root.organizations.list_roots()["Roots"][0]
    assert root["PolicyTypes"] == []
    answer = account.root.organizations.enable_policy_type(root_id=root["Id"], policy_type=RCP)
    assert answer["Root"]["PolicyTypes"] == [{"Type": RCP, "Status": "PENDING_ENABLE"}]
    shown = account.root.organizations.list_roots()["Roots"][0]["PolicyTypes"]
    assert shown == [{"Type": RCP, "Status": "ENABLED"}]
    attached = account.root.organizations.list_policies_for_target(target_id=root["Id"], filter=RCP)["Policies"]
    assert [(each["Name"], each["Description"]) for each in attached] == [
        ("RCPFullAWSAccess", "Allows access to every resource")
    ]


def test_enabling_or_disabling_a_type_twice_is_refused() -> None:
    organization = an_organization()
    with refused("PolicyTypeAlreadyEnabledException"):
        organization.calls.enable_policy_type(root_id=organization.root_id, policy_type=SCP)
    answer = organization.calls.disable_policy_type(root_id=organization.root_id, policy_type=SCP)
    assert answer["Root"]["PolicyTypes"] == [{"Type": SCP, "Status": "PENDING_DISABLE"}]
    with refused("PolicyTypeNotEnabledException"):
        organization.calls.disable_policy_type(root_id=organization.root_id, policy_type=SCP)
    with refused("RootNotFoundException"):
        organization.calls.enable_policy_type(root_id="r-zzzz", policy_type=SCP)


def test_a_disabled_type_loses_its_attachments_and_comes_back_with_full_access() -> None:
    organization = an_organization()
    member = organization.member()
    organization.attached(allow("iam:*"), member)
    organization.calls.disable_policy_type(root_id=organization.root_id, policy_type=SCP)
    assert organization.calls.list_policies_for_target(target_id=member, filter=SCP)["Policies"] == []
    organization.calls.enable_policy_type(root_id=organization.root_id, policy_type=SCP)
    attached = organization.calls.list_policies_for_target(target_id=member, filter=SCP)["Policies"]
    assert [each["Id"] for each in attached] == ["p-FullAWSAccess"]


def test_consolidated_billing_knows_no_policies() -> None:
    account = an_account()
    calls = account.root.organizations
    made = calls.create_organization(feature_set="CONSOLIDATED_BILLING")["Organization"]
    assert made["AvailablePolicyTypes"] == []
    root = calls.list_roots()["Roots"][0]["Id"]
    with refused("PolicyTypeNotAvailableForOrganizationException"):
        calls.enable_policy_type(root_id=root, policy_type=SCP)
    with refused("PolicyTypeNotAvailableForOrganizationException"):
        calls.create_policy(content=allow("*"), description="", name="all", type=SCP)
    with refused("ConstraintViolationException") as caught:
        calls.enable_aws_service_access(service_principal="config.amazonaws.com")
    assert caught.value.members["Reason"] == "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"


def test_what_is_not_built_is_refused_by_name() -> None:
    organization = an_organization()
    with refused("NotImplementedHere", "sparekey does not implement organizations:CreateGovCloudAccount"):
        organization.calls.CreateGovCloudAccount(email="gov@example.com", account_name="gov")


def test_lists_come_in_pages() -> None:
    organization = an_organization()
    members = {ACCOUNT, *(organization.member(f"dev-{number}") for number in range(4))}
    first = organization.calls.list_accounts(max_results=2)
    second = organization.calls.list_accounts(max_results=2, next_token=first["NextToken"])
    third = organization.calls.list_accounts(max_results=2, next_token=second["NextToken"])
    assert "NextToken" not in third
    seen = [each["Id"] for answer in (first, second, third) for each in answer["Accounts"]]
    assert seen == sorted(members)


@pytest.mark.parametrize("token", ["?", "not base64", "w6"])
def test_a_token_that_no_page_gave_is_refused(token: str) -> None:
    with refused("InvalidInputException") as caught:
        page("Items", ["a"], str, str, next_token=token, max_results=None)
    assert caught.value.members["Reason"] == "INVALID_NEXT_TOKEN"
