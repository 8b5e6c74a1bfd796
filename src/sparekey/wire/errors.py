"""What the wire itself refuses, and how errors that no service model has are named in each protocol.

Classes are named by the code of the Query protocol; :data:`COMMON` has the names and statuses of JSON services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping


class MalformedInput(ServiceError):
    """Query parameters that do not have the form of the operation's input; AWS's own code for it."""

    code = "MalformedInput"


class MalformedQueryString(ServiceError):
    """A query string or form with a syntax error (AWS documents status 404)."""

    code = "MalformedQueryString"
    status = 404


class SerializationException(ServiceError):
    """A JSON body that does not have the form of the operation's input."""

    code = "SerializationException"


class MissingAction(ServiceError):
    """A Query request without an ``Action``."""

    code = "MissingAction"


# Why a request is not authenticated.


class IncompleteSignature(ServiceError):
    """The signature cannot be read: a part is missing or malformed. ``IncompleteSignatureException`` in JSON."""

    code = "IncompleteSignature"


class SignatureDoesNotMatch(ServiceError):
    """The signature is wrong, too old, or of another scope. ``InvalidSignatureException`` in JSON."""

    code = "SignatureDoesNotMatch"
    status = 403


class MissingAuthenticationToken(ServiceError):
    """The request is not signed. ``MissingAuthenticationTokenException`` in JSON."""

    code = "MissingAuthenticationToken"
    status = 403


class RequestExpired(ServiceError):
    """A presigned URL is used after the time it was made for."""

    code = "RequestExpired"


class HeadersNotSigned(ServiceError):
    """Amazon S3 takes no ``x-amz-`` header that is not signed."""

    code = "AccessDenied"
    status = 403


class MismatchedOutput(TypeError):
    """An output that is not of the operation's output shape: a fault of ours, answered as InternalFailure."""


class CommonError(NamedTuple):
    """An error that every service has: status with Query, and code and status with JSON.

    ``member`` holds a JSON error's text; ``None`` where AWS sends none.
    """

    query_status: int
    json_code: str
    json_status: int = 400
    member: str | None = "message"


#: By Query code, which is what an error class's ``code`` says. Query services tell a client who it is not with 403,
#: JSON services with 400. AccessDeniedException alone has ``Message``, UnknownOperationException no text at all.
COMMON: Final[Mapping[str, CommonError]] = {
    "AccessDenied": CommonError(403, "AccessDeniedException", member="Message"),
    "ExpiredToken": CommonError(403, "ExpiredTokenException"),
    "IncompleteSignature": CommonError(400, "IncompleteSignatureException"),
    "InternalFailure": CommonError(500, "InternalFailure", 500),
    "InvalidAction": CommonError(400, "UnknownOperationException", member=None),
    "InvalidClientTokenId": CommonError(403, "UnrecognizedClientException"),
    "MalformedInput": CommonError(400, "SerializationException", member="Message"),
    "MalformedQueryString": CommonError(404, "SerializationException", member="Message"),
    "MissingAction": CommonError(400, "UnknownOperationException", member=None),
    "MissingAuthenticationToken": CommonError(403, "MissingAuthenticationTokenException"),
    "NotImplemented": CommonError(501, "NotImplemented", 501),
    "OptInRequired": CommonError(403, "OptInRequired", 403),
    "RequestEntityTooLarge": CommonError(413, "RequestEntityTooLargeException", 413),
    "RequestExpired": CommonError(400, "RequestExpired"),
    "RequestTimeout": CommonError(408, "RequestTimeout", 408),
    "SerializationException": CommonError(400, "SerializationException", member="Message"),
    "ServiceUnavailable": CommonError(503, "ServiceUnavailableException", 503),
    "SignatureDoesNotMatch": CommonError(403, "InvalidSignatureException"),
    "Throttling": CommonError(400, "ThrottlingException"),
    "ValidationError": CommonError(400, "ValidationException"),
}
