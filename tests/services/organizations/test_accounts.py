from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sparekey.services.directory.accounts import ORGANIZATIONS
from sparekey.storage.interface import Transaction
from tests.services.account import ACCOUNT, START, TestAccount, allow, refused
from tests.services.organizations.an_organization import an_organization


def test_creating_an_account_is_under_way_and_then_done() -> None:
    organization = an_organization()
    asked = organization.calls.create_account(email="dev@example.com", account_name="dev")["CreateAccountStatus"]
    assert {name: asked.get(name) for name in ("State", "AccountName", "AccountId", "CompletedTimestamp")} == {
        "State": "IN_PROGRESS",
        "AccountName": "dev",
        "AccountId": None,
        "CompletedTimestamp": None,
    }
    found = organization.calls.describe_create_account_status(create_account_request_id=asked["Id"])
    done = found["CreateAccountStatus"]
    assert done["State"] == "SUCCEEDED"
    account = organization.calls.describe_account(account_id=done["AccountId"])["Account"]
    own = organization.organization_id
    assert account == {
        "Id": done["AccountId"],
        "Arn": f"arn:aws:organizations::{ACCOUNT}:account/{own}/{done['AccountId']}",
        "Email": "dev@example.com",
        "Name": "dev",
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "Paths": [f"{own}/{organization.root_id}/{done['AccountId']}/"],
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": START,
    }


def test_an_email_address_belongs_to_one_account() -> None:
    organization = an_organization()
    organization.member("dev")
    asked = organization.calls.create_account(email="DEV@example.com", account_name="again")["CreateAccountStatus"]
    failed = organization.calls.describe_create_account_status(create_account_request_id=asked["Id"])
    assert failed["CreateAccountStatus"]["State"] == "FAILED"
    assert failed["CreateAccountStatus"]["FailureReason"] == "EMAIL_ALREADY_EXISTS"
    listed = organization.calls.list_create_account_status(states=["FAILED"])["CreateAccountStatuses"]
    assert [each["Id"] for each in listed] == [asked["Id"]]
    assert len(organization.calls.list_create_account_status()["CreateAccountStatuses"]) == 2
    with refused("CreateAccountStatusNotFoundException"):
        organization.calls.describe_create_account_status(create_account_request_id="car-unknown00")


@pytest.mark.parametrize(
    "email", [".dev@example.com", "d e@example.com", "d%v@example.com", "dev@example", "dev@-a.com", "dév@example.com"]
)
def test_an_address_that_cannot_be_makes_no_account(email: str) -> None:
    organization = an_organization()
    asked = organization.calls.create_account(email=email, account_name="dev")["CreateAccountStatus"]
    failed = organization.calls.describe_create_account_status(create_account_request_id=asked["Id"])
    assert failed["CreateAccountStatus"]["FailureReason"] == "INVALID_EMAIL"
    with refused("InvalidInputException") as caught:
        organization.calls.invite_account_to_organization(target={"Type": "EMAIL", "Id": email})
    assert caught.value.members["Reason"] == "INVALID_EMAIL_ADDRESS_TARGET"


def test_an_organization_has_as_many_accounts_as_its_quota() -> None:
    organization = an_organization(Accounts=2)
    organization.member("one")
    with refused("ConstraintViolationException") as caught:
        organization.member("two")
    assert caught.value.members["Reason"] == "ACCOUNT_NUMBER_LIMIT_EXCEEDED"


def test_the_access_role_cannot_be_named_as_a_service_linked_one() -> None:
    organization = an_organization()
    with refused("InvalidInputException") as caught:
        organization.member("dev", role_name="AWSServiceRoleForMe")
    assert caught.value.members["Reason"] == "INVALID_ROLE_NAME"


def test_moving_names_what_does_not_exist() -> None:
    organization = an_organization()
    member = organization.member()
    root, unit = organization.root_id, organization.unit("unit")
    cases = [
        ("111122223333", root, unit, "AccountNotFoundException"),
        (member, "ou-abcd-12345678", unit, "SourceParentNotFoundException"),
        (member, root, "ou-abcd-12345678", "DestinationParentNotFoundException"),
        (member, unit, root, "AccountNotFoundException"),
        (member, root, root, "DuplicateAccountException"),
    ]
    for account_id, source, destination, shape in cases:
        with refused(shape):
            organization.calls.move_account(
                account_id=account_id, source_parent_id=source, destination_parent_id=destination
            )
    organization.calls.move_account(account_id=member, source_parent_id=root, destination_parent_id=unit)
    listed = organization.calls.list_accounts_for_parent(parent_id=unit)["Accounts"]
    assert [each["Id"] for each in listed] == [member]
    assert [each["Id"] for each in organization.calls.list_accounts_for_parent(parent_id=root)["Accounts"]] == [ACCOUNT]


