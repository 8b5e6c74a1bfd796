"""The errors of STS, named as the shapes of its model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.errors import AccessDenied, ServiceError

if TYPE_CHECKING:
    from sparekey.services.operation import Call


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


def not_authorized(call: Call, action: str, resource: str) -> AccessDenied:
    """What STS says where it is not a policy that refuses the caller."""
    return AccessDenied(
        f"User: {call.caller.principal.arn} is not authorized to perform: {action} on resource: {resource}"
    )
