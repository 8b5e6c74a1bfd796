"""Loading snapshots at every start of a server, each once: what was loaded before is not even read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sparekey.errors import InputError
from sparekey.services.iam.seed import Seeded, load_details
from sparekey.storage.interface import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.storage.interface import Transaction


@dataclass(frozen=True, slots=True)
class Loaded:
    """The accounts that are in a snapshot that was loaded."""

    accounts: tuple[str, ...]
    at: datetime


#: (SHA-256 of a snapshot's text,)
LOADED: Final = Kind("iam.snapshot", Loaded)


def load_once(records: Transaction, texts: Mapping[str, bytes], *, now: datetime) -> Seeded:
    """Load snapshots, given as JSON under the names of their files, unless the same texts were loaded before.

    Raises:
        InputError: one is no JSON, or cannot be loaded; the transaction must not be committed then.
    """
    digests = {name: sha256(text).hexdigest() for name, text in texts.items()}
    known = {name: records.get(LOADED, digest) for name, digest in digests.items()}
    accounts = dict.fromkeys(account for each in known.values() if each for account in each.accounts)
    new = {name: _page(name, text) for name, text in texts.items() if known[name] is None}
    if not new:
        return Seeded(tuple(accounts))
    seeded = load_details(records, new.values(), now=now)
    for name in new:
        records.put(LOADED, (digests[name],), Loaded(seeded.accounts, now))
    return Seeded((*accounts, *(each for each in seeded.accounts if each not in accounts)), seeded.warnings)


def _page(name: str, text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"`{name}` is no JSON") from None
