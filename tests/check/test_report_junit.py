from xml.etree import ElementTree as ET

import pytest

from sparekey.check import Finding, Level, Verdict
from sparekey.check.reports.junit import render
from tests.check.reports_fixture import ERROR, SUPPRESSED, WARNING, at, hostile, key, lockout, report


def suites(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own output


def case(text: str) -> ET.Element:
    found = suites(text).find("testsuite/testcase")
    assert found is not None
    return found


def test_a_template_is_a_suite_and_a_key_a_case() -> None:
    root = suites(render([lockout(), report(key(Verdict.PASS), path="b.yaml")]))
    assert [suite.get("name") for suite in root] == ["templates/orders.yaml", "b.yaml"]
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("2", "1", "0", "0")
    first = root.find("testsuite/testcase")
    assert first is not None
    assert (first.get("classname"), first.get("name")) == ("templates/orders.yaml", "OrdersKey (AWS::KMS::Key)")


def test_a_bad_verdict_fails_with_its_message_event_and_hints() -> None:
    failure = case(render([lockout()])).find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("lockout", "no administrator")
    text = failure.text or ""
    assert text.startswith("templates/orders.yaml:9:11: error: no administrator\nevent: ")
    assert "hint: or the account" in text


def test_what_does_not_fail_goes_to_the_output() -> None:
    output = case(render([lockout()])).findtext("system-out") or ""
    assert "warning: bypass flag [SK302]" in output
    assert "single [SK301] (suppressed: a test key)" in output


def test_a_passing_key_is_an_empty_case() -> None:
    assert len(case(render([report(key(Verdict.PASS))]))) == 0


def test_a_key_that_is_not_created_is_skipped() -> None:
    assert case(render([report(key(Verdict.NOT_CREATED))])).find("skipped") is not None


def test_a_key_that_the_handler_refuses_fails_though_it_is_not_created() -> None:
    refused = Finding("SK311", Level.ERROR, "rotation", at(5), "OrdersKey")
    assert case(render([report(key(Verdict.NOT_CREATED, refused))])).find("failure") is not None


@pytest.mark.parametrize(
    ("fail_on", "tag"), [(Level.ERROR, "skipped"), (Level.WARNING, "error"), (Level.NOTE, "error")]
)
def test_an_undecided_key_never_counts_as_passed(fail_on: Level, tag: str) -> None:
    assert case(render([report(key(Verdict.UNDECIDED))], fail_on=fail_on)).find(tag) is not None


def test_an_undecided_key_with_an_error_in_one_branch_fails() -> None:
    assert case(render([report(key(Verdict.UNDECIDED, ERROR))])).find("failure") is not None


def test_a_warning_fails_only_where_warnings_fail() -> None:
    reports = [report(key(Verdict.PASS, WARNING))]
    assert case(render(reports)).find("failure") is None
    assert case(render(reports, fail_on=Level.WARNING)).find("failure") is not None


def test_a_suppressed_finding_does_not_fail() -> None:
    assert case(render([report(key(Verdict.PASS, SUPPRESSED))], fail_on=Level.NOTE)).find("failure") is None


def test_findings_of_no_key_have_a_case_of_their_own() -> None:
    finding = Finding("SK003", Level.WARNING, "without a reason", at(2))
    root = suites(render([report(findings=(finding,))], fail_on=Level.WARNING))
    found = root.find("testsuite/testcase")
    assert found is not None
    assert found.get("name") == "template"
    assert found.find("failure") is not None
    assert case(render([report(findings=(finding,))])).find("failure") is None


def test_a_branch_is_named_by_its_condition() -> None:
    name = case(render([report(key(Verdict.PASS, condition="when `IsProd` is true"))])).get("name")
    assert name == "OrdersKey (AWS::KMS::Key) when `IsProd` is true"


def test_hostile_names_leave_the_xml_valid() -> None:
    text = render([hostile()])
    found = case(text)
    assert found.get("name") == 'a:b,c%d\n::error::"<&>[31m (AWS::KMS::Key)'
    assert not any(character < " " and character != "\n" for character in text)
