"""boto3, as it comes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients.endpoint import Endpoint

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def allow(action: str, resource: str = "*") -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
    )


def with_key(endpoint: Endpoint, name: str, *policies: str) -> dict[str, str]:
    """A new user's access key."""
    iam = endpoint.client("iam")
    iam.create_user(UserName=name)
    for number, document in enumerate(policies):
        iam.put_user_policy(UserName=name, PolicyName=f"p{number}", PolicyDocument=document)
    key: dict[str, str] = iam.create_access_key(UserName=name)["AccessKey"]
    return key


def code_of(call: Any, **parameters: Any) -> tuple[str, int, str]:
    """What a refused call answers: code, HTTP status, message."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Message"]


def test_the_root_user_learns_who_it_is(endpoint: Endpoint) -> None:
    told = endpoint.client("sts").get_caller_identity()
    assert told["Arn"] == "arn:aws:iam::123456789012:root"
    assert told["ResponseMetadata"]["RequestId"]


def test_a_wrong_secret_is_refused(endpoint: Endpoint) -> None:
    wrong = {"AccessKeyId": endpoint.access_key_id, "SecretAccessKey": "no" * 20}
    code, status, message = code_of(endpoint.client("sts", wrong).get_caller_identity)
    assert (code, status) == ("SignatureDoesNotMatch", 403)
    assert message.startswith("The request signature we calculated does not match the signature you provided.")


def test_an_unknown_key_is_refused_in_each_protocols_words(endpoint: Endpoint) -> None:
    unknown = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "no" * 20}
    assert code_of(endpoint.client("iam", unknown).list_users)[0] == "InvalidClientTokenId"
    assert code_of(endpoint.client("organizations", unknown).describe_organization)[0] == "UnrecognizedClientException"


def test_a_users_call_is_decided_by_its_policies(endpoint: Endpoint) -> None:
    ann = endpoint.client("iam", with_key(endpoint, "ann", allow("iam:GetUser")))
    assert ann.get_user()["User"]["UserName"] == "ann"
    code, status, message = code_of(ann.create_user, UserName="eve")
    assert (code, status) == ("AccessDenied", 403)
    assert message == (
        "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:CreateUser on resource: "
        "arn:aws:iam::123456789012:user/eve because no identity-based policy allows the iam:CreateUser action"
    )


def test_a_role_is_assumed_and_its_session_acts(endpoint: Endpoint) -> None:
    iam = endpoint.client("iam")
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    key = with_key(endpoint, "cat", allow("sts:AssumeRole"))
    assumed = endpoint.client("sts", key).assume_role(
        RoleArn="arn:aws:iam::123456789012:role/reader", RoleSessionName="session"
    )
    session = assumed["Credentials"]
    told = endpoint.client("sts", session).get_caller_identity()
    assert told["Arn"] == "arn:aws:sts::123456789012:assumed-role/reader/session"
    assert any(user["UserName"] == "cat" for user in endpoint.client("iam", session).list_users()["Users"])
    assert code_of(endpoint.client("iam", session).delete_user, UserName="cat")[0] == "AccessDenied"


def test_a_changed_session_token_is_refused(endpoint: Endpoint) -> None:
    session = dict(endpoint.client("sts").get_session_token()["Credentials"])
    session["SessionToken"] = session["SessionToken"][:-6] + "AAAAA="
    assert code_of(endpoint.client("sts", session).get_caller_identity)[0] == "InvalidClientTokenId"


def test_lists_are_paged(endpoint: Endpoint) -> None:
    iam = endpoint.client("iam")
    for number in range(7):
        iam.create_group(GroupName=f"group-{number}")
    pages = list(iam.get_paginator("list_groups").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Groups"]) for page in pages] == [3, 3, 1]


def test_a_broken_constraint_is_told_in_aws_words(endpoint: Endpoint) -> None:
    code, status, message = code_of(endpoint.client("iam").create_user, UserName="a" * 65)
    assert (code, status) == ("ValidationError", 400)
    assert message.startswith("1 validation error detected: Value")
    assert "at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64" in message


def test_an_operation_that_is_not_built_is_refused_by_its_name(endpoint: Endpoint) -> None:
    code, status, message = code_of(endpoint.client("cloudtrail").list_trails)
    assert (code, status) == ("NotImplemented", 501)
    assert "ListTrails" in message


def test_calls_are_found_in_the_decision_record(endpoint: Endpoint) -> None:
    endpoint.client("iam", region="us-east-1").create_user(UserName="recorded")
    events = endpoint.client("cloudtrail", region="us-east-1").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]
    )["Events"]
    newest = json.loads(events[0]["CloudTrailEvent"])
    assert newest["requestParameters"]["userName"] == "recorded"
    assert newest["userIdentity"]["type"] == "Root"
