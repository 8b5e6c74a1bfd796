"""What is to be done on the IAM side, and to whom."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sparekey.check.fixes import Attachment, Status
from sparekey.check.fixes._statement_json import exempting, statement_json
from sparekey.policy import parse_policy
from sparekey.unknown import Unknown
from tests.check.fixes.deployments import proposal

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111122223333"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/Alice"
SERVICE = f"arn:aws:iam::{ACCOUNT}:role/Service"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/Boundary"

DELEGATING = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - {Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: kms:*, Resource: "*"}
"""

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(*statements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def account(
    folder: Path, *, alice: object = ALL, service: object = ALL, boundary: object = None, trust: object = TRUST
) -> str:
    """Write the details of an account with a user and a service role."""
    limit = {"PermissionsBoundaryArn": BOUNDARY, "PermissionsBoundaryType": "Policy"}
    user: dict[str, object] = {
        "Arn": ALICE, "UserName": "Alice", "UserId": "AIDA1", "Path": "/", "GroupList": [],
        "AttachedManagedPolicies": [],
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document(alice)}] if alice else [],
    }  # fmt: skip
    role = {
        "Arn": SERVICE, "RoleName": "Service", "RoleId": "AROA1", "Path": "/", "AttachedManagedPolicies": [],
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(service)}] if service else [],
        "AssumeRolePolicyDocument": document(trust),
    }  # fmt: skip
    policies = []
    if boundary:
        user["PermissionsBoundary"] = limit
        version = {"Document": document(boundary), "VersionId": "v1", "IsDefaultVersion": True}
        policies = [
            {"Arn": BOUNDARY, "PolicyName": "Boundary", "DefaultVersionId": "v1", "PolicyVersionList": [version]}
        ]
    path = folder / "account.json"
    path.write_text(
        json.dumps({"UserDetailList": [user], "RoleDetailList": [role], "GroupDetailList": [], "Policies": policies})
    )
    return str(path)


def attachments(*options: str, text: str = DELEGATING) -> tuple[Attachment, ...]:
    found = proposal(text, *options)
    (key,) = found.keys
    assert key.status is Status.PROPOSED, key.reason
    assert key.after == "pass"
    assert found.diff == ""
    return key.attachments


def test_everything_that_is_missing_is_in_one_statement(tmp_path: Path) -> None:
    iam = account(tmp_path, alice=None)
    tagged = DELEGATING.replace(
        "Properties:", "Properties:\n      Tags: [{Key: k, Value: v}]\n      EnableKeyRotation: true"
    )
    (found,) = attachments("--as", ALICE, "--iam", iam, text=tagged)
    assert found.statement == {
        "Effect": "Allow",
        "Action": ["kms:CreateKey", "kms:TagResource", "kms:PutKeyPolicy", "kms:EnableKeyRotation"],
        "Resource": "*",
    }
    assert (found.attach_to, found.policy_type) == (ALICE, "identity-based policy")


def test_calls_on_keys_only_are_allowed_on_keys_only(tmp_path: Path) -> None:
    create = {"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"}
    (found,) = attachments("--as", ALICE, "--iam", account(tmp_path, alice=create), "--region", "eu-west-1")
    assert found.statement["Resource"] == f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*"
    (found,) = attachments("--as", ALICE, "--iam", account(tmp_path, alice=create))
    assert found.statement["Resource"] == f"arn:aws:kms:*:{ACCOUNT}:key/*"


