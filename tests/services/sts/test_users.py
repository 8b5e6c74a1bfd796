"""GetSessionToken and GetFederationToken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sparekey.services.directory.one_time_codes import code_at, step_of
from tests.services.account import ACCOUNT, START, Client, TestAccount, allow, an_account, deny, refused
from tests.services.sts.trusts import a_role, in_role, trust

WRONG = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
NOT_YOURS = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
BOTH = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."


@pytest.fixture
def account() -> TestAccount:
    return an_account()


class Device:
    """A virtual MFA device of a user, which shows codes by the account's clock."""

    def __init__(self, account: TestAccount, user_name: str) -> None:
        import base64

        root = account.root.iam
        made = root.create_virtual_mfa_device(virtual_mfa_device_name=user_name)["VirtualMFADevice"]
        self.account = account
        self.serial_number = made["SerialNumber"]
        self.seed = base64.b32decode(made["Base32StringSeed"])
        root.enable_mfa_device(
            user_name=user_name,
            serial_number=self.serial_number,
            authentication_code1=self.code(-1),
            authentication_code2=self.code(0),
        )
        account.later(seconds=60)

    def code(self, steps: int = 0) -> str:
        return code_at(self.seed, step_of(self.account.clock.at) + steps)

    def given(self, steps: int = 0) -> dict[str, str]:
        return {"serial_number": self.serial_number, "token_code": self.code(steps)}


def session_token(client: Client, **more: Any) -> Client:
    return client.account.with_session(client.sts.get_session_token(**more)["Credentials"])


def federated(client: Client, name: str = "bob", **more: Any) -> Client:
    return client.account.with_session(client.sts.get_federation_token(name=name, **more)["Credentials"])


# GetSessionToken


def test_a_session_token_is_the_user_itself_for_twelve_hours(account: TestAccount) -> None:
    ann = account.signed_in("ann", deny("sts:GetSessionToken"))
    answer = ann.sts.get_session_token()
    assert answer["Credentials"]["Expiration"] == START + timedelta(hours=12)
    session = account.with_session(answer["Credentials"])
    assert session.sts.get_caller_identity() == ann.sts.get_caller_identity()
    assert session.caller.name == "ann"


def test_the_root_user_s_session_token_lasts_an_hour_at_most(account: TestAccount) -> None:
    assert account.root.sts.get_session_token(duration_seconds=900)["Credentials"]["Expiration"] == START + timedelta(
        minutes=15
    )
    answer = account.root.sts.get_session_token(duration_seconds=43200)
    assert answer["Credentials"]["Expiration"] == START + timedelta(hours=1)
    assert account.with_session(answer["Credentials"]).arn == f"arn:aws:iam::{ACCOUNT}:root"


def test_without_mfa_a_session_token_may_not_call_iam_and_hardly_sts(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("*"))
    session = session_token(ann)
    with refused("InvalidClientTokenId", "The security token included in the request is invalid"):
        session.iam.list_users()
    for operation in ("get_session_token", "get_federation_token"):
        name = {"get_session_token": "GetSessionToken", "get_federation_token": "GetFederationToken"}[operation]
        with refused("AccessDenied", f"Cannot call {name} with session credentials"):
            session.call("sts", operation, **({"name": "bob"} if "federation" in operation else {}))
    with refused("AccessDenied", "Cannot call GetAccessKeyInfo with session credentials"):
        session.sts.get_access_key_info(access_key_id="AKIAIOSFODNN7EXAMPLE")


def test_with_mfa_a_session_token_may_call_iam_and_is_known_to_have_used_mfa(account: TestAccount) -> None:
    condition = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "600"},
    }
    ann = account.signed_in("ann", allow("iam:ListUsers", "*", **condition))
    device = Device(account, "ann")
    session = session_token(ann, **device.given())
    session.iam.list_users()
    account.later(seconds=601)
    with refused("AccessDenied"):
        session.iam.list_users()


