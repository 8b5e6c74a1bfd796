"""Calls that are refused, principals that KMS does not accept, and documents it does not take."""

from __future__ import annotations

import pytest

from sparekey.check import Level, Verdict
from tests.check.rules.checked import ALICE, ROOT_STATEMENT, Given, found, key, key_template

ROLE = "arn:aws:iam::123456789012:role/Deploy"
ALL_BUT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": "%s", "Resource": "*"}]}'


def use(principal: str, key_: str = "AWS") -> str:
    return ROOT_STATEMENT + (
        f'- Sid: Use\n  Effect: Allow\n  Principal:\n    {key_}: {principal}\n  Action: kms:Decrypt\n  Resource: "*"\n'
    )


def denied(action: str, properties: str = "", *, role: str | None = None, statements: str = ROOT_STATEMENT) -> str:
    text = key_template(statements, properties=properties)
    report = key(text, given=Given(iam=ALL_BUT % action, role_arn=role))
    assert report.verdict is Verdict.ACCESS_DENIED
    (finding,) = [finding for finding in report.findings if finding.level is Level.ERROR]
    assert finding.rule == "SK116"
    return f"{finding.message}; {finding.hints[0]}"


def test_a_refused_create_key_is_a_matter_of_iam() -> None:
    assert denied("kms:CreateKey") == (
        f"`{ALICE}` is not allowed `kms:CreateKey` (every key is made with it); "
        f"allow `kms:CreateKey` in an IAM policy of `{ALICE}`: a key policy cannot give it"
    )


@pytest.mark.parametrize(
    ("action", "properties"),
    [("kms:EnableKeyRotation", "EnableKeyRotation: true\n"), ("kms:DisableKey", "Enabled: false\n")],
)
def test_a_refused_call_on_a_key_that_delegates_is_a_matter_of_iam(action: str, properties: str) -> None:
    assert f"allow `{action}` in an IAM policy of `{ALICE}`: the key policy delegates" in denied(action, properties)


def test_a_deny_in_the_key_policy_is_pointed_at() -> None:
    deny = '- Effect: Deny\n  Principal: "*"\n  Action: kms:EnableKeyRotation\n  Resource: "*"\n'
    text = key_template(ROOT_STATEMENT + deny, properties="EnableKeyRotation: true\n")
    (finding,) = found(text, "SK116")
    assert finding.place.line == 15


SNAPSHOT = """\
{"UserDetailList": [{"Path": "/", "UserName": "Alice", "UserId": "AIDAALICEALICEALICE2",
    "Arn": "arn:aws:iam::123456789012:user/Alice", "GroupList": [], "AttachedManagedPolicies": [],
    "UserPolicyList": [{"PolicyName": "All", "PolicyDocument": %s}]}],
 "GroupDetailList": [], "Policies": [],
 "RoleDetailList": [{"Path": "/app/", "RoleName": "Deploy", "RoleId": "AROADEPLOYDEPLOYDEPL",
    "Arn": "arn:aws:iam::123456789012:role/app/Deploy", "RolePolicyList": [], "AttachedManagedPolicies": [],
    "InstanceProfileList": [],
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "%s.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}]}"""
EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


def test_a_caller_that_may_not_pass_the_service_role_is_told_so() -> None:
    given = Given(
        iam=SNAPSHOT % (ALL_BUT % "iam:PassRole", "cloudformation"), role_arn=ROLE.replace("role/", "role/app/")
    )
    (finding,) = found(key_template(), "SK116", given=given)
    assert finding.message.startswith(f"`{ALICE}` is not allowed `iam:PassRole`")
    assert finding.hints == (f"allow `iam:PassRole` on `{given.role_arn}` in an IAM policy of `{ALICE}`",)


