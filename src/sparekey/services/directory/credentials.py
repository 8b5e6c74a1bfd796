"""Long-term credentials: access keys and MFA devices, passwords, service-specific credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sparekey.services.directory.identities import LastUsed, Reference
from sparekey.storage.interface import Kind

#: the sealing purposes of the secrets in these records
ACCESS_KEY_SECRET = "iam.access-key-secret"  # noqa: S105 - the name of a purpose
MFA_SEED = "iam.mfa-seed"
LOGIN_PASSWORD = "iam.login-password"  # noqa: S105 - the name of a purpose
SERVICE_PASSWORD = "iam.service-password"  # noqa: S105 - the name of a purpose


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key of a user, or of the account's root user (``user`` is ``None``); the secret is sealed."""

    access_key_id: str
    account: str
    user: str | None
    secret: bytes
    created: datetime
    active: bool = True


@dataclass(frozen=True, slots=True)
class MfaDevice:
    """A virtual MFA device; ``user`` is whose it is, ``""`` for the root user, ``None`` while it is unassigned.

    ``seed`` is its sealed TOTP seed (raw, not in base32), ``drift`` by how many time steps its clock is ahead.
    """

    serial_number: str
    seed: bytes
    created: datetime
    user: str | None = None
    enabled: datetime | None = None
    last_step: int = 0  # the last TOTP time step used: a code counts once
    tags: Mapping[str, str] = field(default_factory=dict)
    drift: int = 0


@dataclass(frozen=True, slots=True)
class LoginProfile:
    """A user's password, salted, hashed and sealed; ``previous`` are earlier ones, newest first."""

    password: bytes
    created: datetime
    changed: datetime
    reset_required: bool = False
    previous: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceCredential:
    """A service-specific credential; the password (or the API key's secret) is sealed.

    ``service_user_name`` is the user name, or for a service that takes API keys the key's public alias.
    """

    credential_id: str
    service: str
    service_user_name: str
    password: bytes
    created: datetime
    active: bool = True
    expires: datetime | None = None


#: (access key id,): found before the account is known
ACCESS_KEYS = Kind("iam.access-key", AccessKey)
#: (account, lower-cased user name, access key id); the root user's name is empty
KEYS_OF_USER = Kind("iam.user-access-key", Reference)
#: (account, serial number)
MFA_DEVICES = Kind("iam.mfa-device", MfaDevice)
#: (account, lower-cased user name, serial number)
DEVICES_OF_USER = Kind("iam.user-mfa-device", Reference)
#: (access key id,): appended in passing
KEY_LAST_USED = Kind("iam.access-key-last-used", LastUsed)
#: (account, the user's unique id; empty for the root user)
LOGIN_PROFILES = Kind("iam.login-profile", LoginProfile)
#: (account, the user's unique id, credential id)
SERVICE_CREDENTIALS = Kind("iam.service-credential", ServiceCredential)
