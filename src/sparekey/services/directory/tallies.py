"""How many there are of something, kept beside it so that nobody need count.

A tally is split over several records: two changes at the same time seldom meet on one.
"""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sparekey.storage.interface import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sparekey.storage.interface import Transaction


@dataclass(frozen=True, slots=True)
class Tally:
    """A part of a tally."""

    count: int


#: how many parts a tally has
PARTS: Final = 16

#: (account, what is counted, part)
TALLIES = Kind("iam.tally", Tally)


def part_of(identifier: str) -> str:
    """The part of a tally that counts the thing with this name or id."""
    return f"{zlib.crc32(identifier.encode()) % PARTS:02d}"


def count(records: Transaction, account: str, what: str) -> int:
    """How many there are."""
    return sum(part.count for _, part in records.scan(TALLIES, account, what))


def add(records: Transaction, account: str, what: str, identifier: str, by: int = 1) -> None:
    """Note that there is one more, or (with a negative ``by``) fewer; ``identifier`` must be the same both times."""
    _add(records, account, what, part_of(identifier), by)


def add_all(records: Transaction, account: str, what: str, identifiers: Iterable[str]) -> None:
    """Note that there are as many more as there are identifiers."""
    for part, by in Counter(map(part_of, identifiers)).items():
        _add(records, account, what, part, by)


def _add(records: Transaction, account: str, what: str, part: str, by: int) -> None:
    key = (account, what, part)
    before = records.get(TALLIES, *key)
    after = (before.count if before else 0) + by
    if after:
        records.put(TALLIES, key, Tally(after))
    else:
        records.delete(TALLIES, *key)
