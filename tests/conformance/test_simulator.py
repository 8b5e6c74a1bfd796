"""The simulator's recorded decisions, asked of SimulateCustomPolicy through the door."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from tests.conformance.corpus import Case, items
from tests.services.account import TestAccount, an_account

CASES = [case for _, case in items("decisions") if case.get("simulator")]

#: Where the simulator was seen to differ from live calls, the account answers as live calls do.
LIVE = {"condition-values-simulation-2"}


@pytest.fixture(scope="module")
def account() -> TestAccount:
    return an_account()


def parameters(case: Case) -> dict[str, Any]:
    """A decision of the corpus as parameters of SimulateCustomPolicy."""
    policies = cast("Mapping[str, Any]", case["policies"])
    made: dict[str, Any] = {
        "policy_input_list": [json.dumps(each) for each in policies.get("identity", [])],
        "action_names": [case["action"]],
        "resource_arns": [case["resource"]],
        "context_entries": [
            {
                "ContextKeyName": key,
                "ContextKeyType": "stringList" if isinstance(value, list) else "string",
                "ContextKeyValues": value if isinstance(value, list) else [value],
            }
            for key, value in cast("Mapping[str, object]", case.get("context") or {}).items()
            if value is not None
        ],
    }
    if "boundary" in policies:
        made["permissions_boundary_policy_input_list"] = [json.dumps(policies["boundary"])]
    if "scp" in policies:
        levels = cast("Sequence[Sequence[object]]", policies["scp"])
        made["ordered_organization_policy_input_list"] = [
            {"ServiceControlPolicyInputList": [json.dumps(each) for each in level]} for level in levels
        ]
    if "resource" in policies and not str(case["action"]).startswith("kms:"):  # that one is ours: see corpus/README.md
        made["resource_policy"] = json.dumps(policies["resource"])
        made["caller_arn"] = case["principal"]
    if "resource_owner" in case:
        made["resource_owner"] = f"arn:aws:iam::{case['resource_owner']}:root"
    return made


@pytest.mark.parametrize("case", [pytest.param(case, id=str(case["id"])) for case in CASES])
def test_the_simulator_answers_as_recorded(account: TestAccount, case: Case) -> None:
    (result,) = account.root.iam.simulate_custom_policy(**parameters(case))["EvaluationResults"]
    expected = "allowed" if str(case["id"]) in LIVE else case["expect"]
    assert (result["EvalDecision"] == "allowed") == (expected == "allowed"), result
    (specific,) = result["ResourceSpecificResults"]
    assert specific["EvalResourceDecision"] == result["EvalDecision"]


def test_only_what_live_calls_contradict_is_answered_differently() -> None:
    assert {str(case["id"]) for case in CASES if "contradicted_by_live" in case} == LIVE
