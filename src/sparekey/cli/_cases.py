"""Reading cases for ``sparekey simulate`` from JSON or YAML text, with the place of every value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sparekey.errors import InputError
from sparekey.policy._json_places import JsonPlaces
from sparekey.policy._json_values import JsonNumber
from sparekey.source import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparekey.source import Path


class Case(NamedTuple):
    """One case as plain data, and what tells where its values stand."""

    data: object
    locate: Callable[[Path], Place | None]


def read_cases(data: bytes, file: str) -> tuple[list[Case], bool]:
    """Read the case, or the list of cases, in a file; the second value tells whether it was a list.

    Raises:
        InputError: the file is neither JSON nor YAML.
    """
    text = _decoded(data, file)
    is_json = file.endswith(".json") or (not file.endswith((".yaml", ".yml")) and text.lstrip()[:1] in ("{", "["))
    value, locate = _read_json(text, file) if is_json else _read_yaml(text, file)
    if not isinstance(value, list):
        return [Case(value, locate)], False
    return [Case(item, _below(locate, index)) for index, item in enumerate(value)], True


def _below(locate: Callable[[Path], Place | None], index: int) -> Callable[[Path], Place | None]:
    return lambda path: locate((index, *path))


def _decoded(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise InputError(f"the byte 0x{data[error.start]:02x} is not UTF-8 text", place) from None


def unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make a mapping of its members; the later of two with the same key does not silently win."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice in one mapping")
    return members


def no_number(name: str) -> object:
    """Refuse ``NaN`` and its like, which Python's reader would take."""
    raise ValueError(f"`{name}` is no JSON number")


#: Reads JSON strictly, numbers as they are written.
DECODER = json.JSONDecoder(
    object_pairs_hook=unique_keys, parse_int=JsonNumber, parse_float=JsonNumber, parse_constant=no_number
)


def read_json(text: str, places: JsonPlaces) -> object:
    """Read JSON text.

    Raises:
        InputError: the text is no JSON, or has a key twice in one mapping.
    """
    try:
        return DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        problem = places.problem
        if problem is not None:
            raise InputError(problem.message, places.at(problem.offset), hint=problem.hint) from None
        for duplicate in places.duplicates:
            message = f"the key `{duplicate.key}` stands twice in one mapping"
            raise InputError(message, places.at(duplicate.offset)) from None
        raise InputError(f"the text is no JSON: {error}", places.at(0)) from None


def _read_json(text: str, file: str) -> tuple[object, JsonPlaces]:
    places = JsonPlaces(text, file)
    return read_json(text, places), places


def _read_yaml(text: str, file: str) -> tuple[object, Callable[[Path], Place | None]]:
    from sparekey.cli._yaml_cases import read_yaml

    return read_yaml(text, file)
