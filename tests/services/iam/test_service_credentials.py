"""Service-specific credentials."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from tests.services.account import ACCOUNT, START, TestAccount, allow, an_account, refused

CODECOMMIT = "codecommit.amazonaws.com"
BEDROCK = "bedrock.amazonaws.com"


def with_user() -> TestAccount:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    return account


def create(account: TestAccount, service: str = CODECOMMIT, **parameters: object) -> dict[str, Any]:
    made = account.root.iam.create_service_specific_credential(user_name="ann", service_name=service, **parameters)
    credential: dict[str, Any] = made["ServiceSpecificCredential"]
    return credential


def test_a_credential_has_a_user_name_and_a_password() -> None:
    made = create(with_user())
    assert made["ServiceUserName"] == f"ann-at-{ACCOUNT}"
    assert made["ServiceSpecificCredentialId"].startswith("ACCA")
    assert len(base64.b64decode(made["ServicePassword"])) == 32
    assert (made["UserName"], made["ServiceName"], made["Status"]) == ("ann", CODECOMMIT, "Active")
    assert made["CreateDate"] == START


def test_a_users_second_credential_for_a_service_has_another_name() -> None:
    account = with_user()
    create(account)
    assert create(account)["ServiceUserName"] == f"ann+1-at-{ACCOUNT}"
    with refused("LimitExceededException"):
        create(account)
    assert create(account, "cassandra.amazonaws.com")["ServiceUserName"] == f"ann-at-{ACCOUNT}"


@pytest.mark.parametrize(("service", "prefix"), [(BEDROCK, "ABSK"), ("logs.amazonaws.com", "ACWL")])
def test_an_api_key_has_an_alias_and_a_secret_and_may_expire(service: str, prefix: str) -> None:
    account = with_user()
    made = create(account, service, credential_age_days=30)
    assert made["ServiceCredentialAlias"] == f"ann-at-{ACCOUNT}"
    assert made["ServiceCredentialSecret"].startswith(prefix)
    assert made["ExpirationDate"] == START + timedelta(days=30)
    assert "ServicePassword" not in made
    account.later(days=30)
    (listed,) = account.root.iam.list_service_specific_credentials(user_name="ann")["ServiceSpecificCredentials"]
    assert listed["Status"] == "Expired"
    assert "ServiceCredentialSecret" not in listed


def test_passwords_do_not_expire() -> None:
    with refused("InvalidInputException"):
        create(with_user(), credential_age_days=30)


@pytest.mark.parametrize("service", ["lambda.amazonaws.com", "o3on3n3onosneo"])
def test_other_services_have_none(service: str) -> None:
    account = with_user()
    message = f"No such service {service} is supported for Service Specific Credentials"
    with refused("NoSuchEntityException", message):
        create(account, service)
    with refused("NoSuchEntityException", message):
        account.root.iam.list_service_specific_credentials(user_name="ann", service_name=service)


def test_a_list_shows_those_of_a_user_and_service() -> None:
    account = with_user()
    create(account)
    create(account, BEDROCK)
    listed = account.root.iam.list_service_specific_credentials(user_name="ann", service_name=BEDROCK)
    assert [each["ServiceName"] for each in listed["ServiceSpecificCredentials"]] == [BEDROCK]
    assert len(account.root.iam.list_service_specific_credentials(user_name="ann")["ServiceSpecificCredentials"]) == 2


def test_a_list_may_show_those_of_all_users() -> None:
    account = with_user()
    create(account)
    account.root.iam.create_user(user_name="bob")
    account.root.iam.create_service_specific_credential(user_name="bob", service_name=BEDROCK)
    everything = account.root.iam.list_service_specific_credentials(all_users=True)["ServiceSpecificCredentials"]
    assert sorted(each["UserName"] for each in everything) == ["ann", "bob"]
    some = account.root.iam.list_service_specific_credentials(all_users=True, service_name=BEDROCK)
    assert [each["UserName"] for each in some["ServiceSpecificCredentials"]] == ["bob"]
    with refused("ValidationError"):
        account.root.iam.list_service_specific_credentials(all_users=True, user_name="ann")


def test_listing_those_of_all_users_takes_permission_for_all() -> None:
    account = an_account()
    ann = account.signed_in(
        "ann", allow("iam:ListServiceSpecificCredentials", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")
    )
    assert ann.iam.list_service_specific_credentials()["ServiceSpecificCredentials"] == []
    with refused("AccessDenied"):
        ann.iam.list_service_specific_credentials(all_users=True)


def test_a_reset_gives_another_password() -> None:
    account = with_user()
    made = create(account)
    again = account.root.iam.reset_service_specific_credential(
        user_name="ann", service_specific_credential_id=made["ServiceSpecificCredentialId"]
    )["ServiceSpecificCredential"]
    assert again["ServicePassword"] != made["ServicePassword"]
    assert again["ServiceUserName"] == made["ServiceUserName"]


def test_a_credential_is_switched_off_and_deleted() -> None:
    account = with_user()
    given = {"user_name": "ann", "service_specific_credential_id": create(account)["ServiceSpecificCredentialId"]}
    account.root.iam.update_service_specific_credential(**given, status="Inactive")
    (listed,) = account.root.iam.list_service_specific_credentials(user_name="ann")["ServiceSpecificCredentials"]
    assert listed["Status"] == "Inactive"
    with refused("DeleteConflictException", "Cannot delete entity, must remove referenced objects first."):
        account.root.iam.delete_user(user_name="ann")
    account.root.iam.delete_service_specific_credential(**given)
    message = f"No such credential {given['service_specific_credential_id']} exists"
    with refused("NoSuchEntityException", message):
        account.root.iam.delete_service_specific_credential(**given)
    account.root.iam.delete_user(user_name="ann")


def test_a_credential_is_found_under_its_own_user_only() -> None:
    account = with_user()
    account.root.iam.create_user(user_name="bob")
    with refused("NoSuchEntityException"):
        account.root.iam.update_service_specific_credential(
            user_name="bob",
            service_specific_credential_id=create(account)["ServiceSpecificCredentialId"],
            status="Inactive",
        )


def test_policies_may_name_the_service_and_the_age() -> None:
    account = an_account()
    condition = {
        "StringEquals": {"iam:ServiceSpecificCredentialServiceName": BEDROCK},
        "NumericLessThanEquals": {"iam:ServiceSpecificCredentialAgeDays": "90"},
    }
    ann = account.signed_in(
        "ann",
        allow("iam:CreateServiceSpecificCredential", "*", **condition),
        allow(
            "iam:DeleteServiceSpecificCredential",
            StringEquals={"iam:ServiceSpecificCredentialServiceName": BEDROCK},
        ),
    )
    made = ann.iam.create_service_specific_credential(user_name="ann", service_name=BEDROCK, credential_age_days=90)
    with refused("AccessDenied"):
        ann.iam.create_service_specific_credential(user_name="ann", service_name=BEDROCK, credential_age_days=91)
    with refused("AccessDenied"):
        ann.iam.create_service_specific_credential(user_name="ann", service_name=CODECOMMIT)
    other = create(account)["ServiceSpecificCredentialId"]
    with refused("AccessDenied"):
        ann.iam.delete_service_specific_credential(service_specific_credential_id=other)
    ann.iam.delete_service_specific_credential(
        service_specific_credential_id=made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
    )


def test_the_root_user_has_none() -> None:
    assert an_account().root.iam.list_service_specific_credentials()["ServiceSpecificCredentials"] == []
