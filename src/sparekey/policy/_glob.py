"""Wildcard patterns, matched in linear time: no regular expressions, no backtracking.

A pattern is a sequence of pieces: literal texts and :class:`Wild` cards. A text that is known in part is the same, with
``Wild.HOLE`` for each stretch that is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparekey.unknown import Unknown


class Wild(Enum):
    """What stands for text in a pattern. ``?`` takes one UTF-16 unit, as AWS's does."""

    ANY = "*"
    ONE = "?"
    ANY_IN_SEGMENT = "* but no colon"
    ONE_IN_SEGMENT = "? but no colon"
    HOLE = "text that is not told, wildcards included"


Piece = str | Wild
Pieces = tuple[Piece, ...]
Matcher = Callable[[str], bool]

#: Against a text with holes a longer pattern is not weighed: it could match, and need not.
_BUILT_FOR_HOLES = 20_000


def split_wildcards(text: str) -> Pieces:
    """Read ``*`` and ``?`` of a literal pattern."""
    if "?" not in text:
        if "*" not in text:
            return (text,)
        pieces: list[Piece] = []
        for part in text.split("*"):
            pieces += (part, Wild.ANY)
        return normalized(pieces[:-1])
    return normalized(_wildcards(text))


def _wildcards(text: str) -> Iterator[Piece]:
    start = 0
    for index, character in enumerate(text):
        if character in "*?":
            yield text[start:index]
            yield Wild.ANY if character == "*" else Wild.ONE
            start = index + 1
    yield text[start:]


def normalized(pieces: Iterable[Piece]) -> Pieces:
    """Join neighbouring texts and collapse neighbouring stars."""
    result: list[Piece] = []
    for piece in pieces:
        last = result[-1] if result else None
        if isinstance(piece, str):
            if not piece:
                continue
            if isinstance(last, str):
                result[-1] = last + piece
                continue
        elif piece is last and piece in (Wild.ANY, Wild.HOLE, Wild.ANY_IN_SEGMENT):
            continue
        result.append(piece)
    return tuple(result)


def text_pieces(unknown: Unknown) -> Pieces:
    """The known text of an unknown value, with holes."""
    return normalized(Wild.HOLE if piece is None else piece for piece in unknown.pieces)


def matcher(pieces: Pieces) -> Matcher:
    """Compile a pattern; the pieces are normalized and hold no hole."""
    if not pieces:
        return "".__eq__
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0].__eq__
    if all(isinstance(piece, str) or piece is Wild.ANY for piece in pieces):
        return _between_stars(pieces)
    return Automaton(pieces).matches


def _between_stars(pieces: Pieces) -> Matcher:
    if pieces == (Wild.ANY,):
        return lambda _text: True
    first = pieces[0] if isinstance(pieces[0], str) else ""
    last = pieces[-1] if isinstance(pieces[-1], str) else ""
    middle = tuple(piece for piece in pieces[1:-1] if isinstance(piece, str))
    if not middle and not last:
        return lambda text: text.startswith(first)
    if not middle and not first:
        return lambda text: text.endswith(last)
    shortest = len(first) + len(last)

    def matches(text: str) -> bool:
        if len(text) < shortest or not (text.startswith(first) and text.endswith(last)):
            return False
        position, end = len(first), len(text) - len(last)
        for literal in middle:
            position = text.find(literal, position, end)
            if position < 0:
                return False
            position += len(literal)
        return True

    return matches


def any_matcher(patterns: Sequence[Pieces]) -> Matcher | None:
    """Compile a list of patterns into one test, the cheapest forms first; ``None`` for an empty list."""
    if any(pattern == (Wild.ANY,) for pattern in patterns):
        return lambda _text: True
    exact: set[str] = set()
    prefixes: set[str] = set()
    others: list[Matcher] = []
    for pattern in patterns:
        first = pattern[0] if pattern else ""
        if len(pattern) <= 1 and isinstance(first, str):
            exact.add(first)
        elif len(pattern) == 2 and isinstance(first, str) and pattern[1] is Wild.ANY:
            prefixes.add(first)
        else:
            others.append(matcher(pattern))
    if not others:
        return _exact_or_prefixed(frozenset(exact), tuple(prefixes))
    simple = _exact_or_prefixed(frozenset(exact), tuple(prefixes))
    if simple is None and len(others) == 1:
        return others[0]
    tests = (*((simple,) if simple else ()), *others)

    def matches(text: str) -> bool:
        return any(test(text) for test in tests)

    return matches


