"""One report for a key that the template's open conditions make in several ways."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.check._finding import Finding, KeyReport, Verdict
from sparekey.check._verdict import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def merge(branches: Sequence[KeyReport], conditions: Sequence[str]) -> KeyReport:
    """Merge the reports of a key's branches into one; ``conditions`` names what the branches differ by.

    The branches that make the key count: if they agree, that is the verdict, under the condition that the key is made.
    Otherwise nobody can tell before the conditions are decided: the verdict is undecided, and the branches say more.
    """
    if len(branches) == 1:
        return branches[0]
    made = [branch for branch in branches if not _left_out(branch)] or list(branches)
    first = made[0]
    if any(branch.verdict is not first.verdict or branch.event != first.event for branch in made):
        chosen = _differing(branches, _union([conditions, *(branch.hangs_on for branch in branches)]))
    else:
        where = None if len(made) == len(branches) else " or ".join(branch.condition or "" for branch in made)
        message = f"{first.message}, {where}" if where else first.message
        chosen = replace(first, condition=where, message=message, hangs_on=_union(branch.hangs_on for branch in made))
    return replace(
        chosen,
        findings=tuple(_findings(branches)),
        assumptions=_union(branch.assumptions for branch in branches),
        branches=tuple(branches),
        statements=tuple(dict.fromkeys(place for branch in branches for place in branch.statements)),
    )


def _left_out(branch: KeyReport) -> bool:
    """Whether a branch leaves the key out on purpose."""
    return branch.verdict is Verdict.NOT_CREATED and branch.event is None


def _differing(branches: Sequence[KeyReport], hangs_on: tuple[str, ...]) -> KeyReport:
    worst = max(branches, key=lambda branch: branch.verdict.level.rank if branch.verdict.level else -1)
    verdicts = dict.fromkeys(branch.verdict for branch in branches)
    parts = [
        f"`{verdict}` {' or '.join(branch.condition or '' for branch in branches if branch.verdict is verdict)}"
        for verdict in verdicts
    ]
    message = f"the verdict hangs on the template's conditions: {listed(parts)}"
    return replace(worst, verdict=Verdict.UNDECIDED, message=message, event=None, hangs_on=hangs_on, condition=None)


def _findings(branches: Sequence[KeyReport]) -> Iterator[Finding]:
    """Every finding once; one that not all branches have says in which it holds."""
    created = [branch for branch in branches if not _left_out(branch)]
    where: dict[Finding, list[str]] = {}
    for branch in created:
        for finding in branch.findings:
            where.setdefault(finding, []).append(branch.condition or "")
    for finding, conditions in where.items():
        everywhere = len(conditions) >= len(created)
        yield finding if everywhere else replace(finding, message=f"{finding.message}, {' or '.join(conditions)}")


def _union(texts: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for some in texts for text in some))