def test_moving_is_authorized_for_the_account_and_for_both_parents() -> None:
    organization = an_organization()
    member = organization.member()
    root, unit = organization.root_id, organization.unit("unit")
    prefix = f"arn:aws:organizations::{ACCOUNT}"
    arns = [
        f"{prefix}:account/{organization.organization_id}/{member}",
        f"{prefix}:root/{organization.organization_id}/{root}",
    ]
    ann = organization.account.signed_in("ann", allow("organizations:MoveAccount", arns))
    with refused("AccessDenied") as caught:
        ann.organizations.move_account(account_id=member, source_parent_id=root, destination_parent_id=unit)
    assert f"on resource: {prefix}:ou/{organization.organization_id}/{unit} because" in caught.value.message


def test_the_management_account_is_not_closed_and_no_account_twice() -> None:
    organization = an_organization()
    with refused("ConstraintViolationException") as caught:
        organization.calls.close_account(account_id=ACCOUNT)
    assert caught.value.members["Reason"] == "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"
    member = organization.member()
    organization.calls.close_account(account_id=member)
    with refused("AccountAlreadyClosedException", "This account is already closed."):
        organization.calls.close_account(account_id=member)
    with refused("AccountNotFoundException"):
        organization.calls.close_account(account_id="111122223333")


def test_so_many_accounts_are_closed_in_a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparekey.services.organizations.accounts._MOST_CLOSED", 1)
    organization = an_organization()
    one, two = organization.member("one"), organization.member("two")
    organization.calls.close_account(account_id=one)
    with refused(
        "ConstraintViolationException", "You have exceeded close account quota for the past 30 days."
    ) as caught:
        organization.calls.close_account(account_id=two)
    assert caught.value.members["Reason"] == "CLOSE_ACCOUNT_QUOTA_EXCEEDED"
    organization.account.later(days=31)
    organization.calls.close_account(account_id=two)


def test_accounts_are_not_closed_under_consolidated_billing() -> None:
    organization = an_organization()
    member = organization.member()
    _bill_only(organization.account)
    with refused("ConstraintViolationException") as caught:
        organization.calls.close_account(account_id=member)
    assert caught.value.members["Reason"] == "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"


def test_a_created_account_can_leave_after_four_days() -> None:
    organization = an_organization()
    member = organization.member()
    root = organization.root_of(member)
    with refused("ConstraintViolationException") as caught:
        root.organizations.leave_organization()
    assert caught.value.members["Reason"] == "WAIT_PERIOD_ACTIVE"
    organization.account.later(days=4)
    root.organizations.leave_organization()
    with refused("AccountNotFoundException"):
        organization.calls.remove_account_from_organization(account_id=member)
    assert organization.account.clock.at - START == timedelta(days=4)


def test_the_management_account_stays() -> None:
    organization = an_organization()
    with refused("MasterCannotLeaveOrganizationException"):
        organization.calls.leave_organization()
    with refused("MasterCannotLeaveOrganizationException"):
        organization.calls.remove_account_from_organization(account_id=ACCOUNT)


def test_a_delegated_administrator_stays_until_it_is_deregistered() -> None:
    organization = an_organization()
    member = organization.member()
    organization.account.later(days=5)
    service = {"account_id": member, "service_principal": "config.amazonaws.com"}
    organization.calls.enable_aws_service_access(service_principal="config.amazonaws.com")
    organization.calls.register_delegated_administrator(**service)
    with refused("ConstraintViolationException") as caught:
        organization.calls.remove_account_from_organization(account_id=member)
    assert caught.value.members["Reason"] == "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"
    organization.calls.deregister_delegated_administrator(**service)
    organization.calls.remove_account_from_organization(account_id=member)


def _bill_only(account: TestAccount) -> None:
    """Take an organization's features away, which no call does."""

    def work(records: Transaction) -> None:
        for key, organization in list(records.scan(ORGANIZATIONS)):
            records.put(ORGANIZATIONS, key, replace(organization, feature_set="CONSOLIDATED_BILLING"))

    account.cloud.store.write(work)
