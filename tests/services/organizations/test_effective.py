from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sparekey.services.organizations.effective import combined
from tests.services.account import ACCOUNT, refused
from tests.services.organizations.an_organization import SCP, an_organization

if TYPE_CHECKING:
    from tests.services.organizations.an_organization import TestOrganization

TAG = "TAG_POLICY"


def tags(**values: Any) -> dict[str, Any]:
    return {"tags": {"costcenter": values}}


CASES = {
    "a child's assignment wins": (
        [[tags(tag_value={"@@assign": ["100"]})], [tags(tag_value={"@@assign": ["200"]})]],
        tags(tag_value=["200"]),
    ),
    "a child appends": (
        [[tags(tag_value={"@@assign": ["100"]})], [tags(tag_value={"@@append": ["200", "100"]})]],
        tags(tag_value=["100", "200"]),
    ),
    "a child removes": (
        [[tags(tag_value={"@@assign": ["100", "200"]})], [tags(tag_value={"@@remove": "100"})]],
        tags(tag_value=["200"]),
    ),
    "appending to nothing begins a list": ([[tags(tag_value={"@@append": ["1"]})]], tags(tag_value=["1"])),
    "appending to one value makes a list": (
        [[tags(tag_value={"@@assign": "1"})], [tags(tag_value={"@@append": "2"})]],
        tags(tag_value=["1", "2"]),
    ),
    "policies of one place add up": (
        [[tags(tag_key={"@@assign": "CostCenter"}), tags(tag_value={"@@assign": ["1"]})]],
        tags(tag_key="CostCenter", tag_value=["1"]),
    ),
    "a parent forbids its children every operator": (
        [
            [tags(tag_value={"@@operators_allowed_for_child_policies": ["@@none"], "@@assign": ["1"]})],
            [tags(tag_value={"@@assign": ["2"]})],
        ],
        tags(tag_value=["1"]),
    ),
    "a parent allows its children to append": (
        [
            [tags(tag_value={"@@operators_allowed_for_child_policies": ["@@append"], "@@assign": ["1"]})],
            [tags(tag_value={"@@append": ["2"]}), tags(tag_value={"@@assign": ["3"]})],
        ],
        tags(tag_value=["1", "2"]),
    ),
    "what is forbidden above is forbidden below, where nothing else is said": (
        [
            [{"tags": {"@@operators_allowed_for_child_policies": "@@none", "a": {"tag_key": {"@@assign": "A"}}}}],
            [{"tags": {"b": {"tag_key": {"@@assign": "B"}}}}],
        ],
        {"tags": {"a": {"tag_key": "A"}}},
    ),
    "a child cannot allow what its parent forbids": (
        [
            [tags(tag_value={"@@operators_allowed_for_child_policies": ["@@append"], "@@assign": ["1"]})],
            [tags(tag_value={"@@operators_allowed_for_child_policies": ["@@all"]})],
            [tags(tag_value={"@@assign": ["2"]})],
        ],
        tags(tag_value=["1"]),
    ),
    "nothing comes to nothing": ([[], [{"tags": {}}]], None),
}


@pytest.mark.parametrize(("levels", "expected"), CASES.values(), ids=CASES)
def test_policies_add_up(levels: list[list[dict[str, object]]], expected: object) -> None:
    assert combined(levels) == expected


def tagged() -> TestOrganization:
    organization = an_organization(SCP, TAG)
    organization.attached(json.dumps(tags(tag_value={"@@assign": ["100"]})), organization.root_id, "root", TAG)
    return organization


def test_the_effective_policy_of_an_account_is_what_the_policies_above_it_come_to() -> None:
    organization = tagged()
    member = organization.member()
    organization.account.later(hours=1)
    organization.attached(json.dumps(tags(tag_value={"@@append": ["200"]})), member, "own", TAG)
    found = organization.calls.describe_effective_policy(policy_type=TAG, target_id=member)["EffectivePolicy"]
    assert json.loads(found["PolicyContent"]) == tags(tag_value=["100", "200"])
    assert (found["TargetId"], found["PolicyType"]) == (member, TAG)
    assert found["LastUpdatedTimestamp"] == organization.account.clock.at
    root = organization.root_of(member).organizations
    assert root.describe_effective_policy(policy_type=TAG)["EffectivePolicy"] == found
    with refused("AccessDeniedException"):
        root.describe_effective_policy(policy_type=TAG, target_id=ACCOUNT)


def test_there_may_be_no_effective_policy() -> None:
    organization = an_organization(SCP, TAG)
    with refused("EffectivePolicyNotFoundException"):
        organization.calls.describe_effective_policy(policy_type=TAG)
    with refused(
        "EffectivePolicyNotFoundException",
        "The specified policy type is not enabled. Enable that policy type on your organization root and then retry.",
    ):
        organization.calls.describe_effective_policy(policy_type="BACKUP_POLICY")
    with refused("TargetNotFoundException"):
        organization.calls.describe_effective_policy(policy_type=TAG, target_id="111122223333")
    with refused("InvalidInputException"):
        organization.calls.describe_effective_policy(policy_type=TAG, target_id=organization.root_id)
    with refused("InvalidInputException"):
        organization.calls.describe_effective_policy(policy_type=SCP)


def test_no_effective_policy_is_invalid() -> None:
    organization = tagged()
    assert organization.calls.list_accounts_with_invalid_effective_policy(policy_type=TAG) == {
        "Accounts": [],
        "PolicyType": TAG,
    }
    answer = organization.calls.list_effective_policy_validation_errors(account_id=ACCOUNT, policy_type=TAG)
    assert answer["EffectivePolicyValidationErrors"] == []
    with refused("EffectivePolicyNotFoundException"):
        organization.calls.list_accounts_with_invalid_effective_policy(policy_type="BACKUP_POLICY")
    with refused("AccountNotFoundException"):
        organization.calls.list_effective_policy_validation_errors(account_id="111122223333", policy_type=TAG)
