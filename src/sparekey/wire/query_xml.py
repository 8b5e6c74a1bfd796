"""AWS Query: answers as XML, written by their shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sparekey.wire import scalars
from sparekey.wire.errors import MismatchedOutput
from sparekey.wire.services import SERVICES

if TYPE_CHECKING:
    from sparekey.wire.models import Reference, ServiceModel, Shape

    #: Appends the element of a value to an answer.
    Write = Callable[[Any, list[str]], None]
    Writers = dict[tuple[str, str, bool], Write]

_SPECIAL: Final = re.compile(r"[&<>\"\x00-\x08\x0a-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#xA;", "\r": "&#xD;"}


def escaped(text: str) -> str:
    """A text for XML. What XML 1.0 cannot hold at all (most control characters) becomes U+FFFD."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], "\ufffd"), text)


def compile_output(model: ServiceModel, operation: str) -> Callable[[Mapping[str, object] | None, str], bytes]:
    """A function that writes an operation's answer from its output and the request id.

    It raises :class:`~sparekey.wire.errors.MismatchedOutput` for an output that has not the output shape.
    """
    each = model.operations[operation]
    service = SERVICES.get(model.name)
    namespace = service.identity if service else model.metadata["xmlNamespace"]
    start = f'<{operation}Response xmlns="{namespace}">'
    end = f"</RequestId></ResponseMetadata></{operation}Response>"
    if each.output is None:
        return _without_output(operation, start, end)
    write = _members(model, model.shape(each.output), {})
    wrapper = each.result_wrapper
    before = start if wrapper is None else f"{start}<{wrapper}>"
    after = "<ResponseMetadata><RequestId>" if wrapper is None else f"</{wrapper}><ResponseMetadata><RequestId>"

    def written(output: Mapping[str, object] | None, request_id: str) -> bytes:
        parts = [before]
        write(output or {}, parts)
        parts += (after, escaped(request_id), end)
        return "".join(parts).encode()

    return written


def _without_output(operation: str, start: str, end: str) -> Callable[[Mapping[str, object] | None, str], bytes]:
    """The answer of an operation that has no output shape."""

    def written(output: Mapping[str, object] | None, request_id: str) -> bytes:
        if output:
            raise MismatchedOutput(f"{operation} has no output, not {sorted(output)}")
        return f"{start}<ResponseMetadata><RequestId>{escaped(request_id)}{end}".encode()

    return written


def compile_members(model: ServiceModel, shape: Shape) -> Write:
    """A function that writes the members of a structure, without an element around them."""
    return _members(model, shape, {})


def _members(model: ServiceModel, shape: Shape, writers: Writers) -> Write:
    """Writes a structure's members; ``None`` is left out."""
    members: dict[str, Write] = {}

    def write(value: Any, parts: list[str]) -> None:
        if type(value) is not dict and not isinstance(value, Mapping):
            raise MismatchedOutput(f"{shape.name} is a structure, not {type(value).__name__}")
        for name, item in value.items():
            if name not in members:
                raise MismatchedOutput(f"{shape.name} has no member `{name}`")
            if item is not None:
                members[name](item, parts)

    writers[(shape.name, "", False)] = write
    for member, reference in shape.members.items():
        members[member] = _writer(model, reference, reference.location_name or member, writers)
    return write


def _writer(model: ServiceModel, reference: Reference, element: str, writers: Writers) -> Write:
    """Writes a shape's value in an element, made once a shape, element and way of writing it."""
    shape = model.shape(reference.shape)
    flattened = reference.flattened or shape.flattened
    if flattened and shape.type == "list" and shape.element.location_name:
        element = shape.element.location_name
    key = (shape.name, element, flattened)
    if key in writers:
        return writers[key]
    if shape.type == "structure":
        write = _structure(model, shape, element, writers)
    elif shape.type == "list":
        write = _list(model, shape, element, writers, flattened=flattened)
    elif shape.type == "map":
        write = _map(model, shape, element, writers, flattened=flattened)
    else:
        write = _scalar(model, shape, element)
    writers[key] = write
    return write


def _structure(model: ServiceModel, shape: Shape, element: str, writers: Writers) -> Write:
    """A structure in its element."""
    start, end = f"<{element}>", f"</{element}>"
    inside = writers.get((shape.name, "", False)) or _members(model, shape, writers)

    def write(value: Any, parts: list[str]) -> None:
        parts.append(start)
        inside(value, parts)
        parts.append(end)

    return write


def _list(model: ServiceModel, shape: Shape, element: str, writers: Writers, *, flattened: bool) -> Write:
    """``<Users><member>…</member></Users>``; flattened, the elements alone."""
    start, end = ("", "") if flattened else (f"<{element}>", f"</{element}>")
    name = element if flattened else shape.element.location_name or "member"
    inside = _writer(model, shape.element, name, writers)

    def write(value: Any, parts: list[str]) -> None:
        if not isinstance(value, list | tuple):
            raise MismatchedOutput(f"{shape.name} is a list, not {type(value).__name__}")
        parts.append(start)
        for item in value:
            inside(item, parts)
        parts.append(end)

    return write


def _map(model: ServiceModel, shape: Shape, element: str, writers: Writers, *, flattened: bool) -> Write:
    """``<entry><key>…</key><value>…</value></entry>`` for each; flattened, under the map's own name."""
    start, end = ("", "") if flattened else (f"<{element}>", f"</{element}>")
    entry = element if flattened else "entry"
    write_key = _writer(model, shape.key, shape.key.location_name or "key", writers)
    write_value = _writer(model, shape.value, shape.value.location_name or "value", writers)

    def write(value: Any, parts: list[str]) -> None:
        if not isinstance(value, Mapping):
            raise MismatchedOutput(f"{shape.name} is a map, not {type(value).__name__}")
        parts.append(start)
        for key, item in value.items():
            parts.append(f"<{entry}>")
            write_key(key, parts)
            write_value(item, parts)
            parts.append(f"</{entry}>")
        parts.append(end)

    return write


def _scalar(model: ServiceModel, shape: Shape, element: str) -> Write:
    """A text, number, truth value, time or blob in its element."""
    start, end = f"<{element}>", f"</{element}>"
    kind, show = _shown(model, shape)
    if kind is str:
        return _text(shape, element)

    def write(value: Any, parts: list[str]) -> None:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise MismatchedOutput(f"{shape.name} at `{element}` is a {shape.type}, not {type(value).__name__}")
        parts.append(f"{start}{show(value)}{end}")

    return write


def _text(shape: Shape, element: str) -> Write:
    """A text in its element: most of all that is written."""
    start, end = f"<{element}>", f"</{element}>"
    special = _SPECIAL.search

    def write(value: Any, parts: list[str]) -> None:
        if not isinstance(value, str):
            raise MismatchedOutput(f"{shape.name} at `{element}` is a {shape.type}, not {type(value).__name__}")
        parts.append(f"{start}{value}{end}" if special(value) is None else f"{start}{escaped(value)}{end}")

    return write


def _shown(model: ServiceModel, shape: Shape) -> tuple[Any, Callable[[Any], str]]:
    """The Python type of a scalar's values, and how they are printed."""
    match shape.type:
        case "string" | "character":
            return str, escaped
        case "integer" | "long":
            return int, str
        case "float" | "double":
            return (int, float), repr
        case "boolean":
            return bool, lambda value: "true" if value else "false"
        case "blob":
            return bytes, scalars.print_blob
        case _:
            service = SERVICES.get(model.name)
            return datetime, scalars.print_milliseconds if service and service.milliseconds else scalars.print_seconds
