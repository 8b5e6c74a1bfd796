"""Generated values of shapes, and botocore's own serializer and parser to hold the wire against."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from sparekey.wire import HttpRequest, HttpResponse, Route, operation_names, route, service_names
from sparekey.wire.limits import ENUM, PATTERN, constraints_of
from sparekey.wire.models import service_model
from sparekey.wire.patterns import translate
from sparekey.wire.recorded import MAXIMA, PATTERNS
from sparekey.wire.services import SERVICES, Protocol
from tests.wire.theirs import Loader, TheirModel, create_parser, create_serializer, percent_encode_sequence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

    from sparekey.wire.models import Reference, ServiceModel, Shape

#: Every operation of every service.
OPERATIONS = [(service, name) for service in service_names() for name in operation_names(service)]

REQUEST_ID = "0f3b1c5e-9d5a-4e55-8f3e-1c1f0d6f7a01"

#: What JSON and form encoding carry, and what XML carries besides.
TEXT = st.text(max_size=20)
XML_TEXT = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\t\n\r", exclude_characters="\ufffe\uffff"
    ),
    max_size=20,
)
_CLASS = re.compile(r"\^?((?:\[(?:[^\]\\]|\\.)+\])|\\[a-z])[+*]\$?", re.DOTALL)


@cache
def botocore_model(service: str) -> Any:
    """botocore's own model of a service."""
    return TheirModel(Loader().load_service_model(service, "service-2"), service)


def request_of(service: str, operation: str, parameters: Mapping[str, Any]) -> HttpRequest:
    """The request botocore sends."""
    shape = botocore_model(service).operation_model(operation)
    protocol = SERVICES[service].protocol
    sent = create_serializer(str(protocol), include_validation=False).serialize_to_request(dict(parameters), shape)
    body = sent["body"]
    if protocol is Protocol.QUERY:
        body = percent_encode_sequence(body).encode()
    headers = {name.lower(): str(value) for name, value in sent["headers"].items()}
    return HttpRequest("POST", "/", "", {"host": "127.0.0.1:4566", **headers}, body)


def routed(service: str, operation: str) -> Route:
    """The route of an operation."""
    return route(request_of(service, operation, {}), service)


def parsed(service: str, operation: str, response: HttpResponse) -> dict[str, Any]:
    """What botocore makes of an answer."""
    shape = botocore_model(service).operation_model(operation)
    parser = create_parser(str(SERVICES[service].protocol))
    headers = {name.lower(): value for name, value in response.headers}
    answer = parser.parse(
        {"status_code": response.status, "headers": headers, "body": response.body}, shape.output_shape
    )
    if response.status >= 300:
        for error in shape.service_model.error_shapes:
            if error.error_code == answer["Error"]["Code"]:
                answer.update(
                    parser.parse({"status_code": response.status, "headers": headers, "body": response.body}, error)
                )
    return dict(answer)


