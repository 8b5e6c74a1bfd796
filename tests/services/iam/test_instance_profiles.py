"""Instance profiles."""

from __future__ import annotations

import pytest

from tests.services.account import TestAccount, allow, an_account, refused

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)


@pytest.fixture
def account() -> TestAccount:
    account = an_account()
    account.root.iam.create_instance_profile(instance_profile_name="P", path="/team/")
    account.root.iam.create_role(role_name="R", assume_role_policy_document=TRUST)
    return account


def test_a_new_instance_profile_has_no_role(account: TestAccount) -> None:
    profile = account.root.iam.get_instance_profile(instance_profile_name="p")["InstanceProfile"]
    assert profile["Arn"] == f"arn:aws:iam::{account.account_id}:instance-profile/team/P"
    assert profile["InstanceProfileId"].startswith("AIPA")
    assert profile["Roles"] == []
    assert set(profile) == {"Path", "InstanceProfileName", "InstanceProfileId", "Arn", "CreateDate", "Roles"}


def test_a_name_is_taken_in_any_letter_case(account: TestAccount) -> None:
    with refused("EntityAlreadyExistsException", "Instance Profile p already exists."):
        account.root.iam.create_instance_profile(instance_profile_name="p")


def test_one_that_is_not_there_cannot_be_found(account: TestAccount) -> None:
    with refused("NoSuchEntityException", "Instance Profile gone cannot be found."):
        account.root.iam.get_instance_profile(instance_profile_name="gone")


def test_a_role_is_shown_in_its_instance_profiles(account: TestAccount) -> None:
    iam = account.root.iam
    iam.add_role_to_instance_profile(instance_profile_name="p", role_name="r")
    (role,) = iam.get_instance_profile(instance_profile_name="P")["InstanceProfile"]["Roles"]
    assert set(role) == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    (listed,) = iam.list_instance_profiles_for_role(role_name="R")["InstanceProfiles"]
    assert listed["InstanceProfileName"] == "P"
    (listed,) = iam.list_instance_profiles(path_prefix="/team/")["InstanceProfiles"]
    assert [each["RoleName"] for each in listed["Roles"]] == ["R"]
    iam.remove_role_from_instance_profile(instance_profile_name="P", role_name="R")
    assert iam.list_instance_profiles_for_role(role_name="R")["InstanceProfiles"] == []


def test_the_instance_profiles_of_a_role_come_in_pages(account: TestAccount) -> None:
    iam = account.root.iam
    for name in ("a", "b"):
        iam.create_instance_profile(instance_profile_name=name)
        iam.add_role_to_instance_profile(instance_profile_name=name, role_name="R")
    first = iam.list_instance_profiles_for_role(role_name="R", max_items=1)
    last = iam.list_instance_profiles_for_role(role_name="R", max_items=1, marker=first["Marker"])
    found = (*first["InstanceProfiles"], *last["InstanceProfiles"])
    assert [each["InstanceProfileName"] for each in found] == ["a", "b"]


def test_an_instance_profile_has_one_role(account: TestAccount) -> None:
    iam = account.root.iam
    iam.add_role_to_instance_profile(instance_profile_name="P", role_name="R")
    iam.create_role(role_name="S", assume_role_policy_document=TRUST)
    with refused("LimitExceededException", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"):
        iam.add_role_to_instance_profile(instance_profile_name="P", role_name="S")


def test_a_role_that_is_not_in_it_cannot_be_removed(account: TestAccount) -> None:
    with refused("NoSuchEntityException"):
        account.root.iam.remove_role_from_instance_profile(instance_profile_name="P", role_name="R")


def test_one_with_a_role_cannot_be_deleted(account: TestAccount) -> None:
    iam = account.root.iam
    iam.add_role_to_instance_profile(instance_profile_name="P", role_name="R")
    with refused("DeleteConflictException", "Cannot delete entity, must remove roles from instance profile first."):
        iam.delete_instance_profile(instance_profile_name="P")
    iam.remove_role_from_instance_profile(instance_profile_name="P", role_name="R")
    iam.delete_instance_profile(instance_profile_name="P")
    assert iam.list_instance_profiles()["InstanceProfiles"] == []


def test_whoever_puts_a_role_in_must_be_allowed_to_pass_it_to_ec2(account: TestAccount) -> None:
    may_add = allow("iam:AddRoleToInstanceProfile")
    ann = account.signed_in("ann", may_add)
    role = f"arn:aws:iam::{account.account_id}:role/R"
    with refused("AccessDenied") as caught:
        ann.iam.add_role_to_instance_profile(instance_profile_name="P", role_name="R")
    assert caught.value.message.startswith(
        f"User: {ann.arn} is not authorized to perform: iam:PassRole on resource: {role} because no identity-based"
    )
    bob = account.signed_in(
        "bob", may_add, allow("iam:PassRole", role, StringEquals={"iam:PassedToService": "ec2.amazonaws.com"})
    )
    bob.iam.add_role_to_instance_profile(instance_profile_name="P", role_name="R")


def test_an_account_has_so_many_instance_profiles_and_no_more() -> None:
    account = an_account(InstanceProfiles=1)
    account.root.iam.create_instance_profile(instance_profile_name="a")
    with refused("LimitExceededException", "Cannot exceed quota for InstanceProfilesPerAccount: 1"):
        account.root.iam.create_instance_profile(instance_profile_name="b")


def test_service_linked_roles_are_in_no_instance_profile(account: TestAccount) -> None:
    iam = account.root.iam
    name = iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com")["Role"]["RoleName"]
    for change in (iam.add_role_to_instance_profile, iam.remove_role_from_instance_profile):
        with refused("UnmodifiableEntityException"):
            change(instance_profile_name="P", role_name=name)
