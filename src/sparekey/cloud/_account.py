"""Opening an account: its record, and its root user's access key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.directory.accounts import ACCOUNTS, Account
from sparekey.services.directory.credentials import ACCESS_KEY_SECRET, ACCESS_KEYS, KEYS_OF_USER, AccessKey
from sparekey.services.directory.identifiers import LONG_TERM, access_key_id, secret_access_key
from sparekey.services.directory.identities import Reference

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sparekey.services.operation import Sealer
    from sparekey.storage.interface import Transaction


def open_account(
    records: Transaction,
    account: str,
    root_key: tuple[str, str] | None,
    sealer: Sealer,
    entropy: Callable[[int], bytes],
    now: datetime,
) -> tuple[str, str]:
    """Make an account unless it is there; its root user's access key as (id, secret)."""
    if records.get(ACCOUNTS, account) is None:
        records.put(ACCOUNTS, (account,), Account(account, now))
    found = (records.get(ACCESS_KEYS, reference.name) for _, reference in records.scan(KEYS_OF_USER, account, ""))
    known = next((key for key in found if key is not None), None)
    if root_key is None and known is not None:
        return known.access_key_id, sealer.unseal(known.secret, ACCESS_KEY_SECRET).decode()
    made = root_key or (access_key_id(LONG_TERM, account, entropy), secret_access_key(entropy))
    if known is not None:
        records.delete(ACCESS_KEYS, known.access_key_id)
        records.delete(KEYS_OF_USER, account, "", known.access_key_id)
    sealed = sealer.seal(made[1].encode(), ACCESS_KEY_SECRET)
    records.put(ACCESS_KEYS, (made[0],), AccessKey(made[0], account, None, sealed, now))
    records.put(KEYS_OF_USER, (account, "", made[0]), Reference(made[0]))
    return made
