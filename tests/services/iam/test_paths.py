"""Users and roles are listed by their paths, wherever they were made, moved to or loaded from."""

from __future__ import annotations

import pytest

from sparekey.services.directory.identities import PATHS
from sparekey.services.iam.seed import load_details
from tests.services.account import ACCOUNT, START, TestAccount, an_account, refused
from tests.services.sts.trusts import trust


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def below(account: TestAccount, path_prefix: str, **more: object) -> list[str]:
    return [each["UserName"] for each in account.root.iam.list_users(path_prefix=path_prefix, **more)["Users"]]


def test_users_below_a_path_are_listed_by_path_and_name(account: TestAccount) -> None:
    for name, path in {"cy": "/a/", "Ann": "/a/b/", "bob": "/a/", "dan": "/ab/", "eve": "/"}.items():
        account.root.iam.create_user(user_name=name, path=path)
    assert below(account, "/a/") == ["bob", "cy", "Ann"]
    assert below(account, "/a") == ["bob", "cy", "Ann", "dan"]
    assert below(account, "/b/") == []
    assert below(account, "/") == ["Ann", "bob", "cy", "dan", "eve"]
    first = account.root.iam.list_users(path_prefix="/a/", max_items=2)
    assert [each["UserName"] for each in first["Users"]] == ["bob", "cy"]
    assert below(account, "/a/", marker=first["Marker"]) == ["Ann"]
    with refused("ValidationError"):
        below(account, "/a/", marker="nonsense")


def test_a_user_that_is_moved_renamed_or_deleted_is_no_longer_where_it_was(account: TestAccount) -> None:
    iam = account.root.iam
    iam.create_user(user_name="ann", path="/a/")
    iam.update_user(user_name="ann", new_path="/b/")
    assert (below(account, "/a/"), below(account, "/b/")) == ([], ["ann"])
    iam.update_user(user_name="ann", new_user_name="Anna")
    assert below(account, "/b/") == ["Anna"]
    iam.update_user(user_name="anna", new_user_name="ANNA")
    assert below(account, "/b/") == ["ANNA"]
    iam.delete_user(user_name="anna")
    assert below(account, "/b/") == []
    assert account.cloud.store.read(lambda records: records.count(PATHS)) == 0


def test_roles_below_a_path_are_those_that_are_there(account: TestAccount) -> None:
    iam = account.root.iam
    for name, path in {"one": "/x/", "two": "/"}.items():
        iam.create_role(role_name=name, path=path, assume_role_policy_document=trust(ACCOUNT))
    linked = iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com")["Role"]["RoleName"]
    assert [each["RoleName"] for each in iam.list_roles(path_prefix="/aws-service-role/")["Roles"]] == [linked]
    assert [each["RoleName"] for each in iam.list_roles(path_prefix="/x/")["Roles"]] == ["one"]
    iam.delete_role(role_name="one")
    iam.delete_service_linked_role(role_name=linked)
    assert iam.list_roles(path_prefix="/x")["Roles"] == []
    assert account.cloud.store.read(lambda records: records.count(PATHS)) == 0


def test_users_of_a_snapshot_are_found_below_their_paths(account: TestAccount) -> None:
    account.root.iam.create_user(user_name="ann", path="/a/")
    page = account.root.iam.get_account_authorization_details()
    other = an_account()
    other.cloud.store.write(lambda records: load_details(records, [page], now=START))
    assert below(other, "/a/") == ["ann"]
