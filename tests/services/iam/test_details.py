"""GetAccountAuthorizationDetails."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from sparekey.services.directory.identities import LAST_USED, LastUsed
from tests.services.account import TestAccount, allow, an_account

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@pytest.fixture
def account() -> TestAccount:
    account = an_account()
    iam = account.root.iam
    policy = iam.create_policy(policy_name="P", policy_document=allow("s3:*"), description="d")["Policy"]["Arn"]
    iam.create_policy_version(policy_arn=policy, policy_document=allow("s3:Get*"), set_as_default=True)
    iam.create_group(group_name="G", path="/team/")
    iam.put_group_policy(group_name="G", policy_name="in", policy_document=allow("s3:List*"))
    iam.attach_group_policy(group_name="G", policy_arn=READ_ONLY)
    iam.create_user(user_name="U", tags=[{"Key": "a", "Value": "b"}], permissions_boundary=BILLING)
    iam.add_user_to_group(group_name="G", user_name="U")
    iam.create_role(role_name="R", assume_role_policy_document=TRUST, description="d", max_session_duration=7200)
    iam.attach_role_policy(role_name="R", policy_arn=policy)
    iam.create_instance_profile(instance_profile_name="I")
    iam.add_role_to_instance_profile(instance_profile_name="I", role_name="R")
    return account


def details(account: TestAccount, **parameters: object) -> Any:
    return account.root.iam.get_account_authorization_details(**parameters)


def test_a_user_is_shown_with_its_policies_groups_boundary_and_tags(account: TestAccount) -> None:
    (user,) = details(account)["UserDetailList"]
    assert user["GroupList"] == ["G"]
    assert user["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": BILLING,
    }
    assert user["Tags"] == [{"Key": "a", "Value": "b"}]
    assert (user["UserPolicyList"], user["AttachedManagedPolicies"]) == ([], [])


def test_a_group_is_shown_with_its_policies(account: TestAccount) -> None:
    (group,) = details(account)["GroupDetailList"]
    assert [(each["PolicyName"], unquote(each["PolicyDocument"])) for each in group["GroupPolicyList"]] == [
        ("in", allow("s3:List*"))
    ]
    assert group["AttachedManagedPolicies"] == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]


def test_a_role_is_shown_with_its_instance_profiles_and_last_use(account: TestAccount) -> None:
    used = LastUsed(account.clock.at, "eu-central-1")
    account.cloud.store.write(lambda records: records.put(LAST_USED, (account.account_id, "role/r"), used))
    (role,) = details(account)["RoleDetailList"]
    assert unquote(role["AssumeRolePolicyDocument"]) == TRUST
    assert role["RoleLastUsed"] == {"LastUsedDate": account.clock.at, "Region": "eu-central-1"}
    (profile,) = role["InstanceProfileList"]
    assert profile["InstanceProfileName"] == "I"
    assert [each["RoleName"] for each in profile["Roles"]] == ["R"]
    assert (role["RolePolicyList"], role["Tags"]) == ([], [])
    assert not {"Description", "MaxSessionDuration"} & set(role)


def test_policies_are_the_accounts_own_and_those_of_aws_in_use(account: TestAccount) -> None:
    own, *aws = details(account)["Policies"]
    assert [each["PolicyName"] for each in aws] == ["ReadOnlyAccess", "Billing"]
    assert (own["Description"], own["AttachmentCount"], own["DefaultVersionId"]) == ("d", 1, "v2")
    versions = [
        (each["VersionId"], each["IsDefaultVersion"], unquote(each["Document"])) for each in own["PolicyVersionList"]
    ]
    assert versions == [("v2", True, allow("s3:Get*")), ("v1", False, allow("s3:*"))]
    assert json.loads(unquote(aws[0]["PolicyVersionList"][0]["Document"]))["Statement"]


def test_an_empty_account_has_empty_lists() -> None:
    assert details(an_account()) == {**{name: [] for name in LISTS}, "IsTruncated": False}


@pytest.mark.parametrize(
    ("word", "counts"),
    [
        ("User", (1, 0, 0, 0)),
        ("Group", (0, 1, 0, 0)),
        ("Role", (0, 0, 1, 0)),
        ("LocalManagedPolicy", (0, 0, 0, 1)),
        ("AWSManagedPolicy", (0, 0, 0, 2)),
    ],
)
def test_the_filter_tells_what_is_shown(account: TestAccount, word: str, counts: tuple[int, ...]) -> None:
    shown = details(account, filter=[word])
    assert tuple(len(shown[name]) for name in LISTS) == counts


@pytest.mark.parametrize("wanted", [[], ["Group", "AWSManagedPolicy"]])
def test_everything_comes_once_page_by_page(account: TestAccount, wanted: list[str]) -> None:
    whole = details(account, filter=wanted)
    found: dict[str, list[Any]] = {name: [] for name in LISTS}
    page = details(account, filter=wanted, max_items=1)
    while True:
        for name in LISTS:
            found[name] += page[name]
        if not page["IsTruncated"]:
            break
        page = details(account, filter=wanted, max_items=1, marker=page["Marker"])
    assert found == {name: whole[name] for name in LISTS}
