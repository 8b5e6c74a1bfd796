"""AWS JSON 1.0 and 1.1: bodies read by their shapes. (``json_output`` writes the answers.)"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from sparekey.wire import scalars
from sparekey.wire.constraints import check_input
from sparekey.wire.errors import SerializationException
from sparekey.wire.json_output import write_text
from sparekey.wire.models import snake_case
from sparekey.wire.unknown_members import HARMLESS, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sparekey.wire.models import Reference, ServiceModel, Shape

    #: From what JSON has to a value.
    Convert = Callable[[Any], Any]
    Converters = dict[str, Convert]

# What AWS says where the JSON has not the form of its shape.
_LIST: Final = "Start of list found where not expected"
_TOO_GREAT: Final = sys.float_info.max
_OBJECT: Final = "Start of structure or map found where not expected."


def compile_input(model: ServiceModel, operation: str, input_shape: str | None) -> Callable[[bytes], dict[str, object]]:
    """A function from a body to an operation's parameters: snake case, typed, checked.

    It raises :class:`~sparekey.wire.errors.SerializationException`, and what the constraints say.
    """
    shape = model.shape(input_shape) if input_shape else None
    names = {member: snake_case(member) for member in (shape.members if shape else {})}
    readers: Converters = {}
    members = {
        reference.location_name or member: (names[member], _reader(model, reference, readers))
        for member, reference in (shape.members if shape else {}).items()
    }
    check = check_input(model, shape, names) if shape else None
    title = f"{model.name}:{operation}"

    def read(body: bytes) -> dict[str, object]:
        parameters = _members(read_object(body), members, title) if body else {}
        if check is not None:
            check(parameters)
        return parameters

    return read


def read_object(body: bytes) -> dict[str, Any]:
    """The object in a body, which must be UTF-8, have no member twice and no text that UTF-8 cannot hold.

    Raises:
        SerializationException: it is not so.
    """
    try:
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
        if "\\u" in text:
            write_text(value).encode("utf-8")  # a lone surrogate has no UTF-8
    except (ValueError, RecursionError) as error:
        raise SerializationException from error
    if isinstance(value, dict):
        return value
    raise SerializationException(_LIST if isinstance(value, list) else "")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a member given twice is refused."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a member is given twice")
    return value


def _no_number(text: str) -> Any:
    """``NaN`` and ``Infinity`` are no JSON."""
    raise ValueError(text)


def _members(value: Mapping[str, Any], members: Mapping[str, tuple[str, Convert]], title: str) -> dict[str, object]:
    """An object's members under their own names; ``null`` is as good as absent."""
    values: dict[str, object] = {}
    for name, item in value.items():
        if item is None:
            if name in members:
                continue
        elif name in members:
            member, convert = members[name]
            values[member] = convert(item)
            continue
        if name not in HARMLESS:
            refuse_unknown(name, title)
    return values


def _reader(model: ServiceModel, reference: Reference, readers: Converters) -> Convert:
    """The function that reads a shape, made once a shape."""
    shape = model.shape(reference.shape)
    if shape.name in readers:
        return readers[shape.name]
    if shape.type == "structure":
        return _read_structure(model, shape, readers)  # enters itself, before its members
    if shape.type == "list":
        read = _read_list(_reader(model, shape.element, readers))
    elif shape.type == "map":
        read = _read_map(_reader(model, shape.value, readers))
    else:
        read = _read_scalar(shape)
    readers[shape.name] = read
    return read


def _unconvertible(value: object, kind: str) -> SerializationException:
    """What AWS says of a value of another type."""
    match value:
        case dict():
            return SerializationException(_OBJECT)
        case list():
            return SerializationException(_LIST)
        case bool():
            found = "TRUE_VALUE" if value else "FALSE_VALUE"
        case str():
            found = "STRING_VALUE"
        case None:
            found = "NULL_VALUE"
        case _:
            found = "NUMBER_VALUE"
    return SerializationException(f"{found} can not be converted to {kind}")


def _read_structure(model: ServiceModel, shape: Shape, readers: Converters) -> Convert:
    """A structure; of a union, exactly one member."""
    members: dict[str, tuple[str, Convert]] = {}

    def read(value: Any) -> dict[str, object]:
        if not isinstance(value, dict):
            raise _unconvertible(value, "a structure")
        values = _members(value, members, shape.name)
        if shape.union and len(values) != 1:
            raise SerializationException(f"{shape.name} must have exactly one member.")
        return values

    readers[shape.name] = read
    for member, reference in shape.members.items():
        members[reference.location_name or member] = (member, _reader(model, reference, readers))
    return read


def _read_list(convert: Convert) -> Convert:
    """A list."""

    def read(value: Any) -> list[object]:
        if not isinstance(value, list):
            raise _unconvertible(value, "a list")
        return [convert(each) for each in value]

    return read


def _read_map(convert: Convert) -> Convert:
    """A map; its keys are texts."""

    def read(value: Any) -> dict[str, object]:
        if not isinstance(value, dict):
            raise _unconvertible(value, "a map")
        return {key: convert(each) for key, each in value.items()}

    return read


def _read_scalar(shape: Shape) -> Convert:
    """Texts, numbers and truth values of their own JSON type only; times as numbers or texts; blobs as base64."""
    match shape.type:
        case "string" | "character":
            return _read_string
        case "boolean":
            return _read_boolean
        case "integer" | "long":
            return lambda value: _read_integer(value, shape.type)
        case "float" | "double":
            return _read_decimal
        case "timestamp":
            return _read_timestamp
        case _:
            return _read_blob


def _read_string(value: Any) -> str:
    """A text."""
    if isinstance(value, str):
        return value
    raise _unconvertible(value, "a String")


def _read_boolean(value: Any) -> bool:
    """A truth value."""
    if isinstance(value, bool):
        return value
    raise _unconvertible(value, "a Boolean")


def _read_integer(value: Any, kind: str) -> int:
    """A whole number that its type holds."""
    least, greatest = scalars.RANGES[kind]
    name = "an Integer" if kind == "integer" else "a Long"
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise _unconvertible(value, name)
    if not least <= value <= greatest:
        raise _unconvertible(value, name)
    return int(value)


def _read_decimal(value: Any) -> float:
    """A number that a double holds."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _TOO_GREAT:
        return float(value)
    raise _unconvertible(value, "a Double")


def _read_timestamp(value: Any) -> datetime:
    """Seconds since 1970, or an ISO 8601 text."""
    try:
        return scalars.read_timestamp(value) if isinstance(value, str) else scalars.from_epoch(_read_decimal(value))
    except ValueError as error:
        raise _unconvertible(value, "a Timestamp") from error


def _read_blob(value: Any) -> bytes:
    """Base64."""
    try:
        return scalars.read_blob(_read_string(value))
    except ValueError as error:
        raise _unconvertible(value, "a Blob") from error
