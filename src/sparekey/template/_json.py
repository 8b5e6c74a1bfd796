"""JSON text to the same nodes that YAML gives, strictly by the standard, with errors that name their place."""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder

from yaml.error import Mark

from sparekey.errors import InputError
from sparekey.source import Place
from sparekey.template._nodes import (
    BOOL,
    FLOAT,
    INT,
    MAP,
    NULL,
    SEQ,
    STR,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    place_of,
    refused,
)
from sparekey.template._yaml import MAX_DEPTH, typographic_quote

_BLANK = re.compile(r"[ \t\n\r]*")
_PLAIN_STRING = re.compile(r'"([^"\\\x00-\x1f]*)"')
_OTHER = re.compile(r"-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![\w.+-])|(?:true|false|null)\b")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"[\w.+-]{1,40}")
_DECODER = JSONDecoder()
_LITERALS = {"true": BOOL, "false": BOOL, "null": NULL}


class JsonReader:
    """Reads one JSON document into nodes.

    ``line`` and ``column`` (from 0) tell where the text begins in its file.
    """

    def __init__(self, text: str, file: str, *, line: int = 0, column: int = 0) -> None:
        """Read from ``text``."""
        self._text = text
        self._file = file
        self._origin = line, column
        self._line = line
        self._line_start = -column
        self._next_break = text.find("\n")
        self._string_start = 0

    def read(self) -> Node:
        """The document.

        Raises:
            InputError: the text is no JSON, or nests too deeply.
        """
        position = self._skip(0)
        node, position = self._value(position, 1)
        position = self._skip(position)
        if position < len(self._text):
            raise self._error("the document ends here, and more text follows", position)
        return node

    def _mark(self, position: int) -> Mark:
        """The mark of a position; positions only grow."""
        while -1 < self._next_break < position:
            self._line += 1
            self._line_start = self._next_break + 1
            self._next_break = self._text.find("\n", self._line_start)
        return Mark(self._file, position, self._line, position - self._line_start, None, 0)

    def _skip(self, position: int) -> int:
        """The position of the next token."""
        found = _BLANK.match(self._text, position)
        return found.end() if found else position

    def _value(self, position: int, depth: int) -> tuple[Node, int]:
        """Any value, and the position behind it."""
        character = self._text[position : position + 1]
        if character == '"':
            return self._string(position)
        if character in ("{", "["):
            if depth > MAX_DEPTH:
                raise InputError(f"the template nests deeper than {MAX_DEPTH} levels", self._place(position))
            return self._object(position, depth) if character == "{" else self._array(position, depth)
        found = _OTHER.match(self._text, position)
        if found is None:
            raise self._error(self._unexpected(position), position)
        text = found[0]
        tag = _LITERALS.get(text) or (FLOAT if found[1] else INT)
        start = self._mark(position)
        return ScalarNode(tag, text, start, self._mark(found.end())), found.end()

    def _string(self, position: int) -> tuple[ScalarNode, int]:
        """A string."""
        start = self._mark(position)
        self._string_start = position
        found = _PLAIN_STRING.match(self._text, position)
        if found is not None:
            return ScalarNode(STR, found[1], start, self._mark(found.end()), '"'), found.end()
        try:
            text, end = _DECODER.raw_decode(self._text, position)
        except JSONDecodeError as error:
            if "control character" in error.msg:
                raise self._error("the string does not end on its line", error.pos) from None
            if "Unterminated" in error.msg:
                raise self._error("the text ends within this string", position) from None
            raise self._error(error.msg[:1].lower() + error.msg[1:].partition(":")[0], error.pos) from None
        if _SURROGATE.search(text):
            raise self._error("the string holds half of a surrogate pair", position)
        return ScalarNode(STR, text, start, self._mark(end), '"'), end

    def _object(self, position: int, depth: int) -> tuple[MappingNode, int]:
        """An object."""
        start = self._mark(position)
        entries: list[tuple[ScalarNode, Node]] = []
        position = self._skip(position + 1)
        closed = self._text[position : position + 1] == "}"
        while not closed:
            if self._text[position : position + 1] != '"':
                what = "a comma stands before `}`" if self._text[position : position + 1] == "}" else None
                raise self._error(what or self._unexpected(position, "a key in double quotes"), position)
            key, position = self._string(position)
            position = self._skip(position)
            if self._text[position : position + 1] != ":":
                raise self._error(self._unexpected(position, "`:`"), position)
            value, position = self._value(self._skip(position + 1), depth + 1)
            entries.append((key, value))
            position, closed = self._separator(position, "}")
        return MappingNode(MAP, entries, start, self._mark(position + 1), True), position + 1

    def _array(self, position: int, depth: int) -> tuple[SequenceNode, int]:
        """An array."""
        start = self._mark(position)
        items: list[Node] = []
        position = self._skip(position + 1)
        closed = self._text[position : position + 1] == "]"
        while not closed:
            if items and self._text[position : position + 1] == "]":
                raise self._error("a comma stands before `]`", position)
            value, position = self._value(position, depth + 1)
            items.append(value)
            position, closed = self._separator(position, "]")
        return SequenceNode(SEQ, items, start, self._mark(position + 1), True), position + 1

    def _separator(self, position: int, closing: str) -> tuple[int, bool]:
        """The position of the next member, or of the closing bracket."""
        position = self._skip(position)
        character = self._text[position : position + 1]
        if character == ",":
            return self._skip(position + 1), False
        if character != closing:
            raise self._error(self._unexpected(position, f"`,` or `{closing}`"), position)
        return position, True

    def _unexpected(self, position: int, expected: str = "a value") -> str:
        """What stands at a position instead of what is expected."""
        if position >= len(self._text):
            return f"the text ends where {expected} is expected"
        if self._text.startswith(("//", "/*", "#"), position):
            return "a comment stands here, and JSON has none"
        if self._text[position] == "'":
            return "`'` stands where `\"` is needed"
        found = _WORD.match(self._text, position)
        return f"`{found[0] if found else self._text[position]}` stands where {expected} is expected"

    def _error(self, problem: str, position: int) -> InputError:
        """The error for a text that is no JSON; a typographic quotation mark that caused it is named."""
        line_end = self._text.find("\n", position)
        stretch = self._text[self._string_start : line_end if line_end >= 0 else len(self._text)]
        offset = typographic_quote(stretch)
        if offset is not None:
            mark = stretch[offset]
            problem = f'the typographic quotation mark `{mark}` stands where `"` is needed'
            return InputError(f"JSON not well-formed: {problem}", self._place(self._string_start + offset))
        return InputError(f"JSON not well-formed: {problem}", self._place(position))

    def _place(self, position: int) -> Place:
        """The place of a position, wherever it is."""
        before = self._text[:position]
        breaks = before.count("\n")
        line, column = self._origin
        column = position - before.rfind("\n") if breaks else column + position + 1
        return Place(self._file, line + breaks + 1, column)


def compose_json(text: str, file: str) -> MappingNode:
    """Read the JSON object in ``text``.

    Raises:
        InputError: the text is no JSON, nests too deeply, or is another value.
    """
    root = JsonReader(text, file).read()
    if not isinstance(root, MappingNode):
        raise refused("Template format error: unsupported structure.", place_of(file, root))
    return root
