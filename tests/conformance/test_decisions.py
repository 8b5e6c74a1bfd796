"""Every decision of the corpus: outcome, deciding statement, AWS's sentence."""

from __future__ import annotations

import pytest

from sparekey.policy import Decision, authorize, read_simulation
from tests.conformance.corpus import Case, parameters

DENIED = ("explicit_deny", "implicit_deny")


def decide(case: Case) -> Decision:
    request, policies = read_simulation(case)
    return authorize(request, policies)


def expected(case: Case) -> tuple[str, ...]:
    """The outcomes that agree with the case; where AWS's simulator stands alone, those that do not."""
    recorded = str(case["expect"])
    if "contradicted_by_live" in case or "contradicted_by_documentation" in case:
        return DENIED if recorded == "allowed" else ("allowed",)
    return DENIED if recorded == "denied" else (recorded,)


@pytest.mark.parametrize("case", parameters("decisions"))
def test_the_engine_decides_as_the_corpus_says(case: Case) -> None:
    decision = decide(case)
    assert decision.outcome in expected(case)
    if "because" in case:
        assert decision.because is not None
        assert decision.because.statement is not None
        assert decision.because.statement.sid == case["because"]
    if "message" in case:
        assert decision.message == case["message"]
    if "message_contains" in case:
        assert str(case["message_contains"]) in (decision.message or "")
    if "hangs_on_contains" in case:
        assert any(str(case["hangs_on_contains"]) in name for name in decision.hangs_on)
    assert (decision.outcome == "undecided") == bool(decision.hangs_on)
