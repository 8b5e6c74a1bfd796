"""Text for people, in the manner of a good compiler: place, one sentence, the lines quoted, notes and hints."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sparekey.check._finding import Level, Verdict
from sparekey.check._quote import near_of, told_of
from sparekey.check.reports._problems import problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sparekey.check._finding import KeyReport, TemplateReport
    from sparekey.check.reports._problems import Problem
    from sparekey.policy import Because
    from sparekey.source import Place

_COLOURS = {Level.ERROR: "1;31", Level.WARNING: "1;33", Level.NOTE: "1;36"}
#: How many lines of a statement are shown; a longer one is cut short around the place that matters.
_SHOWN = 12
#: How much of a longer statement stands above that place, and how much below.
_ABOVE, _BELOW = 6, 3
#: How much of a line is shown: a key policy that is one JSON text can fill 32 KB.
_WIDTH = 240


def render(reports: Sequence[TemplateReport], *, colour: bool = False) -> str:
    """Render every problem, what is taken for granted, and a summary in the last line."""
    page = _Page(colour)
    return "".join(f"{line}\n" for report in reports for line in page.template(report)) + page.summary(reports) + "\n"


class _Page:
    """Writes lines, with colour or without."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour
        self._quoted: set[tuple[str, range]] = set()

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
            yield f"{_clean(str(key.place))}: {verdict}: {_clean(key.message.removeprefix('not created: '))}"
            if key.event:
                yield self._line("event", key.event)
        for assumption in dict.fromkeys(assumption for key in quiet for assumption in key.assumptions):
            yield self._line("assumed", assumption)

    def _problem(self, problem: Problem, report: TemplateReport, *, first: bool) -> Iterator[str]:
        label = "" if problem.id.startswith("verdict-") else f" [{problem.id}]"
        level = self._paint(problem.level.value, problem.level)
        yield f"{_clean(str(problem.place))}: {level}: {self._bold(problem.message)}{label}"
        yield from self._quote(report, problem.place)
        if first and problem.decides and problem.key and not _in_statement(report, problem.key, problem.place):
            yield from self._told(report, problem.place, problem.key)
        if problem.decides and problem.key and first:
            yield from (self._line(name, text) for name, text in _reasons(problem.key, problem))
        yield from (self._line("hint", hint, mark="") for hint in problem.hints)

    def _line(self, name: str, text: str, mark: str = "= ") -> str:
        return f"  {mark}{self._bold(name)}: {_clean(text)}"

    def _told(self, report: TemplateReport, place: Place, key: KeyReport) -> Iterator[str]:
        """Quote the statement that decides, or the one that comes nearest, where ``place`` is outside of it."""
        told = next((found for found in told_of(key) if found in report.quoted), None)
        if told and place.line not in report.quoted[told]:
            yield from self._quote(report, told)

    def _quote(self, report: TemplateReport, place: Place) -> Iterator[str]:
        """Quote the statement that a place is in, with a caret under the place; elsewhere, the line of the place."""
        if place.file != report.path or place.line not in report.lines:
            return
        block = report.quoted.get(place, range(place.line, place.line + 1))
        if (report.path, block) in self._quoted:  # once is enough: after that, the line alone
            block = range(place.line, place.line + 1)
        self._quoted.add((report.path, block))
        numbers = _shown(block, place.line)
        width = len(str(numbers[-1]))
        margin = self._sgr(" " * width + " |", "1;34")
        yield margin
        before = numbers[0] - 1
        for number in numbers:
            if number != before + 1:
                yield self._sgr("...", "1;34")
            before = number
            line = report.lines.get(number, "")
            start = _clipped(place.column - 1 if number == place.line else 0)
            yield f"{self._sgr(f'{number:>{width}} |', '1;34')} {_clean(_clip(line, start))}".rstrip()
            if number == place.line:
                indent = "".join(char if char == "\t" else " " for char in line[start : place.column - 1])
                yield f"{margin} {' ' * (start > 0)}{indent}{self._sgr('^', '1;31')}"
        if numbers[-1] != block[-1]:
            yield self._sgr("...", "1;34")

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
        effect = f" ({statement.effect})" if statement.effect else ""
        yield "note", f"decided by {statement.label}{effect} of {statement.policy}{where}"
        if key.call and (written := _elsewhere(key.call.decision.because, key.place.file)):
            yield "note", f"it says {written}"
    if key.call and key.call.reason:
        yield "note", f"asked for `{key.call.action}`, AWS says: {key.call.reason}"
    for near in near_of(key):
        decides = "may decide" if near.match == "unknown" else "does not decide"
        yield "note", f"{near.statement.label} of {near.policy.name} {decides}: {near.reason}"
    for branch in key.branches:
        yield "note", f"{branch.verdict.value} {branch.condition}: {branch.message}"
    yield from (("hangs on", name) for name in key.hangs_on if name not in problem.message)
    yield from (("assumed", assumption) for assumption in key.assumptions)
    if key.event:
        yield "event", key.event


def _in_statement(report: TemplateReport, key: KeyReport, place: Place) -> bool:
    """Whether a place is in a statement, of which the quotation then shows all."""
    in_line = any(start.line == place.line and start.column <= place.column for start in key.statements)
    return in_line or len(report.quoted.get(place, ())) > 1


def _elsewhere(because: Because | None, file: str) -> str | None:
    """Write a deciding statement that is not in the template, since its lines are not at hand."""
    if because is None or because.statement is None or (because.place and because.place.file == file):
        return None
    from json import dumps

    from sparekey.check.fixes._statement_json import statement_json

    document = statement_json(because.statement)
    return _clip(dumps(document, ensure_ascii=False), 0) if document else None


def _shown(numbers: range, marked: int) -> list[int]:
    """The lines to show of those that belong together: all, or its first and those around the marked one."""
    if len(numbers) <= _SHOWN:
        return list(numbers)
    if marked - numbers.start < _SHOWN - _BELOW:
        return list(numbers[:_SHOWN])
    around = range(marked - _ABOVE, min(marked + _BELOW + 1, numbers.stop))
    return [*numbers[: _SHOWN - _ABOVE - _BELOW - 1], *around]


def _clipped(column: int) -> int:
    """Where to begin a line so that a column of it is among what is shown."""
    return 0 if column < _WIDTH * 3 // 4 else column - _WIDTH // 2


def _clip(line: str, start: int) -> str:
    """Show as much of a long line as one can read."""
    end = "…" if len(line) > start + _WIDTH else ""
    return ("…" if start else "") + line[start : start + _WIDTH] + end


def _clean(text: str) -> str:
    """Take the control characters out of what a file says, which a terminal would obey."""
    return text if text.isprintable() else "".join(char if char.isprintable() or char == "\t" else "�" for char in text)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
