"""The errors that IAM answers here, each named as its shape in the service model, where its code and status stand."""

from __future__ import annotations

from sparekey.errors import ServiceError


class AccountNotManagementOrDelegatedAdministratorException(ServiceError):
    """The caller's account is neither the organization's management account nor a delegated administrator for IAM."""


class CallerIsNotManagementAccountException(ServiceError):
    """The caller's account is not the organization's management account."""


class CredentialReportExpiredException(ServiceError):
    """The newest credential report is older than four hours."""


class CredentialReportNotPresentException(ServiceError):
    """No credential report was generated."""


class DeleteConflictException(ServiceError):
    """Something that belongs to the entity, or uses it, must go first."""


class DuplicateCertificateException(ServiceError):
    """The same signing certificate is there already."""


class DuplicateSSHPublicKeyException(ServiceError):
    """The same SSH public key is there already."""


class EntityAlreadyExistsException(ServiceError):
    """An entity of that name, or that relation, is there already."""


class FeatureDisabledException(ServiceError):
    """The feature is off."""


class FeatureEnabledException(ServiceError):
    """The feature is on already."""


class InvalidAuthenticationCodeException(ServiceError):
    """The codes are not those the MFA device shows."""


class InvalidCertificateException(ServiceError):
    """The certificate is not valid."""


class InvalidInputException(ServiceError):
    """A parameter's value makes no sense; said after authorization, unlike a ``ValidationError``."""


class InvalidPublicKeyException(ServiceError):
    """The public key is malformed."""


class InvalidUserTypeException(ServiceError):
    """The caller is no IAM user, as it must be."""


class KeyPairMismatchException(ServiceError):
    """The private key is not the certificate's."""


class LimitExceededException(ServiceError):
    """A quota of the account or entity is used up."""


class MalformedCertificateException(ServiceError):
    """The certificate cannot be read."""


class MalformedPolicyDocumentException(ServiceError):
    """The policy document breaks the grammar of policies."""


class NoSuchEntityException(ServiceError):
    """No such user, group, role, policy or other entity."""


class OrganizationNotFoundException(ServiceError):
    """The account is in no organization."""


class OrganizationNotInAllFeaturesModeException(ServiceError):
    """The organization has consolidated billing only."""


class PasswordPolicyViolationException(ServiceError):
    """The password breaks the account's password policy."""


class PolicyNotAttachableException(ServiceError):
    """The managed policy is one of AWS's own that only AWS attaches."""


class ServiceAccessNotEnabledException(ServiceError):
    """IAM has no trusted access to the organization."""


class UnmodifiableEntityException(ServiceError):
    """Only AWS changes the entity: it is a service-linked role."""


class UnrecognizedPublicKeyEncodingException(ServiceError):
    """The public key is in none of the known encodings."""