def test_a_code_counts_once(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    device = Device(account, "ann")
    given = device.given()
    session_token(ann, **given)
    with refused("AccessDenied", WRONG):
        session_token(ann, **given)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_may_come_a_step_early_or_late(account: TestAccount, steps: int) -> None:
    ann = account.signed_in("ann")
    session_token(ann, **Device(account, "ann").given(steps))


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_another_time_is_wrong(account: TestAccount, steps: int) -> None:
    ann = account.signed_in("ann")
    device = Device(account, "ann")
    account.later(seconds=300)
    with refused("AccessDenied", WRONG):
        session_token(ann, **device.given(steps))


def test_another_user_s_device_does_not_count(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    account.signed_in("bob")
    device = Device(account, "bob")
    with refused("AccessDenied", NOT_YOURS):
        session_token(ann, **device.given())
    with refused("AccessDenied", NOT_YOURS):
        session_token(account.root, **device.given())
    with refused("AccessDenied", NOT_YOURS):
        session_token(ann, serial_number="arn:aws:iam::123456789012:mfa/none", token_code="000000")


@pytest.mark.parametrize("given", [{"serial_number": "GAHT12345678"}, {"token_code": "123456"}])
def test_serial_number_and_code_go_together(account: TestAccount, given: dict[str, str]) -> None:
    ann = account.signed_in("ann")
    with refused("AccessDenied", BOTH):
        session_token(ann, **given)


def test_a_role_may_be_assumed_with_a_code_and_its_session_knows_nothing_of_it(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    role = a_role(account, "R", trust(ann.arn, **mfa), allow("iam:ListUsers", "*", **mfa))
    device = Device(account, "ann")
    with refused("AccessDenied"):
        in_role(ann, role)
    session = in_role(ann, role, **device.given())
    with refused("AccessDenied"):
        session.iam.list_users()
    with refused("AccessDenied", WRONG):
        in_role(ann, role, **device.given())


def test_a_role_trusts_a_session_token_that_used_mfa(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    role = a_role(account, "R", trust(ann.arn, Bool={"aws:MultiFactorAuthPresent": "true"}))
    in_role(session_token(ann, **Device(account, "ann").given()), role)
    with refused("AccessDenied"):
        in_role(session_token(ann), role)


def test_a_role_has_no_device(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    one = a_role(account, "One", trust(ann.arn), allow("sts:AssumeRole"))
    two = a_role(account, "Two", trust(one))
    device = Device(account, "ann")
    with refused("AccessDenied", NOT_YOURS):
        in_role(in_role(ann, one), two, **device.given())


# GetFederationToken


def test_a_federated_user_is_named_by_the_account(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("sts:GetFederationToken"))
    answer = ann.sts.get_federation_token(name="bob")
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    assert answer["FederatedUser"] == {"Arn": arn, "FederatedUserId": f"{ACCOUNT}:bob"}
    assert answer["PackedPolicySize"] == 0
    assert answer["Credentials"]["Expiration"] == START + timedelta(hours=12)
    identity = account.with_session(answer["Credentials"]).sts.get_caller_identity()
    assert identity == {"UserId": f"{ACCOUNT}:bob", "Account": ACCOUNT, "Arn": arn}


def test_federation_needs_a_permission_on_the_federated_user(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("sts:GetFederationToken", f"arn:aws:sts::{ACCOUNT}:federated-user/bob"))
    federated(ann)
    with refused("AccessDenied") as caught:
        federated(ann, "eve")
    assert "sts:GetFederationToken on resource: arn:aws:sts::123456789012:federated-user/eve" in caught.value.message


def test_a_federated_user_may_do_what_user_and_session_policy_both_let_it(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow(["sts:*", "organizations:List*"]))
    policy = allow("organizations:DescribeOrganization")
    with refused("AccessDenied"):
        federated(ann).organizations.list_roots()
    with refused("AccessDenied"):
        federated(ann, policy=policy).organizations.describe_organization()
    with refused("AWSOrganizationsNotInUseException"):
        federated(ann, policy=allow("organizations:*")).organizations.list_roots()


def test_a_federated_user_may_call_neither_iam_nor_sts(account: TestAccount) -> None:
    bob = federated(account.root, policy=allow("*"))
    with refused("InvalidClientTokenId"):
        bob.iam.list_users()
    with refused("AccessDenied", "Cannot call AssumeRole with session credentials"):
        in_role(bob, f"arn:aws:iam::{ACCOUNT}:role/R")
    assert bob.sts.get_caller_identity()["Account"] == ACCOUNT


def test_tags_of_a_federated_user_need_a_permission_of_their_own(account: TestAccount) -> None:
    tags = [{"Key": "team", "Value": "red"}]
    ann = account.signed_in("ann", allow("sts:GetFederationToken"))
    with refused("AccessDenied"):
        federated(ann, tags=tags)
    eve = account.signed_in("eve", allow(["sts:GetFederationToken", "sts:TagSession"]))
    assert federated(eve, tags=tags).caller.session.tags == {"team": "red"}  # type: ignore[union-attr]  # is there


def test_the_root_user_s_federated_users_last_an_hour_at_most(account: TestAccount) -> None:
    answer = account.root.sts.get_federation_token(name="bob", duration_seconds=129600)
    assert answer["Credentials"]["Expiration"] == START + timedelta(hours=1)


def test_a_role_s_session_gets_neither_kind_of_token(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    session = in_role(ann, a_role(account, "R", trust(ann.arn), allow("*")))
    with refused("AccessDenied", "Cannot call GetFederationToken with session credentials"):
        federated(session)
    with refused("AccessDenied", "Cannot call GetSessionToken with session credentials"):
        session_token(session)