def _exact_or_prefixed(exact: frozenset[str], prefixes: tuple[str, ...]) -> Matcher | None:
    if not prefixes:
        return exact.__contains__ if exact else None
    if not exact:
        return lambda text: text.startswith(prefixes)
    return lambda text: text in exact or text.startswith(prefixes)


class Automaton:
    """A pattern as sets of positions, each set one integer: a step costs the same whatever the pattern.

    Bit ``i`` stands for "the first ``i`` consuming pieces have been matched". Stars are loops on a bit.
    """

    __slots__ = ("_accepts", "_built", "_final", "_loops", "_one", "_one_in_segment", "_pieces", "_segment_loops")

    def __init__(self, pieces: Pieces) -> None:
        """Take a normalized pattern; a hole in it stands for any text."""
        self._pieces = pieces
        self._built = False
        self._accepts: dict[str, int] = {}
        self._loops = self._segment_loops = self._one = self._one_in_segment = self._final = 0

    def matches(self, text: str) -> bool:
        """Whether the pattern matches a known text."""
        text = utf16_units(text)
        if len(text) < self.shortest:  # also keeps a huge pattern from being built for a short text
            return False
        self._build()
        return bool(self._step(1, text) & self._final)

    def could_match(self, text: Pieces) -> bool:
        """Whether some text in the holes (of either side) makes the pattern match."""
        if Wild.HOLE not in text:
            return self.matches("".join(piece for piece in text if isinstance(piece, str)))
        if self.shortest > _BUILT_FOR_HOLES:
            return True
        self._build()
        everything = (self._final << 1) - 1
        states = 1
        for piece in text:
            if isinstance(piece, str):
                states = self._step(states, utf16_units(piece))
            else:  # from the lowest position on, every position can be reached
                states = everything & -(states & -states)
            if not states:
                return False
        return bool(states & self._final)

    def must_match(self, text: Pieces) -> bool:
        """Whether the pattern matches whatever stands in the holes: stars take them up."""
        if Wild.HOLE in self._pieces or self.shortest > _BUILT_FOR_HOLES:
            return False
        self._build()
        states = 1
        for piece in text:
            states = self._step(states, utf16_units(piece)) if isinstance(piece, str) else states & self._loops
        return bool(states & self._final)

    @property
    def shortest(self) -> int:
        """How many UTF-16 units the shortest text has that matches."""
        ones = (Wild.ONE, Wild.ONE_IN_SEGMENT)
        return sum(len(utf16_units(p)) if isinstance(p, str) else p in ones for p in self._pieces)

    def _build(self) -> None:
        if self._built:
            return
        bit = 1
        for piece in self._pieces:
            if isinstance(piece, str):
                for unit in utf16_units(piece):
                    self._accepts[unit] = self._accepts.get(unit, 0) | bit
                    bit <<= 1
            elif piece is Wild.ONE:
                self._one |= bit
                bit <<= 1
            elif piece is Wild.ONE_IN_SEGMENT:
                self._one_in_segment |= bit
                bit <<= 1
            elif piece is Wild.ANY_IN_SEGMENT:
                self._segment_loops |= bit
            else:
                self._loops |= bit
        self._final = bit
        self._built = True

    def _step(self, states: int, units: str) -> int:
        accepts, loops, one = self._accepts, self._loops, self._one
        inside_loops, inside_one = loops | self._segment_loops, one | self._one_in_segment
        for unit in units:
            if unit == ":":
                states = (states & (accepts.get(unit, 0) | one)) << 1 | states & loops
            else:
                states = (states & (accepts.get(unit, 0) | inside_one)) << 1 | states & inside_loops
            if not states:
                break
        return states


def utf16_units(text: str) -> str:
    """Spell a text with one character a UTF-16 unit; only characters above U+FFFF change."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    return "".join(map(_surrogates, text))


def _surrogates(character: str) -> str:
    point = ord(character) - 0x10000
    return character if point < 0 else chr(0xD800 + (point >> 10)) + chr(0xDC00 + (point & 0x3FF))
