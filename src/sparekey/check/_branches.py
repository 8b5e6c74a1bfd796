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

    Equal verdicts are the key's verdict. A key that passes wherever it is created passes, under its condition.
    Otherwise nobody can tell before the conditions are decided: the verdict is undecided, and the branches say more.
    """
    if len(branches) == 1:
        return branches[0]
    first = branches[0]
    hangs_on = _union(branch.hangs_on for branch in branches)
    if all(branch.verdict is first.verdict and branch.event == first.event for branch in branches):
        chosen = replace(first, condition=None, hangs_on=hangs_on)
    elif all(_unharmed(branch) for branch in branches):
        passing = [branch for branch in branches if branch.verdict is Verdict.PASS]
        where = " or ".join(branch.condition or "" for branch in passing)
        chosen = replace(passing[0], condition=where, message=f"{passing[0].message} {where}")
    else:
        chosen = _differing(branches, _union([conditions, hangs_on]))
    return replace(
        chosen,
        findings=tuple(_findings(branches)),
        assumptions=_union(branch.assumptions for branch in branches),
        branches=tuple(branches),
    )


def _unharmed(branch: KeyReport) -> bool:
    """Whether a branch makes the key, or leaves it out on purpose."""
    return branch.verdict is Verdict.PASS or (branch.verdict is Verdict.NOT_CREATED and branch.event is None)


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
    created = [branch for branch in branches if branch.verdict is not Verdict.NOT_CREATED or branch.event]
    where: dict[Finding, list[str]] = {}
    for branch in created:
        for finding in branch.findings:
            where.setdefault(finding, []).append(branch.condition or "")
    for finding, conditions in where.items():
        everywhere = len(conditions) >= len(created)
        yield finding if everywhere else replace(finding, message=f"{finding.message}, {' or '.join(conditions)}")


def _union(texts: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for some in texts for text in some))
