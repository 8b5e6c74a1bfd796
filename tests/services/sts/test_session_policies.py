"""Session policies as requests give them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.account import ACCOUNT, TestAccount, allow, an_account, document, refused

OTHER = "999999999999"


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def size(account: TestAccount, **given: Any) -> int:
    return int(account.root.sts.get_federation_token(name="bob", **given)["PackedPolicySize"])


def test_white_space_takes_no_room(account: TestAccount) -> None:
    policy = json.loads(allow("s3:*"))
    assert size(account, policy=json.dumps(policy, indent=8)) == size(account, policy=json.dumps(policy))


def test_aws_s_own_example_takes_six_percent(account: TestAccount) -> None:
    example = (
        '{"Version":"2012-10-17","Statement":[{"Sid": "Stmt1","Effect": "Allow","Action": "s3:*","Resource": "*"}]}'
    )
    assert size(account, policy=example) in (5, 6)


def test_policies_that_take_too_much_room_are_refused_with_the_percentage(account: TestAccount) -> None:
    policy = allow("s3:*", ["arn:aws:s3:::" + "b" * 60] * 24)
    tags = [{"Key": f"k{number}", "Value": "v" * 200} for number in range(3)]
    assert 80 < size(account, policy=policy) <= 100
    message = "Packed policy consumes 123% of allotted space, please use smaller policy."
    with refused("PackedPolicyTooLargeException", message):
        size(account, policy=policy, tags=tags)


def test_tags_that_take_too_much_room_are_refused_with_the_percentage(account: TestAccount) -> None:
    tags = [{"Key": f"key-{number}", "Value": "v" * 256} for number in range(10)]
    message = "Packed size of session tags consumes 128% of allotted space."
    with refused("PackedPolicyTooLargeException", message):
        size(account, tags=tags)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "This policy contains invalid Json"),
        ('"text"', "This policy contains invalid Json"),
        (document("allow", "s3:*"), "Invalid effect: allow"),
        (
            json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}),
            "Has prohibited field Principal",
        ),
        (allow("iam:TagUser", BinaryEquals={"aws:RequestTag/value": "no-binary"}), "Syntax error at position (1,158)"),
    ],
)
def test_a_malformed_session_policy_is_refused(account: TestAccount, text: str, message: str) -> None:
    with refused("MalformedPolicyDocumentException", message):
        size(account, policy=text)


@pytest.mark.parametrize("operator", ["DateEquals", "ArnLike", "NumericEquals", "IpAddress"])
def test_literals_are_checked_less_than_in_stored_policies(account: TestAccount, operator: str) -> None:
    assert size(account, policy=allow("iam:TagUser", "*", **{operator: {"aws:RequestTag/value": "not-one"}}))


def test_a_session_policy_has_2048_characters_at_most(account: TestAccount) -> None:
    with refused("ValidationError"):
        size(account, policy=allow("s3:*") + " " * 2048)


def test_ten_managed_policies_may_be_passed(account: TestAccount) -> None:
    arns = []
    for number in range(11):
        made = account.root.iam.create_policy(policy_name=f"p{number}", policy_document=allow("s3:*"))
        arns.append({"arn": made["Policy"]["Arn"]})
    assert size(account, policy_arns=arns[:10])
    with refused("ValidationError") as caught:
        size(account, policy_arns=arns)
    assert "Member must have length less than or equal to 10" in caught.value.message


def test_managed_policies_are_the_account_s_or_aws_s_own(account: TestAccount) -> None:
    other = account.root_of(OTHER).iam.create_policy(policy_name="p", policy_document=allow("s3:*"))["Policy"]["Arn"]
    assert size(account, policy_arns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}])
    for arn in (
        other,
        f"arn:aws:iam::{ACCOUNT}:policy/none",
        "arn:aws:iam::aws:policy/Nothing",
        "no-arn-at-all-here-x",
    ):
        with refused("ValidationError", f"{arn} is invalid"):
            size(account, policy_arns=[{"arn": arn}])
