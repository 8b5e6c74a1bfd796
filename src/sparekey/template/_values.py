"""What a template's expressions come to: known, unknown, open, or nothing.

One lattice for the check, where much is unknown, and for running a stack, where everything is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yaml.nodes import ScalarNode

from sparekey.template._nodes import FLOAT, INT, Node, Scalar, reads_as
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sparekey.source import Path, Place


class _Placed:
    """What every value has: where it stands."""

    __slots__ = ()
    node: Node

    @property
    def end(self) -> tuple[int, int]:
        """Line and column, counted from 1, just behind the expression."""
        mark = self.node.end_mark
        return mark.line + 1, mark.column + 1


@dataclass(frozen=True, slots=True)
class Concrete(_Placed):
    """A scalar that is known.

    ``resource`` and ``attribute`` tell that it is the ``Ref`` (attribute ``None``) or an attribute of a resource that
    this template makes.
    """

    value: Scalar
    place: Place
    node: Node
    resource: str | None = None
    attribute: str | None = None

    @property
    def text(self) -> str:
        """The scalar as text, as it is written: booleans in lower case, nothing for null."""
        if isinstance(self.value, str):
            return self.value
        if self.value is None:
            return ""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        if isinstance(self.node, ScalarNode) and self.node.tag in (INT, FLOAT):
            return str(self.node.value)
        return str(self.value)

    @property
    def reads_as(self) -> int | None:
        """The number CloudFormation makes of an unquoted text with leading zeros, which our ``value`` keeps."""
        return reads_as(self.node)


@dataclass(frozen=True, slots=True)
class MapValue(_Placed):
    """A mapping. ``key_places`` tells where each key stands."""

    items: Mapping[str, Value]
    key_places: Mapping[str, Place]
    place: Place
    node: Node


@dataclass(frozen=True, slots=True)
class ListValue(_Placed):
    """A list."""

    items: tuple[Value, ...]
    place: Place
    node: Node


@dataclass(frozen=True, slots=True)
class UnknownValue(_Placed):
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


@dataclass(frozen=True, slots=True)
class Conditional(_Placed):
    """``Fn::If`` on a condition that is not decided."""

    condition: str
    if_true: Value
    if_false: Value
    place: Place
    node: Node
    unknown: Unknown = field(default=Unknown(()))  # what decides the condition


@dataclass(frozen=True, slots=True)
class NoValue(_Placed):
    """``AWS::NoValue``: the key or element it stands for does not exist."""

    place: Place
    node: Node


Value = Concrete | MapValue | ListValue | UnknownValue | Conditional | NoValue

#: JSON data with ``Unknown`` wherever the template leaves a value open.
Plain = Scalar | Unknown | dict[str, "Plain"] | list["Plain"]


def to_document(value: Value) -> tuple[object, Callable[[Path], Place | None]]:
    """Render a value as plain JSON data, and tell where its parts stand.

    Leaves or subtrees that are not known are :class:`~sparekey.unknown.Unknown`, open conditionals too; what is
    ``AWS::NoValue`` does not exist. The function returned gives the place of the value at a path, or of the closest
    value around it.
    """

    def locate(path: Path) -> Place | None:
        return _locate(value, path)

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


def _locate(value: Value, path: Path) -> Place:
    """The place of the value at ``path``, as deep as the path leads."""
    for step in path:
        found: Value | None = None
        if isinstance(value, MapValue) and isinstance(step, str):
            found = value.items.get(step)
        elif isinstance(value, ListValue) and isinstance(step, int):
            kept = [item for item in value.items if not isinstance(item, NoValue)]
            found = kept[step] if 0 <= step < len(kept) else None
        if found is None:
            break
        value = found
    return value.place
