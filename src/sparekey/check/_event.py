"""What CloudFormation's stack event says: AWS's own sentences, with ``<uuid>`` where AWS writes a random id.

The wrapper and the texts were seen in public stack events and in AWS's published resource handlers
(aws-cloudformation/aws-cloudformation-resource-providers-kms).
"""

from __future__ import annotations

#: KMS's sentence when the lockout safety check fails.
LOCKOUT = "The new key policy will not allow you to update the key policy in the future."
NO_PRINCIPAL = "Policy contains a statement with no principal."
INVALID_PRINCIPALS = "Policy contains a statement with one or more invalid principals."
ROTATION = (
    "Invalid request provided: You cannot set the EnableKeyRotation property to true on asymmetric or external keys."
)

_KMS = "(Service: Kms, Status Code: 400, Request ID: <uuid>) (SDK Attempt Count: 1)"
_TAGGING = (
    "Encountered a permissions error performing a tagging operation, please add required tag permissions. "
    "See https://repost.aws/knowledge-center/cloudformation-tagging-permission-error for how to resolve. "
    'Resource handler returned message: "Unauthorized tagging operation"'
)
_HANDLER_CODES = {"LimitExceededException": "ServiceLimitExceeded"}


def refused_by_kms(code: str, message: str, operation: str) -> str:
    """Render KMS's refusal of a document; a few of its exceptions carry no message, and the handler names them."""
    text = f"{message} {_KMS}" if message else f"{operation} failed due to {code} {_KMS}"
    return refused_by_handler(text, _HANDLER_CODES.get(code, "InvalidRequest"))


def primary_in(region: str | None) -> str:
    """Render KMS's sentence about a replica in the Region of its primary key."""
    return f"{region or '<region>'} cannot have a replica because it contains the primary."


def access_denied(action: str) -> str:
    """Render a refused call: the handler hides IAM's reason behind the name of the operation."""
    operation = action.partition(":")[2]
    if operation == "TagResource":
        return refused_by_handler(_TAGGING, "UnauthorizedTaggingOperation")
    return refused_by_handler(f"Access denied for operation '{operation}'.", "AccessDenied")


def refused_by_handler(message: str, code: str) -> str:
    """Render what the resource handler returns."""
    return f'Resource handler returned message: "{message}" (RequestToken: <uuid>, HandlerErrorCode: {code})'


def cannot_assume(role: str) -> str:
    """Render CloudFormation's answer to CreateStack with a service role it cannot assume."""
    return f"Role {role} is invalid or cannot be assumed"
