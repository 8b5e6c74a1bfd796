"""What a report lists: every finding, and every verdict that no finding explains."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.check._finding import Finding, KeyReport, Level, TemplateReport, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.source import Place

#: The rule that stands for an undecided verdict.
UNDECIDED_RULE = "SK001"

#: What a verdict means, for a key whose verdict no rule explains.
VERDICTS = {
    Verdict.LOCKOUT: "KMS refuses the key policy: it would not let the deployer change it",
    Verdict.INVALID_PRINCIPAL: "KMS refuses the key policy: a principal in it is not valid or does not exist",
    Verdict.NO_PRINCIPAL: "KMS refuses the key policy: a statement in it has no principal",
    Verdict.MALFORMED: "KMS refuses the key policy: the document is malformed",
    Verdict.TOO_LARGE: "KMS refuses the key policy: it is larger than 32 KB",
    Verdict.ACCESS_DENIED: "the deployer is not allowed a call that makes the key",
    Verdict.UNDECIDED: "the input does not tell whether KMS accepts the key policy",
}


class Problem(NamedTuple):
    """One line of a report.

    ``id`` is a rule's id, or ``verdict-…`` for a verdict that no finding explains. ``decides`` says that it tells why
    ``key`` has its verdict, so that the key's decisions are its trace.
    """

    id: str
    level: Level
    message: str
    place: Place
    logical_id: str = ""
    hints: tuple[str, ...] = ()
    suppressed: str | None = None
    key: KeyReport | None = None
    decides: bool = False

    @property
    def text(self) -> str:
        """The message, with the event CloudFormation will show and the hints below it."""
        lines = [self.message]
        if self.decides and self.key and self.key.event:
            lines.append(f"event: {self.key.event}")
        lines.extend(f"hint: {hint}" for hint in self.hints)
        return "\n".join(lines)


def problems(report: TemplateReport) -> Iterator[Problem]:
    """List what a template's report says, key by key, then what belongs to no key."""
    for key in report.keys:
        yield from key_problems(key)
    for finding in report.findings:
        yield _from_finding(finding, None)


def key_problems(key: KeyReport) -> Iterator[Problem]:
    """List the findings of a key; its verdict comes first where no finding explains it."""
    level = key.verdict.level
    if level and not any(_explains(finding, key) for finding in key.findings):
        yield Problem(
            f"verdict-{key.verdict}", level, key.message, key.place, key.logical_id, key.hints, key=key, decides=True
        )
    for finding in key.findings:
        yield _from_finding(finding, key)


def _explains(finding: Finding, key: KeyReport) -> bool:
    """Whether a finding tells why the key has its verdict."""
    return finding.level is Level.ERROR or (key.verdict is Verdict.UNDECIDED and finding.rule == UNDECIDED_RULE)


def _from_finding(finding: Finding, key: KeyReport | None) -> Problem:
    return Problem(
        finding.rule,
        finding.level,
        finding.message,
        finding.place,
        finding.logical_id,
        finding.hints,
        finding.suppressed,
        key,
        decides=key is not None and _explains(finding, key),
    )


def tidy_path(path: str) -> str:
    """Write a path as a report may print it: forward slashes, without a leading ``./``."""
    path = path.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return path