def test_a_service_role_that_does_not_trust_cloudformation_is_told_so() -> None:
    given = Given(iam=SNAPSHOT % (EVERYTHING, "lambda"), role_arn=ROLE.replace("role/", "role/app/"))
    (finding,) = found(key_template(), "SK116", given=given)
    assert finding.message.startswith("CloudFormation is not allowed `sts:AssumeRole`")
    assert "trust policy" in finding.hints[0]


@pytest.mark.parametrize(
    ("principal", "hint"),
    [
        (
            "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
            "`AWS::IAM::ServiceLinkedRole`",
        ),
        ("arn:aws:iam::123456789012:role/cdk-hnb659fds-cfn-exec-role-123456789012-eu-west-1", "cdk bootstrap"),
        ("arn:aws:iam::123456789012:user/Bob", "create the user first"),
        ("arn:aws:iam::123456789012:role/Missing", "create the role first"),
    ],
)
def test_a_missing_principal_is_told_with_its_usual_cure(principal: str, hint: str) -> None:
    (finding,) = found(key_template(use(principal)), "SK112", given=Given(iam=SNAPSHOT % (EVERYTHING, "lambda")))
    assert hint in finding.hints[0]


def test_a_role_under_another_path_is_named_with_its_full_arn() -> None:
    (finding,) = found(key_template(use(ROLE)), "SK106", given=Given(iam=SNAPSHOT % (EVERYTHING, "lambda")))
    assert finding.hints == ("write the role's full ARN, `arn:aws:iam::123456789012:role/app/Deploy`",)


def test_the_same_name_in_an_account_that_is_not_told_stays_an_assumption() -> None:
    report = key(
        key_template(use("arn:aws:iam::210987654321:role/Missing")), given=Given(iam=SNAPSHOT % (EVERYTHING, "x"))
    )
    assert (report.verdict, report.findings) == (Verdict.PASS, ())


def test_each_invalid_principal_has_a_finding_of_its_own() -> None:
    many = use("[arn:aws:iam::123456789012:group/G, arn:aws:iam::123456789012:role/*, AROAEXAMPLEEXAMPLE234, nobody]")
    findings = key(key_template(many)).findings
    assert [finding.rule for finding in findings] == ["SK106", "SK202", "SK203", "SK208"]
    assert len({finding.place for finding in findings}) == 4


@pytest.mark.parametrize(
    ("key_", "principal", "rule"),
    [
        ("Service", "s3", "SK204"),
        ("Service", '"*.amazonaws.com"', "SK204"),
        ("Federated", "arn:aws:iam::123456789012:role/R", "SK208"),
        ("CanonicalUser", "abc123", "SK208"),
        ("AWS", "arn:aws-gov:iam::123456789012:root", "SK105"),
        ("AWS", "arn:aws:iam::${AWS::AccountId}:root", "SK205"),
        ("AWS", "arn:aws:iam::123456789012:rolle/R", "SK208"),
    ],
)
def test_a_principal_of_the_wrong_form_has_its_rule(key_: str, principal: str, rule: str) -> None:
    report = key(key_template(use(principal, key_)))
    assert report.verdict is Verdict.INVALID_PRINCIPAL
    assert [finding.rule for finding in report.findings if finding.level is Level.ERROR] == [rule]


def test_every_fault_of_a_document_has_a_finding() -> None:
    text = key_template(ROOT_STATEMENT.replace("Effect: Allow", "Effect: allow\n  Conditions: {}"))
    report = key(text)
    assert report.verdict is Verdict.MALFORMED
    assert [finding.rule for finding in report.findings] == ["SK114", "SK114"]


def test_a_policy_that_is_no_mapping_is_malformed() -> None:
    text = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: nonsense\n"
    report = key(text)
    assert report.verdict is Verdict.MALFORMED
    assert {finding.rule for finding in report.findings} == {"SK114"}


def test_a_faulty_policy_as_json_text_is_explained_too() -> None:
    policy = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "nobody"}, "Action": "kms:*", "Resource": "*"}]}'
    text = f"Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: |\n        {policy}\n"
    (finding,) = found(text, "SK208")
    assert finding.place.line == 6
