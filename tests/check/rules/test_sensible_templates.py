"""Templates as people write them, with nothing wrong: no rule may say a word."""

import pytest

from tests.check.rules.checked import ROOT_STATEMENT, Given, check, key, key_template

_USE = """\
  Action:
    - kms:Encrypt
    - kms:Decrypt
    - kms:ReEncrypt*
    - kms:GenerateDataKey*
    - kms:CreateGrant
    - kms:DescribeKey
"""

ROOT = "!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root"

SENSIBLE = {
    "the root statement alone": ROOT_STATEMENT,
    "a list of stars as Resource": ROOT_STATEMENT.replace('Resource: "*"', 'Resource: ["*"]'),
    "a literal account": ROOT_STATEMENT.replace(ROOT, "arn:aws:iam::123456789012:root"),
    "a bare account id": ROOT_STATEMENT.replace(ROOT, '"123456789012"'),
    "a reference to the account id": ROOT_STATEMENT.replace(ROOT, "!Ref AWS::AccountId"),
    "an administrator's action list": ROOT_STATEMENT
    + """\
- Sid: Allow administration of the key
  Effect: Allow
  Principal:
    AWS: arn:aws:iam::123456789012:role/Administrators
  Action:
    - kms:Create*
    - kms:Describe*
    - kms:Enable*
    - kms:List*
    - kms:Put*
    - kms:Update*
    - kms:Revoke*
    - kms:Disable*
    - kms:Get*
    - kms:Delete*
    - kms:TagResource
    - kms:UntagResource
    - kms:ScheduleKeyDeletion
    - kms:CancelKeyDeletion
  Resource: "*"
""",
    "use by another account": ROOT_STATEMENT
    + "- Effect: Allow\n  Principal:\n    AWS: arn:aws:iam::210987654321:root\n"
    + _USE
    + '  Resource: "*"\n',
    "everything to another account": ROOT_STATEMENT
    + '- Effect: Allow\n  Principal:\n    AWS: ["arn:aws:iam::210987654321:root"]\n  Action: kms:*\n  Resource: "*"\n',
    "use through a service by everyone in the account": ROOT_STATEMENT
    + '- Effect: Allow\n  Principal: {AWS: "*"}\n'
    + _USE
    + """\
  Resource: "*"
  Condition:
    StringEquals:
      kms:CallerAccount: !Ref AWS::AccountId
      kms:ViaService: !Sub ec2.${AWS::Region}.amazonaws.com
""",
    "use through a service": ROOT_STATEMENT
    + '- Effect: Allow\n  Principal: "*"\n'
    + _USE
    + '  Resource: "*"\n  Condition:\n    StringLike:\n      kms:ViaService: s3.*.amazonaws.com\n',
    "use within the organization": ROOT_STATEMENT
    + '- Effect: Allow\n  Principal: "*"\n'
    + _USE
    + '  Resource: "*"\n  Condition:\n    StringEquals:\n      aws:PrincipalOrgID: o-example1234\n',
    "a service with conditions": ROOT_STATEMENT
    + "- Effect: Allow\n  Principal:\n    Service: !Sub logs.${AWS::Region}.amazonaws.com\n"
    + _USE
    + """\
  Resource: "*"
  Condition:
    ArnLike:
      kms:EncryptionContext:aws:logs:arn: !Sub arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*
""",
    "two services": ROOT_STATEMENT
    + "- Effect: Allow\n  Principal:\n    Service: [sns.amazonaws.com, cloudwatch.amazonaws.com]\n"
    + '  Action: [kms:Decrypt, kms:GenerateDataKey*]\n  Resource: "*"\n',
    "grants for AWS resources only": ROOT_STATEMENT
    + """\
- Effect: Allow
  Principal:
    AWS: arn:aws:iam::123456789012:role/Workers
  Action: [kms:CreateGrant, kms:ListGrants, kms:RevokeGrant]
  Resource: "*"
  Condition:
    Bool:
      kms:GrantIsForAWSResource: true
""",
    "a Deny of unencrypted transport": ROOT_STATEMENT
    + """\
- Effect: Deny
  Principal: "*"
  Action: kms:*
  Resource: "*"
  Condition:
    Bool:
      aws:SecureTransport: "false"
""",
    "a Deny of the bypass flag": ROOT_STATEMENT
    + """\
- Effect: Deny
  Principal: "*"
  Action: kms:PutKeyPolicy
  Resource: "*"
  Condition:
    Bool:
      kms:BypassPolicyLockoutSafetyCheck: "true"
""",
    "a policy variable": ROOT_STATEMENT
    + """\
- Effect: Allow
  Principal:
    AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root
  Action: kms:Decrypt
  Resource: "*"
  Condition:
    StringEquals:
      kms:EncryptionContext:user: ${aws:username}
""",
    "the key's own pattern as Resource": ROOT_STATEMENT
    + "- Effect: Allow\n  Principal:\n    AWS: arn:aws:iam::123456789012:role/Workers\n"
    + "  Action: kms:Decrypt\n  Resource: !Sub arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*\n",
}


@pytest.mark.parametrize("statements", SENSIBLE.values(), ids=SENSIBLE)
def test_a_sensible_key_policy_passes_without_a_word(statements: str) -> None:
    report = key(key_template(statements))
    assert report.verdict == "pass", report.message
    assert report.findings == ()


def test_a_condition_around_a_statement_is_no_reason_for_a_warning() -> None:
    text = key_template(
        ROOT_STATEMENT
        + """\
- Fn::If:
    - Shared
    - Effect: Allow
      Principal: {AWS: !Ref Other}
      Action: kms:Decrypt
      Resource: "*"
    - !Ref AWS::NoValue
""",
        top='Parameters: {Other: {Type: String, Default: ""}}\nConditions: {Shared: !Not [!Equals [!Ref Other, ""]]}\n',
    )
    (report,) = check(text).keys
    assert (report.verdict, report.findings) == ("pass", ())


def test_a_key_without_a_policy_is_no_reason_for_a_warning() -> None:
    report = key("Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: true\n")
    assert (report.verdict, report.findings) == ("pass", ())


def test_what_is_not_told_is_one_warning_and_no_more() -> None:
    report = key(key_template(), given=Given(iam=None))
    assert [finding.rule for finding in report.findings] == ["SK001"]
    assert any("--iam" in hint for hint in report.findings[0].hints)
