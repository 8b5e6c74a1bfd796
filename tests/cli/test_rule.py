import json
from pathlib import Path

import pytest

from sparekey.check.rules import RULES
from sparekey.cli.main import main

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "rules.md"


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["rule", *arguments]) == 0
    return capsys.readouterr().out


def test_without_an_id_all_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(capsys).splitlines()
    assert len(lines) == len(RULES)
    assert lines[3].startswith("SK101  error    no-administrator")


def test_a_rule_is_explained_with_examples_and_causes(capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, "SK101")
    assert text.startswith("SK101 no-administrator (error)  causes: C01\n")
    assert "**Repair.**" in text
    assert (
        "Found in, checked with --as arn:aws:iam::123456789012:user/Alice --iam iam.json:\n\n    Resources:\n" in text
    )
    assert "Not found in, checked with" in text


def test_an_example_shows_the_policies_that_it_hangs_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\n  iam.json:\n\n    {" in output(capsys, "identity-policies-silent")
    assert "--role-arn arn:aws:iam::123456789012:role/Deploy" in output(capsys, "SK108")
    assert "\n  scp.json:\n\n    {" in output(capsys, "sk111")


def test_an_example_whose_point_is_its_length_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, "SK206")
    assert "more lines)" in text
    assert len(text.splitlines()) < 120


def test_one_rule_is_a_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    rule = json.loads(output(capsys, "--format", "json", "SK302"))
    assert (rule["id"], rule["level"], rule["causes"]) == ("SK302", "warning", ["C15"])
    assert rule["bad"]["as"] == "arn:aws:iam::123456789012:user/Alice"
    assert "BypassPolicyLockoutSafetyCheck" in rule["bad"]["template"]


def test_all_rules_are_a_json_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert [rule["id"] for rule in json.loads(output(capsys, "--format=json"))["rules"]] == [rule.id for rule in RULES]


def test_one_rule_is_a_section_of_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys, "SK303", "--format", "markdown").startswith(
        "### SK303 everyone\n\n**A statement allows everyone"
    )


def test_the_reference_page_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    written = output(capsys, "--format", "markdown")
    assert REFERENCE.read_text(encoding="utf-8") == written, (
        "run: sparekey rule --format markdown > docs/reference/rules.md"
    )


def test_help_says_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys, "--help").startswith("usage: sparekey rule")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["SK999"], "there is no rule `SK999`"),
        (["--colour"], "`sparekey rule` has no option `--colour`"),
        (["--format", "xml"], "there is no format `xml`"),
        (["--format"], "there is no format ``"),
        (["SK101", "SK102"], "`sparekey rule` explains one rule at a time, and `SK102` is the second"),
    ],
)
def test_what_is_not_understood_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["rule", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"sparekey: error: {message}\n")
