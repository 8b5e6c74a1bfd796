"""GitHub workflow commands: findings as annotations of a pull request's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check._finding import Level, TemplateReport
from sparekey.check.reports._problems import Problem, problems, tidy_path
from sparekey.errors import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render(reports: Sequence[TemplateReport]) -> str:
    """Render one workflow command a line; suppressed findings are left out."""
    lines = [_command(problem) for report in reports for problem in problems(report) if problem.suppressed is None]
    return "".join(f"{line}\n" for line in lines)


def _command(problem: Problem) -> str:
    place = problem.place
    properties = {
        "file": tidy_path(place.file),
        "line": str(place.line),
        "col": str(place.column),
        "title": f"{problem.id} {problem.logical_id}".strip(),
    }
    return f"::{_COMMANDS[problem.level]} {_properties(properties)}::{_escape(problem.text)}"


def _properties(properties: Mapping[str, str]) -> str:
    return ",".join(
        f"{name}={_escape(value).replace(':', '%3A').replace(',', '%2C')}" for name, value in properties.items()
    )


def _escape(text: str) -> str:
    """Escape what would end the command's line, as the runner's own toolkit does; a log obeys no other characters."""
    lines = text.replace("%", "%25").replace("\r", "%0D").split("\n")
    return "%0A".join(printable(line) for line in lines)
