"""The naive evaluator against what AWS itself answered, and what it documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.naive.evaluate import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

DECISIONS = Path(__file__).parents[2] / "corpus" / "decisions"

#: Answers of AWS's policy simulator that are not those of AWS itself.
SIMULATOR_ONLY: Mapping[str, str] = {
    "condition-values-simulation-2": "live, NumericNotEquals matches a value that is no number",
    "simulation-composition-same-root-no-identity": "naming the account delegates to its identity policies",
    "simulation-composition-same-root-boundary-implicit": "naming the account delegates to its identity policies",
    "simulation-composition-same-root-identity-boundary-implicit": "a boundary limits what an account is delegated",
}


def concrete_cases() -> list[Mapping[str, object]]:
    """All decision cases of the corpus that leave nothing open."""
    return [
        case
        for file in sorted(DECISIONS.glob("*.yaml"))
        for case in yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        if case["expect"] != "undecided" and "'unknown'" not in str(case)
    ]


CASES = concrete_cases()


def test_the_recorded_cases_are_there() -> None:
    assert sum("recorded" in case for case in CASES) >= 577


@pytest.mark.parametrize("case", [pytest.param(case, id=str(case["id"])) for case in CASES])
def test_the_naive_evaluator_agrees_with_aws(case: Mapping[str, object]) -> None:
    outcome = evaluate(case).outcome
    answer = "denied" if case["expect"] == "denied" and outcome != "allowed" else outcome
    if case["id"] in SIMULATOR_ONLY:
        assert answer != case["expect"], "they agree after all: take it off the table"
    else:
        assert answer == case["expect"]
