"""When access keys and roles were last used, and for what: noted in passing, at most once a minute for each operation.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.services.directory.access_reports import LAST_ACCESSES
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
        self._noted: dict[tuple[str, str, str, str], int] = {}

    def note(self, caller: Caller, service: str, operation: str, region: str, now: datetime) -> None:
        """A call was made with the caller's credentials, whether it was allowed or not."""
        who = caller.access_key_id or caller.user_id
        if not who or not caller.account:
            return
        region = home_region(service, region, caller.principal.partition)
        use, minute = (who, service, operation, region), int(now.timestamp()) // 60
        if self._noted.get(use) == minute:
            return
        if len(self._noted) >= _MOST:
            self._noted.clear()
        self._noted[use] = minute
        self._write(caller, service, operation, LastUsed(now.replace(microsecond=0), region, service))

    def _write(self, caller: Caller, service: str, operation: str, used: LastUsed) -> None:
        append, account, session = self._store.append, caller.account, caller.session
        append(LAST_ACCESSES, (account, session.parent if session else caller.user_id, service, operation), used)
        append(LAST_ACCESSES, (account, "", service, ""), used)
        if session is None and caller.access_key_id:
            append(KEY_LAST_USED, (caller.access_key_id,), used)
        elif session is not None and session.kind is SessionKind.ASSUMED_ROLE:
            name = session.parent_arn.rpartition("/")[2].lower()
            append(LAST_USED, (account, f"role/{name}"), used)
