"""Text for people, in the manner of a good compiler: place, one sentence, the lines quoted, notes and hints."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sparekey.check._finding import Level, Verdict
from sparekey.check.reports._problems import problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sparekey.check._finding import KeyReport, TemplateReport
    from sparekey.check.reports._problems import Problem
    from sparekey.source import Place

_COLOURS = {Level.ERROR: "1;31", Level.WARNING: "1;33", Level.NOTE: "1;36"}
#: How many lines of a statement are shown before it is cut short.
_SHOWN = 6
#: How many statements that came near are named.
_NEAR = 2


def render(reports: Sequence[TemplateReport], *, colour: bool = False) -> str:
    """Render every problem, what is taken for granted, and a summary in the last line."""
    page = _Page(colour)
    return "".join(f"{line}\n" for report in reports for line in page.template(report)) + page.summary(reports) + "\n"


class _Page:
    """Writes lines, with colour or without."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def template(self, report: TemplateReport) -> Iterator[str]:
        """Write one template: its problems, then what passes, and what that takes for granted."""
        for note in report.notes:
            yield f"{_clean(report.path)}: {self._paint('note', Level.NOTE)}: {_clean(note)}"
        explained: set[str] = set()
        for problem in problems(report):
            if problem.suppressed is not None:
                continue
            yield from self._problem(problem, report, first=problem.logical_id not in explained)
            if problem.decides:
                explained.add(problem.logical_id)
            yield ""
        quiet = [key for key in report.keys if key.verdict.level is None]
        for key in quiet:
            words, code = ("passes", "32") if key.verdict is Verdict.PASS else ("is not created", "2")
            verdict = self._sgr(f"`{key.logical_id}` {words}", code)
            yield f"{_clean(str(key.place))}: {verdict}: {_clean(key.message)}"
            if key.event:
                yield self._line("event", key.event)
        for assumption in dict.fromkeys(assumption for key in quiet for assumption in key.assumptions):
            yield self._line("assumed", assumption)

    def _problem(self, problem: Problem, report: TemplateReport, *, first: bool) -> Iterator[str]:
        label = "" if problem.id.startswith("verdict-") else f" [{problem.id}]"
        level = self._paint(problem.level.value, problem.level)
        yield f"{_clean(str(problem.place))}: {level}: {self._bold(problem.message)}{label}"
        yield from self._quote(report, problem.place, whole=problem.key is None or problem.place != problem.key.place)
        if problem.decides and problem.key and first:
            yield from (self._line(name, text) for name, text in _reasons(problem.key, problem))
        yield from (self._line("hint", hint, mark="") for hint in problem.hints)

    def _line(self, name: str, text: str, mark: str = "= ") -> str:
        return f"  {mark}{self._bold(name)}: {_clean(text)}"

    def _quote(self, report: TemplateReport, place: Place, *, whole: bool) -> Iterator[str]:
        """Quote the line at a place with a caret under it; and, of a ``whole`` statement, the lines further down."""
        if place.file != report.path or place.line not in report.lines:
            return
        lines = list(_block(report, place))[: None if whole else 1]
        width = len(str(lines[-1][0]))
        margin = self._sgr(" " * width + " |", "1;34")
        yield margin
        for number, line in lines:
            yield f"{self._sgr(f'{number:>{width}} |', '1;34')} {_clean(line)}".rstrip()
            if number == place.line:
                indent = "".join(char if char == "\t" else " " for char in line[: place.column - 1])
                yield f"{margin} {indent}{self._sgr('^', '1;31')}"

    def summary(self, reports: Sequence[TemplateReport]) -> str:
        """Count keys and problems in one line."""
        keys = [key for report in reports for key in report.keys]
        verdicts = Counter(key.verdict.value for key in keys)
        found = [problem for report in reports for problem in problems(report)]
        levels = Counter(problem.level for problem in found if problem.suppressed is None)
        suppressed = sum(problem.suppressed is not None for problem in found)
        told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items()) or "none"
        counted = [_counted(levels[level], level.value) for level in reversed(Level) if levels[level]]
        if suppressed:
            counted.append(f"{suppressed} suppressed")
        head = f"{_counted(len(reports), 'template')}, {_counted(len(keys), 'key')}: {told}"
        return f"{head}; {', '.join(counted)}" if counted else head

    def _paint(self, text: str, level: Level) -> str:
        return self._sgr(text, _COLOURS[level])

    def _bold(self, text: str) -> str:
        return self._sgr(text, "1")

    def _sgr(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{_clean(text)}\x1b[0m" if self._colour else _clean(text)


def _reasons(key: KeyReport, problem: Problem) -> Iterator[tuple[str, str]]:
    """Tell why a key has its verdict: once, under the first problem that tells of it."""
    if key.verdict is not Verdict.UNDECIDED and not problem.message.startswith(key.message):
        yield "note", key.message
    if statement := key.deciding_statement:
        where = f" at {statement.place}" if statement.place else ""
        yield "note", f"decided by {statement.label} ({statement.effect}) of {statement.policy}{where}"
    if key.call and key.call.reason:
        yield "note", f"asked for `{key.call.action}`, AWS says: {key.call.reason}"
    for near in key.call.decision.near_misses[:_NEAR] if key.call else ():
        yield "note", f"{near.statement.label} of {near.policy.name} does not decide: {near.reason}"
    for branch in key.branches:
        yield "note", f"{branch.verdict.value} {branch.condition}: {branch.message}"
    yield from (("hangs on", name) for name in key.hangs_on if name not in problem.message)
    yield from (("assumed", assumption) for assumption in key.assumptions)
    if key.event:
        yield "event", key.event


def _block(report: TemplateReport, place: Place) -> Iterator[tuple[int, str]]:
    """The line at a place, and the lines below that are indented at least as far: a statement, a value."""
    line = report.lines[place.line]
    yield place.line, line
    depth = place.column - 1
    starts = not line[:depth].strip(" \t-")  # else the place is inside a line, and what follows is not its own
    for number in range(place.line + 1, place.line + _SHOWN):
        line = report.lines.get(number, "")
        if not starts or not line.strip() or len(line) - len(line.lstrip()) < depth:
            return
        yield number, line
        if line.strip() in ("}", "},", "]", "],") and len(line) - len(line.lstrip()) == depth:
            return


def _clean(text: str) -> str:
    """Take the control characters out of what a file says, which a terminal would obey."""
    return text if text.isprintable() else "".join(char if char.isprintable() or char == "\t" else "�" for char in text)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
