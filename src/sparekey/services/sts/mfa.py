"""One-time codes in requests: AssumeRole and GetSessionToken take the code of an MFA device of the calling user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.errors import AccessDenied
from sparekey.policy import PrincipalKind
from sparekey.services.directory.credentials import MFA_DEVICES
from sparekey.services.directory.one_time_codes import use_code

if TYPE_CHECKING:
    from sparekey.services.operation import Call

_BOTH: Final = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
_SERIAL: Final = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
_CODE: Final = "MultiFactorAuthentication failed with invalid MFA one time pass code. "


def authenticate(call: Call, serial_number: str | None, token_code: str | None) -> bool:
    """Whether the request is authenticated with MFA; uses the code up.

    Raises:
        AccessDenied: half of it is missing, the device is not the caller's, or the code is wrong or was used before.
    """
    if serial_number is None and token_code is None:
        return False
    if serial_number is None or token_code is None:
        raise AccessDenied(_BOTH)
    user = _user(call)
    device = call.records.get(MFA_DEVICES, call.caller.account, serial_number)
    if user is None or device is None or device.enabled is None or device.user is None or device.user.lower() != user:
        raise AccessDenied(_SERIAL)
    if not use_code(
        call.records,
        call.sealer,
        account=call.caller.account,
        serial_number=serial_number,
        user=user,
        code=token_code,
        now=call.now,
    ):
        raise AccessDenied(_CODE)
    return True


def _user(call: Call) -> str | None:
    """Whose devices count: the calling user's lower-cased name, empty for the root user; a role has none."""
    match call.caller.principal.kind:
        case PrincipalKind.IAM_USER:
            return (call.caller.name or "").lower()
        case PrincipalKind.ROOT_USER:
            return ""
        case _:
            return None
