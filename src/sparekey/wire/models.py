"""botocore's service models, read straight from its data files: importing ``botocore.model`` takes 0.15 s, this 5 ms.

Only what the wire needs is kept: documentation is dropped while reading.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sparekey.wire.services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A part of a model file; its layout is botocore's.
Document = dict[str, Any]

SCALARS: Final = frozenset(
    {"string", "integer", "long", "float", "double", "boolean", "timestamp", "blob", "character"}
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A use of a shape: as a structure's member, a list's element, a map's key or value."""

    shape: str
    location_name: str | None = None
    flattened: bool = False
    timestamp_format: str | None = None


#: The element of what is no list, the key and value of what is no map.
NOTHING: Final = Reference("")


@dataclass(frozen=True, slots=True)
class ErrorTrait:
    """How an error shape is answered: code, HTTP status, and whose fault it is."""

    code: str
    status: int
    sender: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of a service model. ``error`` is set for shapes that operations raise."""

    name: str
    type: str
    members: Mapping[str, Reference] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    element: Reference = NOTHING
    key: Reference = NOTHING
    value: Reference = NOTHING
    minimum: int | float | None = None
    maximum: int | float | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    sensitive: bool = False
    flattened: bool = False
    union: bool = False
    timestamp_format: str | None = None
    error: ErrorTrait | None = None

    @property
    def is_scalar(self) -> bool:
        """Whether it is neither structure, list nor map."""
        return self.type in SCALARS


@dataclass(frozen=True, slots=True)
class OperationShape:
    """An operation: names of its input and output shapes, and of the element that wraps a Query result."""

    name: str
    input: str | None
    output: str | None
    result_wrapper: str | None
    errors: tuple[str, ...]


class ServiceModel:
    """A service model; shapes are made when first asked for."""

    def __init__(self, name: str, document: Document) -> None:
        """Take a model file's content."""
        self.name = name
        self.metadata: Mapping[str, Any] = document["metadata"]
        self._shapes: Document = document["shapes"]
        self._made: dict[str, Shape] = {}
        self.operations: Mapping[str, OperationShape] = {
            name: _operation(name, each) for name, each in document["operations"].items()
        }

    def shape(self, name: str) -> Shape:
        """The shape of that name."""
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = _shape(name, self._shapes[name])
        return made

    def shape_names(self) -> tuple[str, ...]:
        """The names of all shapes."""
        return tuple(self._shapes)

    def error_shape(self, name: str) -> Shape | None:
        """The error shape of that name, if the service has one."""
        if name not in self._shapes:
            return None
        shape = self.shape(name)
        return shape if shape.error is not None else None


def data_directory() -> Path:
    """Where botocore keeps its models."""
    import botocore

    return Path(botocore.__file__).parent / "data"


@cache
def snake_case(name: str) -> str:
    """A member's name as botocore writes operations and we write parameters: ``UserName`` → ``user_name``."""
    import botocore

    return str(botocore.xform_name(name))


@cache
def load(service: str, version: str) -> ServiceModel:
    """Read the model of a service from botocore's data; kept afterwards.

    Raises:
        FileNotFoundError: the installed botocore has no such model.
    """
    path = data_directory() / service / version / "service-2.json.gz"
    with gzip.open(path) as stream:
        return ServiceModel(service, json.loads(stream.read()))


def service_model(service: str) -> ServiceModel:
    """The model of a served service.

    Raises:
        KeyError: it is not in :data:`~sparekey.wire.services.SERVICES`.
    """
    return load(service, SERVICES[service].version)


def _operation(name: str, document: Document) -> OperationShape:
    """An operation of a model file."""
    output = document.get("output", {})
    return OperationShape(
        name,
        document.get("input", {}).get("shape"),
        output.get("shape"),
        output.get("resultWrapper"),
        tuple(each["shape"] for each in document.get("errors", ())),
    )


def _reference(document: Document) -> Reference:
    """A use of a shape in a model file."""
    return Reference(
        document["shape"],
        document.get("locationName"),
        document.get("flattened", False),
        document.get("timestampFormat"),
    )


def _shape(name: str, document: Document) -> Shape:
    """A shape of a model file."""
    element, key, value = (
        _reference(document[each]) if each in document else NOTHING for each in ("member", "key", "value")
    )
    return Shape(
        name=name,
        type=document["type"],
        members={each: _reference(ref) for each, ref in document.get("members", {}).items()},
        required=tuple(document.get("required", ())),
        element=element,
        key=key,
        value=value,
        minimum=document.get("min"),
        maximum=document.get("max"),
        pattern=document.get("pattern"),
        enum=tuple(document.get("enum", ())),
        sensitive=document.get("sensitive", False),
        flattened=document.get("flattened", False),
        union=document.get("union", False),
        timestamp_format=document.get("timestampFormat"),
        error=_error(name, document) if document.get("exception") else None,
    )


def _error(name: str, document: Document) -> ErrorTrait:
    """The error trait: JSON models say only ``fault``, Query models code and status."""
    trait = document.get("error", {})
    fault = bool(document.get("fault", False))
    status = int(trait.get("httpStatusCode", 500 if fault else 400))
    return ErrorTrait(str(trait.get("code", name)), status, bool(trait.get("senderFault", status < 500)))
