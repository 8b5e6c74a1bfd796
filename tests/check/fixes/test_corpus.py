"""Every bad template of the corpus is repaired, or gets the statement to attach in IAM."""

from __future__ import annotations

import json
from functools import lru_cache

import pytest

from sparekey.check.fixes import Proposal, Status
from sparekey.policy import parse_policy
from tests.check.fixes.deployments import Case, bad_cases, deployment, proposal, verdicts
from tests.check.fixes.pages import Data, data_of
from tests.check.fixes.test_text import apply_diff

CASES = list(bad_cases())

#: Classes whose cure is in IAM, not in the key policy.
IN_IAM = ("C03", "C08", "C11", "C16")


@pytest.fixture(scope="module", params=CASES, ids=[case.name for case in CASES])
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@lru_cache(maxsize=1)
def proposed(case: Case) -> Proposal:
    return proposal(case.template.read_text(), *case.options, file=case.template.name)


def test_every_key_of_a_bad_template_passes_with_what_is_proposed(case: Case) -> None:
    found = proposed(case)
    for key in found.keys:
        if case.expect[key.logical_id]["verdict"] in ("pass", "not_created"):
            assert key.status is Status.NOTHING
        else:
            assert key.status is Status.PROPOSED, key.reason
            assert key.after == "pass"
    after = verdicts(found.after, *case.options)
    for key in found.keys:
        if not key.attachments:
            assert after[key.logical_id] == "pass"
    assert apply_diff(found.before, found.diff) == found.after


def test_what_is_to_be_cured_in_iam_leaves_the_template_alone(case: Case) -> None:
    found = proposed(case)
    if case.class_ in IN_IAM and case.name != "c16-enable-key-rotation":
        assert found.before == found.after
        assert all(key.attachments for key in found.keys if key.status is Status.PROPOSED)
    else:
        assert not any(key.attachments for key in found.keys)


def test_a_statement_to_attach_is_a_statement_of_its_policy_type(case: Case) -> None:
    told = deployment(*case.options)
    for key in proposed(case).keys:
        for attachment in key.attachments:
            document = json.dumps({"Version": "2012-10-17", "Statement": [dict(attachment.statement)]})
            assert not parse_policy(document).malformed
            assert attachment.attach_to
            assert told.deployer.principal.account in attachment.attach_to or "scps" in attachment.attach_to


def everyone(data: Data) -> int:
    """Count the principals that are everyone."""
    if isinstance(data, list):
        return sum(map(everyone, data))
    if isinstance(data, str):
        return 0
    own = sum(data.get(key) in ("*", {"AWS": "*"}, ["*"], {"AWS": ["*"]}) for key in ("Principal",))
    return own + sum(map(everyone, data.values()))


def test_no_edit_lets_everyone_in_or_skips_the_safety_check_or_drops_a_key(case: Case) -> None:
    found = proposed(case)
    before, after = data_of(found.before), data_of(found.after)
    assert everyone(after) <= everyone(before)
    assert found.after.count("BypassPolicyLockoutSafetyCheck") == found.before.count("BypassPolicyLockoutSafetyCheck")
    assert found.after.count("AWS::KMS::Key") == found.before.count("AWS::KMS::Key")
    for word in ("KmsMasterKeyId", "KmsKeyId", "KMSMasterKeyID", "Encrypted"):
        assert found.after.count(word) == found.before.count(word)


def test_who_gains_is_named_in_the_proof(case: Case) -> None:
    for key in proposed(case).keys:
        if key.changes:
            assert key.proof is not None
            assert str(key.proof).startswith("proved: nobody ")
            assert key.proof.actions > 50
            assert key.proof.principals > 8


def test_the_classes_repaired_in_the_template_are_named(case: Case) -> None:
    for key in proposed(case).keys:
        for change in key.changes:
            assert change.cause in (case.class_, "C02"), change
