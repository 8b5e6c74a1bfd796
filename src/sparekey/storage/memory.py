"""A store in memory: for tests and for accounts that need not outlive the process.

Records go through the codec as in every other store, so that what could not be stored there is refused here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, TypeVar, cast

from sparekey.storage.codec import codec_of
from sparekey.storage.interface import OWN, ReadOnlyTransaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparekey.storage.interface import Key, Kind, Transaction

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class _Table:
    """The records of one kind, and their keys in order."""

    records: dict[Key, object] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)

    def put(self, key: Key, record: object) -> None:
        if key not in self.records:
            insort(self.keys, key)
        self.records[key] = record

    def remove(self, key: Key) -> None:
        if key in self.records:
            del self.records[key]
            del self.keys[bisect_left(self.keys, key)]

    def within(self, prefix: Key, after: Key | None) -> range:
        """Where in ``keys`` those stand that begin with ``prefix`` and come after ``after``."""
        length = len(prefix)
        first = bisect_left(self.keys, prefix)
        end = bisect_right(self.keys, prefix, lo=first, key=lambda key: key[:length])
        return range(first if after is None else max(first, bisect_right(self.keys, after)), end)


def _stored(kind: Kind[T], key: Key, record: T) -> T:
    """The record as a store gives it back."""
    if not key:
        raise ValueError(f"a record of `{kind.name}` needs a key")
    codec = codec_of(kind)
    return codec.decode(codec.encode(record))


class MemoryStore:
    """Records in dictionaries; transactions, readers included, run one at a time."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = RLock()
        self._tables: dict[str, _Table] = {}
        self._busy = False
        self._later: list[tuple[str, Key, object]] = []

    def read(self, work: Callable[[Transaction], R]) -> R:
        """Run ``work`` on the records as they are; nobody writes meanwhile."""
        with self._lock:
            return work(_Reading(self._tables))

    def write(self, work: Callable[[Transaction], R]) -> R:
        """Run ``work`` alone; undo what it wrote if it raises.

        Raises:
            RuntimeError: called by work that is itself inside :meth:`write`.
        """
        with self._lock:
            if self._busy:
                raise RuntimeError("a transaction inside a transaction: use a savepoint")
            self._busy = True
            transaction = _Writing(self._tables)
            try:
                with transaction.savepoint():
                    return work(transaction)
            finally:
                self._busy = False
                for name, key, record in self._later:
                    self._tables.setdefault(name, _Table()).put(key, record)
                self._later.clear()

    def append(self, kind: Kind[T], key: Key, record: T) -> None:
        """Write a record now, or behind the transaction that calls this."""
        stored = _stored(kind, key, record)
        with self._lock:
            if self._busy:
                self._later.append((kind.name, key, stored))
            else:
                self._tables.setdefault(kind.name, _Table()).put(key, stored)

    def flush(self) -> None:
        """Return at once: everything appended is written."""

    def wipe(self) -> None:
        """Remove every record, but those of the store's own kinds."""
        with self._lock:
            self._tables = {name: table for name, table in self._tables.items() if name.startswith(OWN)}

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""


class _Reading:
    """A transaction that only reads."""

    def __init__(self, tables: dict[str, _Table]) -> None:
        self._tables = tables

    def get(self, kind: Kind[T], *key: str) -> T | None:
        table = self._tables.get(kind.name)
        return None if table is None else cast("T | None", table.records.get(key))

    def scan(
        self, kind: Kind[T], *prefix: str, after: Key | None = None, limit: int | None = None
    ) -> Iterator[tuple[Key, T]]:
        if (table := self._tables.get(kind.name)) is None:
            return iter(())
        found = table.within(prefix, after)[:limit]
        records = cast("dict[Key, T]", table.records)
        return iter([(key, records[key]) for key in table.keys[found.start : found.stop]])

    def count(self, kind: Kind[T], *prefix: str, limit: int | None = None) -> int:
        table = self._tables.get(kind.name)
        return 0 if table is None else len(table.within(prefix, None)[:limit])

    def put(self, kind: Kind[T], key: Key, record: T) -> None:
        self.add(kind, key, record)

    def add(self, kind: Kind[T], key: Key, record: T) -> bool:
        del record  # not said: it may hold secrets
        return self.delete(kind, *key)

    def delete(self, kind: Kind[T], *key: str) -> bool:
        raise ReadOnlyTransaction(f"{kind.name} {'/'.join(key)}")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        yield


class _Writing(_Reading):
    """A transaction that writes at once, and remembers what to put back."""

    def __init__(self, tables: dict[str, _Table]) -> None:
        super().__init__(tables)
        self._before: list[tuple[_Table, Key, object | None]] = []

    def put(self, kind: Kind[T], key: Key, record: T) -> None:
        stored = _stored(kind, key, record)
        table = self._tables.setdefault(kind.name, _Table())
        self._before.append((table, key, table.records.get(key)))
        table.put(key, stored)

    def add(self, kind: Kind[T], key: Key, record: T) -> bool:
        if self.get(kind, *key) is not None:
            return False
        self.put(kind, key, record)
        return True

    def delete(self, kind: Kind[T], *key: str) -> bool:
        table = self._tables.get(kind.name)
        if table is None or key not in table.records:
            return False
        self._before.append((table, key, table.records[key]))
        table.remove(key)
        return True

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        mark = len(self._before)
        try:
            yield
        except BaseException:
            while len(self._before) > mark:
                table, key, record = self._before.pop()
                if record is None:
                    table.remove(key)
                else:
                    table.put(key, record)
            raise
