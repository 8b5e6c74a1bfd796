"""`sparekey check` as a command."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from sparekey.cli import check
from sparekey.cli.main import main
from tests.check.deployments import ALICE, DELEGATING, EVERYTHING, document, iam_allow, key, statement

if TYPE_CHECKING:
    from pathlib import Path

BOB = ALICE.replace("Alice", "Bob")


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "pass.json": key(DELEGATING),
        "lockout.json": key(document(statement(BOB))),
        "single.json": key(document(statement(ALICE))),
        "all.iam.json": EVERYTHING,
        "create.iam.json": iam_allow("kms:CreateKey"),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content, indent=1))
    return tmp_path


def run(folder: Path, *arguments: str, iam: str = "all.iam.json") -> int:
    names = [str(folder / each) if (folder / each).exists() and each != "-" else each for each in arguments]
    return main(["check", *names, "--as", ALICE, "--iam", str(folder / iam)])


def test_exit_status_0_without_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "pass.json") == 0
    assert capsys.readouterr().out.endswith("1 template, 1 key: 1 pass\n")


def test_exit_status_1_with_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "lockout.json") == 1
    assert "[SK101]" in capsys.readouterr().out


def test_exit_status_2_for_wrong_usage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(folder / "pass.json")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("sparekey: error: `--as` is missing")
    assert "  hint: " in captured.err
    assert main(["check"]) == 2
    assert "the following arguments are required: TEMPLATE" in capsys.readouterr().err


def test_exit_status_2_for_an_unreadable_template_after_the_others_are_checked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.json").write_text('{"Resources": 1}')
    assert run(folder, "bad.json", "pass.json") == 2
    captured = capsys.readouterr()
    assert "bad.json:1:15: error: " in captured.err
    assert "1 pass" in captured.out


def test_a_template_that_cannot_be_resolved_is_unreadable_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.json").write_text(json.dumps(key({"Fn::Nonsense": 1})))
    assert run(folder, "bad.json") == 2
    captured = capsys.readouterr()
    assert "Fn::Nonsense" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("template", "fail_on", "status"),
    [
        ("single.json", "error", 0),
        ("single.json", "warning", 1),
        ("single.json", "note", 1),
        ("lockout.json", "never", 0),
        ("pass.json", "note", 0),
    ],
)
def test_fail_on_sets_the_bar(folder: Path, template: str, fail_on: str, status: int) -> None:
    assert run(folder, template, "--fail-on", fail_on) == status


def test_an_undecided_verdict_is_a_warning(folder: Path) -> None:
    assert main(["check", str(folder / "pass.json"), "--as", ALICE]) == 0
    assert main(["check", str(folder / "pass.json"), "--as", ALICE, "--fail-on", "warning"]) == 1


def test_rules_are_selected_and_ignored_by_prefix(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "single.json", "--select", "SK1", "--fail-on", "warning") == 0
    assert run(folder, "single.json", "--ignore", "sk301,SK302", "--fail-on", "warning") == 0
    assert run(folder, "single.json", "--select", "SK3", "--ignore", "SK302", "--fail-on", "warning") == 1
    assert "[SK301]" in capsys.readouterr().out


def test_a_verdict_whose_rule_is_ignored_still_counts(folder: Path) -> None:
    assert run(folder, "lockout.json", "--ignore", "SK") == 1


def test_a_prefix_that_fits_no_rule_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "pass.json", "--select", "XX") == 2
    assert "no rule's id begins with `XX`" in capsys.readouterr().err


def test_a_suppressed_finding_does_not_count(folder: Path) -> None:
    template = key(document(statement(BOB)))
    template["Metadata"] = {"sparekey": {"ignore": [{"id": "SK101", "reason": "Bob deploys it"}]}}
    (folder / "ignored.json").write_text(json.dumps(template))
    assert run(folder, "ignored.json") == 0


def test_json_goes_to_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "lockout.json", "--format", "json", "--output", str(folder / "report.json")) == 1
    assert capsys.readouterr().out == ""
    found = json.loads((folder / "report.json").read_text())
    assert found["templates"][0]["keys"][0]["verdict"] == "lockout"


def test_a_report_that_cannot_be_written_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "pass.json", "--output", str(folder / "missing" / "report")) == 2
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github", "gitlab"])
def test_every_format_can_be_asked_for(folder: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "lockout.json", "--format", form, "--fail-on", "never") == 0
    assert capsys.readouterr().out


def test_standard_input_is_a_template(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((folder / "pass.json").read_bytes())))
    assert run(folder, "-") == 0
    assert "<stdin>:3:3: `Key` passes" in capsys.readouterr().out


def test_a_folder_is_checked_as_a_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, str(folder)) == 1
    assert "3 templates, 3 keys: 1 lockout, 2 pass; 1 error, 1 warning" in capsys.readouterr().out


def test_parameters_are_for_the_templates_that_have_them(folder: Path) -> None:
    (folder / "p.json").write_text(json.dumps({"Parameters": {"P": {"Type": "String"}}, **key(DELEGATING)}))
    assert run(folder, "p.json", "pass.json", "--parameters", "P=1") == 0
    assert run(folder, "pass.json", "--parameters", "P=1") == 2


def test_what_a_snapshot_lacks_is_warned_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = {"UserDetailList": [{"UserName": "Alice", "Arn": ALICE}], "RoleDetailList": [], "IsTruncated": True}
    (folder / "page.iam.json").write_text(json.dumps(page))
    run(folder, "pass.json", iam="page.iam.json")
    assert "sparekey: warning: the snapshot of account 123456789012 stops before its end" in capsys.readouterr().err


# terminals


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_is_for_terminals_and_for_who_wants_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *, coloured: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    run(folder, "lockout.json")
    assert ("\x1b[" in screen.getvalue()) is coloured


def test_there_is_no_colour_in_a_pipe_and_none_in_json(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(folder, "lockout.json")
    assert "\x1b" not in capsys.readouterr().out
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    run(folder, "lockout.json", "--format", "json")
    assert "\x1b" not in screen.getvalue()


def test_progress_is_shown_on_a_terminal_for_many_templates(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = folder / "many"
    many.mkdir()
    for number in range(20):
        (many / f"{number}.json").write_text((folder / "pass.json").read_text())
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    run(folder, str(many))
    assert "\r\x1b[Kchecking 20 of 20" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_help_names_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        check.run(["--help"])
    assert stopped.value.code == 0
    assert "exit status: 0 nothing at or above --fail-on" in " ".join(capsys.readouterr().out.split())
