"""SCPs and RCPs on their way into an organization."""

from __future__ import annotations

import json

import pytest

from sparekey.services.organizations.documents import LARGEST, check_document
from tests.services.account import refused

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
SENTENCE = "The provided policy document does not meet the requirements of the specified policy type."


def policy(**elements: object) -> str:
    statement = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"} | elements
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": kept})


@pytest.mark.parametrize(
    "text",
    [
        policy(),
        policy(Effect="Allow", Action="*"),
        policy(Effect="Allow", Resource="arn:aws:s3:::b", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        policy(Action=None, NotAction=["iam:*", "sts:*"], Sid="Guard"),
    ],
)
def test_an_scp_is_taken(text: str) -> None:
    check_document(SCP, text)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        policy(Principal="*"),
        policy(Sid="not alphanumeric"),
        policy(Action="s3"),
        policy(Resource="bucket"),
        policy(Effect="Forbid"),
        policy(Condition={"StringIs": {"aws:x": "y"}}),
    ],
)
def test_an_scp_is_refused(text: str) -> None:
    with refused("MalformedPolicyDocumentException", SENTENCE):
        check_document(SCP, text)


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
def test_an_rcp_denies_everyone(principal: object) -> None:
    check_document(RCP, policy(Principal=principal))
    check_document(RCP, policy(Principal=principal, Action="SQS:AnyThing", Resource=None, NotResource="arn:aws:sqs:*"))


@pytest.mark.parametrize(
    "text",
    [
        policy(),
        policy(Principal="*", Action="ec2:*"),  # a service that RCPs are not for
        policy(Principal="*", Action=["s3:*", "iam:*"]),
        policy(Principal="*", Effect="Allow", Action="*"),  # like AWS's own, which nobody may make
        policy(Principal={"AWS": "111122223333"}),
        policy(Principal="*", Sid="a b"),
    ],
)
def test_an_rcp_is_refused(text: str) -> None:
    with refused("MalformedPolicyDocumentException", SENTENCE):
        check_document(RCP, text)


def test_a_document_that_is_too_long_says_why() -> None:
    long = policy(Sid="a" * LARGEST[SCP])
    with refused("ConstraintViolationException") as caught:
        check_document(SCP, long)
    assert caught.value.members == {"Reason": "POLICY_CONTENT_LIMIT_EXCEEDED"}
    with refused("ConstraintViolationException"):
        check_document(RCP, policy(Principal="*", Sid="a" * LARGEST[RCP]))
