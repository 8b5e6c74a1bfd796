"""Session policies on their way into a session."""

from __future__ import annotations

import json

import pytest

from sparekey.services.sts.session_documents import check_session_policy
from tests.services.account import refused


def policy(**elements: object) -> str:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | elements
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


@pytest.mark.parametrize(
    "text",
    [
        policy(),
        policy(Resource=["arn:aws:s3:::b/*", "${aws:PrincipalTag/arn}", "*:b", "arn:aws:s3*"]),
        policy(Sid="a", Condition={"NumericEquals": {"s3:max-keys": "no-number"}}),
        policy(Action=None, NotAction="iam:*", Resource=None, NotResource="arn:aws:s3:::b"),
    ],
)
def test_a_session_policy_is_taken(text: str) -> None:
    check_session_policy(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "This policy contains invalid Json"),
        (policy(Principal="*"), "Has prohibited field Principal"),
        (policy(Resource=None), "Missing required field Resource"),
        (policy(Action="GetObject"), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        (policy(Resource="arn:aws:s3"), 'Resource arn:aws:s3 must be in ARN format or "*".'),
        (policy(Condition={"BinaryEquals": {"aws:x": "no-binary"}}), "Syntax error at position (1,144)"),
    ],
)
def test_a_session_policy_is_refused(text: str, message: str) -> None:
    with refused("MalformedPolicyDocumentException", message):
        check_session_policy(text)
