"""Run what a page says against a server, in the order written, and show in the page what came of it.

Of a page's fenced blocks these count: ``console`` with lines that begin with ``$``, which a POSIX shell runs; and a
block of another language whose first line is a comment with a file's name (``# conftest.py``), which is written to
that file. A ``text`` block right behind a ``console`` block is what its commands print; without one, all of them must
succeed. ``sparekey serve`` runs on a free port, until the page starts another server or ends; a home of its own and a
known root user make every run alike but for ids and times, and where only these differ a page stays as it is.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What the pages show of the machine they were run on.
HOME, PORT = "/home/ann", "4566"
ROOT_KEY = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
SECONDS = 300

_BLOCKS = re.compile(
    r"^```(?P<language>\w+)\n(?P<body>.*?)^```\n(?:\n```text\n(?P<shown>.*?)^```\n)?", re.DOTALL | re.MULTILINE
)
_FILE = re.compile(r"(?:#|//) (?P<name>[\w./~-]+\.\w+|~/\.aws/\w+)\n")
_STATIC = re.compile(r"\$ sparekey (check|fix|simulate|rule) [^\n]*\n\Z")

#: What differs from run to run.
_CHANGING = (
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "TIME"),
    (r"\b(AKIA|ASIA|AIDA|AROA|AGPA|ANPA|AIPA)[A-Z2-7]{16,17}\b", r"\1"),
    (r"(\"(SecretAccessKey|SessionToken|Base32StringSeed)\": )\"[^\"]+\"", r"\1SECRET"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"),
    (r"\b(o|r|p|ou-[a-z0-9]{4}|car|h)-[a-z0-9]{4,32}\b", r"\1-ID"),
    (r"\b(?!123456789012|210987654321|111122223333)\d{12}\b", "ACCOUNT"),
    (r"\bin \d+\.\d+s\b", "in TIME"),
)

_PRELUDE = r"""
server=
stop() {
  [ -z "$server" ] || { kill -INT "$server" && wait "$server"; server=; } 2> /dev/null
}
trap stop EXIT
sparekey() {
  [ "$1" = serve ] || { command sparekey "$@"; return; }
  stop
  exec 3< <(exec sparekey "$@" --port "$DOCS_PORT" 2>&1)
  server=$!
  while IFS= read -r line <&3; do
    printf '%s\n' "$line"
    case $line in "  stop "*) return ;; esac
  done
  return 1
}
"""


class Failed(Exception):
    """A command that the page shows no output of did not succeed."""


@dataclass
class Session:
    """A page, and what its blocks come to when they are run."""

    page: str
    script: list[str] = field(default_factory=list)
    printed: list[tuple[re.Match[str], list[Path], list[Path]]] = field(default_factory=list)


def refreshed(page: str) -> str:
    """The text of a page with what its commands print now.

    Raises:
        Failed: a command whose output is not shown did not succeed.
    """
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder).resolve()
        home, work, out = base / "home", base / "work", base / "out"
        for each in (home, work, out):
            each.mkdir()
        session = _session(page, out)
        if not session.printed:
            return page
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        script = base / "script"
        script.write_text("\n".join([_PRELUDE, *session.script, ""]), encoding="utf-8")
        subprocess.run(  # noqa: S603 - the commands of our own pages
            ["bash", str(script)],  # noqa: S607 - whichever is on the path
            cwd=work,
            env=_environment(home, port),
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=SECONDS,
        )
        return _with_output(session, {str(home): HOME, str(work): HOME, f":{port}": f":{PORT}"})


def _session(page: str, out: Path) -> Session:
    """What is to be run: files written and commands, each command's output and status in files of their own."""
    session = Session(page)
    for number, block in enumerate(_BLOCKS.finditer(page)):
        body = block["body"]
        file = _FILE.match(body)
        if block["language"] != "console" and file:
            name = file["name"].replace("~", "$HOME", 1)
            lines = body if name.endswith(".py") else body.partition("\n")[2]
            session.script.append(
                f'mkdir -p "$(dirname "{name}")"\ncat >> "{name}" <<\'END OF FILE\'\n{lines}END OF FILE'
            )
        if block["language"] != "console" or not body.startswith("$ ") or _STATIC.match(body):
            continue
        commands = re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]
        outputs = [out / f"{number}-{index}" for index in range(len(commands))]
        statuses = [path.with_suffix(".status") for path in outputs]
        for command, output, status in zip(commands, outputs, statuses, strict=True):
            session.script.append(f'{{\n{command}}} > "{output}" 2>&1\necho "$?" > "{status}"')
        session.printed.append((block, outputs, statuses))
    return session


def _environment(home: Path, port: str) -> Mapping[str, str]:
    """Nothing of this machine's own AWS settings, and the programs the pages use first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SPAREKEY_"))}
    programs = [str(Path(sys.executable).parent)]
    if (aws := aws_cli()) is not None:
        programs.append(str(Path(aws).parent))
    return {
        **kept,
        "HOME": str(home),
        "PATH": os.pathsep.join((*programs, os.environ.get("PATH", ""))),
        "TZ": "UTC",
        "COLUMNS": "120",
        "AWS_PAGER": "",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SPAREKEY_ROOT_ACCESS_KEY_ID": ROOT_KEY[0],
        "SPAREKEY_ROOT_SECRET_ACCESS_KEY": ROOT_KEY[1],
        "DOCS_PORT": port,
    }


def aws_cli() -> str | None:
    """Where the aws command line is."""
    return os.environ.get("SPAREKEY_AWS_CLI") or shutil.which("aws")


def _with_output(session: Session, places: Mapping[str, str]) -> str:
    pieces = []
    at = 0
    for block, outputs, statuses in session.printed:
        printed = "".join(path.read_text("utf-8").lstrip("\n") for path in outputs if path.exists())
        for place, shown in places.items():
            printed = printed.replace(place, shown)
        if block["shown"] is None:
            for status in statuses:
                if not status.exists() or status.read_text() != "0\n":
                    raise Failed(f"{block['body']}{printed}")
        elif _masked(printed) != _masked(block["shown"]):
            pieces += [session.page[at : block.start("shown")], printed]
            at = block.end("shown")
    return "".join((*pieces, session.page[at:]))


def _masked(text: str) -> str:
    for pattern, name in _CHANGING:
        text = re.sub(pattern, name, text)
    return text
