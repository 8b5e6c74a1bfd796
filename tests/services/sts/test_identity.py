"""GetCallerIdentity, GetAccessKeyInfo and DecodeAuthorizationMessage."""

from __future__ import annotations

import json

import pytest

from sparekey.policy import (
    ABSENT,
    Decision,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    PrincipalKind,
    Request,
    RequestContext,
    authorize,
    parse_policy,
)
from sparekey.services.directory.authorization_messages import encode_authorization_message
from sparekey.services.operation import Caller
from tests.services.account import ACCOUNT, TestAccount, allow, an_account, deny, refused

ALICE = Principal(PrincipalKind.IAM_USER, f"arn:aws:iam::{ACCOUNT}:user/alice", ACCOUNT)


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def decided(*texts: str) -> Decision:
    policies: tuple[Policy, ...] = tuple(parse_policy(text, type=PolicyType.IDENTITY) for text in texts)
    context = RequestContext({"ec2:Tenancy": "default", "aws:TagKeys": ("a", "b"), "aws:username": ABSENT})
    request = Request(ALICE, "ec2:StopInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1", context)
    return authorize(request, PolicySet(identity=policies))


def test_nobody_is_denied_to_know_who_they_are(account: TestAccount) -> None:
    ann = account.signed_in("ann", deny("*"))
    user = account.root.iam.get_user(user_name="ann")["User"]
    assert ann.sts.get_caller_identity() == {"UserId": user["UserId"], "Account": ACCOUNT, "Arn": user["Arn"]}


def test_an_access_key_tells_its_account(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("sts:GetAccessKeyInfo"))
    other = account.cloud.open_account("999999999999")[0]
    assert ann.sts.get_access_key_info(access_key_id=ann.caller.access_key_id) == {"Account": ACCOUNT}
    assert ann.sts.get_access_key_info(access_key_id=other) == {"Account": "999999999999"}


def test_a_session_s_access_key_tells_its_account_though_it_is_not_stored(account: TestAccount) -> None:
    key = account.root.sts.get_session_token()["Credentials"]["AccessKeyId"]
    assert account.root.sts.get_access_key_info(access_key_id=key) == {"Account": ACCOUNT}


def test_an_id_that_tells_no_account_is_invalid(account: TestAccount) -> None:
    with refused("ValidationError", "AKIA1111111111111111 is invalid"):
        account.root.sts.get_access_key_info(access_key_id="AKIA1111111111111111")


def test_access_key_info_needs_a_permission(account: TestAccount) -> None:
    with refused("AccessDenied"):
        account.signed_in("ann").sts.get_access_key_info(access_key_id="AKIA1111111111111111")


def message_of(account: TestAccount, decision: Decision, owner: str = ACCOUNT) -> str:
    caller = Caller(Principal(PrincipalKind.IAM_USER, ALICE.arn, owner), "AIDAALICE", "alice")
    return encode_authorization_message(account.cloud.sealer, decision, caller)


def test_an_encoded_message_says_who_was_refused_what(account: TestAccount) -> None:
    answer = account.root.sts.decode_authorization_message(encoded_message=message_of(account, decided()))
    told = json.loads(answer["DecodedMessage"])
    assert told == {
        "allowed": False,
        "explicitDeny": False,
        "matchedStatements": {"items": []},
        "failures": {"items": []},
        "context": {
            "principal": {"id": "AIDAALICE", "name": "alice", "arn": ALICE.arn},
            "action": "ec2:StopInstances",
            "resource": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1",
            "conditions": {
                "items": [
                    {"key": "ec2:Tenancy", "values": {"items": [{"value": "default"}]}},
                    {"key": "aws:TagKeys", "values": {"items": [{"value": "a"}, {"value": "b"}]}},
                ]
            },
        },
    }


def test_an_encoded_message_names_the_statement_that_denied(account: TestAccount) -> None:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Sid": "NoStop",
                "Effect": "Deny",
                "Action": "ec2:Stop*",
                "Resource": "*",
                "Condition": {"StringEquals": {"ec2:Tenancy": "default"}},
            },
        }
    )
    encoded = message_of(account, decided(text))
    told = json.loads(account.root.sts.decode_authorization_message(encoded_message=encoded)["DecodedMessage"])
    assert told["explicitDeny"] is True
    assert told["matchedStatements"]["items"] == [
        {
            "statementId": "NoStop",
            "effect": "DENY",
            "principals": {"items": []},
            "principalGroups": {"items": []},
            "actions": {"items": [{"value": "ec2:Stop*"}]},
            "resources": {"items": [{"value": "*"}]},
            "conditions": {"items": [{"key": "ec2:Tenancy", "values": {"items": [{"value": "default"}]}}]},
        }
    ]


def test_what_was_not_encoded_here_is_no_message(account: TestAccount) -> None:
    good = message_of(account, decided())
    for message in ("nonsense", good[:-8] + "AAAAAAA=", "é", message_of(account, decided(), "999999999999")):
        with refused("InvalidAuthorizationMessageException"):
            account.root.sts.decode_authorization_message(encoded_message=message)


def test_decoding_needs_a_permission(account: TestAccount) -> None:
    with refused("AccessDenied"):
        account.signed_in("ann").sts.decode_authorization_message(encoded_message="x")
