"""Which operation of which service a request asks for.

JSON requests name both in ``X-Amz-Target``; Query requests name the operation in ``Action``, and the service follows
from the signing scope, else from the host, else from ``Version``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.errors import InvalidAction, NotImplementedHere
from sparekey.wire.errors import MalformedInput, MissingAction, SerializationException
from sparekey.wire.forms import read_form
from sparekey.wire.models import service_model
from sparekey.wire.services import BY_TARGET, BY_VERSION, SERVICES, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.wire.messages import HttpRequest

_TARGET: Final = "x-amz-target"
_JSON: Final = "application/x-amz-json-"
_FORM: Final = "application/x-www-form-urlencoded"

#: What AWS prints for a request without ``Version``.
_NO_VERSION: Final = "NO_VERSION_SPECIFIED"
_NO_PARAMETERS: Final[Mapping[str, str]] = {}


class Route(NamedTuple):
    """The operation a request asks for; ``form`` has a Query request's parameters, as they came in."""

    service: str
    operation: str
    protocol: Protocol
    version: str
    form: Mapping[str, str] = _NO_PARAMETERS


def protocol_of(request: HttpRequest) -> Protocol:
    """The protocol a request looks like, routed or not."""
    headers = request.headers
    if _TARGET in headers or headers.get("content-type", "").startswith(_JSON):
        return Protocol.JSON
    return Protocol.QUERY


def route(request: HttpRequest, scope_service: str | None) -> Route:
    """The operation a request asks for; ``scope_service`` is the service in its signature's scope, if it is signed.

    Raises:
        InvalidAction: there is no such operation, method or path.
        MissingAction: a Query request does not say which.
        NotImplementedHere: AWS has the service, sparekey does not serve it; or the body is compressed.
        MalformedInput, SerializationException: the body's character set is not UTF-8.
        MalformedQueryString: a Query request's parameters cannot be read.
    """
    protocol = protocol_of(request)
    _refuse_transport(request, protocol)
    if scope_service is not None and scope_service not in SERVICES:
        raise NotImplementedHere(f"sparekey does not serve {scope_service}.")
    if protocol is Protocol.JSON:
        return _route_json(request, scope_service)
    return _route_query(request, scope_service)


def _refuse_transport(request: HttpRequest, protocol: Protocol) -> None:
    """Refuse what neither protocol can carry."""
    if request.path not in {"/", ""}:
        raise InvalidAction(f"Could not find operation at path {request.path}")
    if request.method != "POST" and (request.method != "GET" or protocol is Protocol.JSON):
        raise InvalidAction(f"Could not find operation for method {request.method}")
    encoding = request.headers.get("content-encoding", "")
    if encoding and not encoding.startswith("amz-1.0") and encoding != "identity":
        raise NotImplementedHere(f"sparekey does not read bodies with Content-Encoding {encoding}.")
    content_type = request.headers.get("content-type", "").lower()
    _, given, charset = content_type.partition("charset=")
    if given and charset.split(";")[0].strip(' "') not in {"utf-8", "utf8", "us-ascii"}:
        refusal = MalformedInput if protocol is Protocol.QUERY else SerializationException
        raise refusal(f"The character set of {content_type} is not UTF-8.")


def _route_json(request: HttpRequest, scope_service: str | None) -> Route:
    """The operation in ``X-Amz-Target``: ``TrentService.DescribeKey``."""
    prefix, _, operation = request.headers.get(_TARGET, "").rpartition(".")
    service = BY_TARGET.get(prefix)
    if service is None or scope_service not in {None, service}:
        raise InvalidAction
    if operation not in service_model(service).operations:
        raise InvalidAction
    return Route(service, operation, Protocol.JSON, SERVICES[service].version)


def _route_query(request: HttpRequest, scope_service: str | None) -> Route:
    """The operation in ``Action``."""
    content_type = request.headers.get("content-type", "")
    if request.body and content_type and not content_type.lower().startswith(_FORM):
        raise MalformedInput(f"The body is {content_type}, not {_FORM}.")
    form = read_form(request)
    operation, version = form.get("Action"), form.get("Version", _NO_VERSION)
    if not operation:
        raise MissingAction("Missing Action")
    service = scope_service or _service_of_host(request) or BY_VERSION.get(version)
    if service is None or version != SERVICES[service].version:
        raise InvalidAction(f"Could not find operation {operation} for version {version}")
    if SERVICES[service].protocol is Protocol.JSON or operation not in service_model(service).operations:
        raise InvalidAction(f"Could not find operation {operation} for version {version}")
    return Route(service, operation, Protocol.QUERY, version, form)


def _service_of_host(request: HttpRequest) -> str | None:
    """The service in a host's name: ``iam.amazonaws.com``, ``sts.us-east-1.amazonaws.com``, ``kms.localhost:4566``."""
    label = request.headers.get("host", "").partition(".")[0].lower().removesuffix("-fips")
    return label if label in SERVICES else None
