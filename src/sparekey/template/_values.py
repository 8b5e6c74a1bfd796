"""What a template's expressions come to: known, unknown, open, or nothing.

One lattice for the check, where much is unknown, and for running a stack, where everything is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from sparekey.template._nodes import Node, Scalar, place_of
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparekey.source import Path, Place


class Concrete(NamedTuple):
    """A scalar that is known.

    ``resource`` and ``attribute`` tell that it is the ``Ref`` (attribute ``None``) or an attribute of a resource that
    this template makes. ``written`` is the text of a number as the template has it. ``reads_as`` is the number that
    CloudFormation makes of an unquoted text with leading zeros (an account ID), where ``value`` keeps the text.
    """

    value: Scalar
    place: Place
    node: Node
    resource: str | None = None
    attribute: str | None = None
    written: str | None = None
    reads_as: int | None = None

    @property
    def text(self) -> str:
        """The scalar as text, as it is written: booleans in lower case, nothing for null."""
        if isinstance(self.value, str):
            return self.value
        if self.written is not None:
            return self.written
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return "" if self.value is None else str(self.value)

    @property
    def end(self) -> tuple[int, int]:
        """Line and column, counted from 1, just behind the expression."""
        return _end(self.node)


class KeyPlaces(Mapping[str, "Place"]):
    """Where the keys of a mapping stand, each worked out when it is asked for."""

    __slots__ = ("_file", "_keys")

    def __init__(self, file: str, keys: dict[str, Node]) -> None:
        """Take the file and the nodes of the keys."""
        self._file = file
        self._keys = keys

    def __getitem__(self, name: str) -> Place:
        """Where a key stands."""
        return place_of(self._file, self._keys[name])

    def __iter__(self) -> Iterator[str]:
        """The names of the keys."""
        return iter(self._keys)

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self._keys)


class MapValue(NamedTuple):
    """A mapping. ``key_places`` tells where each key stands."""

    items: Mapping[str, Value]
    key_places: Mapping[str, Place]
    place: Place
    node: Node

    @property
    def end(self) -> tuple[int, int]:
        """Line and column, counted from 1, just behind the expression."""
        return _end(self.node)


class ListValue(NamedTuple):
    """A list."""

    items: tuple[Value, ...]
    place: Place
    node: Node

    @property
    def end(self) -> tuple[int, int]:
        """Line and column, counted from 1, just behind the expression."""
        return _end(self.node)


class UnknownValue(NamedTuple):
    """A value that the template does not tell.

    ``resource`` and ``attribute``: it is the ``Ref`` (attribute ``None``) or an attribute of a resource of this
    template. ``reference``: it is exactly the value of this parameter or pseudo parameter.
    """

    unknown: Unknown
    place: Place
    node: Node
    resource: str | None = None
    attribute: str | None = None
    reference: str | None = None

    @property
    def end(self) -> tuple[int, int]:
        """Line and column, counted from 1, just behind the expression."""
        return _end(self.node)


class Conditional(NamedTuple):
    """``Fn::If`` on a condition that is not decided."""

    condition: str
    if_true: Value
    if_false: Value
    place: Place
    node: Node
    unknown: Unknown = Unknown(())  # what decides the condition

    @property
    def end(self) -> tuple[int, int]:
        """Line and column, counted from 1, just behind the expression."""
        return _end(self.node)


class NoValue(NamedTuple):
    """``AWS::NoValue``: the key or element it stands for does not exist."""

    place: Place
    node: Node

    @property
    def end(self) -> tuple[int, int]:
        """Line and column, counted from 1, just behind the expression."""
        return _end(self.node)


Value = Concrete | MapValue | ListValue | UnknownValue | Conditional | NoValue

#: JSON data with ``Unknown`` wherever the template leaves a value open.
Plain = Scalar | Unknown | dict[str, "Plain"] | list["Plain"]


def _end(node: Node) -> tuple[int, int]:
    mark = node.end_mark
    return mark.line + 1, mark.column + 1


def to_document(value: Value) -> tuple[object, Callable[[Path], Place | None]]:
    """Render a value as plain JSON data, and tell where its parts stand.

    Leaves or subtrees that are not known are :class:`~sparekey.unknown.Unknown`, open conditionals too; what is
    ``AWS::NoValue`` does not exist. The function returned gives the place of the value at a path, or of the closest
    value around it.
    """

    kept: dict[int, list[Value]] = {}

    def locate(path: Path) -> Place | None:
        return _locate(value, path, kept)

    return to_plain(value), locate


def to_plain(value: Value) -> Plain:
    """Render a value as plain JSON data with ``Unknown`` leaves."""
    match value:
        case Concrete():
            return value.value
        case MapValue():
            return {key: to_plain(item) for key, item in value.items.items() if not isinstance(item, NoValue)}
        case ListValue():
            return [to_plain(item) for item in value.items if not isinstance(item, NoValue)]
        case UnknownValue() | Conditional():
            return value.unknown
        case NoValue():
            return None


def _locate(value: Value, path: Path, kept: dict[int, list[Value]]) -> Place:
    """The place of the value at ``path``, as deep as the path leads; ``kept`` keeps the lists looked into."""
    for step in path:
        found: Value | None = None
        if isinstance(value, MapValue) and isinstance(step, str):
            found = value.items.get(step)
        elif isinstance(value, ListValue) and isinstance(step, int):
            if id(value) not in kept:
                kept[id(value)] = [item for item in value.items if not isinstance(item, NoValue)]
            items = kept[id(value)]
            found = items[step] if 0 <= step < len(items) else None
        if found is None:
            break
        value = found
    return value.place
