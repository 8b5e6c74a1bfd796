import json
from dataclasses import replace
from typing import Any

import pytest

from sparekey.check import Finding, Level, Verdict
from sparekey.check.reports.sarif import render
from sparekey.source import Place
from tests.check.reports_fixture import ERROR, FILE, at, call, hostile, key, lockout, report
from tests.check.rules.checked import check


def run(*reports: Any, root: str | None = None) -> dict[str, Any]:
    document = json.loads(render(reports, root=root))
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    (only,) = document["runs"]
    found: dict[str, Any] = only
    return found


def physical(result: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = result["locations"][0]["physicalLocation"]
    return found


def test_every_result_has_what_github_requires() -> None:
    for result in run(lockout(), hostile())["results"]:
        assert result["message"]["text"]
        assert result["level"] in ("error", "warning", "note")
        region = physical(result)["region"]
        assert region["endLine"] >= region["startLine"] >= 1
        assert region["endColumn"] > region["startColumn"] >= 1
        assert physical(result)["artifactLocation"]["uri"]
        assert len(result["partialFingerprints"]["primaryLocationLineHash"]) == 64


def test_every_rule_has_what_github_requires() -> None:
    driver = run(lockout())["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == ["SK002", "SK101", "SK301", "SK302"]
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert "```yaml" in rule["help"]["markdown"]
        assert 0.1 <= float(rule["properties"]["security-severity"]) <= 10
        assert len(rule["properties"]["tags"]) <= 10
    assert driver["rules"][1]["defaultConfiguration"] == {"level": "error"}


def test_results_point_to_their_rule_by_index() -> None:
    found = run(lockout())
    rules = found["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in found["results"])


def test_a_region_ends_behind_the_text_of_its_line() -> None:
    assert physical(run(lockout())["results"][0])["region"] == {
        "startLine": 9,
        "startColumn": 11,
        "endLine": 9,
        "endColumn": len("          - Sid: Admin") + 1,
    }


def test_a_suppressed_finding_is_a_suppressed_result() -> None:
    (suppressed,) = [result for result in run(lockout())["results"] if "suppressions" in result]
    assert suppressed["ruleId"] == "SK301"
    assert suppressed["suppressions"] == [{"kind": "inSource", "justification": "a test key"}]


def test_the_trace_of_a_refused_call_is_its_code_flow() -> None:
    first, *rest = run(lockout())["results"]
    (flow,) = first["codeFlows"]
    (thread,) = flow["threadFlows"]
    texts = [step["location"]["message"]["text"] for step in thread["locations"]]
    assert thread["id"] == "kms:PutKeyPolicy"
    assert texts == [
        "scp.json, statement 1 (Allow) applies",
        "the key policy of `OrdersKey`, `Admin` (Allow) does not apply: principal differs",
        "identity-based policy: unknown (not told)",
        "kms:PutKeyPolicy: implicit deny: User: … is not authorized to perform: kms:PutKeyPolicy",
    ]
    assert [step["executionOrder"] for step in thread["locations"]] == [1, 2, 3, 4]
    assert thread["locations"][1]["location"]["physicalLocation"]["region"]["startLine"] == 12
    assert thread["locations"][0]["location"]["physicalLocation"]["artifactLocation"]["uri"] == FILE
    assert not any("codeFlows" in result for result in rest)


def test_a_verdict_that_no_finding_explains_is_a_result_with_a_rule() -> None:
    found = run(report(key(Verdict.LOCKOUT)))
    (result,) = found["results"]
    assert result["ruleId"] == "verdict-lockout"
    assert result["codeFlows"]
    (rule,) = found["tool"]["driver"]["rules"]
    assert rule["help"]["markdown"] == rule["shortDescription"]["text"]


def test_an_undecided_verdict_is_explained_by_its_rule_alone() -> None:
    explained = Finding("SK001", Level.WARNING, "open", at(3), "OrdersKey")
    other = Finding("SK302", Level.WARNING, "bypass", at(3), "OrdersKey")
    assert [result["ruleId"] for result in run(report(key(Verdict.UNDECIDED, explained)))["results"]] == ["SK001"]
    found = run(report(key(Verdict.UNDECIDED, other)))["results"]
    assert [result["ruleId"] for result in found] == ["verdict-undecided", "SK302"]


def test_a_finding_of_an_unknown_rule_still_has_a_rule() -> None:
    stray = Finding("SK999", Level.NOTE, "stray", at(3))
    found = run(report(findings=(stray,)))
    assert found["tool"]["driver"]["rules"][0]["shortDescription"] == {"text": "SK999"}


def test_notes_are_notifications_of_the_tool() -> None:
    (note,) = run(lockout())["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "`Macro` is passed over"
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == FILE


@pytest.mark.parametrize(
    ("path", "root", "uri"),
    [
        ("templates/a.yaml", None, {"uri": "templates/a.yaml", "uriBaseId": "%SRCROOT%"}),
        ("./templates\\a b.yaml", None, {"uri": "templates/a%20b.yaml", "uriBaseId": "%SRCROOT%"}),
        ("c:d.yaml", None, {"uri": "c%3Ad.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/builds/repo/a.yaml", "/builds/repo", {"uri": "a.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/builds/repository/a.yaml", "/builds/repo/", {"uri": "file:///builds/repository/a.yaml"}),
        ("C:\\repo\\a.yaml", None, {"uri": "file:///C:/repo/a.yaml"}),
        ("é.yaml", None, {"uri": "%C3%A9.yaml", "uriBaseId": "%SRCROOT%"}),
    ],
)
def test_paths_become_relative_uris(path: str, root: str | None, uri: dict[str, str]) -> None:
    finding = Finding("SK302", Level.WARNING, "bypass", Place(path, 1, 1))
    found = run(report(findings=(finding,), path=path), root=root)
    assert physical(found["results"][0])["artifactLocation"] == uri


def test_a_finding_without_hints_is_its_message() -> None:
    assert run(report(key(Verdict.PASS, ERROR)))["results"][0]["message"]["text"].startswith("no administrator\n")


def test_the_call_that_decides_is_the_first_code_flow() -> None:
    denied, tagging = call(), call(action="kms:TagResource")
    locked = replace(key(Verdict.LOCKOUT, ERROR), calls=(tagging, denied), call=denied)
    (result,) = run(report(locked))["results"]
    assert [flow["threadFlows"][0]["id"] for flow in result["codeFlows"]] == ["kms:PutKeyPolicy", "kms:TagResource"]


def test_an_example_whose_point_is_its_length_is_cut_in_the_help() -> None:
    large = Finding("SK206", Level.ERROR, "too large", at(3))
    (rule,) = run(report(findings=(large,)))["tool"]["driver"]["rules"]
    assert "more lines)" in rule["help"]["markdown"]
    assert len(rule["help"]["markdown"]) < 6000


TEMPLATE = """\
Resources:
  OrdersKey:
    Type: AWS::KMS::Key
    Metadata:
      sparekey:
        ignore: [{id: SK302, reason: made once}]
    Properties:
      BypassPolicyLockoutSafetyCheck: false
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Sid: Carol
            Effect: Allow
            Principal: {AWS: "arn:aws:iam::123456789012:user/Carol"}
            Action: kms:*
            Resource: "*"
          - Sid: Use
            Effect: Allow
            Principal: {AWS: "arn:aws:iam::123456789012:user/Alice"}
            Action: kms:Decrypt
            Resource: "*"
"""


def test_a_real_lockout_shows_each_statement_at_its_place() -> None:
    (result,) = run(check(TEMPLATE))["results"]
    assert result["ruleId"] == "SK101"
    (thread,) = result["codeFlows"][0]["threadFlows"]
    steps = [
        (step["location"]["physicalLocation"]["region"]["startLine"], step["location"]["message"]["text"])
        for step in thread["locations"]
    ]
    assert (12, "the key policy of `OrdersKey`, `Carol` (Allow) does not apply") in [
        (line, text.partition(":")[0]) for line, text in steps
    ]
    assert any(line == 17 and "`Use` (Allow) does not apply" in text for line, text in steps)
    assert steps[-1][1].startswith("kms:PutKeyPolicy: implicit deny: User: arn:aws:iam::123456789012:user/Alice")
