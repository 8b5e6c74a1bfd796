"""The plain values a document is made of, and what to call them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.source import Path


class JsonNumber(str):
    """A number of a JSON text, as it is written there."""

    __slots__ = ()


def described(value: object) -> str:
    """What kind of JSON value this is, for messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a Boolean"
    if isinstance(value, int | float | JsonNumber):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else f"of type `{type(value).__name__}`"


def is_text(value: object) -> bool:
    """Whether a value is quoted text, or text the template leaves open."""
    return isinstance(value, str | Unknown) and not isinstance(value, JsonNumber)


def scalar_text(value: object) -> str | None:
    """The text of a number or Boolean of plain data that stands for text; ``None`` for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and -1e300 < value < 1e300:
        return str(value)
    return None


def listed(value: object, path: Path) -> Iterator[tuple[object, Path]]:
    """The items of a list, or the one value that stands in a list's place, each with its path."""
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield item, (*path, index)
    else:
        yield value, path
