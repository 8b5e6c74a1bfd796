"""Where the statements of a policy document stand, as the policy simulator counts: from behind what precedes them.

A statement begins right behind the bracket or the statement before it, so that a comma belongs to what follows it, and
ends behind its brace; one that stands without a list begins behind its own brace. Lines and columns count from one.
(Read off answers of AWS; not documented.)
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from functools import lru_cache
from typing import Final, NamedTuple

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()


#: ``Line`` and ``Column``.
Position = dict[str, int]


class Span(NamedTuple):
    """The offsets of the first character of a statement and of the one behind its last."""

    start: int
    end: int


@lru_cache(maxsize=64)
def statement_positions(text: str) -> tuple[tuple[Position, Position], ...]:
    """Where each statement of a policy document begins and ends."""
    lines = [0, *(found.end() for found in re.finditer("\n", text))]

    def position(offset: int) -> Position:
        line = bisect_right(lines, offset)
        return {"Line": line, "Column": offset - lines[line - 1] + 1}

    return tuple((position(span.start), position(span.end)) for span in statement_spans(text))


def statement_spans(text: str) -> tuple[Span, ...]:
    """The spans of the statements of a policy document that was read before, in their order."""
    at = _skip(text, 0) + 1
    while text[_skip(text, at)] == '"':
        name, at = _DECODER.raw_decode(text, _skip(text, at))
        at = _skip(text, _skip(text, at) + 1)
        if name == "Statement":
            found = _spans(text, at) if text[at] == "[" else [Span(at + 1, _DECODER.raw_decode(text, at)[1])]
            return tuple(found)
        _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        at += text[at] == ","
    return ()


def _spans(text: str, at: int) -> list[Span]:
    spans: list[Span] = []
    start = at + 1
    at = _skip(text, start)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        spans.append(Span(start, end))
        start = end
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at
    return spans


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
