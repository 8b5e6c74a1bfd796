"""Temporary credentials as operations hand them out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.identifiers import TEMPORARY, access_key_id, secret_access_key
from sparekey.services.directory.tokens import seal_session

if TYPE_CHECKING:
    from datetime import datetime

    from sparekey.services.directory.sessions import Session
    from sparekey.services.operation import Call

#: The largest session token, in bytes: the upper bound of MinimumSessionTokenSize.
LARGEST_TOKEN: Final = 4096


def lifetime(call: Call, seconds: int) -> tuple[datetime, datetime]:
    """When a session that begins now was issued, and when it expires, to the second."""
    issued = call.now.replace(microsecond=0)
    return issued, issued + timedelta(seconds=seconds)


def access_key(call: Call, account: str) -> tuple[str, str]:
    """A fresh access key for a session: an id that tells the account, and a secret."""
    return access_key_id(TEMPORARY, account, call.entropy), secret_access_key(call.entropy)


def credentials(call: Call, session: Session, minimum_size: int = 0) -> dict[str, object]:
    """``Credentials``, and the size of the token in them.

    The utilization is the token's share of :data:`LARGEST_TOKEN`, as AWS's own limit is not documented.
    """
    token = seal_session(call.sealer, session, minimum_size=minimum_size)
    return {
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "SessionToken": token,
            "Expiration": session.expires,
        },
        "SessionTokenSize": len(token),
        "SessionTokenUtilization": min(100, -(-100 * len(token) // LARGEST_TOKEN)),
    }
