"""When access keys and roles were last used, and for what: noted in passing, at most once a minute each.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.services.directory.credentials import KEY_LAST_USED
from sparekey.services.directory.identities import LAST_USED, LastUsed
from sparekey.services.directory.record import home_region
from sparekey.services.directory.sessions import SessionKind

if TYPE_CHECKING:
    from datetime import datetime

    from sparekey.services.operation import Caller
    from sparekey.storage.interface import Store

#: How many keys and sessions are remembered, so that not each of their calls writes.
_MOST: Final = 50_000


class Uses:
    """Notes which credentials were used."""

    def __init__(self, store: Store) -> None:
        """Write to ``store``."""
        self._store = store
        self._noted: dict[str, tuple[int, str, str]] = {}

    def note(self, caller: Caller, service: str, region: str, now: datetime) -> None:
        """A call was signed with the caller's credentials."""
        if not caller.access_key_id:
            return
        region = home_region(service, region, caller.principal.partition)
        use = (int(now.timestamp()) // 60, service, region)
        if self._noted.get(caller.access_key_id) == use:
            return
        if len(self._noted) >= _MOST:
            self._noted.clear()
        self._noted[caller.access_key_id] = use
        used = LastUsed(now.replace(microsecond=0), region, service)
        session = caller.session
        if session is None:
            self._store.append(KEY_LAST_USED, (caller.access_key_id,), used)
        elif session.kind is SessionKind.ASSUMED_ROLE:
            name = session.parent_arn.rpartition("/")[2].lower()
            self._store.append(LAST_USED, (session.account, f"role/{name}"), used)
