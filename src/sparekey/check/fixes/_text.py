"""A template's text and the edits to it: what is not edited stays as it is, to the last byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterable


class Edit(NamedTuple):
    """Replace the characters from ``start`` to ``end`` by ``text``; an insertion where both are the same."""

    start: int
    end: int
    text: str

    @property
    def size(self) -> int:
        """How much the edit changes: the characters it takes away and those it puts in."""
        return self.end - self.start + len(self.text)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Carry out edits that do not overlap; insertions at the same place keep their order.

    Raises:
        ValueError: two edits overlap.
    """
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < at:
            raise ValueError(f"the edit at {edit.start} overlaps the one before it")
        pieces += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join((*pieces, text[at:]))


def newline_of(text: str) -> str:
    r"""Tell how the text ends its lines: the first of ``\r\n``, ``\n`` and ``\r`` that it uses."""
    for at, character in enumerate(text):
        if character == "\n":
            return "\n"
        if character == "\r":
            return "\r\n" if text[at + 1 : at + 2] == "\n" else "\r"
    return "\n"


def line_start(text: str, offset: int) -> int:
    """Find the first character of the line that ``offset`` is in."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Find the end of the line that ``offset`` is in, before its line break."""
    ends = [at for at in (text.find("\n", offset), text.find("\r", offset)) if at >= 0]
    return min(ends, default=len(text))


def next_line(text: str, offset: int) -> int:
    """Find the first character of the line after the one that ``offset`` is in (or the end of the text)."""
    end = line_end(text, offset)
    return end + 2 if text[end : end + 2] == "\r\n" else min(end + 1, len(text))


def column_of(text: str, offset: int) -> int:
    """Tell the column of ``offset``, counted from 0."""
    return offset - line_start(text, offset)


def indentation_of(text: str, offset: int) -> str:
    """Read the white space that the line of ``offset`` begins with."""
    start = line_start(text, offset)
    end = start
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    return text[start:end]


def unified_diff(path: str, before: str, after: str) -> str:
    """Render what changed as a unified diff that ``patch`` and ``git apply`` take; empty if nothing did."""
    from difflib import unified_diff as compare

    path = printable(path)
    old, new = path if path.startswith("/") else f"a/{path}", path if path.startswith("/") else f"b/{path}"
    lines: list[str] = []
    for number, line in enumerate(compare(_lines(before), _lines(after), old, new)):
        missing = number > 1 and not line.endswith("\n")
        lines.append(f"{line}\n\\ No newline at end of file\n" if missing else line)
    return "".join(lines)


def changed_lines(before: str, after: str) -> list[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    """Tell which lines changed: the number of the first (counted from 1), the old lines and the new ones."""
    from difflib import SequenceMatcher

    old, new = _lines(before), _lines(after)
    return [
        (start + 1, tuple(old[start:end]), tuple(new[first:last]))
        for kind, start, end, first, last in SequenceMatcher(None, old, new).get_opcodes()
        if kind != "equal"
    ]


def _lines(text: str) -> list[str]:
    r"""Split at ``\n`` alone, as ``diff`` does: any other break is a character of its line."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
