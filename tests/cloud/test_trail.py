"""What calls leave behind besides their answers: records, the last uses of credentials, and not too much of either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sparekey.cloud import _trail, _uses
from sparekey.policy import Principal
from sparekey.services.directory import record as record_module
from sparekey.services.directory.credentials import KEY_LAST_USED
from sparekey.services.directory.record import RECORDS, CallRecord
from sparekey.services.operation import Caller
from tests.services.account import ACCOUNT, Client, TestAccount, allow, an_account, refused

if TYPE_CHECKING:
    from sparekey.storage.interface import Transaction


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def recorded(account: TestAccount) -> list[CallRecord]:
    """The decision record of the account, newest first."""
    account.cloud.store.flush()
    return account.cloud.store.read(lambda records: [record for _, record in records.scan(RECORDS, ACCOUNT)])


def test_a_fault_of_ours_is_recorded_as_one(account: TestAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sparekey.cloud._running.decide", broken)
    with pytest.raises(ZeroDivisionError):
        account.root.iam.list_users()
    assert recorded(account)[0].error_code == "InternalFailure"


def test_a_refused_call_is_recorded_without_the_calls_it_made(account: TestAccount) -> None:
    account.root.organizations.create_organization()
    account.later(seconds=1)
    with refused("AlreadyInOrganizationException"):
        account.root.organizations.create_organization()
    newest = recorded(account)[0]
    assert (newest.operation, newest.error_code) == ("CreateOrganization", "AlreadyInOrganizationException")


def test_the_calls_that_a_call_makes_are_recorded_as_the_service_s(account: TestAccount) -> None:
    account.root.organizations.create_organization()
    inner = next(each for each in recorded(account) if each.operation == "CreateServiceLinkedRole")
    assert (inner.principal, inner.invoked_by) == ("organizations.amazonaws.com", "organizations.amazonaws.com")


@pytest.mark.parametrize("operation", ["list_users", "create_user"])
def test_old_records_go_as_new_ones_come(account: TestAccount, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_trail, "BATCH", 5)
    monkeypatch.setattr(record_module, "KEPT", 10)
    for number in range(40):
        account.later(seconds=1)
        parameters: dict[str, Any] = {"user_name": f"u{number}"} if operation == "create_user" else {}
        getattr(account.root.iam, operation)(**parameters)
    assert 10 <= len(recorded(account)) <= 20


def uses(account: TestAccount) -> dict[str, str]:
    def work(records: Transaction) -> dict[str, str]:
        return {key[0]: used.service for key, used in records.scan(KEY_LAST_USED)}

    account.cloud.store.flush()
    return account.cloud.store.read(work)


def test_a_call_that_no_key_signed_is_no_use_of_a_key(account: TestAccount) -> None:
    nobody = Client(account, Caller(Principal.from_arn("*")))
    with refused("AccessDenied", "User: anonymous is not authorized to perform: iam:ListUsers"):
        nobody.iam.list_users()
    assert uses(account) == {}


def test_uses_are_noted_even_when_more_keys_are_used_than_are_remembered(
    account: TestAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_uses, "_MOST", 1)
    clients = [account.signed_in(name, allow("iam:*")) for name in ("ann", "bob")]
    for client in (*clients, *clients):
        client.iam.list_users()
    assert {client.caller.access_key_id for client in clients} <= uses(account).keys()