def test_the_service_role_gets_what_it_lacks_and_the_caller_the_right_to_pass_it(tmp_path: Path) -> None:
    iam = account(tmp_path, alice=None, service=None)
    passing, making = attachments("--as", ALICE, "--role-arn", SERVICE, "--iam", iam)
    assert (passing.attach_to, making.attach_to) == (ALICE, SERVICE)
    assert passing.statement == {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": SERVICE,
        "Condition": {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
    }
    assert making.statement["Action"] == ["kms:CreateKey", "kms:PutKeyPolicy"]


def test_a_service_role_that_does_not_trust_cloudformation_is_to_do_so(tmp_path: Path) -> None:
    iam = account(tmp_path, trust={**TRUST, "Principal": {"Service": "ec2.amazonaws.com"}})
    (found,) = attachments("--as", ALICE, "--role-arn", SERVICE, "--iam", iam)
    assert (found.attach_to, found.policy_type, found.statement) == (SERVICE, "trust policy", TRUST)


def test_a_service_role_that_denies_cloudformation_is_left_to_its_owner(tmp_path: Path) -> None:
    iam = account(tmp_path, trust={**TRUST, "Effect": "Deny"})
    (key,) = proposal(DELEGATING, "--as", ALICE, "--role-arn", SERVICE, "--iam", iam).keys
    assert key.status is Status.REFUSED
    assert key.reason == "neither the key policy nor an identity policy cures it"


def test_a_service_role_that_does_not_exist_is_not_made_up(tmp_path: Path) -> None:
    gone = f"arn:aws:iam::{ACCOUNT}:role/Gone"
    (key,) = proposal(DELEGATING, "--as", ALICE, "--role-arn", gone, "--iam", account(tmp_path)).keys
    assert key.status is Status.REFUSED


def test_a_boundary_that_is_silent_is_to_allow_it_too(tmp_path: Path) -> None:
    iam = account(tmp_path, boundary={"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"})
    (found,) = attachments("--as", ALICE, "--iam", iam)
    assert (found.attach_to, found.policy_type) == (BOUNDARY, "permissions boundary")
    assert found.statement["Action"] == "kms:PutKeyPolicy"


def test_both_the_identity_policy_and_the_boundary_can_be_silent(tmp_path: Path) -> None:
    create = {"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"}
    found = attachments("--as", ALICE, "--iam", account(tmp_path, alice=create, boundary=create))
    assert {(one.attach_to, one.policy_type) for one in found} == {
        (ALICE, "identity-based policy"),
        (BOUNDARY, "permissions boundary"),
    }


def test_service_control_policies_that_are_silent_are_to_allow_it(tmp_path: Path) -> None:
    scp = tmp_path / "scp.json"
    scp.write_text(json.dumps(document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})))
    (found,) = attachments("--as", ALICE, "--iam", account(tmp_path), "--scp", str(scp))
    assert (found.attach_to, found.policy_type) == (f"account {ACCOUNT}", "service control policy")
    root = attachments("--as", f"arn:aws:iam::{ACCOUNT}:root", "--scp", str(scp))
    assert [one.policy_type for one in root] == ["service control policy"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, {"ArnNotEquals": {"aws:PrincipalArn": ALICE}}),
        (
            {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}},
            {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/Admin", ALICE]}},
        ),
        (
            {"StringNotLike": {"aws:PrincipalTag/team": ["a", "b"]}},
            {"StringNotLike": {"aws:PrincipalTag/team": ["a", "b"]}, "ArnNotEquals": {"aws:PrincipalArn": ALICE}},
        ),
    ],
)
def test_an_identity_policy_that_denies_is_shown_with_the_deployer_exempted(
    condition: dict[str, object] | None, expected: dict[str, object], tmp_path: Path
) -> None:
    deny: dict[str, object] = {"Sid": "Guard", "Effect": "Deny", "Action": "kms:PutKeyPolicy", "Resource": "*"}
    iam = account(tmp_path, alice=deny | ({"Condition": condition} if condition else {}))
    found = proposal(DELEGATING, "--as", ALICE, "--iam", iam, "--context", "aws:PrincipalTag/team=c")
    (key,) = found.keys
    exempted = next(one for one in key.attachments if one.replaces)
    assert exempted.statement == {**deny, "Condition": expected}
    assert exempted.replaces == "`Guard`"
    assert key.after == "pass"


def test_a_federated_session_needs_session_policies_that_allow_it_too() -> None:
    (key,) = proposal(DELEGATING, "--as", f"arn:aws:sts::{ACCOUNT}:federated-user/Bob").keys
    assert key.status is Status.PROPOSED
    assert {one.policy_type for one in key.attachments} == {"identity-based policy", "session policy"}


def test_a_key_without_a_policy_of_its_own_can_only_be_cured_in_iam(tmp_path: Path) -> None:
    text = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties: {EnableKeyRotation: true}\n"
    (found,) = attachments("--as", ALICE, "--iam", account(tmp_path, alice=None), text=text)
    assert found.statement["Action"] == ["kms:CreateKey", "kms:EnableKeyRotation"]


def test_a_policy_that_is_not_told_does_not_keep_from_curing_the_rest(tmp_path: Path) -> None:
    text = (
        "Parameters: {Policy: {Type: String}}\n"
        "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties: {KeyPolicy: !Ref Policy}\n"
    )
    (key,) = proposal(text, "--as", ALICE, "--iam", account(tmp_path, alice=None)).keys
    assert key.attachments[0].statement["Action"] == "kms:CreateKey"
    assert (key.after, key.hangs_on) == ("undecided", ("parameter `Policy`",))


def test_a_deny_with_not_principal_cannot_spare_somebody_with_a_boundary(tmp_path: Path) -> None:
    second = "          - {Effect: Deny, NotPrincipal: {AWS: !Ref AWS::AccountId}, Action: kms:*, Resource: '*'}\n"
    deny = DELEGATING + second
    (key,) = proposal(deny, "--as", ALICE, "--iam", account(tmp_path, boundary=ALL)).keys
    assert (key.status, key.before) == (Status.REFUSED, "lockout")
    (key,) = proposal(deny, "--as", ALICE, "--iam", account(tmp_path)).keys
    assert [change.cause for change in key.changes] == ["C10"]


def test_a_statement_is_written_as_it_was_read() -> None:
    statement = {
        "Sid": "x",
        "Effect": "Deny",
        "NotAction": ["a:b", "c:d"],
        "NotResource": "*",
        "Condition": {
            "ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": ["e", "f"]},
            "Bool": {"aws:SecureTransport": "true"},
        },
    }
    assert statement_json(parse_policy(document(statement)).statements[0]) == statement
    bare = {"Effect": "Allow", "Action": "a:b", "Resource": ["c", "d"]}
    assert statement_json(parse_policy(document(bare)).statements[0]) == bare


def test_a_statement_that_is_not_told_in_full_is_not_written() -> None:
    unknown = Unknown(("something",))
    for part in ({"Action": unknown}, {"Resource": ["*", unknown]}, {"Condition": {"Bool": {"a:b": unknown}}}):
        (statement,) = parse_policy(document({"Effect": "Deny", "Action": "a:b", "Resource": "*", **part})).statements
        assert statement_json(statement) is None
        assert exempting(statement, ALICE) is None
