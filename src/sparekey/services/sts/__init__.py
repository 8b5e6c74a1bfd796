"""The AWS Security Token Service: temporary credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.services.operation import table
from sparekey.services.sts.identity import decode_authorization_message, get_access_key_info, get_caller_identity
from sparekey.services.sts.roles import assume_role
from sparekey.services.sts.users import get_federation_token, get_session_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.operation import Operation

OPERATIONS: Final[Mapping[str, Operation]] = table(
    assume_role,
    decode_authorization_message,
    get_access_key_info,
    get_caller_identity,
    get_federation_token,
    get_session_token,
)
