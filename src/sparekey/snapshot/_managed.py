"""The AWS managed policies whose text is short, settled and public; of any other one, only the name is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Name → document. Each is on https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ under its name.
AWS_MANAGED: Mapping[str, object] = {
    "AdministratorAccess": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    },
    # The second statement has grown over the years by read-only actions of account, iam and organizations.
    "PowerUserAccess": {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": [
                    "account:GetAccountInformation",
                    "account:ListRegions",
                    "iam:CreateServiceLinkedRole",
                    "iam:DeleteServiceLinkedRole",
                    "iam:ListRoles",
                    "organizations:DescribeOrganization",
                ],
                "Resource": "*",
            },
        ],
    },
    # https://docs.aws.amazon.com/kms/latest/developerguide/security-iam-awsmanpol.html: no kms:PutKeyPolicy in it
    "AWSKeyManagementServicePowerUser": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "kms:CreateAlias",
                    "kms:CreateKey",
                    "kms:DeleteAlias",
                    "kms:Describe*",
                    "kms:GenerateRandom",
                    "kms:Get*",
                    "kms:List*",
                    "kms:TagResource",
                    "kms:UntagResource",
                    "iam:ListGroups",
                    "iam:ListRoles",
                    "iam:ListUsers",
                ],
                "Resource": "*",
            }
        ],
    },
    "AWSCloudFormationFullAccess": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["cloudformation:*"], "Resource": "*"}],
    },
}


def aws_managed(arn: str) -> object | None:
    """Return the document of an AWS managed policy, in any partition; ``None`` where its text is not known here."""
    head, _, name = arn.partition(":iam::aws:policy/")
    return AWS_MANAGED.get(name) if head.startswith("arn:") else None
