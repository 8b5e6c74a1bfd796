"""Delegated administrators, trusted access, and the organization's resource policy."""

from __future__ import annotations

import json

from tests.services.account import ACCOUNT, START, allow, deny, refused
from tests.services.organizations.an_organization import SCP, TestOrganization, an_organization

CONFIG = "config.amazonaws.com"
NOT_PERMITTED = "You don't have permissions to access this resource."


def delegated(organization: TestOrganization, account_id: str, service: str = CONFIG) -> None:
    organization.calls.enable_aws_service_access(service_principal=service)
    organization.calls.register_delegated_administrator(account_id=account_id, service_principal=service)


def test_trusted_access_is_given_and_taken() -> None:
    organization = an_organization()
    organization.calls.enable_aws_service_access(service_principal=CONFIG)
    organization.account.later(hours=1)
    organization.calls.enable_aws_service_access(service_principal=CONFIG)
    listed = organization.calls.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert listed == [{"ServicePrincipal": CONFIG, "DateEnabled": START}]
    organization.calls.disable_aws_service_access(service_principal=CONFIG)
    assert organization.calls.list_aws_service_access_for_organization()["EnabledServicePrincipals"] == []
    with refused("InvalidInputException") as caught:
        organization.calls.enable_aws_service_access(service_principal="config.example.com")
    assert caught.value.members["Reason"] == "UNRECOGNIZED_SERVICE_PRINCIPAL"


def test_a_delegated_administrator_may_read_but_not_manage() -> None:
    organization = an_organization()
    member, other = organization.member("dev"), organization.member("other")
    root = organization.root_of(member).organizations
    delegated(organization, member)
    assert len(root.list_accounts()["Accounts"]) == 3
    assert root.describe_account(account_id=other)["Account"]["Name"] == "other"
    assert root.list_policies(filter=SCP)["Policies"]
    with refused("AccessDeniedException", NOT_PERMITTED):
        root.create_policy(content=deny("*"), description="", name="x", type=SCP)
    with refused("AccessDeniedException", NOT_PERMITTED):
        root.close_account(account_id=other)
    administrators = organization.calls.list_delegated_administrators(service_principal=CONFIG)
    assert [each["Id"] for each in administrators["DelegatedAdministrators"]] == [member]
    assert administrators["DelegatedAdministrators"][0]["DelegationEnabledDate"] == START
    services = organization.calls.list_delegated_services_for_account(account_id=member)["DelegatedServices"]
    assert services == [{"ServicePrincipal": CONFIG, "DelegationEnabledDate": START}]
    organization.calls.disable_aws_service_access(service_principal=CONFIG)
    with refused("AccessDeniedException", NOT_PERMITTED):
        root.list_accounts()


def test_a_closed_administrator_is_listed_until_it_is_gone() -> None:
    organization = an_organization()
    member = organization.member()
    delegated(organization, member)
    organization.calls.close_account(account_id=member)
    assert len(organization.calls.list_delegated_administrators()["DelegatedAdministrators"]) == 1
    organization.account.later(days=91)
    assert organization.calls.list_delegated_administrators()["DelegatedAdministrators"] == []


def test_an_administrator_of_several_services_is_listed_once() -> None:
    organization = an_organization()
    member = organization.member()
    delegated(organization, member, "sso.amazonaws.com")
    organization.account.later(hours=1)
    delegated(organization, member)
    administrators = organization.calls.list_delegated_administrators()["DelegatedAdministrators"]
    assert [each["DelegationEnabledDate"] for each in administrators] == [START]


def test_registering_names_what_is_wrong() -> None:
    organization = an_organization()
    member, closed = organization.member("dev"), organization.member("closed")
    register = organization.calls.register_delegated_administrator
    with refused("ConstraintViolationException") as caught:
        register(account_id=member, service_principal=CONFIG)
    assert caught.value.members["Reason"] == "SERVICE_ACCESS_NOT_ENABLED"
    delegated(organization, member)
    with refused("AccountAlreadyRegisteredException"):
        register(account_id=member, service_principal=CONFIG)
    with refused("ConstraintViolationException") as caught:
        register(account_id=ACCOUNT, service_principal=CONFIG)
    assert caught.value.members["Reason"] == "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"
    organization.calls.close_account(account_id=closed)
    with refused("ConstraintViolationException") as caught:
        register(account_id=closed, service_principal=CONFIG)
    assert caught.value.members["Reason"] == "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"
    with refused("AccountNotRegisteredException"):
        organization.calls.deregister_delegated_administrator(account_id=closed, service_principal=CONFIG)
    with refused("AccountNotRegisteredException"):
        organization.calls.list_delegated_services_for_account(account_id=closed)


