"""Errors that reach a user as one line or as AWS's error answer, never as a traceback.

``SparekeyError``
 ├── ``InputError``: something the user gave cannot be read; exit status 2
 └── ``ServiceError``: what an AWS service answers instead of a result
      ├── one class an error shape of a service, named as the shape (``NoSuchEntityException``), beside its service
      └── the errors every service has: ``AccessDenied``, ``ValidationError``, ``InvalidClientTokenId``,
          ``ExpiredToken``, ``InvalidAction``, ``Throttling``, ``InternalFailure``, ``NotImplementedHere``
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.source import Place


class SparekeyError(Exception):
    """Base of the errors that are shown to a user in one line."""


class InputError(SparekeyError):
    """Input that cannot be read: a broken template, a policy that is no JSON, a wrong option.

    ``message`` is one lower-case sentence without a full stop; ``place`` tells where, as far as it is known.
    ``hint`` says what to change.
    """

    def __init__(self, message: str, place: Place | None = None, *, hint: str | None = None) -> None:
        """Take the sentence, where it applies, and what to do about it."""
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        """Render as ``file:line:column: message``."""
        return f"{self.place}: {self.message}" if self.place else self.message


class ServiceError(SparekeyError):
    """What an AWS service answers instead of a result: a code, a message in AWS's words, perhaps further members.

    A subclass is named as the error shape of the service model (``NoSuchEntityException``); the wire looks up the
    code (``NoSuchEntity``) and HTTP status there. An error no model knows sets ``code`` and ``status`` itself.
    An empty ``message`` means that AWS sends none.
    """

    code: ClassVar[str | None] = None
    status: ClassVar[int] = 400

    def __init__(self, message: str = "", **members: object) -> None:
        """Take AWS's sentence, and the error shape's other members by their names."""
        super().__init__(message)
        self.message = message
        self.members: Mapping[str, object] = members


class AccessDenied(ServiceError):
    """The request is not allowed; the message is the engine's. ``AccessDenied`` (403) or ``AccessDeniedException``."""

    code = "AccessDenied"
    status = 403


class ValidationError(ServiceError):
    """A request that breaks a constraint of its shape. ``ValidationError`` or ``ValidationException``."""

    code = "ValidationError"


class InvalidClientTokenId(ServiceError):
    """The access key does not exist, is inactive, or is not taken here. ``UnrecognizedClientException`` in JSON."""

    code = "InvalidClientTokenId"
    status = 403


class ExpiredToken(ServiceError):
    """The session is over. ``ExpiredTokenException`` in JSON."""

    code = "ExpiredToken"
    status = 403


class InvalidAction(ServiceError):
    """The service has no such operation."""

    code = "InvalidAction"


class NotImplementedHere(ServiceError):
    """AWS has this operation or parameter, sparekey has not: refused by name, never ignored (HTTP 501)."""

    code = "NotImplemented"
    status = 501


class Throttling(ServiceError):
    """Too much at once; clients retry."""

    code = "Throttling"


class InternalFailure(ServiceError):
    """A fault of ours; the request id finds it in the log."""

    code = "InternalFailure"
    status = 500


def system_reason(error: OSError) -> str:
    """Why the system refused something, as a part of a sentence: ``permission denied``."""
    return (error.strerror or str(error)).lower()


def printable(text: str) -> str:
    """A text on one line, with everything a terminal would obey or could not show written as an escape (``\\x1b``)."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)
