"""Which lines of a template a report quotes: all lines of the statement that a place is in, else the one line."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from sparekey.policy import Match

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sparekey.check._finding import Finding, KeyReport
    from sparekey.policy import Examined
    from sparekey.source import Place

#: A statement is not followed further down than this.
_LONGEST = 400
_CLOSING = {"{": "}", "[": "]"}
#: How many of the statements that came near are worth a quotation.
_NEAR = 2


def quotations(
    file: str, lines: Sequence[str], keys: Iterable[KeyReport], findings: Iterable[Finding]
) -> Mapping[Place, range]:
    """Tell for every place that the reports speak of which lines to quote, counted from 1 as places are."""
    quoted: dict[Place, range] = {}
    for key in keys:
        starts = sorted(place for place in key.statements if _in(file, lines, place))
        statements = [_statement(lines, start) for start in starts]
        for place in _places(key):
            if _in(file, lines, place):
                last = bisect_right(starts, place) - 1  # the last statement that begins before the place
                around = last >= 0 and place.line in statements[last]
                quoted[place] = statements[last] if around else _line(place)
    quoted.update({found.place: _line(found.place) for found in findings if _in(file, lines, found.place)})
    return quoted


def _in(file: str, lines: Sequence[str], place: Place) -> bool:
    return place.file == file and place.line <= len(lines)


def _line(place: Place) -> range:
    return range(place.line, place.line + 1)


def _places(key: KeyReport) -> Iterator[Place]:
    """The places that a report on a key speaks of."""
    yield key.place
    for finding in key.findings:
        yield finding.place
    yield from told_of(key)


def told_of(key: KeyReport) -> Iterator[Place]:
    """Where the statement stands that decides, and those that came near."""
    if key.deciding_statement and key.deciding_statement.place:
        yield key.deciding_statement.place
    if key.verdict.level is None or key.call is None:
        return
    for near in near_of(key):
        if near.place:
            yield near.place


def near_of(key: KeyReport) -> Iterator[Examined]:
    """The statements that came near, as many as are worth telling; first those that may decide yet."""
    near = key.call.decision.near_misses if key.call else ()
    yield from sorted(near, key=lambda examined: examined.match is not Match.UNKNOWN)[:_NEAR]


def _statement(lines: Sequence[str], start: Place) -> range:
    """The lines of the statement that begins at a place: to its closing bracket, or as far as it is indented."""
    first = lines[start.line - 1]
    if first[start.column - 1 : start.column] in _CLOSING:
        return range(start.line, _closing_line(lines, start) + 1)
    depth, end = start.column - 1, start.line
    if first[:depth].strip(" \t-"):
        return _line(start)
    for number in range(start.line + 1, min(start.line + _LONGEST, len(lines) + 1)):
        line = lines[number - 1].rstrip()
        if line and len(line) - len(line.lstrip()) < depth:
            break
        end = number if line else end
    return range(start.line, end + 1)


def _closing_line(lines: Sequence[str], start: Place) -> int:
    """The line of the bracket that closes the one at a place; brackets inside quotation marks do not count."""
    open_, quote, skip = 0, "", False
    for number in range(start.line, min(start.line + _LONGEST, len(lines) + 1)):
        for char in lines[number - 1][start.column - 1 if number == start.line else 0 :]:
            if skip:
                skip = False
            elif quote:
                skip = char == "\\" and quote == '"'
                quote = "" if char == quote else quote
            elif char in "\"'":
                quote = char
            else:
                open_ += (char in "{[") - (char in "}]")
                if open_ == 0:
                    return number
    return start.line
