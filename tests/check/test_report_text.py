"""The text report."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sparekey.check import Finding, KeyReport, Level, TemplateReport, Verdict
from sparekey.check.reports import render
from sparekey.check.rules import RULES
from sparekey.source import Place
from tests.check.deployments import ACCOUNT, ALICE, DELEGATING, ROOT, check, document, key, statement

BOB = f"arn:aws:iam::{ACCOUNT}:user/Bob"

LOCKING = f"""\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - Sid: Administration
            Effect: Allow
            Principal:
              AWS: {BOB}
            Action: kms:*
            Resource: "*"
"""


def text(template: object, *, colour: bool = False, **options: object) -> str:
    report = check(template, rules=RULES, **options)  # type: ignore[arg-type]  # handed on as they are
    return render("text", [report], colour=colour)


def test_a_lockout_reads_like_a_compilers_message() -> None:
    lines = text(LOCKING).splitlines()
    assert re.fullmatch(r"template:\d+:\d+: error: .*\[SK101\]", lines[0])
    assert any(line.endswith(" |") for line in lines)
    assert any(re.fullmatch(r" +\| +\^", line) for line in lines)
    assert any(line.startswith("  = note: KMS refuses the key policy") for line in lines)
    assert any(line.startswith("  = note: asked for `kms:PutKeyPolicy`, AWS says: User: ") for line in lines)
    assert any(
        line.startswith("  = note: `Administration` of the key policy of `Key` does not decide: ") for line in lines
    )
    assert any(line.startswith("  = event: Resource handler returned message: ") for line in lines)
    assert any(line.startswith("  hint: ") for line in lines)
    assert lines[-1] == "1 template, 1 key: 1 lockout; 1 error"


def test_a_deciding_statement_is_quoted_with_its_lines() -> None:
    deny = LOCKING.replace("Allow", "Deny").replace(BOB, '"*"')
    lines = text(deny).splitlines()
    quoted = [line for line in lines if re.match(r" *\d+ \|", line)]
    assert quoted[:3] == [
        " 8 |           - Sid: Administration",
        " 9 |             Effect: Deny",
        "10 |             Principal:",
    ]
    assert "   |             ^" in lines
    assert "  = note: decided by `Administration` (Deny) of the key policy of `Key` at template:8:13" in lines


def test_a_passing_key_says_what_it_takes_for_granted_once() -> None:
    one = key(DELEGATING)["Resources"]["Key"]  # type: ignore[index]  # a plain mapping
    two = {"Resources": {"A": one, "B": one}}
    out = text(two)
    assert out.count("`A` passes: KMS accepts the key policy") == 1
    assert out.count("= assumed: no service control policy") == 1
    assert out.splitlines()[-1] == "1 template, 2 keys: 2 pass"


def test_an_undecided_key_names_what_it_hangs_on_once() -> None:
    out = text(key(DELEGATING), iam=[])
    assert out.count("(give `--iam`)") == 1
    assert out.splitlines()[-1] == "1 template, 1 key: 1 undecided; 1 warning"


def test_without_a_rule_the_verdict_speaks_for_itself() -> None:
    report = check(LOCKING, rules=())
    out = render("text", [report])
    assert out.startswith(
        f"template:2:3: error: KMS refuses the key policy: `{ALICE}` could not change it in the future\n"
    )
    assert "[verdict" not in out


def test_branches_are_told_apart() -> None:
    template = {
        "Parameters": {"Env": {"Type": "String"}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
        **key(document(statement({"AWS": {"Fn::If": ["IsProd", ALICE, BOB]}}))),
    }
    out = render("text", [check(template)])
    assert "  = note: pass when `IsProd` is true: " in out
    assert "  = note: lockout when `IsProd` is false: " in out
    assert "  = hangs on: condition `IsProd` (parameter `Env`)" in out


def test_suppressed_findings_are_counted_and_not_shown() -> None:
    template = key(document(statement(ALICE)))
    template["Metadata"] = {"sparekey": {"ignore": {"id": "SK301", "reason": "one administrator is enough"}}}
    out = text(template)
    assert "SK301" not in out
    assert out.splitlines()[-1] == "1 template, 1 key: 1 pass; 1 suppressed"


def test_a_key_that_is_not_created_is_named() -> None:
    template = key(DELEGATING)
    template["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
    template["Resources"]["Key"]["Condition"] = "Never"  # type: ignore[index]  # a plain mapping
    assert "`Key` is not created: condition `Never` is false" in text(template)


def test_a_key_that_the_handler_refuses_shows_the_event() -> None:
    out = text(key(DELEGATING, EnableKeyRotation=True, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY"))
    assert "[SK311]" in out
    assert "`Key` is not created: CloudFormation refuses `EnableKeyRotation: true`" in out
    assert "  = event: Resource handler returned message: " in out


def test_colour_is_only_there_when_asked_for() -> None:
    assert "\x1b" not in text(LOCKING)
    coloured = text(LOCKING, colour=True)
    assert "\x1b[1;31merror\x1b[0m" in coloured
    assert "\x1b[1;31m^\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text(LOCKING)


def test_a_template_without_keys_has_a_summary_too() -> None:
    assert text({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}) == "1 template, 0 keys: none\n"


# reports put together by hand


def report(place: Place, lines: dict[int, str], **more: object) -> TemplateReport:
    finding = Finding("SK999", Level.NOTE, "a note", place, "Key")
    found = KeyReport("Key", "AWS::KMS::Key", Verdict.PASS, "fine", Place("t", 1, 1), findings=(finding,))
    return replace(TemplateReport("t", (found,), lines=lines), **more)  # type: ignore[arg-type]  # handed on


ROWS = {number: f"line: {number}" for number in range(1, 41)}


@pytest.mark.parametrize(
    ("place", "block", "quoted"),
    [
        (Place("t", 2, 3), None, [2]),
        (Place("t", 2, 3), range(2, 4), [2, 3]),
        (Place("t", 9, 1), range(5, 17), list(range(5, 17))),
        (Place("t", 6, 1), range(5, 30), list(range(5, 17))),
        (Place("t", 20, 1), range(5, 30), [5, 6, *range(14, 24)]),
        (Place("t", 29, 1), range(5, 30), [5, 6, *range(23, 30)]),
        (Place("t", 90, 1), None, []),
        (Place("other", 2, 1), None, []),
    ],
)
def test_as_much_is_quoted_as_belongs_together(place: Place, block: range | None, quoted: list[int]) -> None:
    out = render("text", [report(place, ROWS, quoted={place: block} if block else {})])
    assert [int(found) for found in re.findall(r"^ *(\d+) \|", out, re.MULTILINE)] == quoted


def test_a_statement_that_is_cut_short_says_so() -> None:
    place = Place("t", 20, 1)
    lines = render("text", [report(place, ROWS, quoted={place: range(5, 30)})]).splitlines()
    assert lines[lines.index(" 6 | line: 6") + 1] == "..."
    assert lines[lines.index("23 | line: 23") + 1] == "..."


def test_a_statement_is_quoted_once() -> None:
    place = Place("t", 2, 1)
    found = tuple(Finding("SK999", Level.NOTE, message, place, "Key") for message in ("one", "two"))
    two = KeyReport("Key", "AWS::KMS::Key", Verdict.PASS, "fine", Place("t", 1, 1), findings=found)
    out = render("text", [TemplateReport("t", (two,), lines=ROWS, quoted={place: range(1, 4)})])
    assert re.findall(r"^ *(\d+) \|", out, re.MULTILINE) == ["1", "2", "3", "2"]


def test_of_a_long_line_the_part_around_the_place_is_shown() -> None:
    line = "a" * 500 + "HERE" + "b" * 500
    out = render("text", [report(Place("t", 2, 501), {2: line})]).splitlines()
    shown, caret = (text for text in out if text.startswith(("2 |", "  | ")))
    assert shown[caret.index("^") :].startswith("HEREbbb")
    assert shown.startswith("2 | …aaa")
    assert shown.endswith("bbb…")
    assert len(shown) < 260


def test_a_statement_that_decides_elsewhere_is_written_out() -> None:
    deny = {"Effect": "Deny", "Action": "kms:Put*", "Resource": "*"}
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    out = text(key(DELEGATING), iam=[{"Version": "2012-10-17", "Statement": [allow, deny]}])
    assert '  = note: it says {"Effect": "Deny", "Action": "kms:Put*", "Resource": "*"}' in out


def test_the_statement_that_comes_nearest_is_quoted_beside_a_place_outside_of_it() -> None:
    template = (
        LOCKING.replace(BOB, ALICE)
        .replace("kms:*", "kms:PutKeyPolicy")
        .replace("    Properties:\n", "    Properties:\n      EnableKeyRotation: true\n")
    )
    lines = text(template).splitlines()
    assert lines[0].startswith("template:2:3: error: ")
    assert "EnableKeyRotation" in lines[0]
    assert [re.findall(r"\d+", line)[0] for line in lines if re.match(r" *\d+ \|", line)] == [
        "2", "9", "10", "11", "12", "13", "14",
    ]  # fmt: skip


def test_a_tab_stays_a_tab_under_the_caret() -> None:
    assert "  | \t ^" in render("text", [report(Place("t", 2, 3), {2: "\tab"})])


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    out = render("text", [report(Place("t", 2, 1), {2: "a: \x1b[31mred\x07"})])
    assert "2 | a: �[31mred�" in out


def test_notes_of_the_template_come_first() -> None:
    out = render("text", [report(Place("t", 1, 1), {}, notes=("transform `X` is passed over",))])
    assert out.startswith("t: note: transform `X` is passed over\n")


def test_hostile_names_cannot_reach_the_terminal() -> None:
    template = key(document(statement(ROOT), statement("*", "kms:PutKeyPolicy", "Deny", Sid="\x1b[2J")))
    assert "\x1b" not in text(template)


def test_what_may_decide_is_told_from_what_does_not() -> None:
    template = LOCKING.replace(f"AWS: {BOB}", "AWS: !ImportValue administrator")
    assert "  = note: `Administration` of the key policy of `Key` may decide: " in text(template)


def test_a_statement_without_a_sound_effect_is_shown_without_one() -> None:
    out = text(LOCKING.replace("Effect: Allow", "Effect: allow"))
    assert "  = note: decided by `Administration` of the key policy of `Key` at template:8:13" in out


def test_awss_sentence_names_a_session_of_the_role() -> None:
    out = text(LOCKING, caller=f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy")
    assert f"AWS says: User: arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/<session> is not authorized" in out
