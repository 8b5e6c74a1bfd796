"""Generated records of any kind, and a kind of our own to store."""

from __future__ import annotations

import importlib
import pkgutil
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum, StrEnum
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from sparekey.services import directory
from sparekey.storage.interface import Kind


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Thing:
    """A record with a member of every form."""

    name: str
    size: int = 0
    ratio: float = 0.5
    flag: bool = False
    blob: bytes = b""
    at: datetime | None = None
    colour: Colour | None = None
    point: Point | None = None
    points: tuple[Point, ...] = ()
    pair: tuple[str, int] = ("", 0)
    tags: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, datetime] = field(default_factory=dict)
    mixed: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    mode: Literal["on", "off"] = "on"
    number_or_text: bool | int | str = 0


@dataclass(frozen=True, slots=True)
class Note:
    """A small record, for tests of stores."""

    text: str = ""
    number: int = 0


class Row(NamedTuple):
    """A record that is cheap to write."""

    name: str
    at: datetime
    colour: Colour | None = None
    size: int = 0
    flag: bool | None = None


ROWS = Kind("test.row", Row)
LOG = Kind("test.log", Row, log=True)
THINGS = Kind("test.thing", Thing)
NOTES = Kind("test.note", Note)
OTHERS = Kind("test.other", Note)

_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))])
_SCALARS: Mapping[object, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=()), max_size=20),  # lone surrogates too: JSON requests can hold them
    int: st.integers(),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bytes: st.binary(max_size=20),
    datetime: st.datetimes(
        datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        datetime(9000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        timezones=_ZONES,
    ),
    type(None): st.none(),
}


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Values that an annotation of a stored record allows."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType}:
        return st.one_of([values_of(each) for each in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple and arguments[1:] == (Ellipsis,):
        return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*[values_of(each) for each in arguments])
    if origin in {dict, Mapping}:
        return st.dictionaries(values_of(arguments[0]), values_of(arguments[1]), max_size=3)
    if issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    assert isinstance(annotation, type)
    hints = get_type_hints(annotation)
    if issubclass(annotation, tuple):
        return st.builds(annotation, **{name: values_of(hint) for name, hint in hints.items()})
    assert is_dataclass(annotation)
    return st.builds(annotation, **{each.name: values_of(hints[each.name]) for each in fields(annotation)})


def kinds_of_the_directory() -> list[Kind[Any]]:
    """Every kind the directory's modules declare."""
    modules = [
        importlib.import_module(each.name)
        for each in pkgutil.iter_modules(directory.__path__, "sparekey.services.directory.")
    ]
    kinds = {value.name: value for module in modules for value in vars(module).values() if isinstance(value, Kind)}
    return [kinds[name] for name in sorted(kinds)]
