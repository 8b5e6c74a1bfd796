"""Templates of any number of keys, in the style of real ones."""

from __future__ import annotations

_HEAD = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Env: {Type: String, Default: prod, AllowedValues: [prod, dev]}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
"""

_KEY = """\
  Key{n}:
    Type: AWS::KMS::Key
    Properties:
      Description: !Sub "data key {n} of ${{Env}}"
      EnableKeyRotation: true
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - Sid: Enable IAM User Permissions
            Effect: Allow
            Principal: {{AWS: !Sub "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:root"}}
            Action: kms:*
            Resource: "*"
          - Sid: Allow use through S3
            Effect: Allow
            Principal: {{AWS: !Sub "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/App{n}"}}
            Action: [kms:Encrypt, kms:Decrypt, kms:ReEncrypt*, kms:GenerateDataKey*, kms:DescribeKey]
            Resource: "*"
            Condition:
              StringEquals:
                kms:CallerAccount: !Ref AWS::AccountId
                kms:ViaService: !Sub "s3.${{AWS::Region}}.amazonaws.com"
"""


def template(keys: int) -> str:
    """A YAML template of that many keys, each with a user of its own, so that no two key policies are alike."""
    return _HEAD + "".join(_KEY.format(n=n) for n in range(keys))
