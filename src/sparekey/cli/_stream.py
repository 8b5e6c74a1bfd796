"""``sparekey simulate --jsonl``: one case a line in, one answer a line out, at the speed of the engine.

Lines of a stream mostly share their policies. The text of a line's ``policies`` is compared with those seen before, so
that they are read, compiled and indexed once.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from sparekey.cli._answers import answer, as_number
from sparekey.cli._cases import DECODER, read_json
from sparekey.errors import InputError, system_reason
from sparekey.policy import authorize
from sparekey.policy._json_places import JsonPlaces
from sparekey.policy._simulation import CaseReader, resource_type
from sparekey.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.policy import PolicySet, PolicyType, Principal, Request
    from sparekey.source import Path

#: The most a line may hold, in bytes; a longer one is a bad line.
LONGEST = 32 * 1024 * 1024

_CHUNK = 1 << 16

#: How many different texts of policies are remembered.
_REMEMBERED = 512

#: How many of them are compared with a line before it is read in full.
_COMPARED = 4

_KEY = re.compile(r'[ \t\r\n]*+"([a-z_]++)"[ \t\r\n]*+:[ \t\r\n]*+')
_END = re.compile(r"[ \t\r\n]*+([,}])")
_OPEN = re.compile(r"[ \t\r\n]*+\{")
#: The values of a line that lines share, and that are large.
_SHARED = ("policies", "grants")


def answer_stream(name: str, *, explain: bool) -> int:
    """Answer every line of a file (``-``: standard input); a bad line is answered by an error, and the stream goes on.

    Returns:
        0, or 2 if a line was bad.

    Raises:
        InputError: the file cannot be read.
    """
    if name == "-":
        return _answer_lines(sys.stdin.buffer, "<stdin>", explain=explain)
    try:
        with FilePath(name).open("rb") as file:
            return _answer_lines(file, name, explain=explain)
    except OSError as error:
        raise InputError(f"cannot read `{name}`: {system_reason(error)}") from None


def _answer_lines(file: BinaryIO, name: str, *, explain: bool) -> int:
    stream = Stream(name, explain=explain)
    encode = json.JSONEncoder(default=str).encode
    status = 0
    for lines in _lines(file):
        written = [stream.answer(number, line) for number, line in lines]
        status = max([status, *(2 for found in written if "error" in found)])
        sys.stdout.write("".join([f"{encode(found)}\n" for found in written if found]))
        sys.stdout.flush()
    return status


def _lines(file: BinaryIO) -> Iterator[list[tuple[int, bytes | None]]]:
    """The lines of a file, by as many as are there at once; ``None`` for one that is too long."""
    number, parts, length = 0, [b""], 0
    read = getattr(file, "read1", file.read)
    while chunk := read(_CHUNK):
        first, *others = chunk.split(b"\n")
        length += len(first)
        if length <= LONGEST:
            parts.append(first)
        if not others:
            continue
        *whole, last = others
        lines = [b"".join(parts) if length <= LONGEST else None, *whole]
        yield [(number + at, line) for at, line in enumerate(lines, 1)]
        number += len(lines)
        parts, length = [last], len(last)
    if length:
        yield [(number + 1, b"".join(parts) if length <= LONGEST else None)]


class _Line(NamedTuple):
    """One line of a stream: its text, and where its policies begin."""

    file: str
    number: int
    text: str
    start: int = 0

    def place(self, offset: int) -> Place:
        """The place of a character."""
        return Place(self.file, self.number, offset + 1)

    def locate(self, path: Path) -> Place:
        """The place of the value at a path of the case."""
        found = JsonPlaces(self.text, self.file)(path)
        return self.place(found.column - 1 if found else 0)


class _Policies:
    """A text of policies that lines share; ``line`` is the line at hand, for the places of its statements."""

    def __init__(self, text: str, line: _Line) -> None:
        self._places = JsonPlaces(text, line.file)
        self.line = line

    def locate(self, path: Path) -> Place:
        """The place, in the line at hand, of the value at a path of the case."""
        found = self._places(path[1:]) if path[:1] == ("policies",) else None
        return self.line.place(self.line.start + found.column - 1) if found else self.line.locate(path)


class Stream:
    """Answers the lines of one stream."""

    def __init__(self, file: str, *, explain: bool) -> None:
        """Take the name under which places are shown, and whether answers are explained."""
        self._file = file
        self._explain = explain
        self._sets: dict[tuple[str, str, PolicyType, str], tuple[PolicySet, _Policies]] = {}
        self._latest: list[str] = []
        self._principals: dict[object, Principal] = {}

    def answer(self, number: int, data: bytes | None) -> dict[str, object]:
        """Answer one line; nothing for a blank one."""
        case_id: object = None
        try:
            text = self._text(number, data)
            if not text or text.isspace():
                return {}
            case, raw, start = self._split(text) or (self._whole(_Line(self._file, number, text)), {}, 0)
            case_id = case.get("id")
            line = _Line(self._file, number, text, start)
            request = CaseReader(line.locate, self._principals).request(case)
            return answer(authorize(request, self._policies(line, case, raw, request)), case_id, explain=self._explain)
        except InputError as error:
            column = {"column": error.place.column} if error.place else {}
            hint = {"hint": error.hint} if error.hint else {}
            known = {"id": as_number(case_id)} if case_id is not None else {}
            return {**known, "error": error.message, "line": number, **column, **hint}

    def _text(self, number: int, data: bytes | None) -> str:
        if data is None:
            raise InputError(f"the line holds more than {LONGEST >> 20} MiB, the most that is read")
        try:
            return data.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            place = Place(self._file, number, len(data[: error.start].decode()) + 1)
            raise InputError(f"the byte 0x{data[error.start]:02x} is not UTF-8 text", place) from None

    def _split(self, text: str) -> tuple[dict[str, object], dict[str, str], int] | None:
        """Read the line's own values, and cut out the texts of its policies and grants.

        ``None`` for a line that is not written as plainly as most are, which is then read in full.
        """
        opening = _OPEN.match(text)
        case: dict[str, object] = {}
        raw: dict[str, str] = {}
        start, position, more = 0, opening.end() if opening else 0, bool(opening)
        while more:
            key = _KEY.match(text, position)
            if key is None or key[1] in case:
                return None
            name, begin = key[1], key.end()
            known = next((seen for seen in self._latest if text.startswith(seen, begin)), "") if name in _SHARED else ""
            try:
                case[name], position = ({}, begin + len(known)) if known else DECODER.raw_decode(text, begin)
            except (ValueError, RecursionError):
                return None
            if name in _SHARED:
                raw[name] = known or text[begin:position]
                start = begin if name == "policies" else start
            end = _END.match(text, position)
            if end is None:
                return None
            position, more = end.end(), end[1] == ","
        return (case, raw, start) if raw and not text[position:].strip() else None

    def _whole(self, line: _Line) -> dict[str, object]:
        """Read a whole line, and say what is wrong with it."""
        try:
            case = read_json(line.text, JsonPlaces(line.text, self._file))
        except InputError as error:
            place = line.place(error.place.column - 1) if error.place else None
            raise InputError(error.message, place, hint=error.hint) from None
        if not isinstance(case, dict):
            raise InputError("a case must be a mapping", line.place(0))
        return case

    def _policies(self, line: _Line, case: dict[str, object], raw: dict[str, str], request: Request) -> PolicySet:
        """The policies of a line, compiled once for all lines that write them the same way."""
        if not raw:
            return CaseReader(line.locate).policies(case, request)
        partition = request.principal.arn.split(":", 2)[1:2]
        key = (raw.get("policies", ""), raw.get("grants", ""), resource_type(request), "".join(partition))
        found = self._sets.get(key)
        if found is None:
            source = _Policies(key[0], line)
            told = {name: DECODER.decode(text) for name, text in raw.items()}
            found = (CaseReader(source.locate).policies(told, request), source)
            if len(self._sets) >= _REMEMBERED:
                self._sets.clear()
            self._sets[key] = found
            self._latest = [text for text in dict.fromkeys((*raw.values(), *self._latest)) if len(text) > 2][:_COMPARED]
        found[1].line = line
        return found[0]
