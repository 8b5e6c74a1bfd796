import re

import pytest

from sparekey.check import Level, Verdict
from sparekey.check._rule import Rule
from sparekey.check.rules import RULES, find_rule
from tests.check.rules.checked import check_example

BY_ID = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
#: Rules about keys that no circumstances let pass: their good example is about silence only.
CLASSES = [f"C{number:02}" for number in range(1, 17)]


@BY_ID
def test_a_rule_finds_its_bad_example(rule: Rule) -> None:
    found = [finding for finding in check_example(rule, good=False).findings if finding.rule == rule.id]
    assert found
    assert {finding.level for finding in found} == {rule.level}


@BY_ID
def test_a_rule_is_silent_on_its_good_example(rule: Rule) -> None:
    report = check_example(rule, good=True)
    assert rule.id not in {finding.rule for finding in report.findings}
    assert report.verdict is Verdict.PASS, report.message
    assert not [finding for finding in report.findings if finding.level is Level.ERROR]


@BY_ID
def test_exactly_one_rule_explains_a_bad_example(rule: Rule) -> None:
    report = check_example(rule, good=False)
    errors = {finding.rule for finding in report.findings if finding.level is Level.ERROR}
    assert errors == ({rule.id} if rule.level is Level.ERROR else set())
    assert (report.verdict.level is Level.ERROR) <= (rule.level is Level.ERROR)


@BY_ID
def test_a_finding_reads_like_a_compilers(rule: Rule) -> None:
    for finding in check_example(rule, good=False).findings:
        for text in (finding.message, *finding.hints):
            assert text[0].islower() or text.startswith(("`", "KMS ", "CloudFormation ")), text
            assert not text.endswith("."), text
            assert "\n" not in text


@BY_ID
def test_a_rule_is_documented(rule: Rule) -> None:
    assert re.fullmatch(r"SK[0-3]\d\d", rule.id)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert rule.summary.endswith((".", "…"))
    assert "**Repair.**" in rule.explanation
    assert rule.id < "SK004" or "https://docs.aws.amazon.com/" in rule.explanation or "repost.aws" in rule.explanation


def test_ids_and_names_are_unique_and_in_order() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("cause", CLASSES)
def test_each_class_of_field_reports_has_a_rule_of_its_number(cause: str) -> None:
    rule = find_rule(f"SK1{cause[1:]}")
    assert rule is not None
    assert cause in rule.causes


def test_no_rule_speaks_of_a_class_that_does_not_exist() -> None:
    assert {cause for rule in RULES for cause in rule.causes} == set(CLASSES)


def test_a_rule_is_found_by_its_id_in_any_case_and_by_its_name() -> None:
    assert find_rule("sk101") is find_rule("SK101") is find_rule("No-Administrator") is RULES[3]
    assert find_rule("SK999") is None
