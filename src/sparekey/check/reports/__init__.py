"""Reports: one module a format, each with ``render``, imported only when its format is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparekey.check._finding import Level, TemplateReport

#: The names ``--format`` takes.
FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab")


def render(
    form: str,
    reports: Sequence[TemplateReport],
    *,
    colour: bool = False,
    fail_on: Level | None = None,
    root: str | None = None,
) -> str:
    """Write reports down in a format of :data:`FORMATS`.

    ``colour`` is for text, ``fail_on`` (``None``: never) for JUnit, ``root`` (paths are made relative to it) for SARIF.
    """
    match form:
        case "json":
            from sparekey.check.reports import json

            return json.render(reports)
        case "sarif":
            from sparekey.check.reports import sarif

            return sarif.render(reports, root=root)
        case "junit":
            from sparekey.check.reports import junit

            return junit.render(reports) if fail_on is None else junit.render(reports, fail_on=fail_on)
        case "github":
            from sparekey.check.reports import github

            return github.render(reports)
        case "gitlab":
            from sparekey.check.reports import gitlab

            return gitlab.render(reports)
        case _:
            from sparekey.check.reports import text

            return text.render(reports, colour=colour)
