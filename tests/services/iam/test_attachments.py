"""Managed policies on users, groups and roles, and as boundaries."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.services.account import TestAccount, allow, an_account, refused

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)


class Kind(NamedTuple):
    """One of the three kinds of entities that policies are attached to, under the name ``it``."""

    word: str

    def call(self, account: TestAccount, verb: str, **parameters: object) -> Any:
        return getattr(account.root.iam, verb.format(self.word))(**{f"{self.word}_name": "it"}, **parameters)

    def attached(self, account: TestAccount, **parameters: object) -> list[str]:
        listed = self.call(account, "list_attached_{}_policies", **parameters)
        return [each["PolicyArn"] for each in listed["AttachedPolicies"]]


KINDS = [Kind("user"), Kind("group"), Kind("role")]


@pytest.fixture
def account() -> TestAccount:
    account = an_account()
    account.root.iam.create_user(user_name="it", path="/team/")
    account.root.iam.create_group(group_name="it")
    account.root.iam.create_role(role_name="it", assume_role_policy_document=TRUST)
    return account


@pytest.fixture
def policy(account: TestAccount) -> str:
    made = account.root.iam.create_policy(policy_name="P", policy_document=allow("s3:GetObject"))
    arn: str = made["Policy"]["Arn"]
    return arn


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_is_attached_once_listed_and_detached(account: TestAccount, policy: str, kind: Kind) -> None:
    kind.call(account, "attach_{}_policy", policy_arn=policy)
    kind.call(account, "attach_{}_policy", policy_arn=policy)
    assert kind.call(account, "list_attached_{}_policies") == {
        "AttachedPolicies": [{"PolicyName": "P", "PolicyArn": policy}],
        "IsTruncated": False,
    }
    assert account.root.iam.get_policy(policy_arn=policy)["Policy"]["AttachmentCount"] == 1
    kind.call(account, "detach_{}_policy", policy_arn=policy)
    assert kind.attached(account) == []
    assert account.root.iam.get_policy(policy_arn=policy)["Policy"]["AttachmentCount"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_that_is_not_attached_cannot_be_detached(account: TestAccount, policy: str, kind: Kind) -> None:
    with refused("NoSuchEntityException", f"Policy {policy} was not found."):
        kind.call(account, "detach_{}_policy", policy_arn=policy)


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_that_is_not_there_cannot_be_attached(account: TestAccount, kind: Kind) -> None:
    for arn in (f"arn:aws:iam::{account.account_id}:policy/gone", "arn:aws:iam::aws:policy/Gone"):
        with refused("NoSuchEntityException", f"Policy {arn} does not exist or is not attachable."):
            kind.call(account, "attach_{}_policy", policy_arn=arn)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_arn_can_be_neither_attached_nor_detached(account: TestAccount, kind: Kind) -> None:
    for verb in ("attach_{}_policy", "detach_{}_policy"):
        with refused("ValidationError", "Invalid ARN:  Could not be parsed!"):
            kind.call(account, verb, policy_arn="longer-than-twenty-characters")


@pytest.mark.parametrize("kind", KINDS)
def test_ten_policies_can_be_attached(account: TestAccount, kind: Kind) -> None:
    for number in range(11):
        account.root.iam.create_policy(policy_name=f"p{number}", policy_document=allow("s3:GetObject"))
    policies = [f"arn:aws:iam::{account.account_id}:policy/p{number}" for number in range(11)]
    for arn in policies[:10]:
        kind.call(account, "attach_{}_policy", policy_arn=arn)
    sentence = f"Cannot exceed quota for PoliciesPer{kind.word.capitalize()}: 10"
    with refused("LimitExceededException", sentence):
        kind.call(account, "attach_{}_policy", policy_arn=policies[10])
    kind.call(account, "attach_{}_policy", policy_arn=policies[0])  # is there already


@pytest.mark.parametrize("kind", KINDS)
def test_attached_policies_are_listed_below_a_path_in_pages(account: TestAccount, policy: str, kind: Kind) -> None:
    for arn in (policy, BILLING, READ_ONLY):
        kind.call(account, "attach_{}_policy", policy_arn=arn)
    assert kind.attached(account, path_prefix="/job-function/") == [BILLING]
    first = kind.call(account, "list_attached_{}_policies", max_items=2)
    assert len(first["AttachedPolicies"]) == 2
    assert kind.attached(account, marker=first["Marker"]) == [READ_ONLY]


def test_policies_of_service_linked_roles_cannot_be_attached(account: TestAccount) -> None:
    arn = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"
    with refused("PolicyNotAttachableException", "Cannot attach a Service Role Policy to a Customer Role."):
        account.root.iam.attach_role_policy(role_name="it", policy_arn=arn)


def test_one_finds_who_uses_a_policy(account: TestAccount, policy: str) -> None:
    iam = account.root.iam
    for kind in KINDS:
        kind.call(account, "attach_{}_policy", policy_arn=policy)
    iam.put_user_permissions_boundary(user_name="it", permissions_boundary=policy)
    iam.create_user(user_name="bounded", permissions_boundary=policy)
    entities = iam.list_entities_for_policy(policy_arn=policy)
    assert [set(each) for each in entities["PolicyGroups"]] == [{"GroupName", "GroupId"}]
    assert [each["UserName"] for each in entities["PolicyUsers"]] == ["it", "bounded"]
    assert [each["RoleName"] for each in entities["PolicyRoles"]] == ["it"]
    assert entities["PolicyRoles"][0]["RoleId"].startswith("AROA")


def test_who_uses_a_policy_can_be_filtered(account: TestAccount, policy: str) -> None:
    iam = account.root.iam
    for kind in KINDS:
        kind.call(account, "attach_{}_policy", policy_arn=policy)
    iam.create_user(user_name="bounded", permissions_boundary=policy)

    def users(**parameters: object) -> list[str]:
        found = iam.list_entities_for_policy(policy_arn=policy, **parameters)
        return [each["UserName"] for each in found["PolicyUsers"]]

    assert users(entity_filter="Role") == []
    assert users(entity_filter="User") == ["it", "bounded"]
    assert users(path_prefix="/team/") == ["it"]
    assert users(policy_usage_filter="PermissionsPolicy") == ["it"]
    assert users(policy_usage_filter="PermissionsBoundary") == ["bounded"]
    only_groups = iam.list_entities_for_policy(policy_arn=policy, entity_filter="Group")
    assert (len(only_groups["PolicyGroups"]), only_groups["PolicyRoles"]) == (1, [])


def test_who_uses_a_policy_comes_in_pages(account: TestAccount, policy: str) -> None:
    iam = account.root.iam
    for kind in KINDS:
        kind.call(account, "attach_{}_policy", policy_arn=policy)
    iam.create_user(user_name="bounded", permissions_boundary=policy)
    iam.create_role(role_name="bounded", assume_role_policy_document=TRUST, permissions_boundary=policy)
    found: list[str] = []
    marker: dict[str, object] = {}
    for _ in range(5):
        page = iam.list_entities_for_policy(policy_arn=policy, max_items=1, **marker)
        for word in ("Group", "Role", "User"):
            found += [f"{word} {each[f'{word}Name']}" for each in page[f"Policy{word}s"]]
        marker = {"marker": page.get("Marker")}
    assert page["IsTruncated"] is False
    assert sorted(found) == ["Group it", "Role bounded", "Role it", "User bounded", "User it"]


@pytest.mark.parametrize("word", ["user", "role"])
def test_a_boundary_is_put_replaced_and_deleted(account: TestAccount, policy: str, word: str) -> None:
    kind, iam = Kind(word), account.root.iam
    kind.call(account, "put_{}_permissions_boundary", permissions_boundary=policy)
    shown = kind.call(account, "get_{}")[word.capitalize()]
    assert shown["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": policy,
    }
    kind.call(account, "put_{}_permissions_boundary", permissions_boundary=READ_ONLY)
    assert iam.get_policy(policy_arn=policy)["Policy"]["PermissionsBoundaryUsageCount"] == 0
    assert iam.get_policy(policy_arn=READ_ONLY)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    kind.call(account, "delete_{}_permissions_boundary")
    kind.call(account, "delete_{}_permissions_boundary")
    assert "PermissionsBoundary" not in kind.call(account, "get_{}")[word.capitalize()]
    assert iam.get_policy(policy_arn=READ_ONLY)["Policy"]["PermissionsBoundaryUsageCount"] == 0


@pytest.mark.parametrize("word", ["user", "role"])
def test_a_boundary_must_be_a_policy_that_is_there(account: TestAccount, word: str) -> None:
    arn = f"arn:aws:iam::{account.account_id}:policy/gone"
    with refused("NoSuchEntityException", f"Scope ARN: {arn} does not exist or is not attachable."):
        Kind(word).call(account, "put_{}_permissions_boundary", permissions_boundary=arn)
