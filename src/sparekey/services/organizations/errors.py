"""The error shapes of Organizations' service model.

Messages marked *observed* are what AWS was seen to answer; the others are the sentences of its API reference, where no
answer of AWS is known.
"""

from __future__ import annotations

from typing import Final

from sparekey.errors import ServiceError


class AWSOrganizationsNotInUseException(ServiceError):
    """The caller's account is in no organization."""


class AccessDeniedException(ServiceError):
    """The caller's account is not the one that may call this, whatever its policies say."""


class AccessDeniedForDependencyException(ServiceError):
    """The caller may not make the service-linked role that the operation needs."""


class AccountAlreadyClosedException(ServiceError):
    """The account is closed."""


class AccountAlreadyRegisteredException(ServiceError):
    """The account administers this service already."""


class AccountNotFoundException(ServiceError):
    """The organization has no such account."""


class AccountNotRegisteredException(ServiceError):
    """The account administers no service, or not this one."""


class AlreadyInOrganizationException(ServiceError):
    """An account can be in one organization only."""


class ChildNotFoundException(ServiceError):
    """The organization has no such unit or account."""


class ConstraintViolationException(ServiceError):
    """A limit or a rule of the organization; ``Reason`` names it."""


class CreateAccountStatusNotFoundException(ServiceError):
    """There was no such CreateAccount request."""


class DestinationParentNotFoundException(ServiceError):
    """The root or unit an account should move to does not exist."""


class DuplicateAccountException(ServiceError):
    """The account is there already."""


class DuplicateHandshakeException(ServiceError):
    """The account is invited already."""


class DuplicateOrganizationalUnitException(ServiceError):
    """The parent has a unit of that name."""


class DuplicatePolicyAttachmentException(ServiceError):
    """The policy is attached there already."""


class DuplicatePolicyException(ServiceError):
    """There is a policy of that name and type."""


class EffectivePolicyNotFoundException(ServiceError):
    """No policy of that type takes effect on the account."""


class HandshakeAlreadyInStateException(ServiceError):
    """The handshake was answered so already."""


class HandshakeConstraintViolationException(ServiceError):
    """A rule about handshakes; ``Reason`` names it."""


class HandshakeNotFoundException(ServiceError):
    """There is no such handshake, or the caller is no party of it."""


class InvalidHandshakeTransitionException(ServiceError):
    """The handshake is over."""


class InvalidInputException(ServiceError):
    """A parameter's value; ``Reason`` names what is wrong with it."""


class MalformedPolicyDocumentException(ServiceError):
    """The document does not fit the type of policy."""


class MasterCannotLeaveOrganizationException(ServiceError):
    """The management account stays as long as the organization."""


class OrganizationNotEmptyException(ServiceError):
    """There are member accounts."""


class OrganizationalUnitNotEmptyException(ServiceError):
    """There are accounts or units in the unit."""


class OrganizationalUnitNotFoundException(ServiceError):
    """The organization has no such unit."""


class ParentNotFoundException(ServiceError):
    """The organization has no such root or unit."""


class PolicyInUseException(ServiceError):
    """The policy is attached somewhere."""


class PolicyNotAttachedException(ServiceError):
    """The policy is not attached there."""


class PolicyNotFoundException(ServiceError):
    """The organization has no such policy."""


class PolicyTypeAlreadyEnabledException(ServiceError):
    """The type is enabled on the root."""


class PolicyTypeNotAvailableForOrganizationException(ServiceError):
    """The organization has consolidated billing only."""


class PolicyTypeNotEnabledException(ServiceError):
    """The type is not enabled on the root."""


class ResourcePolicyNotFoundException(ServiceError):
    """The organization has no resource policy."""


class RootNotFoundException(ServiceError):
    """The organization's root is another."""


class SourceParentNotFoundException(ServiceError):
    """The root or unit an account should move from does not exist."""


class TargetNotFoundException(ServiceError):
    """The organization has no such root, unit, account or policy."""


#: Observed.
NOT_PERMITTED: Final = "You don't have permissions to access this resource."
#: Observed.
NOT_IN_USE: Final = "Your account is not a member of an organization."
#: Observed.
NO_ACCOUNT: Final = "You specified an account that doesn't exist."
#: Observed.
IS_MEMBER: Final = "The AWS account is already a member of an organization."
#: Observed.
NOT_ENABLED: Final = "This operation can be performed only for enabled policy types."
NO_UNIT: Final = "You specified an organizational unit that doesn't exist."
NO_PARENT: Final = "You specified a parent that doesn't exist."
NO_POLICY: Final = "You specified a policy that doesn't exist."
NO_TARGET: Final = "You specified a target that doesn't exist."


def invalid(reason: str, message: str) -> InvalidInputException:
    """The InvalidInputException for a reason of the model."""
    return InvalidInputException(message, Reason=reason)


def violated(reason: str, message: str) -> ConstraintViolationException:
    """The ConstraintViolationException for a reason of the model."""
    return ConstraintViolationException(message, Reason=reason)