class Values:
    """Strategies for the values of one service's shapes: inputs keep the constraints, outputs need not."""

    def __init__(self, model: ServiceModel, *, inputs: bool, xml: bool) -> None:
        self.model = model
        self.inputs = inputs
        self.xml = xml

    def structure(self, shape: Shape, depth: int = 0) -> SearchStrategy[dict[str, Any]]:
        """A structure with its required members and some others; a union has one."""
        if not shape.members:
            return st.just({})
        values = {name: self.value(reference, depth + 1) for name, reference in shape.members.items()}
        if shape.union:
            return st.one_of(*(st.fixed_dictionaries({name: value}) for name, value in values.items()))
        required = {name: values[name] for name in shape.required}
        if depth > 4:
            return st.fixed_dictionaries(required)
        optional = {name: value for name, value in values.items() if name not in required}
        made = st.fixed_dictionaries(required, optional=optional)
        return made if depth == 0 else made.filter(bool)

    def value(self, reference: Reference, depth: int) -> SearchStrategy[Any]:
        """A value of a shape."""
        shape = self.model.shape(reference.shape)
        match shape.type:
            case "structure":
                return st.deferred(lambda: self.structure(shape, depth))
            case "list":
                least, most = self.bounds(shape)
                if shape.flattened and self.xml and not self.inputs:
                    least = max(least, 1)  # an empty one has no element at all
                inner = self.value(shape.element, depth)
                return st.lists(inner, min_size=least, max_size=most if depth < 6 else least)
            case "map":
                least, most = self.bounds(shape)
                keys, values = self.value(shape.key, depth), self.value(shape.value, depth)
                return st.dictionaries(keys, values, min_size=max(least, 1 if self.xml else 0), max_size=max(most, 1))
            case _:
                return self.scalar(shape)

    def bounds(self, shape: Shape) -> tuple[int, int]:
        """How long a value may be, kept small."""
        least = int(shape.minimum or 0) if self.inputs else 0
        greatest = MAXIMA.get((self.model.name, shape.name), shape.maximum)
        most = least + 3
        return least, min(most, int(greatest)) if greatest is not None and self.inputs else most

    def scalar(self, shape: Shape) -> SearchStrategy[Any]:
        """A value that is no structure, list or map."""
        match shape.type:
            case "string":
                return self.text(shape) if self.inputs else (XML_TEXT if self.xml else TEXT)
            case "integer" | "long":
                bits = 31 if shape.type == "integer" else 63
                low, high = (shape.minimum, shape.maximum) if self.inputs else (None, None)
                return st.integers(
                    int(low) if low is not None else -(2**bits), int(high) if high is not None else 2**bits - 1
                )
            case "float" | "double":
                low = shape.minimum if self.inputs else None
                return st.floats(low if low is not None else -1e30, 1e30, allow_nan=False)
            case "boolean":
                return st.booleans()
            case "timestamp":
                return st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - a zone is added
                    lambda each: each.replace(microsecond=0)
                )
            case _:
                least, most = self.bounds(shape)
                return st.binary(min_size=least, max_size=most)

    def text(self, shape: Shape) -> SearchStrategy[str]:
        """A text that keeps the constraints."""
        if shape.enum:
            return st.sampled_from(shape.enum)
        least, most = self.bounds(shape)
        pattern = PATTERNS.get((self.model.name, shape.name), shape.pattern)
        if pattern is None:
            return st.text(min_size=least, max_size=most)
        flags = re.UNICODE if "\\p{L}" in pattern else re.ASCII
        one = _CLASS.fullmatch(pattern)
        if "\\u10000" in pattern:  # nearly all of Unicode, which takes from_regex half a minute
            candidates = st.text(
                st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=least, max_size=most
            )
        elif one is not None:
            repeated = f"{translate(one[1])}{{{least},{most}}}"
            candidates = st.from_regex(re.compile(repeated, flags), fullmatch=True)
        else:
            candidates = st.from_regex(re.compile(translate(pattern), flags), fullmatch=True)
        constraints = [each for each in constraints_of(self.model.name, shape) if each.kind is not ENUM]
        assert any(each.kind is PATTERN for each in constraints)
        return candidates.filter(lambda each: all(constraint.holds(each) for constraint in constraints))


def inputs_of(service: str, operation: str) -> SearchStrategy[dict[str, Any]]:
    """Inputs that an operation takes."""
    model = service_model(service)
    name = model.operations[operation].input
    values = Values(model, inputs=True, xml=SERVICES[service].protocol is Protocol.QUERY)
    return values.structure(model.shape(name)) if name else st.just({})


def outputs_of(service: str, shape: str | None) -> SearchStrategy[dict[str, Any]]:
    """Values of an output or error shape."""
    model = service_model(service)
    values = Values(model, inputs=False, xml=SERVICES[service].protocol is Protocol.QUERY)
    return values.structure(model.shape(shape)) if shape else st.just({})
