"""The codes that virtual MFA devices show: TOTP (RFC 6238) with SHA-1, six digits, a new one every 30 seconds.

AWS does not say how far a device's clock may be off. Here a code is taken one step early or late; two codes in a row
tell a clock that is up to :data:`SEARCHED` steps off.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.credentials import MFA_DEVICES, MFA_SEED, MfaDevice

if TYPE_CHECKING:
    from datetime import datetime

    from sparekey.services.operation import Sealer
    from sparekey.storage.interface import Transaction

#: Seconds a code is shown.
STEP: Final = 30
#: How many steps a code may come early or late.
TOLERATED: Final = 1
#: How many steps a device may be off when two codes of it are compared: ten minutes.
SEARCHED: Final = 20

_DIGITS: Final = 6


def step_of(moment: datetime) -> int:
    """The number of the time step a moment is in."""
    return int(moment.timestamp()) // STEP


def code_at(seed: bytes, step: int) -> str:
    """The code a device with this (raw) seed shows in a time step."""
    digest = hmac.digest(seed, step.to_bytes(8), hashlib.sha1)
    offset = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF) % 10**_DIGITS:0{_DIGITS}}"


def step_of_pair(seed: bytes, first: str, second: str, now: datetime) -> int | None:
    """The time step in which a device showed the second of two consecutive codes; ``None`` if it never did."""
    here = step_of(now)
    for step in sorted(range(here - SEARCHED, here + SEARCHED + 1), key=lambda each: abs(each - here)):
        if _same(code_at(seed, step - 1), first) and _same(code_at(seed, step), second):
            return step
    return None


def use_code(
    records: Transaction, sealer: Sealer, *, account: str, serial_number: str, user: str, code: str, now: datetime
) -> bool:
    """Whether ``code`` is what the user's MFA device shows now; a code counts once.

    ``user`` is the lower-cased user name, empty for the root user. Notes the code as used: the transaction must write.
    """
    device = records.get(MFA_DEVICES, account, serial_number)
    if device is None or device.enabled is None or device.user is None or device.user.lower() != user:
        return False
    step = _matching_step(device, sealer.unseal(device.seed, MFA_SEED), code, now)
    if step is None:
        return False
    records.put(MFA_DEVICES, (account, serial_number), replace(device, last_step=step))
    return True


def _matching_step(device: MfaDevice, seed: bytes, code: str, now: datetime) -> int | None:
    here = step_of(now) + device.drift
    for step in range(here - TOLERATED, here + TOLERATED + 1):
        if step > device.last_step and _same(code_at(seed, step), code):
            return step
    return None


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())
