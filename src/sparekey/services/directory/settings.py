"""What is set for a whole account or organization in IAM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sparekey.services.directory.identities import Reference
from sparekey.storage.interface import Kind


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """An account's own password policy; the defaults are those of UpdateAccountPasswordPolicy."""

    minimum_length: int = 6
    require_symbols: bool = False
    require_numbers: bool = False
    require_uppercase: bool = False
    require_lowercase: bool = False
    allow_change: bool = False
    max_age: int = 0  # days; 0: passwords never expire
    reuse_prevention: int = 0  # how many earlier passwords may not come back
    hard_expiry: bool = False


@dataclass(frozen=True, slots=True)
class TokenPreferences:
    """The version of session tokens that the global STS endpoint hands out."""

    global_endpoint_version: int = 1


@dataclass(frozen=True, slots=True)
class OutboundFederation:
    """Whether principals of the account may ask for web identity tokens, and the issuer those name."""

    issuer: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class AccountProperties:
    """The account's properties under ``Namespace/PropertyName``."""

    values: Mapping[str, str] = field(default_factory=dict)


#: the features of :data:`ROOT_FEATURES`
ROOT_CREDENTIALS_MANAGEMENT: Final = "RootCredentialsManagement"
ROOT_SESSIONS: Final = "RootSessions"


@dataclass(frozen=True, slots=True)
class RootFeatures:
    """The features for central root access that are on in an organization, in AWS's order."""

    enabled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CredentialReport:
    """The newest credential report of an account."""

    content: bytes
    generated: datetime


#: (account,)
PASSWORD_POLICIES = Kind("iam.password-policy", PasswordPolicy)
#: (alias,) → the account; aliases are unique among all accounts
ACCOUNT_ALIASES = Kind("iam.account-alias", Reference)
#: (account,)
TOKEN_PREFERENCES = Kind("iam.token-preferences", TokenPreferences)
#: (account,)
OUTBOUND_FEDERATION = Kind("iam.outbound-federation", OutboundFederation)
#: (account,)
ACCOUNT_PROPERTIES = Kind("iam.account-properties", AccountProperties)
#: (organization id,)
ROOT_FEATURES = Kind("iam.root-features", RootFeatures)
#: (account,)
CREDENTIAL_REPORTS = Kind("iam.credential-report", CredentialReport)
