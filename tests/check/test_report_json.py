"""The JSON report and its schema."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sparekey import __version__
from sparekey.check.reports import FORMATS, render
from sparekey.check.reports.json import SCHEMA_VERSION
from sparekey.check.rules import RULES
from tests.check.deployments import (
    ACCOUNT,
    ALICE,
    DELEGATING,
    DEPLOY,
    ROOT,
    check,
    document,
    iam_allow,
    key,
    replica,
    statement,
)
from tests.check.schema import violations

SCHEMA = json.loads(Path("docs/reference/report.schema.json").read_text())
BOB = f"arn:aws:iam::{ACCOUNT}:user/Bob"
CONDITIONAL = {
    "Parameters": {"Env": {"Type": "String"}},
    "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
    **key(document(statement({"AWS": {"Fn::If": ["IsProd", ALICE, BOB]}}))),
}
IGNORED = {
    **key(document(statement(ALICE))),
    "Metadata": {"sparekey": {"ignore": [{"id": "SK301", "reason": "why"}, "SK302"]}},
}


def rendered(template: object, **options: object) -> dict[str, object]:
    report = check(template, rules=RULES, **options)  # type: ignore[arg-type]  # handed on as they are
    found = json.loads(render("json", [report]))
    assert isinstance(found, dict)
    return found


def first_key(found: dict[str, object]) -> dict[str, object]:
    templates = found["templates"]
    assert isinstance(templates, list)
    report = templates[0]["keys"][0]
    assert isinstance(report, dict)
    return report


@pytest.mark.parametrize(
    ("template", "options"),
    [
        (key(DELEGATING), {}),
        (key(DELEGATING), {"iam": []}),
        (key(DELEGATING), {"iam": [iam_allow("kms:CreateKey")]}),
        (key(DELEGATING), {"role_arn": DEPLOY}),
        (key(document(statement(ROOT), statement("*", "kms:PutKeyPolicy", "Deny", Sid="No"))), {}),
        (key({"Statement": 1}), {}),
        (key(document(statement(f"arn:aws:iam::{ACCOUNT}:group/G"))), {}),
        (key(EnableKeyRotation=True, KeySpec="RSA_2048"), {}),
        (replica(document(statement(BOB))), {}),
        (CONDITIONAL, {}),
        (IGNORED, {}),
        ({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Transform": "Macro"}, {}),
    ],
)
def test_every_report_fits_the_schema(template: object, options: dict[str, object]) -> None:
    assert list(violations(rendered(template, **options), SCHEMA, SCHEMA)) == []


def test_the_schema_refuses_what_it_does_not_describe() -> None:
    found = rendered(key(DELEGATING))
    first_key(found)["verdict"] = "fine"
    found["more"] = 1
    assert list(violations(found, SCHEMA, SCHEMA)) == [
        "$.templates[0].keys[0].verdict: 'fine' is not among "
        + str(SCHEMA["$defs"]["key"]["properties"]["verdict"]["enum"]),
        "$: `more` is not in the schema",
    ]


def test_it_says_which_edition_and_which_tool_wrote_it() -> None:
    found = rendered(key(DELEGATING))
    assert found["schema_version"] == SCHEMA_VERSION == SCHEMA["properties"]["schema_version"]["const"]
    assert found["tool"] == {"name": "sparekey", "version": __version__}


def test_a_lockout_says_who_and_which_statement_and_what_came_near() -> None:
    deny = statement("*", "kms:PutKeyPolicy", "Deny", Sid="No")
    found = first_key(rendered(key(document(statement(ROOT), deny))))
    assert found["verdict"] == "lockout"
    assert found["logical_id"] == "Key"
    assert (found["line"], found["column"]) == (3, 3)
    deciding = found["deciding_statement"]
    assert isinstance(deciding, dict)
    assert deciding == {
        "policy": "the key policy of `Key`",
        "policy_type": "key policy",
        "statement": "`No`",
        "effect": "Deny",
        "path": "template",
        "line": 17,
        "column": 7,
    }
    calls = found["calls"]
    assert isinstance(calls, list)
    assert [(call["action"], call["outcome"], call["decides"]) for call in calls] == [
        ("kms:CreateKey", "allowed", False),
        ("kms:PutKeyPolicy", "explicit_deny", True),
    ]
    assert calls[1]["reason"].endswith("with an explicit deny in a resource-based policy")
    assert "near_misses" not in calls[0]


def test_an_implicit_deny_lists_the_statements_that_came_near() -> None:
    found = first_key(rendered(key(document(statement(BOB, Sid="Admin")))))
    assert found["deciding_statement"] is None
    calls = found["calls"]
    assert isinstance(calls, list)
    (near,) = calls[-1]["near_misses"]
    assert (near["statement"], near["match"], near["path"], near["line"]) == ("`Admin`", "no", "template", 9)
    assert BOB in near["reason"]
    assert found["nearest_statement"] == near


def test_a_statement_that_decides_leaves_none_that_is_nearest() -> None:
    deny = statement("*", "kms:PutKeyPolicy", "Deny", Sid="No")

    assert first_key(rendered(key(document(statement(ROOT), deny))))["nearest_statement"] is None


def test_a_statement_that_stands_in_no_file_has_no_place() -> None:
    tags = iam_allow("kms:CreateKey", "kms:PutKeyPolicy")
    level = document({"Effect": "Deny", "Action": "kms:TagResource", "Resource": "*", "Sid": "NoTags"})
    report = check(key(DELEGATING, Tags=[{"Key": "a", "Value": "b"}]), iam=[tags], scp=[level])
    (found,) = report.keys
    assert found.deciding_statement is not None
    placeless = replace(
        report, keys=(replace(found, deciding_statement=found.deciding_statement._replace(place=None)),)
    )
    statement_ = json.loads(render("json", [placeless]))["templates"][0]["keys"][0]["deciding_statement"]
    assert (statement_["path"], statement_["line"], statement_["column"]) == (None, None, None)


def test_branches_and_suppressed_findings_are_kept() -> None:
    found = first_key(rendered(CONDITIONAL))
    branches = found["branches"]
    assert isinstance(branches, list)
    assert [branch["verdict"] for branch in branches] == ["pass", "lockout"]
    findings = first_key(rendered(IGNORED))["findings"]
    assert isinstance(findings, list)
    assert [(finding["rule"], finding["suppressed"]) for finding in findings] == [("SK301", "why")]


def test_findings_of_the_template_belong_to_no_key() -> None:
    templates = rendered(IGNORED)["templates"]
    assert isinstance(templates, list)
    assert [finding["rule"] for finding in templates[0]["findings"]] == ["SK003"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_renders(form: str) -> None:
    report = check(key(document(statement(BOB))), rules=RULES)
    assert render(form, [report], fail_on=None, root="/")
    assert "\x1b" not in render(form, [report])
