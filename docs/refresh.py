"""Write the output of the commands that the pages show into the pages: ``python docs/refresh.py``.

A fenced ``console`` block of one line, ``$ sparekey check …`` or ``$ sparekey fix …``, is followed by a fenced ``text``
block with what it prints when it runs in ``corpus/article``. What pages say to a server, ``docs/sessions.py`` runs,
with the aws command line (``SPAREKEY_AWS_CLI`` names it if it is not on the path). Tests hold the pages to both.
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
SESSIONS = (
    "README.md",
    "docs/guide/serve.md",
    "docs/guide/iam.md",
    "docs/guide/sts.md",
    "docs/guide/organizations.md",
    "docs/guide/log.md",
    "docs/guide/clients.md",
    "docs/guide/testing.md",
)
_BLOCKS = re.compile(
    r"(```console\n\$ sparekey (?P<command>(?:check|fix) [^\n]*)\n```\n\n```text\n)(?P<output>.*?)(```\n)", re.DOTALL
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


def _refresh(names: tuple[str, ...]) -> None:
    sys.path.insert(0, str(ROOT / "docs"))
    import sessions

    if sessions.aws_cli() is None:
        sys.stdout.write("the aws command line is not installed: sessions with a server are not run\n")
    for name in names:
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        if name in PAGES:
            text = refreshed(text)
        if name in SESSIONS and sessions.aws_cli() is not None:
            text = sessions.refreshed(text)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"refreshed {name}\n")


if __name__ == "__main__":
    _refresh(tuple(sys.argv[1:]) or tuple(dict.fromkeys(PAGES + SESSIONS)))
