"""GitLab's code quality report: a JSON array for ``artifacts:reports:codequality``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sparekey.check._finding import Level, TemplateReport
from sparekey.check.reports._fingerprint import Fingerprints
from sparekey.check.reports._problems import problems, tidy_path

if TYPE_CHECKING:
    from collections.abc import Sequence

_SEVERITIES = {Level.ERROR: "critical", Level.WARNING: "minor", Level.NOTE: "info"}


def render(reports: Sequence[TemplateReport]) -> str:
    """Render every finding that is not suppressed."""
    fingerprints = Fingerprints()
    entries = [
        {
            "description": problem.text,
            "check_name": problem.id,
            "fingerprint": fingerprints.of(problem, report),
            "severity": _SEVERITIES[problem.level],
            "location": {"path": tidy_path(problem.place.file), "lines": {"begin": problem.place.line}},
        }
        for report in reports
        for problem in problems(report)
        if problem.suppressed is None
    ]
    return json.dumps(entries, indent=2) + "\n"
