"""The AWS managed policies of the catalog."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from sparekey.catalog import managed_policies
from sparekey.policy import parse_policy

#: Policies that deployments use, each under its path.
USED = [
    "AdministratorAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "IAMUserChangePassword",
    "AWSCloudFormationFullAccess",
    "AWSCloudFormationReadOnlyAccess",
    "AWSKeyManagementServicePowerUser",
    "job-function/ViewOnlyAccess",
    "job-function/Billing",
    "job-function/DatabaseAdministrator",
    "job-function/DataScientist",
    "job-function/NetworkAdministrator",
    "job-function/SupportUser",
    "job-function/SystemAdministrator",
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AmazonECSTaskExecutionRolePolicy",
    "aws-service-role/AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy",
    "root-task/IAMDeleteRootUserCredentials",
]


@pytest.mark.parametrize("name", USED)
def test_the_policies_deployments_use_are_there_under_their_paths(name: str) -> None:
    arn = f"arn:aws:iam::aws:policy/{name}"
    policy = managed_policies.find(arn)
    assert policy is not None
    assert policy.arn == arn
    assert (policy.path + policy.name).removeprefix("/") == name
    assert policy.versions == (policy.default_version,)


def test_a_policy_has_the_dates_and_the_document_aws_shows() -> None:
    policy = managed_policies.find("arn:aws:iam::aws:policy/AdministratorAccess")
    assert policy is not None
    assert policy.created == policy.updated == datetime(2015, 2, 6, 18, 39, 46, tzinfo=UTC)
    assert policy.default_version == "v1"
    assert json.loads(policy.document)["Statement"] == [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    assert policy.document.startswith('{\n  "Version"')


def test_ids_look_like_aws_and_differ_from_name_to_name() -> None:
    ids = Counter(policy.policy_id for policy in managed_policies.every())
    assert set(ids.values()) == {1}
    assert all(len(each) == 21 and each.startswith("ANPA") and each.isalnum() for each in ids)


def test_every_partition_has_the_policies_under_its_own_arns() -> None:
    policy = managed_policies.find("arn:aws-cn:iam::aws:policy/ReadOnlyAccess")
    assert policy is not None
    assert policy.arn == "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"
    assert next(managed_policies.every("aws-us-gov")).arn.startswith("arn:aws-us-gov:iam::aws:policy/")


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws:iam::aws:policy/Billing",  # it stands under /job-function/
        "arn:aws:iam::123456789012:policy/AdministratorAccess",
        "AdministratorAccess",
        "arn::iam::aws:policy/AdministratorAccess",
        "arn:aws:s3:iam::aws:policy/AdministratorAccess",
    ],
)
def test_nothing_else_is_found(arn: str) -> None:
    assert managed_policies.find(arn) is None


def test_every_policy_can_be_read_and_is_one_that_aws_stores() -> None:
    policies = list(managed_policies.every())
    assert len(policies) == 1594
    assert policies == sorted(policies, key=lambda each: each.name)
    refused = [each.name for each in policies if parse_policy(each.document).malformed]
    assert refused == []
