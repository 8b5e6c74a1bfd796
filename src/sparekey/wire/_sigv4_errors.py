"""Why a request is not authenticated: errors named by their code in the Query protocol.

JSON services have names of their own for the same (``InvalidSignatureException``), and answer 400 instead of 403.
"""

from __future__ import annotations

from sparekey.errors import ServiceError

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)


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
