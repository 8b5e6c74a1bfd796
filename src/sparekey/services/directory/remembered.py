"""Values worked out from records, kept for as long as the store hands out the same records.

A store hands out one object again and again until the record changes, so comparing objects tells whether a value
would be made again as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from operator import is_
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparekey.storage.interface import Key, Kind, Transaction

T = TypeVar("T")

#: How many values are kept; the one not used for longest is forgotten first.
LIMIT: Final = 16384

Seen = tuple["Kind[object]", "Key", object]


@dataclass(slots=True)
class Reads:
    """Reads records and keeps what was read, so that it can be asked later whether it is still so."""

    records: Transaction
    seen: list[Seen] = field(default_factory=list)

    def get(self, kind: Kind[T], *key: str) -> T | None:
        """Read a record, and keep it."""
        record = self.records.get(kind, *key)
        self.seen.append((cast("Kind[object]", kind), key, record))
        return record


class _Remembered(NamedTuple, Generic[T]):
    """A value, what it was made for besides records, and the records it was made of."""

    made_for: object
    seen: tuple[Seen, ...]
    value: T


@lru_cache(maxsize=LIMIT)
def _cell(*_key: object) -> list[_Remembered[object]]:
    """A place for one value; replacing what is in it is atomic."""
    return []


def remember_of(key: tuple[object, ...], parts: tuple[object, ...], make: Callable[[], T]) -> T:
    """The value ``make`` gives: the one it gave for this key before, if it was made of the very same objects."""
    cell = _cell(*key)
    for kept in cell:
        if all(map(is_, cast("tuple[object, ...]", kept.made_for), parts)):
            return cast("T", kept.value)
    value = make()
    cell[:] = [_Remembered(parts, (), value)]
    return value


def remember(records: Transaction, key: tuple[object, ...], made_for: object, make: Callable[[Reads], T]) -> T:
    """The value ``make`` gives: the one it gave for this key before, if it was for the same and of the same records.

    ``made_for`` is what the value depends on besides ``key`` and records.
    """
    cell = _cell(*key)
    for kept in cell:
        if kept.made_for is not made_for and kept.made_for != made_for:
            break
        get = records.get
        for kind, record_key, record in kept.seen:
            if get(kind, *record_key) is not record:
                break
        else:
            return cast("T", kept.value)
    reads = Reads(records)
    value = make(reads)
    cell[:] = [_Remembered(made_for, tuple(reads.seen), value)]
    return value
