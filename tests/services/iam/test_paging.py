"""Pages and markers."""

from __future__ import annotations

import pytest

from sparekey.errors import ValidationError
from sparekey.services.iam.paging import listed, read_marker, write_marker
from tests.services.account import TestAccount, an_account, refused


@pytest.fixture
def account() -> TestAccount:
    account = an_account()
    for name in "abcde":
        account.root.iam.create_user(user_name=name)
    return account


def names(account: TestAccount, **parameters: object) -> list[str]:
    return [user["UserName"] for user in account.root.iam.list_users(**parameters)["Users"]]


@pytest.mark.parametrize("marker", ["!", "x", "eA", "WzFd", "é", "a b", "WyJh"])
def test_a_marker_that_no_page_gave_is_refused(account: TestAccount, marker: str) -> None:
    with refused("ValidationError", "Invalid Marker."):
        account.root.iam.list_users(marker=marker)


@pytest.mark.parametrize("marker", [write_marker(["a"]), write_marker(["x", "y"]), write_marker(["1", "2", "3"])])
def test_a_marker_of_another_kind_of_list_is_refused(account: TestAccount, marker: str) -> None:
    with refused("ValidationError", "Invalid Marker."):
        account.root.iam.list_user_tags(user_name="a", marker=marker)


def test_markers_say_what_they_were_made_of() -> None:
    assert read_marker(write_marker(["a", "é/ü", ""])) == ("a", "é/ü", "")


def test_a_page_of_exactly_what_is_there_is_the_last(account: TestAccount) -> None:
    assert account.root.iam.list_users(max_items=5)["IsTruncated"] is False


def test_a_list_goes_on_where_it_was_whatever_came_and_went(account: TestAccount) -> None:
    marker = account.root.iam.list_users(max_items=2)["Marker"]
    account.root.iam.delete_user(user_name="b")
    account.root.iam.create_user(user_name="a2")
    account.root.iam.create_user(user_name="c2")
    assert names(account, marker=marker) == ["c", "c2", "d", "e"]


def test_a_hundred_items_are_a_page_unless_one_asks_for_another_number() -> None:
    account = an_account()
    for number in range(101):
        account.root.iam.create_user(user_name=f"u{number:03d}", path="/p/" if number % 2 else "/")
    assert len(names(account)) == 100
    assert len(names(account, max_items=1000)) == 101
    assert len(names(account, path_prefix="/p/", max_items=49)) == 49


def test_a_short_list_goes_on_behind_an_item_that_is_gone() -> None:
    first = listed(["a", "b", "c", "d"], str, max_items=2)
    assert listed(["a", "c", "d"], str, marker=first.marker).items == ("c", "d")
    assert listed(["x", "a", "b", "c"], str, marker=first.marker).items == ("c",)


def test_a_short_list_that_shrank_ends() -> None:
    first = listed(["a", "b", "c"], str, max_items=2)
    assert listed([], str, marker=first.marker).items == ()


def test_pages_are_never_larger_than_asked() -> None:
    with pytest.raises(ValidationError):
        listed(["a"], str, marker="!")
    assert listed(map(str, range(250)), str).items == tuple(map(str, range(100)))
