"""Every template of the corpus through ``sparekey check``: verdicts, deciding statement, event, exit status, causes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

from sparekey.check import Verdict
from sparekey.check.rules import find_rule
from sparekey.cli.main import main
from tests.conformance.corpus import Case, mapping, sidecars, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


def arguments(template: Path, *cases: Case) -> list[str]:
    """The command line of a case, and what is told besides; files are named from the case's own folder."""
    given = [str(template), "--format", "json"]
    for case in cases:
        given += texts(case, "options")
        for option in ("iam", "scp"):
            for name in texts(case, option):
                given += [f"--{option}", str((template.parent / name).resolve())]
    return given


def exit_status(expected: Case) -> int:
    """1 if one of the verdicts that are expected is an error."""
    verdicts = (Verdict(str(cast("Case", key)["verdict"])) for key in expected.values())
    return int(any(verdict.level == "error" for verdict in verdicts))


def templates(folder: str) -> list[object]:
    return [pytest.param(path, case, id=f"{folder}/{path.name}") for path, case in sidecars(f"templates/{folder}")]


def findings(report: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The findings of a template and of its keys that are not suppressed."""
    holders = [report, *cast("Sequence[Mapping[str, object]]", report["keys"])]
    for holder in holders:
        for finding in cast("Sequence[Mapping[str, object]]", holder["findings"]):
            if finding["suppressed"] is None:
                yield finding


class Checked:
    """One template checked by the command line, in this process."""

    def __init__(self, template: Path, capsys: pytest.CaptureFixture[str], *cases: Case) -> None:
        self.status = main(["check", *arguments(template, *cases)])
        output = capsys.readouterr()
        assert output.out, output.err
        (self.report,) = cast("Sequence[Mapping[str, object]]", json.loads(output.out)["templates"])
        keys = cast("Sequence[Mapping[str, object]]", self.report["keys"])
        self.keys = {str(key["logical_id"]): key for key in keys}


def assert_verdicts(checked: Checked, case: Case, member: str = "expect") -> None:
    expected = cast("Mapping[str, Case]", mapping(case, member))
    assert checked.status == (case["exit"] if "exit" in case and member == "expect" else exit_status(expected))
    assert {name: key["verdict"] for name, key in checked.keys.items()} == {
        name: key["verdict"] for name, key in expected.items()
    }
    for name, key in expected.items():
        if "because" in key:
            statement = cast("Mapping[str, object]", checked.keys[name]["deciding_statement"])
            assert str(key["because"]) in str(statement["statement"])
        if "hangs_on" in key:
            assert str(key["hangs_on"]) in "; ".join(texts(checked.keys[name], "hangs_on"))
        if "event" in case and key["verdict"] != "pass":
            assert checked.keys[name]["event"] == case["event"]


@pytest.mark.parametrize(("template", "case"), templates("bad"))
def test_a_failing_template_gets_its_verdict_and_its_cause(
    template: Path, case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    checked = Checked(template, capsys, case)
    assert_verdicts(checked, case)
    rules = [find_rule(str(finding["rule"])) for finding in findings(checked.report)]
    assert str(case["class"]) in {cause for rule in rules if rule for cause in rule.causes}


@pytest.mark.parametrize(("template", "case"), templates("good"))
def test_a_good_template_passes_without_a_warning(
    template: Path, case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    checked = Checked(template, capsys, case)
    assert_verdicts(checked, case)
    assert [finding for finding in findings(checked.report) if finding["level"] != "note"] == []


@pytest.mark.parametrize(("template", "case"), templates("undecided"))
def test_an_undecided_template_says_what_it_hangs_on(
    template: Path, case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    checked = Checked(template, capsys, case)
    assert_verdicts(checked, case)
    assert all(key["event"] is None for key in checked.keys.values())


@pytest.mark.parametrize(("template", "case"), templates("undecided"))
def test_telling_it_decides_the_template(template: Path, case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    assert_verdicts(Checked(template, capsys, case, mapping(case, "told")), case, "then")


@pytest.mark.parametrize(("template", "case"), [*templates("bad"), *templates("good")])
def test_without_identity_policies_a_verdict_is_the_same_or_undecided(
    template: Path, case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    taken_for_granted = {"invalid_principal"} if "scp" not in case else set(Verdict)  # existence, and the lack of SCPs
    less = {member: value for member, value in case.items() if member not in ("iam", "scp")}
    checked = Checked(template, capsys, less)
    for name, key in cast("Mapping[str, Case]", mapping(case, "expect")).items():
        if key["verdict"] not in taken_for_granted:
            assert checked.keys[name]["verdict"] in (key["verdict"], "undecided")
