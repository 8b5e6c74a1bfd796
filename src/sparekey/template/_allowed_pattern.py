"""AllowedPattern: regular expressions matched in linear time, whatever the template makes of them.

Patterns are Java's. The common part is read here into a small machine that follows all ways at once; what it does not
know (lookahead, back references, possessive quantifiers, class intersections) is not examined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sparekey.template._budget import Effort

#: Bounds on the machine and on a class; beyond them a pattern is not examined. A backtracking matcher could be stopped
#: by a signal or another thread only; here the work is known before it is done, and counted (``Effort``).
_MOST_STATES = 20_000
_MOST_TESTS = 100
#: What reading a character of a pattern costs, in steps of matching.
_READING = 50

Test = Callable[[str], bool]


class _UnsupportedError(Exception):
    """The pattern uses something that is not read here."""


@dataclass(slots=True)
class _State:
    """A state: goes on by one character that passes ``test``, or freely to ``ways``; ``end`` ones only at an end."""

    test: Test | None = None
    ways: tuple[int, ...] = ()
    at: str = ""  # "^": only at the beginning, "$": only at the end


_CLASSES: dict[str, Test] = {
    "d": lambda c: "0" <= c <= "9",
    "w": lambda c: c.isascii() and (c.isalnum() or c == "_"),
    "s": lambda c: c in " \t\n\x0b\f\r",
}
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_POSIX: dict[str, Test] = {
    "Lower": lambda c: "a" <= c <= "z",
    "Upper": lambda c: "A" <= c <= "Z",
    "Alpha": lambda c: c.isascii() and c.isalpha(),
    "Digit": lambda c: "0" <= c <= "9",
    "Alnum": lambda c: c.isascii() and c.isalnum(),
    "Punct": lambda c: c.isascii() and c.isprintable() and not c.isalnum() and c != " ",
    "ASCII": lambda c: c.isascii(),
}


def matches_pattern(pattern: str, text: str, effort: Effort | None = None) -> bool | None:
    """Whether the whole of a text matches a pattern; ``None`` if the pattern is not examined."""
    effort = effort or Effort()
    if not effort.take(_READING * len(pattern)):
        return None
    try:
        states = _Reader(pattern).read()
    except (_UnsupportedError, RecursionError):
        return None
    if not effort.take(len(states) * (len(text) + 1)):
        return None
    return _run(states, text)


def _run(states: list[_State], text: str) -> bool:
    """Follow all ways through the machine at once."""
    current = _reach(states, {0}, text, 0)
    for position, character in enumerate(text):
        following = {number + 1 for number in current if (test := states[number].test) and test(character)}
        if not following:
            return False
        current = _reach(states, following, text, position + 1)
    return len(states) - 1 in current


def _reach(states: list[_State], start: set[int], text: str, position: int) -> set[int]:
    """The states reached without reading a character."""
    reached: set[int] = set()
    stack = list(start)
    while stack:
        number = stack.pop()
        if number in reached:
            continue
        reached.add(number)
        state = states[number]
        if (state.at == "^" and position) or (state.at == "$" and position < len(text)):
            continue
        stack.extend(number + way for way in state.ways)
    return reached


class _Reader:
    """Reads a pattern into states. A fragment is a list of states that is left at its end."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._position = 0

    def read(self) -> list[_State]:
        """The machine: its first state is the start, its last the end."""
        states = self._alternatives(0)
        if self._position < len(self._pattern):
            raise _UnsupportedError
        return [*states, _State()]

    def _peek(self) -> str:
        return self._pattern[self._position : self._position + 1]

    def _take(self) -> str:
        character = self._peek()
        if not character:
            raise _UnsupportedError
        self._position += 1
        return character

    def _alternatives(self, depth: int) -> list[_State]:
        """``a|b``."""
        if depth > 50:
            raise _UnsupportedError
        states = self._sequence(depth)
        while self._peek() == "|":
            self._take()
            other = self._sequence(depth)
            states = [_State(ways=(1, len(states) + 2)), *states, _State(ways=(len(other) + 1,)), *other]
            _bound(states)
        return states

    def _sequence(self, depth: int) -> list[_State]:
        """``ab``."""
        states: list[_State] = []
        while self._peek() not in ("", "|", ")"):
            states += self._repeated(self._one(depth))
            _bound(states)
        return states

    def _one(self, depth: int) -> list[_State]:
        """One character, class, anchor or group."""
        character = self._take()
        if character == "(":
            return self._group(depth)
        if character in "^$":
            return [_State(ways=(1,), at=character)]
        if character in "*+?{":
            raise _UnsupportedError
        if character == ".":
            return [_State(lambda c: c not in "\n\r\x85\u2028\u2029")]
        if character == "[":
            return [_State(self._class())]
        if character == "\\":
            return [_State(self._escape()[0])]
        return [_State(_is(character))]

    def _group(self, depth: int) -> list[_State]:
        """``(a)`` and ``(?:a)``."""
        if self._peek() == "?":
            self._take()
            if self._take() != ":":
                raise _UnsupportedError
        states = self._alternatives(depth + 1)
        if self._take() != ")":
            raise _UnsupportedError
        return states

    def _repeated(self, states: list[_State]) -> list[_State]:
        """A fragment with the quantifier behind it."""
        quantifier = self._peek()
        if quantifier not in ("*", "+", "?", "{") or not quantifier:
            return states
        self._take()
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(quantifier) or self._counts()
        if self._peek() == "?":
            self._take()
        elif self._peek() in ("+", "*", "{") and self._peek():
            raise _UnsupportedError
        if len(states) * max(least, most or 1, 1) > _MOST_STATES:
            raise _UnsupportedError
        repeated = states * least
        if most is None:
            size = len(states)
            return [*repeated, _State(ways=(1, size + 2)), *states, _State(ways=(-size - 1,))]
        for left in range(most - least, 0, -1):
            repeated += [_State(ways=(1, left * (len(states) + 1))), *states]
        return repeated

    def _counts(self) -> tuple[int, int | None]:
        """``{n}``, ``{n,}`` and ``{n,m}``."""
        end = self._pattern.find("}", self._position)
        least, comma, most = self._pattern[self._position : max(end, self._position)].partition(",")
        if end < 0 or not least.isdecimal() or not (most.isdecimal() or not most) or len(least + most) > 12:
            raise _UnsupportedError
        self._position = end + 1
        if not comma:
            return int(least), int(least)
        if most and int(most) < int(least):
            raise _UnsupportedError
        return int(least), int(most) if most else None

    def _escape(self) -> tuple[Test, str | None]:
        """What stands behind a backslash: a test, and the character if it is one."""
        character = self._take()
        if character in _CLASSES:
            return _CLASSES[character], None
        if character.lower() in _CLASSES:
            return _not(_CLASSES[character.lower()]), None
        if character in "pP":
            found = self._pattern[self._position :].partition("}")[0]
            test = _POSIX.get(found[1:])
            if found[:1] != "{" or test is None:
                raise _UnsupportedError
            self._position += len(found) + 1
            return (test if character == "p" else _not(test)), None
        if character in _ESCAPES:
            return _is(_ESCAPES[character]), _ESCAPES[character]
        if character.isascii() and character.isalnum():
            raise _UnsupportedError
        return _is(character), character

    def _class(self) -> Test:
        """``[a-z]``."""
        negated = self._peek() == "^"
        if negated:
            self._take()
        tests: list[Test] = []
        characters: set[str] = set()
        while (character := self._take()) != "]" or not (tests or characters):
            if character in "[&" and (character == "[" or self._peek() == "&"):
                raise _UnsupportedError
            test, first = self._escape() if character == "\\" else (_is(character), character)
            if (
                first is not None
                and self._peek() == "-"
                and self._pattern[self._position + 1 : self._position + 2] not in ("]", "")
            ):
                self._take()
                last: str | None = self._take()
                if last == "\\":
                    last = self._escape()[1]
                if last is None or last == "[" or last < first:
                    raise _UnsupportedError
                test, first = _between(first, last), None
            if first is not None:
                characters.add(first)
            else:
                tests.append(test)
            if len(tests) > _MOST_TESTS:
                raise _UnsupportedError
        either: Test = lambda c: c in characters or any(test(c) for test in tests)  # noqa: E731 - a test like the others
        return _not(either) if negated else either


def _bound(states: list[_State]) -> None:
    if len(states) > _MOST_STATES:
        raise _UnsupportedError


def _is(character: str) -> Test:
    return lambda c: c == character


def _between(first: str, last: str) -> Test:
    return lambda c: first <= c <= last


def _not(test: Test) -> Test:
    return lambda c: not test(c)
