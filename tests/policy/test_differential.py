"""The engine against a second one that was written without knowledge of the first."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, event, given, settings

from sparekey.policy import Decision, Outcome, PolicyType, authorize, read_simulation
from tests.naive.evaluate import evaluate
from tests.policy.draws import built
from tests.policy.strategies import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.policy.strategies import Case

#: How many cases are generated in all, over the kinds of them.
EXAMPLES = int(os.environ.get("SPAREKEY_EXAMPLES", "500"))
generated = settings(
    max_examples=max(EXAMPLES // len(KINDS), 1),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
POLICY_TYPES: Mapping[str, frozenset[PolicyType]] = {
    "identity": frozenset({PolicyType.IDENTITY}),
    "session": frozenset({PolicyType.SESSION}),
    "boundary": frozenset({PolicyType.BOUNDARY}),
    "endpoint": frozenset({PolicyType.ENDPOINT}),
    "resource": frozenset({PolicyType.RESOURCE, PolicyType.KEY, PolicyType.TRUST}),
    "scp": frozenset({PolicyType.SCP}),
    "rcp": frozenset({PolicyType.RCP}),
}


def decide(case: Case) -> Decision:
    """Ask the engine."""
    return authorize(*read_simulation(case))


def assert_same(case: Case) -> None:
    """The outcome is the same, and a Deny stands in a policy of a type that denies."""
    expected = evaluate(case)
    decision = decide(case)
    event(expected.outcome)
    assert decision.outcome == expected.outcome, json.dumps(case)
    if decision.outcome is Outcome.EXPLICIT_DENY:
        named = {type_ for name in expected.denying for type_ in POLICY_TYPES[name]}
        assert decision.policy_type in named, json.dumps(case)


@generated
@given(built(KINDS["conditions"]))
def test_both_evaluators_agree_on_conditions(case: Case) -> None:
    assert_same(case)


@generated
@given(built(KINDS["principals"]))
def test_both_evaluators_agree_on_principals(case: Case) -> None:
    assert_same(case)


@generated
@given(built(KINDS["guardrails"]))
def test_both_evaluators_agree_on_guardrails(case: Case) -> None:
    assert_same(case)


@generated
@given(built(KINDS["grants"]))
def test_both_evaluators_agree_on_grants(case: Case) -> None:
    assert_same(case)


@generated
@given(built(KINDS["comparisons"]))
def test_both_evaluators_agree_on_comparisons(case: Case) -> None:
    assert_same(case)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "comparisons"])
def test_generated_cases_have_every_outcome(kind: str) -> None:
    outcomes: Counter[str] = Counter()

    @settings(generated, max_examples=400)
    @given(built(KINDS[kind]))
    def collect(case: Case) -> None:
        outcomes[evaluate(case).outcome] += 1

    collect()
    for outcome in (Outcome.ALLOWED, Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY):
        assert outcomes[outcome] >= outcomes.total() / 20, f"{outcomes}"
