"""Fingerprints that recognise a finding after lines were added above it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sparekey.check.reports._problems import Problem, tidy_path

if TYPE_CHECKING:
    from sparekey.check._finding import TemplateReport


class Fingerprints:
    """Hands out fingerprints that are unique within one report and stable between two.

    A fingerprint is made of the file, the rule, the key and the text of the line, not of the line's number. Findings
    that agree in all of these are told apart by their order.
    """

    def __init__(self) -> None:
        """Start with none handed out."""
        self._seen: Counter[str] = Counter()

    def of(self, problem: Problem, report: TemplateReport) -> str:
        """The next fingerprint of a problem: 64 hex digits."""
        from hashlib import sha256

        line = report.lines.get(problem.place.line, "") if problem.place.file == report.path else ""
        identity = "\0".join((tidy_path(problem.place.file), problem.id, problem.logical_id, line.strip()))
        self._seen[identity] += 1
        text = f"{identity}\0{self._seen[identity]}"
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
