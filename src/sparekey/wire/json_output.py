"""AWS JSON: outputs written by their shapes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sparekey.wire import scalars
from sparekey.wire.errors import MismatchedOutput

if TYPE_CHECKING:
    from sparekey.wire.models import Reference, ServiceModel, Shape

    #: From a value to what JSON has.
    Convert = Callable[[Any], Any]
    Converters = dict[str, Convert]

#: JSON without spaces.
write_text: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def compile_output(model: ServiceModel, operation: str) -> Callable[[Mapping[str, object] | None], bytes]:
    """A function that writes an operation's output; without an output shape, AWS's body is empty.

    It raises :class:`~sparekey.wire.errors.MismatchedOutput` for an output that has not the output shape.
    """
    name = model.operations[operation].output
    if name is None:

        def nothing(output: Mapping[str, object] | None) -> bytes:
            if output:
                raise MismatchedOutput(f"{operation} has no output, not {sorted(output)}")
            return b""

        return nothing
    convert = compile_members(model, model.shape(name))
    return lambda output: write_object(convert(output or {}))


def compile_members(model: ServiceModel, shape: Shape) -> Convert:
    """A function from a structure to what JSON has for it."""
    return _structure(model, shape, {})


def write_object(value: Mapping[str, object]) -> bytes:
    """JSON text as bytes; what UTF-8 cannot hold (a header's stray byte in a message) is replaced, as in XML."""
    text = write_text(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _converter(model: ServiceModel, reference: Reference, converters: Converters) -> Convert:
    """The function that converts a shape's values, made once a shape."""
    shape = model.shape(reference.shape)
    if shape.name in converters:
        return converters[shape.name]
    if shape.type == "structure":
        return _structure(model, shape, converters)  # enters itself, before its members
    if shape.type == "list":
        convert = _list(shape, _converter(model, shape.element, converters))
    elif shape.type == "map":
        convert = _map(shape, _converter(model, shape.value, converters))
    else:
        convert = _scalar(shape)
    converters[shape.name] = convert
    return convert


def _structure(model: ServiceModel, shape: Shape, converters: Converters) -> Convert:
    """A structure; ``None`` is left out."""
    members: dict[str, tuple[str, Convert]] = {}

    def write(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise MismatchedOutput(f"{shape.name} is a structure, not {type(value).__name__}")
        values: dict[str, Any] = {}
        for name, item in value.items():
            if name not in members:
                raise MismatchedOutput(f"{shape.name} has no member `{name}`")
            if item is not None:
                member, convert = members[name]
                values[member] = convert(item)
        return values

    converters[shape.name] = write
    for member, reference in shape.members.items():
        members[member] = (reference.location_name or member, _converter(model, reference, converters))
    return write


def _list(shape: Shape, convert: Convert) -> Convert:
    """A list."""

    def write(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise MismatchedOutput(f"{shape.name} is a list, not {type(value).__name__}")
        return [convert(each) for each in value]

    return write


def _map(shape: Shape, convert: Convert) -> Convert:
    """A map; its keys are texts."""

    def write(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise MismatchedOutput(f"{shape.name} is a map of texts, not {type(value).__name__}")
        return {key: convert(each) for key, each in value.items()}

    return write


#: The Python type of each scalar's values, and what JSON has for them.
_SCALARS: Final[Mapping[str, tuple[Any, Convert]]] = {
    "string": (str, str),
    "character": (str, str),
    "integer": (int, int),
    "long": (int, int),
    "float": ((int, float), float),
    "double": ((int, float), float),
    "boolean": (bool, bool),
    "timestamp": (datetime, scalars.to_epoch),
    "blob": (bytes, scalars.print_blob),
}


def _scalar(shape: Shape) -> Convert:
    """A text, number, truth value, time or blob."""
    kind, convert = _SCALARS[shape.type]

    def write(value: Any) -> Any:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise MismatchedOutput(f"{shape.name} is a {shape.type}, not {type(value).__name__}")
        return convert(value)

    return write
