"""Running commands on generated files, and what must hold of every answer: a report, or one clear line."""

from __future__ import annotations

import io
import os
import re
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

from sparekey.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

_SCALE = int(os.environ.get("SPAREKEY_EXAMPLES", "500"))
#: How many cases the tests generate, by the scale that all tests of generated cases share; a whole command is slow.
EXAMPLES = min(_SCALE, 500 + _SCALE // 10)

DEPLOYER = ("--as", "arn:aws:sts::111122223333:assumed-role/Deploy/pipeline", "--region", "eu-west-1")
_ERROR = re.compile(r"(?:.+:\d+:\d+|sparekey): error: .+")


def answer(*arguments: str) -> tuple[int, str]:
    """Run a command; hold its status and what it says on standard error to the promise.

    Returns:
        The status, and standard output.
    """
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(arguments)
    said = [line for line in err.getvalue().splitlines() if not line.startswith("  hint: ")]
    errors = [line for line in said if not line.startswith("sparekey: warning: ")]
    assert status in (0, 1, 2), err.getvalue()
    assert len(errors) == (status == 2), err.getvalue()
    assert all(_ERROR.fullmatch(line) for line in errors), err.getvalue()
    assert all(character.isprintable() or character == "\n" for character in err.getvalue())
    return status, out.getvalue()


def written(folder: Path, name: str, content: bytes) -> str:
    """Write a file; its path."""
    file = folder / name
    file.write_bytes(content)
    return str(file)
