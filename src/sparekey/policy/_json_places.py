"""Where things stand in a JSON text: a scanner that keeps positions, and tells what is wrong in plain words.

It is slower than :mod:`json` and is asked only once something is to be said about a place.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from sparekey.source import Path, Place

_SPACE = re.compile(r"[ \t\n\r]*+")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*+"')
_SCALAR = re.compile(r"(?:-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null)(?![A-Za-z0-9_.+-])")
_WORD = re.compile(r"[A-Za-z0-9_.+-]++")
_ESCAPE = re.compile(r"\\(?:[\"\\/bfnrt]|u[0-9A-Fa-f]{4})")

#: Quotation marks that a word processor puts in place of straight ones.
TYPOGRAPHIC_QUOTES = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb"

#: Nesting beyond this is not followed. A policy needs six levels.
DEEPEST = 200


class Problem(NamedTuple):
    """The first thing in a text that is no JSON, by the offset of the character.

    ``unexpected``: nothing more is known of it than what stands in its place.
    """

    offset: int
    message: str
    hint: str | None = None
    unexpected: bool = False


class Duplicate(NamedTuple):
    """A key that a mapping has twice; the later one counts for :mod:`json`, and AWS refuses both."""

    path: Path
    key: str
    offset: int


class _Node:
    """A value: where it begins, and what it contains."""

    __slots__ = ("children", "offset")

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.children: dict[str | int, _Node] | None = None


class JsonPlaces:
    """The places of a JSON text, found when they are first asked for."""

    def __init__(self, text: str, file: str) -> None:
        """Take the text, and the name under which places in it are shown."""
        self._text = text
        self._file = file
        self._lines: list[int] | None = None
        self._scanned: _Scan | None = None

    @property
    def problem(self) -> Problem | None:
        """The first thing that is no JSON; ``None`` for a sound text."""
        return self._scan().problem

    @property
    def duplicates(self) -> list[Duplicate]:
        """The keys that appear twice in one mapping."""
        return self._scan().duplicates

    def __call__(self, path: Path) -> Place | None:
        """Find the place of the value at a path, or of the nearest value around it."""
        node = self._scan().root
        if node is None:
            return None
        for step in path:
            inner = node.children.get(step) if node.children is not None else None
            if inner is None:
                break
            node = inner
        return self.at(node.offset)

    def at(self, offset: int) -> Place:
        """The place of a character."""
        if self._lines is None:
            self._lines = [0, *(match.end() for match in re.finditer("\n", self._text))]
        line = bisect_right(self._lines, offset)
        return Place(self._file, line, offset - self._lines[line - 1] + 1)

    def _scan(self) -> _Scan:
        if self._scanned is None:
            self._scanned = _Scan(self._text)
        return self._scanned


class _Scan:
    """One pass over a text, without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: _Node | None = None
        self.duplicates: list[Duplicate] = []
        self.problem: Problem | None = None
        self._open: list[tuple[dict[str | int, _Node], str]] = []
        self._path: list[str | int] = []
        try:
            self._read_document()
        except _NotJsonError as broken:
            self.problem = broken.problem

    def _read_document(self) -> None:
        position = self._skip(0)
        if position == len(self.text):
            raise _NotJsonError(position, "the document is empty")
        position = self._read_value(position)
        while self._open:
            position = self._read_member(self._skip(position))
        position = self._skip(position)
        if position < len(self.text):
            raise self._surplus(position)

    def _read_member(self, position: int) -> int:
        """Go on inside the innermost mapping or list: its end, or a comma and one more member."""
        members, closing = self._open[-1]
        character = self.text[position : position + 1]
        if character == closing:
            self._close()
            return position + 1
        if members:
            if character != ",":
                raise self._unexpected(position, f"`,` or `{closing}`")
            comma, position = position, self._skip(position + 1)
            if self.text[position : position + 1] == closing:
                raise _NotJsonError(comma, f"a comma stands before the closing `{closing}`", "remove the comma")
        if closing == "]":
            return self._read_value(position, len(members))
        return self._read_entry(position)

    def _read_entry(self, position: int) -> int:
        key_at = position
        match = _STRING.match(self.text, position)
        if match is None:
            raise (
                self._broken_string(position)
                if self.text[position : position + 1] == '"'
                else self._unexpected(position, 'a key in `"`')
            )
        key = _unquoted(match.group())
        position = self._skip(match.end())
        if self.text[position : position + 1] != ":":
            raise self._unexpected(position, f"`:` after the key `{key}`")
        if key in self._open[-1][0]:
            self.duplicates.append(Duplicate((*self._path,), key, key_at))
        return self._read_value(self._skip(position + 1), key)

    def _read_value(self, position: int, step: str | int | None = None) -> int:
        character = self.text[position : position + 1]
        node = _Node(position)
        if character in ("{", "["):
            self._enter(node, step, "}" if character == "{" else "]")
            return position + 1
        match = (_STRING if character == '"' else _SCALAR).match(self.text, position)
        if match is None:
            raise self._broken_string(position) if character == '"' else self._unexpected(position, "a value")
        self._keep(node, step)
        return match.end()

    def _enter(self, node: _Node, step: str | int | None, closing: str) -> None:
        if len(self._open) == DEEPEST:
            raise _NotJsonError(node.offset, f"the document is nested more than {DEEPEST} levels deep")
        self._keep(node, step)
        node.children = {}
        self._open.append((node.children, closing))
        if step is not None:
            self._path.append(step)

    def _keep(self, node: _Node, step: str | int | None) -> None:
        if step is None:
            self.root = node
        else:
            self._open[-1][0][step] = node

    def _close(self) -> None:
        self._open.pop()
        if self._path:
            self._path.pop()

    def _skip(self, position: int) -> int:
        match = _SPACE.match(self.text, position)
        return match.end() if match else position

    def _unexpected(self, position: int, wanted: str) -> _NotJsonError:
        character = self.text[position : position + 1]
        if not character:
            missing = "".join(closing for _, closing in reversed(self._open[-8:]))
            return _NotJsonError(
                position, f"the document ends where {wanted} is expected", f"close it with `{missing}`"
            )
        if character in TYPOGRAPHIC_QUOTES:
            return _NotJsonError(position, *typographic(character))
        if character == "\ufeff":
            return _NotJsonError(position, "the document begins with a byte order mark", "save it without one")
        if character == "'":
            return _NotJsonError(position, "a text is quoted with `'`", 'JSON quotes with `"`')
        if character in "/#":
            return _NotJsonError(position, "JSON has no comments", "remove the comment")
        word = _WORD.match(self.text, position)
        found = word.group() if word else character
        if found in ("NaN", "Infinity", "-Infinity"):
            return _NotJsonError(position, f"`{found}` is no JSON number")
        if found in ("True", "False", "None"):
            return _NotJsonError(position, f"`{found}` is Python's spelling", "JSON writes `true`, `false` and `null`")
        return _NotJsonError(position, f"expected {wanted}, found `{shown(found)}`", unexpected=True)

    def _surplus(self, position: int) -> _NotJsonError:
        if self.text.lstrip()[:1] == '"':
            return _NotJsonError(self._skip(0), "the document does not begin with `{`", "put the braces around it")
        return _NotJsonError(position, "something follows the end of the document")

    def _broken_string(self, position: int) -> _NotJsonError:
        """Say why a quoted text that begins here is none."""
        index = position + 1
        while index < len(self.text) and self.text[index] != '"':
            character = self.text[index]
            if character == "\\":
                escape = _ESCAPE.match(self.text, index)
                if escape is None:
                    return _NotJsonError(index, f"`{shown(self.text[index : index + 2])}` is no JSON escape")
                index = escape.end()
            elif character < " ":
                kind = "line break" if character in "\r\n" else "control character"
                return _NotJsonError(
                    index, f"a {kind} stands inside a quoted text", 'is a closing `"` missing before it?'
                )
            else:
                index += 1
        return _NotJsonError(position, 'a quoted text has no closing `"`')


class _NotJsonError(Exception):
    """The text is no JSON from here on."""

    def __init__(self, offset: int, message: str, hint: str | None = None, *, unexpected: bool = False) -> None:
        super().__init__(message)
        self.problem = Problem(offset, message, hint, unexpected)


def typographic(quote: str) -> tuple[str, str]:
    """The message and hint for a quotation mark out of a word processor."""
    return f"a typographic quotation mark `{quote}` stands where JSON needs a straight one", 'replace it with `"`'


def shown(text: str, longest: int = 80) -> str:
    """Make a text fit to be quoted in a message: short, on one line, printable."""
    if len(text) > longest:
        text = text[:longest] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)


def _unquoted(quoted: str) -> str:
    if "\\" not in quoted:
        return quoted[1:-1]
    import json

    return str(json.loads(quoted))
