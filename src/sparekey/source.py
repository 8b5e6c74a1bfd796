"""Where a value stands in the text it was read from."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A place in a file: its name as the user gave it, line and column counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """Render as ``file:line:column``, the form editors and CI systems link."""
        return f"{self.file}:{self.line}:{self.column}"


#: The way to a value inside a document: mapping keys and list indices, outermost first.
Path = tuple[str | int, ...]
