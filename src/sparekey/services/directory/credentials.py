"""Long-term credentials: access keys and MFA devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sparekey.services.directory.identities import LastUsed, Reference
from sparekey.storage.interface import Kind

#: the sealing purposes of the secrets in these records
ACCESS_KEY_SECRET = "iam.access-key-secret"  # noqa: S105 - the name of a purpose
MFA_SEED = "iam.mfa-seed"


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
    """A virtual MFA device with its sealed TOTP seed; ``user`` is whose it is, ``""`` for the root user."""

    serial_number: str
    seed: bytes
    created: datetime
    user: str | None = None
    enabled: datetime | None = None
    last_step: int = 0  # the last TOTP time step used: a code counts once
    tags: Mapping[str, str] = field(default_factory=dict)


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
