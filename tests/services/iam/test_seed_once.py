"""A snapshot given at every start is loaded once."""

from __future__ import annotations

import json

import pytest

from sparekey.errors import InputError
from sparekey.services.iam.seed import Seeded
from sparekey.services.iam.seed_once import load_once
from tests.services.account import ACCOUNT, START, TestAccount, an_account

OTHER = "111111111111"


def snapshot(name: str, account_id: str = ACCOUNT) -> bytes:
    source = an_account(account_id)
    source.root.iam.create_user(user_name=name)
    return json.dumps(source.root.iam.get_account_authorization_details(), default=str).encode()


def load(account: TestAccount, **texts: bytes) -> Seeded:
    return account.cloud.store.write(lambda records: load_once(records, texts, now=START))


def test_what_was_deleted_since_a_snapshot_was_loaded_stays_deleted() -> None:
    account, text = an_account(), snapshot("ann")
    for _ in range(2):
        assert load(account, first=text).accounts == (ACCOUNT,)
    account.root.iam.delete_user(user_name="ann")
    assert load(account, renamed=text).accounts == (ACCOUNT,)
    assert account.root.iam.list_users()["Users"] == []


def test_a_snapshot_that_is_new_is_loaded_beside_those_that_are_not() -> None:
    account, text = an_account(), snapshot("ann")
    load(account, first=text)
    account.root.iam.delete_user(user_name="ann")
    assert load(account, first=text, second=snapshot("bob", OTHER)).accounts == (ACCOUNT, OTHER)
    assert account.root.iam.list_users()["Users"] == []
    assert [user["UserName"] for user in account.root_of(OTHER).iam.list_users()["Users"]] == ["bob"]


def test_a_text_that_is_no_json_is_refused_by_its_name() -> None:
    with pytest.raises(InputError, match="`first` is no JSON"):
        load(an_account(), first=b"nonsense")
