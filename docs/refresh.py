"""Write the output of the commands that the pages show into the pages: ``python docs/refresh.py``.

A fenced ``console`` block of one line, ``$ sparekey …``, is followed by a fenced ``text`` block with what it prints
when it runs in ``corpus/article``. A test holds the pages to it.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
from contextlib import redirect_stdout
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "docs/guide/check.md")
_BLOCKS = re.compile(
    r"(```console\n\$ sparekey (?P<command>[^\n]*)\n```\n\n```text\n)(?P<output>.*?)(```\n)", re.DOTALL
)


def refreshed(page: str) -> str:
    """The text of a page with the present output of its commands."""
    return _BLOCKS.sub(lambda found: found[1] + _output(found["command"]) + found[4], page)


def _output(command: str) -> str:
    from sparekey.cli.main import main

    printed = io.StringIO()
    before = Path.cwd()
    os.chdir(ROOT / "corpus" / "article")
    try:
        with redirect_stdout(printed):
            main(shlex.split(command))
    finally:
        os.chdir(before)
    return printed.getvalue()


if __name__ == "__main__":
    for name in PAGES:
        path = ROOT / name
        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"refreshed {', '.join(PAGES)}\n")
