import json
from dataclasses import replace

from sparekey.check import Verdict
from sparekey.check.reports.gitlab import render
from tests.check.reports_fixture import ERROR, at, hostile, key, lockout, report


def test_each_finding_has_what_gitlab_asks_for() -> None:
    first = json.loads(render([lockout()]))[0]
    assert first["check_name"] == "SK101"
    assert first["severity"] == "critical"
    assert first["location"] == {"path": "templates/orders.yaml", "lines": {"begin": 9}}
    assert first["description"].startswith("no administrator\nevent: ")


def test_levels_become_severities_and_suppressed_findings_are_left_out() -> None:
    assert [entry["severity"] for entry in json.loads(render([lockout()]))] == ["critical", "minor", "info"]


def test_paths_have_no_leading_dot() -> None:
    finding = replace(ERROR, place=at(9, file="./a/b.yaml"))
    assert json.loads(render([report(key(Verdict.LOCKOUT, finding))]))[0]["location"]["path"] == "a/b.yaml"


def test_fingerprints_are_unique_also_for_equal_findings() -> None:
    entries = json.loads(render([report(key(Verdict.LOCKOUT, ERROR, ERROR, ERROR))]))
    assert len({entry["fingerprint"] for entry in entries}) == 3


def test_fingerprints_stay_when_lines_are_added_above() -> None:
    before = report(key(Verdict.LOCKOUT, ERROR))
    after = replace(report(key(Verdict.LOCKOUT, replace(ERROR, place=at(12)))), lines={12: before.lines[9]})
    first, second = (json.loads(render([some]))[0]["fingerprint"] for some in (before, after))
    assert first == second


def test_hostile_names_are_plain_json_text() -> None:
    assert json.loads(render([hostile()]))[0]["description"].startswith("a:b,c%d")


def test_no_finding_is_an_empty_list() -> None:
    assert json.loads(render([report(key(Verdict.PASS))])) == []
