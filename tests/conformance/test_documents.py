"""Every document of the corpus: whether AWS stores or takes it, and what KMS says if not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

from sparekey.policy import PolicyType, kms_answer, parse_policy
from tests.conformance.corpus import Case, parameters

if TYPE_CHECKING:
    from collections.abc import Mapping


def document(case: Case) -> object:
    """The document of a case: its text, or plain data, with its last statement repeated if the case says so."""
    if "text" in case:
        return case["text"]
    if "repeat_statement" not in case:
        return case["document"]
    whole = cast("Mapping[str, list[object]]", case["document"])
    *statements, last = whole["Statement"]
    repeated = {**whole, "Statement": [*statements, *[last] * cast("int", case["repeat_statement"])]}
    return json.dumps(repeated)


@pytest.mark.parametrize("case", parameters("documents"))
def test_a_document_is_accepted_or_refused_as_the_corpus_says(case: Case) -> None:
    policy = parse_policy(document(case), type=PolicyType(str(case["type"])))
    assert policy.malformed == (case["expect"] == "refused"), [fault.message for fault in policy.faults]
    if case["type"] != "key policy":
        return
    answer = kms_answer(policy)
    if case["expect"] == "accepted":
        assert answer is None
    else:
        assert answer is not None
        assert answer[0] == case["code"]
        if "message" in case:
            assert answer[1] == case["message"]


@pytest.mark.parametrize("case", parameters("documents"))
def test_every_refused_document_has_a_fault_that_says_why(case: Case) -> None:
    policy = parse_policy(document(case), type=PolicyType(str(case["type"])))
    refused = [fault for fault in policy.faults if fault.refused]
    assert bool(refused) == (case["expect"] == "refused")
    assert all(fault.message for fault in refused)
