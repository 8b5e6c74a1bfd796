"""What an organization's policies do to calls: everything through the door."""

from __future__ import annotations

import json

from tests.services.account import allow, deny, refused
from tests.services.organizations.an_organization import RCP, SCP, an_organization

NO_USERS = deny("iam:CreateUser")


def test_a_deny_in_a_service_control_policy_stops_even_the_root_user_of_a_member_account() -> None:
    organization = an_organization()
    member = organization.member()
    root = organization.root_of(member)
    root.iam.create_user(user_name="before")
    policy = organization.attached(NO_USERS, member)
    arn = organization.calls.describe_policy(policy_id=policy)["Policy"]["PolicySummary"]["Arn"]
    with refused("AccessDenied") as caught:
        root.iam.create_user(user_name="after")
    assert caught.value.message == (
        f"User: arn:aws:iam::{member}:root is not authorized to perform: iam:CreateUser on resource: "
        f"arn:aws:iam::{member}:user/after with an explicit deny in a service control policy: {arn}"
    )
    assert [user["UserName"] for user in root.iam.list_users()["Users"]] == ["before"]


def test_no_service_control_policy_limits_the_management_account() -> None:
    organization = an_organization()
    organization.attached(NO_USERS, organization.root_id)
    organization.account.root.iam.create_user(user_name="ann")


def test_a_policy_on_the_root_or_on_a_unit_reaches_the_accounts_below() -> None:
    organization = an_organization()
    unit = organization.unit("teams")
    below = organization.unit("payments", unit)
    member = organization.member()
    organization.calls.move_account(
        account_id=member, source_parent_id=organization.root_id, destination_parent_id=below
    )
    policy = organization.attached(NO_USERS, unit)
    root = organization.root_of(member)
    with refused("AccessDenied"):
        root.iam.create_user(user_name="ann")
    organization.calls.detach_policy(policy_id=policy, target_id=unit)
    root.iam.create_user(user_name="ann")
    organization.calls.attach_policy(policy_id=policy, target_id=organization.root_id)
    with refused("AccessDenied"):
        root.iam.create_user(user_name="bob")


def test_moving_an_account_changes_what_applies_to_it_at_once() -> None:
    organization = an_organization()
    strict, free = organization.unit("strict"), organization.unit("free")
    organization.attached(NO_USERS, strict)
    member = organization.member()
    root = organization.root_of(member)
    organization.calls.move_account(
        account_id=member, source_parent_id=organization.root_id, destination_parent_id=strict
    )
    with refused("AccessDenied"):
        root.iam.create_user(user_name="ann")
    organization.calls.move_account(account_id=member, source_parent_id=strict, destination_parent_id=free)
    root.iam.create_user(user_name="ann")


def test_every_level_must_allow() -> None:
    organization = an_organization()
    member = organization.member()
    root = organization.root_of(member)
    organization.attached(allow("iam:*"), member)
    root.sts.get_session_token()
    organization.calls.detach_policy(policy_id="p-FullAWSAccess", target_id=member)
    root.iam.list_users()
    with refused("AccessDenied") as caught:
        root.cloudtrail.lookup_events()
    assert "with an explicit deny in a service control policy" in caught.value.message


def test_changing_a_policy_or_disabling_the_type_takes_effect_at_once() -> None:
    organization = an_organization()
    member = organization.member()
    root = organization.root_of(member)
    policy = organization.attached(NO_USERS, member)
    organization.calls.update_policy(policy_id=policy, content=deny("iam:CreateGroup"))
    root.iam.create_user(user_name="ann")
    with refused("AccessDenied"):
        root.iam.create_group(group_name="staff")
    organization.calls.disable_policy_type(root_id=organization.root_id, policy_type=SCP)
    root.iam.create_group(group_name="staff")


def test_the_roles_of_a_new_account_are_made_whatever_service_control_policies_say() -> None:
    organization = an_organization()
    organization.attached(deny("*"), organization.root_id)
    member = organization.member()
    with refused("AccessDenied"):
        organization.root_of(member).iam.list_roles()


def test_a_resource_control_policy_keeps_outsiders_from_a_role_that_trusts_them() -> None:
    organization = an_organization(SCP, RCP)
    outsider = organization.account.root_of("999988887777").account
    stranger_root = organization.account.root_of("999988887777")
    stranger_root.iam.create_user(user_name="eve")
    stranger_root.iam.put_user_policy(user_name="eve", policy_name="all", policy_document=allow("sts:AssumeRole"))
    key = stranger_root.iam.create_access_key(user_name="eve")["AccessKey"]
    eve = outsider.with_key(key["AccessKeyId"])
    member = organization.member()
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    organization.root_of(member).iam.create_role(role_name="open", assume_role_policy_document=json.dumps(trust))
    role = f"arn:aws:iam::{member}:role/open"
    eve.sts.assume_role(role_arn=role, role_session_name="one")
    perimeter = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sts:AssumeRole",
                "Resource": "*",
                "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization.organization_id}},
            }
        ],
    }
    policy = organization.attached(json.dumps(perimeter), organization.root_id, kind=RCP)
    with refused("AccessDenied") as caught:
        eve.sts.assume_role(role_arn=role, role_session_name="two")
    assert "with an explicit deny in a resource control policy" in caught.value.message
    boss = organization.account.signed_in("boss", allow("sts:AssumeRole"))
    access = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    boss.sts.assume_role(role_arn=access, role_session_name="three")
    organization.calls.detach_policy(policy_id=policy, target_id=organization.root_id)
    eve.sts.assume_role(role_arn=role, role_session_name="four")


def test_the_access_role_of_a_new_account_lets_the_management_account_do_everything_there() -> None:
    organization = an_organization()
    member = organization.member(role_name="Landing")
    boss = organization.account.signed_in("boss", allow("sts:AssumeRole"))
    made = boss.sts.assume_role(role_arn=f"arn:aws:iam::{member}:role/Landing", role_session_name="in")
    inside = organization.account.with_session(made["Credentials"])
    inside.iam.create_user(user_name="ann")
    assert inside.iam.get_user(user_name="ann")["User"]["Arn"] == f"arn:aws:iam::{member}:user/ann"


def test_nobody_signs_in_to_a_closed_account() -> None:
    organization = an_organization()
    member = organization.member()
    root = organization.root_of(member)
    organization.calls.close_account(account_id=member)
    with refused("InvalidClientTokenId"):
        organization.account.with_key(root.caller.access_key_id)
    described = organization.calls.describe_account(account_id=member)["Account"]
    assert described["Status"] == "SUSPENDED"
    organization.account.later(days=91)
    with refused("AccountNotFoundException", "You specified an account that doesn't exist."):
        organization.calls.describe_account(account_id=member)
    assert len(organization.calls.list_accounts()["Accounts"]) == 1


def test_an_account_that_left_is_limited_by_nothing() -> None:
    organization = an_organization()
    member = organization.member()
    organization.attached(NO_USERS, organization.root_id)
    root = organization.root_of(member)
    organization.account.later(days=5)
    organization.calls.remove_account_from_organization(account_id=member)
    root.iam.create_user(user_name="ann")
    with refused("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."):
        root.organizations.describe_organization()