def delegation(account_id: str, *actions: str, principal: object = None) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": account_id} if principal is None else principal,
        "Action": list(actions),
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_the_resource_policy_lets_a_member_manage_policies() -> None:
    organization = an_organization()
    member = organization.member()
    root = organization.root_of(member).organizations
    actions = ("organizations:CreatePolicy", "organizations:AttachPolicy", "organizations:TagResource")
    organization.calls.put_resource_policy(content=delegation(member, *actions))
    tags = [{"Key": "team", "Value": "security"}]
    made = root.create_policy(content=deny("s3:*"), description="", name="theirs", type=SCP, tags=tags)
    policy = made["Policy"]["PolicySummary"]["Id"]
    root.attach_policy(policy_id=policy, target_id=organization.root_id)
    root.tag_resource(resource_id=policy, tags=[{"Key": "more", "Value": ""}])
    with refused("AccessDeniedException", NOT_PERMITTED):
        root.detach_policy(policy_id=policy, target_id=organization.root_id)
    with refused("AccessDeniedException", NOT_PERMITTED):
        root.list_policies(filter=SCP)
    organization.calls.delete_resource_policy()
    with refused("AccessDeniedException", NOT_PERMITTED):
        root.create_policy(content=deny("s3:*"), description="", name="another", type=SCP)


def test_the_resource_policy_does_not_stand_in_for_the_callers_own_permissions() -> None:
    organization = an_organization()
    member = organization.member()
    organization.calls.put_resource_policy(content=delegation(member, "organizations:ListPolicies"))
    root = organization.root_of(member)
    root.iam.create_user(user_name="ann")
    key = root.iam.create_access_key(user_name="ann")["AccessKey"]
    ann = organization.account.with_key(key["AccessKeyId"])
    with refused("AccessDenied"):
        ann.organizations.list_policies(filter=SCP)
    root.iam.put_user_policy(user_name="ann", policy_name="list", policy_document=allow("organizations:ListPolicies"))
    assert ann.organizations.list_policies(filter=SCP)["Policies"]


def test_accounts_are_stored_as_the_arns_of_their_root_users() -> None:
    organization = an_organization()
    member = organization.member()
    made = organization.calls.put_resource_policy(content=delegation(member, "organizations:Describe*"))
    stored = json.loads(made["ResourcePolicy"]["Content"])
    assert stored["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{member}:root"}
    summary = made["ResourcePolicy"]["ResourcePolicySummary"]
    assert summary["Arn"] == (
        f"arn:aws:organizations::{ACCOUNT}:resourcepolicy/{organization.organization_id}/{summary['Id']}"
    )
    assert organization.calls.describe_resource_policy() == made
    many = delegation("", "organizations:Describe*", principal={"AWS": [member, f"arn:aws:iam::{ACCOUNT}:root"]})
    changed = organization.calls.put_resource_policy(content=many)["ResourcePolicy"]
    assert changed["ResourcePolicySummary"] == summary
    everyone = delegation("", "organizations:Describe*", principal="*")
    organization.calls.put_resource_policy(content=everyone)
    organization.calls.put_resource_policy(content=delegation("", "organizations:Describe*", principal={"AWS": "*"}))


def test_resource_policies_that_are_none_are_refused() -> None:
    organization = an_organization()
    member = organization.member()
    cases = [
        "{",
        "[]",
        "{}",
        delegation("111122223333", "organizations:Describe*"),
        delegation(f"arn:aws:iam::{member}:role/admin", "organizations:Describe*"),
        delegation("", "organizations:Describe*", principal={"Service": "config.amazonaws.com"}),
    ]
    for content in cases:
        with refused("InvalidInputException", "This resource-based policy contains invalid JSON."):
            organization.calls.put_resource_policy(content=content)
    with refused("InvalidInputException") as caught:
        organization.calls.put_resource_policy(content=delegation(member, "iam:CreateUser"))
    assert caught.value.members["Reason"] == "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"


def test_tags_are_given_to_a_new_resource_policy_only() -> None:
    organization = an_organization()
    content = delegation(organization.member(), "organizations:Describe*")
    tags = [{"Key": "team", "Value": "security"}]
    with refused("ResourcePolicyNotFoundException"):
        organization.calls.describe_resource_policy()
    with refused("ResourcePolicyNotFoundException"):
        organization.calls.delete_resource_policy()
    made = organization.calls.put_resource_policy(content=content, tags=tags)["ResourcePolicy"]
    policy = made["ResourcePolicySummary"]["Id"]
    assert organization.calls.list_tags_for_resource(resource_id=policy)["Tags"] == tags
    with refused(
        "ConstraintViolationException", "Adding tags on updating an existing resource-based policy is not supported."
    ):
        organization.calls.put_resource_policy(content=content, tags=tags)
    organization.calls.untag_resource(resource_id=policy, tag_keys=["team"])
    assert organization.calls.list_tags_for_resource(resource_id=policy)["Tags"] == []
