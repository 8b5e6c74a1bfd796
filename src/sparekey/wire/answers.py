"""Answers: outputs and errors as HTTP responses."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sparekey.wire import json_output, query_xml
from sparekey.wire.errors import COMMON
from sparekey.wire.messages import HttpResponse
from sparekey.wire.models import service_model
from sparekey.wire.operations import compiled
from sparekey.wire.route import protocol_of
from sparekey.wire.services import SERVICES, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sparekey.errors import ServiceError
    from sparekey.wire.messages import HttpRequest
    from sparekey.wire.models import Shape
    from sparekey.wire.route import Route

#: The namespace of errors of requests that reach no service.
_FAULT: Final = "http://webservices.amazon.com/AWSFault/2005-15-09"
_XML: Final = ("Content-Type", "text/xml")


class _Named(NamedTuple):
    """An error as one service answers it."""

    code: str
    status: int
    sender: bool
    member: str | None
    write: Callable[..., Any] | None


def decode(route: Route, request: HttpRequest) -> dict[str, object]:
    """The parameters of a request: top-level members in snake case, values typed, the shape's constraints checked.

    Raises:
        MalformedInput, SerializationException: they have not the form of the input shape.
        ValidationError: they break its constraints (Organizations: ``InvalidInputException``).
        NotImplementedHere: there is one that the service model does not have.
    """
    return compiled(route.service, route.operation).read(request, route.form)


def encode(route: Route, output: Mapping[str, object] | None, request_id: str) -> HttpResponse:
    """The answer with an operation's output.

    Raises:
        MismatchedOutput: the output is not of the operation's output shape.
    """
    body = compiled(route.service, route.operation).write(output, request_id)
    content_type = _XML if route.protocol is Protocol.QUERY else _json_type(route.service)
    return HttpResponse(200, (content_type, ("x-amzn-RequestId", request_id)), body)


def encode_error(route: Route | None, request: HttpRequest, error: ServiceError, request_id: str) -> HttpResponse:
    """The answer with an error; without a route, in the protocol the request looks like."""
    service = route.service if route is not None else ""
    protocol = route.protocol if route is not None else protocol_of(request)
    named = _named(service, protocol, type(error).__name__, error.code, error.status)
    if protocol is Protocol.QUERY:
        body, content_type = _query_body(service, named, error, request_id), _XML
    else:
        content_type = _json_type(service) if service else _json_type_of(request)
        body = _json_body(named, error)
    return HttpResponse(named.status, (content_type, ("x-amzn-RequestId", request_id)), body)


def error_code(service: str, error: ServiceError) -> str:
    """The code under which clients of a service see an error."""
    protocol = SERVICES[service].protocol
    return _named(service, protocol, type(error).__name__, error.code, error.status).code


def _json_type(service: str) -> tuple[str, str]:
    """The content type of a service's answers."""
    return ("Content-Type", f"application/x-amz-json-{SERVICES[service].json_version}")


def _json_type_of(request: HttpRequest) -> tuple[str, str]:
    """The content type of an answer to a request that reached no service: its own."""
    version = "1.0" if request.headers.get("content-type", "").startswith("application/x-amz-json-1.0") else "1.1"
    return ("Content-Type", f"application/x-amz-json-{version}")


@cache
def _named(service: str, protocol: Protocol, name: str, class_code: str | None, status: int) -> _Named:
    """What a service calls an error: its model says it, else the table of common errors, else the class."""
    model = service_model(service) if service else None
    shape = model.error_shape(name) if model is not None else None
    if model is not None and shape is not None and shape.error is not None:
        compile_members = query_xml.compile_members if protocol is Protocol.QUERY else json_output.compile_members
        trait = shape.error
        return _Named(trait.code, trait.status, trait.sender, _text_member(shape), compile_members(model, shape))
    code = class_code or name
    common = COMMON.get(code)
    if common is None:
        return _Named(code, status, status < 500, "message", None)
    if protocol is Protocol.QUERY:
        return _Named(code, common.query_status, common.query_status < 500, "message", None)
    return _Named(common.json_code, common.json_status, common.json_status < 500, common.member, None)


def _text_member(shape: Shape) -> str:
    """The member of an error shape that holds its text: ``message`` or ``Message``."""
    return next((name for name in shape.members if name.lower() == "message"), "message")


def _query_body(service: str, named: _Named, error: ServiceError, request_id: str) -> bytes:
    """``<ErrorResponse>``; members besides the text stand after it."""
    escaped = query_xml.escaped
    parts = [
        f'<ErrorResponse xmlns="{SERVICES[service].identity if service else _FAULT}"><Error>',
        f"<Type>{'Sender' if named.sender else 'Receiver'}</Type><Code>{escaped(named.code)}</Code>",
        f"<Message>{escaped(error.message)}</Message>",
    ]
    if named.write is not None:
        named.write(error.members, parts)
    parts.append(f"</Error><RequestId>{escaped(request_id)}</RequestId></ErrorResponse>")
    return "".join(parts).encode()


def _json_body(named: _Named, error: ServiceError) -> bytes:
    """``{"__type": …}``; a text only where there is one."""
    body: dict[str, object] = {"__type": named.code}
    if named.write is not None:
        body.update(named.write(error.members))
    if error.message and named.member is not None:
        body[named.member] = error.message
    return json_output.write_object(body)
