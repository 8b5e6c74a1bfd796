"""The errors of STS, named as the shapes of its model."""

from __future__ import annotations

from sparekey.errors import ServiceError


class ExpiredTokenException(ServiceError):
    """A web identity token or SAML assertion that is no longer good."""


class IDPCommunicationErrorException(ServiceError):
    """The identity provider cannot be asked."""


class InvalidAuthorizationMessageException(ServiceError):
    """An encoded authorization message that was not made here, or was changed."""


class InvalidIdentityTokenException(ServiceError):
    """A web identity token or SAML assertion that cannot be accepted."""


class InvalidParameterValue(ServiceError):
    """Parameters that do not go together; an error outside the model."""

    code = "InvalidParameterValue"


class JWTPayloadSizeExceededException(ServiceError):
    """A web identity token that would become too large."""


class MalformedPolicyDocumentException(ServiceError):
    """A session policy that breaks the grammar."""


class OutboundWebIdentityFederationDisabledException(ServiceError):
    """The account does not let its principals ask for web identity tokens."""


class PackedPolicyTooLargeException(ServiceError):
    """Session policies and session tags that take too much room together."""


class SessionDurationEscalationException(ServiceError):
    """A web identity token that would outlive the session that asks for it."""
