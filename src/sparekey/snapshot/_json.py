"""JSON as people save it from AWS: with or without a byte order mark, one value or several, and where each stands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sparekey.errors import InputError
from sparekey.source import Path, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"


class Source(NamedTuple):
    """The text a JSON value was read from: ``text`` from offset ``start`` on, in ``file``."""

    file: str
    text: str
    start: int = 0

    def place(self, path: Path) -> Place:
        """Tell where the value at ``path`` stands; where the path leads nowhere, its nearest container."""
        return place_of(self.file, self.text, _offset(self.text, self.start, path))


def place_of(file: str, text: str, offset: int) -> Place:
    """Count lines and columns up to an offset of a text."""
    return Place(file, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def read_values(file: str, data: bytes) -> Iterator[tuple[object, Source]]:
    """Read every JSON value of a file: one, several one after the other (one a line, or pages put together).

    Raises:
        InputError: the file is empty, no text, or no JSON; with the place.
    """
    text = _decode(file, data)
    start = _skip(text, 0)
    if start == len(text):
        raise InputError("the file is empty", Place(file, 1, 1))
    while start < len(text):
        try:
            value, end = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError as error:
            message = f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
            raise InputError(message, place_of(file, text, error.pos)) from None
        except RecursionError:
            raise InputError("this JSON is nested too deeply to be read", place_of(file, text, start)) from None
        except ValueError as error:  # a number of thousands of digits
            raise InputError(f"this is not JSON that can be read: {error}", place_of(file, text, start)) from None
        yield value, Source(file, text, start)
        start = _skip(text, end)
        if text.startswith(",", start):  # objects cut out of a list
            start = _skip(text, start + 1)


def _decode(file: str, data: bytes) -> str:
    """Decode UTF-8, or UTF-16 with its mark (PowerShell's ``>`` writes that)."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        place = Place(file, line, error.start - data.rfind(b"\n", 0, error.start))
        raise InputError("this is not text in UTF-8", place) from None


def _offset(text: str, start: int, path: Path) -> int:
    """Walk to the value at ``path``, skipping everything beside the way with the C scanner."""
    offset = start
    for segment in path:
        inner = _member(text, offset, segment) if isinstance(segment, str) else _item(text, offset, segment)
        if inner is None:
            return offset
        offset = inner
    return offset


def _member(text: str, offset: int, key: str) -> int | None:
    """Find the value of a key of the object at ``offset``; of a key that is there twice, the last one."""
    if text[offset] != "{":
        return None
    found = None
    offset = _skip(text, offset + 1)
    while text[offset] != "}":
        name, offset = _DECODER.raw_decode(text, offset)
        offset = _skip(text, _skip(text, offset) + 1)
        if name == key:
            found = offset
        offset = _next(text, offset)
    return found


def _item(text: str, offset: int, index: int) -> int | None:
    """Find an item of the list at ``offset``."""
    if text[offset] != "[":
        return None
    offset = _skip(text, offset + 1)
    for _ in range(index):
        if text[offset] == "]":
            return None
        offset = _next(text, offset)
    return None if text[offset] == "]" else offset


def _next(text: str, offset: int) -> int:
    """Skip a value and the comma after it."""
    offset = _skip(text, _DECODER.raw_decode(text, offset)[1])
    return _skip(text, offset + 1) if text[offset] == "," else offset


def _skip(text: str, offset: int) -> int:
    """Skip white space."""
    while offset < len(text) and text[offset] in _SPACE:
        offset += 1
    return offset
