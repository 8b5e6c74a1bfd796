"""Groups and their members."""

from __future__ import annotations

import pytest

from tests.services.account import TestAccount, allow, an_account, refused


@pytest.fixture
def account() -> TestAccount:
    account = an_account()
    account.root.iam.create_group(group_name="Makers", path="/team/")
    account.root.iam.create_user(user_name="ann")
    return account


def test_a_group_is_shown_with_its_id_and_arn(account: TestAccount) -> None:
    group = account.root.iam.get_group(group_name="MAKERS")["Group"]
    assert group["Arn"] == f"arn:aws:iam::{account.account_id}:group/team/Makers"
    assert group["GroupId"].startswith("AGPA")
    assert set(group) == {"Path", "GroupName", "GroupId", "Arn", "CreateDate"}


def test_a_group_name_is_taken_in_any_letter_case(account: TestAccount) -> None:
    with refused("EntityAlreadyExistsException", "Group with name makers already exists."):
        account.root.iam.create_group(group_name="makers")


def test_a_group_that_is_not_there_cannot_be_found(account: TestAccount) -> None:
    with refused("NoSuchEntityException", "The group with name gone cannot be found."):
        account.root.iam.get_group(group_name="gone")


def test_members_are_seen_from_both_sides(account: TestAccount) -> None:
    iam = account.root.iam
    iam.add_user_to_group(group_name="makers", user_name="ANN")
    iam.add_user_to_group(group_name="makers", user_name="ANN")
    assert [user["UserName"] for user in iam.get_group(group_name="Makers")["Users"]] == ["ann"]
    assert [group["GroupName"] for group in iam.list_groups_for_user(user_name="ann")["Groups"]] == ["Makers"]
    iam.remove_user_from_group(group_name="makers", user_name="ann")
    iam.remove_user_from_group(group_name="makers", user_name="ann")
    assert iam.get_group(group_name="Makers")["Users"] == []
    assert iam.list_groups_for_user(user_name="ann")["Groups"] == []


def test_members_come_in_pages(account: TestAccount) -> None:
    iam = account.root.iam
    for name in ("ann", "bob", "cyd"):
        if name != "ann":
            iam.create_user(user_name=name)
        iam.add_user_to_group(group_name="makers", user_name=name)
    first = iam.get_group(group_name="makers", max_items=2)
    last = iam.get_group(group_name="makers", max_items=2, marker=first["Marker"])
    assert [user["UserName"] for user in (*first["Users"], *last["Users"])] == ["ann", "bob", "cyd"]


def test_the_groups_of_a_user_come_in_pages(account: TestAccount) -> None:
    iam = account.root.iam
    for name in ("Makers", "b", "c"):
        if name != "Makers":
            iam.create_group(group_name=name)
        iam.add_user_to_group(group_name=name, user_name="ann")
    first = iam.list_groups_for_user(user_name="ann", max_items=2)
    last = iam.list_groups_for_user(user_name="ann", max_items=2, marker=first["Marker"])
    assert [group["GroupName"] for group in (*first["Groups"], *last["Groups"])] == ["Makers", "b", "c"]


def test_groups_are_listed_below_a_path(account: TestAccount) -> None:
    account.root.iam.create_group(group_name="other")
    listed = account.root.iam.list_groups(path_prefix="/team/")
    assert [group["GroupName"] for group in listed["Groups"]] == ["Makers"]
    assert len(account.root.iam.list_groups()["Groups"]) == 2


def test_everything_follows_a_renamed_group(account: TestAccount) -> None:
    iam = account.root.iam
    policy = iam.create_policy(policy_name="p", policy_document=allow("s3:*"))["Policy"]["Arn"]
    iam.add_user_to_group(group_name="makers", user_name="ann")
    iam.attach_group_policy(group_name="makers", policy_arn=policy)
    iam.update_group(group_name="makers", new_group_name="Builders", new_path="/")
    assert [group["Arn"] for group in iam.list_groups_for_user(user_name="ann")["Groups"]] == [
        f"arn:aws:iam::{account.account_id}:group/Builders"
    ]
    assert [user["UserName"] for user in iam.get_group(group_name="builders")["Users"]] == ["ann"]
    groups = iam.list_entities_for_policy(policy_arn=policy)["PolicyGroups"]
    assert [each["GroupName"] for each in groups] == ["Builders"]
    with refused("NoSuchEntityException"):
        iam.get_group(group_name="makers")


def test_what_a_group_may_do_its_members_may_do_under_its_new_name(account: TestAccount) -> None:
    iam = account.root.iam
    iam.put_group_policy(group_name="makers", policy_name="p", policy_document=allow("iam:ListUsers"))
    iam.add_user_to_group(group_name="makers", user_name="ann")
    iam.update_group(group_name="makers", new_group_name="builders")
    ann = account.signed_in("ann", create=False)
    assert ann.iam.list_users()["Users"]


def test_a_group_cannot_take_the_name_of_another(account: TestAccount) -> None:
    account.root.iam.create_group(group_name="other")
    with refused("EntityAlreadyExistsException", "Group with name Makers already exists."):
        account.root.iam.update_group(group_name="other", new_group_name="Makers")


def test_an_update_that_changes_nothing_is_no_error(account: TestAccount) -> None:
    account.root.iam.update_group(group_name="makers")


def test_a_group_with_members_or_policies_cannot_be_deleted(account: TestAccount) -> None:
    iam = account.root.iam
    iam.add_user_to_group(group_name="makers", user_name="ann")
    iam.attach_group_policy(group_name="makers", policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.put_group_policy(group_name="makers", policy_name="p", policy_document=allow("s3:*"))
    with refused("DeleteConflictException", "Cannot delete entity, must remove users from group first."):
        iam.delete_group(group_name="makers")
    iam.remove_user_from_group(group_name="makers", user_name="ann")
    with refused("DeleteConflictException", "Cannot delete entity, must detach all policies first."):
        iam.delete_group(group_name="makers")
    iam.detach_group_policy(group_name="makers", policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with refused("DeleteConflictException", "Cannot delete entity, must delete policies first."):
        iam.delete_group(group_name="makers")
    iam.delete_group_policy(group_name="makers", policy_name="p")
    iam.delete_group(group_name="makers")
    assert iam.list_groups()["Groups"] == []


def test_a_user_is_in_ten_groups_at_most(account: TestAccount) -> None:
    for number in range(10):
        account.root.iam.create_group(group_name=f"g{number}")
        account.root.iam.add_user_to_group(group_name=f"g{number}", user_name="ann")
    with refused("LimitExceededException", "Cannot exceed quota for GroupsPerUser: 10"):
        account.root.iam.add_user_to_group(group_name="makers", user_name="ann")


def test_an_account_has_so_many_groups_and_no_more() -> None:
    account = an_account(Groups=1)
    account.root.iam.create_group(group_name="a")
    with refused("LimitExceededException", "Cannot exceed quota for GroupsPerAccount: 1"):
        account.root.iam.create_group(group_name="b")
