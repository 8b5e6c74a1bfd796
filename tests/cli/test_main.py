"""The last net under every command, and what reaches the terminal."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sparekey.cli import rule
from sparekey.cli.main import COMMANDS, main, say, warn
from sparekey.errors import InputError, printable
from sparekey.source import Place

if TYPE_CHECKING:
    from pathlib import Path

SPAREKEY = [sys.executable, "-m", "sparekey"]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (KeyError("x"), "KeyError: 'x'"),
        (MemoryError(), "MemoryError"),
        (RecursionError("too\ndeep"), r"RecursionError: too\ndeep"),
    ],
)
def test_an_unexpected_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, line: str
) -> None:
    def fail(_arguments: list[str]) -> int:
        raise error

    monkeypatch.setattr(rule, "run", fail)
    assert main(["rule"]) == 70
    expected = f"sparekey: internal error: {line} (please report it; SPAREKEY_TRACEBACK=1 shows where)\n"
    assert capsys.readouterr().err == expected
    monkeypatch.setenv("SPAREKEY_TRACEBACK", "1")
    assert main(["rule"]) == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(("error", "status"), [(BrokenPipeError(), 2), (KeyboardInterrupt(), 130)])
def test_a_reader_that_has_gone_is_not_spoken_to(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], error: BaseException, status: int
) -> None:
    def fail(_arguments: list[str]) -> int:
        raise error

    monkeypatch.setattr(rule, "run", fail)
    monkeypatch.setattr("sparekey.cli.main._abandon_output", lambda: None)
    assert main(["rule"]) == status
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_cannot_be_listed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_arguments: list[str]) -> int:
        raise PermissionError(13, "Permission denied", "secret")

    monkeypatch.setattr(rule, "run", fail)
    assert main(["rule"]) == 2
    assert capsys.readouterr().err == "sparekey: error: cannot read `secret`: permission denied\n"


def test_an_unknown_command_is_named_without_what_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["\x1b[31mchek\n"]) == 2
    expected = f"there is no command `\\x1b[31mchek\\n`; one of: {', '.join(COMMANDS)}\n"
    assert capsys.readouterr().err == f"sparekey: error: {expected}"


def test_an_error_is_one_line_whatever_it_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    say(InputError("a\nb" + "x" * 10_000 + "end", Place("\x1b]0;t.yaml", 1, 2), hint="\u202ehint"))
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("\\x1b]0;t.yaml:1:2: error: a\\nbxxx")
    assert first.endswith("xend")
    assert len(first) < 900
    assert second == "  hint: \\u202ehint"
    warn("\x07")
    assert capsys.readouterr().err == "sparekey: warning: \\x07\n"


def test_printable_text_stays_as_it_is() -> None:
    assert printable("Schlüssel ключ") == "Schlüssel ключ"
    assert printable("\ud800\x9b") == "\\ud800\\x9b"


def test_a_pipe_that_is_closed_early_is_silent() -> None:
    with subprocess.Popen([*SPAREKEY, "rule", "--format", "json"], stdout=-1, stderr=-1) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode in (0, 2)  # 0: all was written before it closed


@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_streams_that_are_closed_are_no_error(redirection: str) -> None:
    command = f'"{sys.executable}" -m sparekey rule {redirection}'
    process = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)
    assert (process.returncode, process.stderr) == (0, b"")


def test_standard_input_that_is_closed_is_empty() -> None:
    command = f'"{sys.executable}" -m sparekey simulate <&-'
    process = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)
    assert process.returncode == 2
    assert process.stderr == b"<stdin>:1:1: error: the file is empty\n"


def test_output_that_has_no_room_is_one_line() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        process = subprocess.run([*SPAREKEY, "rule"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert process.returncode == 2
    assert process.stderr == b"sparekey: error: cannot write the output: no space left on device\n"


def test_a_terminal_that_knows_only_ascii_is_no_error(tmp_path: Path) -> None:
    process = subprocess.run(
        [*SPAREKEY, "rule", "SK101"], capture_output=True, check=False, env={"PYTHONIOENCODING": "ascii"}
    )
    assert (process.returncode, process.stderr) == (0, b"")
