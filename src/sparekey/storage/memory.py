"""A store in memory: for tests and for accounts that need not outlive the process.

Records go through the codec as in every other store, so that what could not be stored there is refused here. They
are kept as bytes until they are first read, and their keys are put in order when a range of them is: what is written
at every call and seldom read costs little.
"""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right, insort
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Final, TypeVar, cast

from sparekey.storage.codec import codec_of
from sparekey.storage.interface import OWN
from sparekey.storage.read_only import ReadOnly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sparekey.storage.interface import Key, Kind, Transaction

T = TypeVar("T")
R = TypeVar("R")

_log = logging.getLogger(__name__)

#: How many new keys are put in their places one by one; more are sorted with the others.
_FEW: Final = 20


class _Table:
    """The records of one kind, and their keys in order."""

    __slots__ = ("_codec", "_keys", "_new", "records")

    def __init__(self, kind: Kind[object]) -> None:
        self.records: dict[Key, object] = {}
        self._codec = codec_of(kind)
        self._keys: list[Key] = []
        self._new: list[Key] = []

    def get(self, key: Key) -> object | None:
        record = self.records.get(key)
        if type(record) is bytes:
            record = self.records[key] = self._codec.decode(record)
        return record

    def put(self, key: Key, record: object) -> None:
        if key not in self.records:
            self._new.append(key)
        self.records[key] = record

    def remove(self, key: Key) -> None:
        if self.records.pop(key, None) is not None:
            keys = self.keys
            del keys[bisect_left(keys, key)]

    def drop(self, gone: range) -> list[tuple[Key, object]]:
        """Remove the records whose keys stand there; they, and what was under them."""
        keys = self.keys[gone.start : gone.stop]
        del self.keys[gone.start : gone.stop]
        return [(key, self.records.pop(key)) for key in keys]

    @property
    def keys(self) -> list[Key]:
        """The keys in order."""
        new = self._new
        if len(new) > _FEW:
            self._keys += sorted(new)
            self._keys.sort()
        else:
            for key in new:
                insort(self._keys, key)
        new.clear()
        return self._keys

    def within(self, prefix: Key, after: Key | None) -> range:
        """Where in ``keys`` those stand that begin with ``prefix`` and come after ``after``."""
        keys = self.keys
        first = bisect_left(keys, prefix)
        end = bisect_left(keys, (*prefix[:-1], prefix[-1] + "\0"), lo=first) if prefix else len(keys)
        return range(first if after is None else max(first, bisect_right(keys, after)), end)

    def decoded(self, found: Sequence[tuple[Key, object]]) -> Iterator[tuple[Key, object | None]]:
        """Keys and records of keys and what was kept under them."""
        for key, record in found:
            if type(record) is not bytes:
                yield key, record
            elif self.records.get(key) is record:
                yield key, self.get(key)
            else:
                yield key, self._codec.decode(record)


def _encoded(kind: Kind[T], key: Key, record: T) -> bytes:
    if not key:
        raise ValueError(f"a record of `{kind.name}` needs a key")
    return codec_of(kind).encode(record)


class MemoryStore:
    """Records in dictionaries; transactions, readers included, run one at a time."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = RLock()
        self._tables: dict[str, _Table] = {}
        self._busy = False
        self._later: list[Callable[[], None]] = []

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
                later, self._later = self._later, []
                for each in later:
                    each()

    def append(self, kind: Kind[T], key: Key, record: T) -> None:
        """Write a record now, or behind the transaction that calls this."""
        encoded = _encoded(kind, key, record)
        with self._lock:
            if self._busy:
                self._later.append(partial(self._put, cast("Kind[object]", kind), key, encoded))
            else:
                self._put(cast("Kind[object]", kind), key, encoded)

    def later(self, work: Callable[[Transaction], object]) -> None:
        """Run ``work`` now, or behind the transaction that calls this."""
        with self._lock:
            if self._busy:
                self._later.append(partial(self._attempt, work))
            else:
                self._attempt(work)

    def _attempt(self, work: Callable[[Transaction], object]) -> None:
        try:
            self.write(work)
        except Exception:  # noqa: BLE001 - nobody waits for it
            _log.exception("work that was left for later failed")

    def _put(self, kind: Kind[object], key: Key, record: bytes) -> None:
        table = self._tables.get(kind.name)
        if table is None:
            table = self._tables[kind.name] = _Table(kind)
        table.put(key, record)

    def flush(self) -> None:
        """Return at once: everything appended is written."""

    def wipe(self) -> None:
        """Remove every record, but those of the store's own kinds."""
        with self._lock:
            self._tables = {name: table for name, table in self._tables.items() if name.startswith(OWN)}

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""


class _Reading(ReadOnly):
    """A transaction that only reads."""

    def __init__(self, tables: dict[str, _Table]) -> None:
        self._tables = tables

    def get(self, kind: Kind[T], *key: str) -> T | None:
        table = self._tables.get(kind.name)
        if table is None:
            return None
        record = table.records.get(key)
        return cast("T | None", table.get(key) if type(record) is bytes else record)

    def scan(
        self, kind: Kind[T], *prefix: str, after: Key | None = None, limit: int | None = None
    ) -> Iterator[tuple[Key, T]]:
        if (table := self._tables.get(kind.name)) is None:
            return iter(())
        found, records = table.within(prefix, after)[:limit], table.records
        pairs = [(key, records[key]) for key in table.keys[found.start : found.stop]]
        return cast("Iterator[tuple[Key, T]]", table.decoded(pairs))

    def count(self, kind: Kind[T], *prefix: str, limit: int | None = None) -> int:
        table = self._tables.get(kind.name)
        return 0 if table is None else len(table.within(prefix, None)[:limit])


class _Writing(_Reading):
    """A transaction that writes at once, and remembers what to put back."""

    def __init__(self, tables: dict[str, _Table]) -> None:
        super().__init__(tables)
        self._before: list[tuple[_Table, Key, object | None]] = []

    def put(self, kind: Kind[T], key: Key, record: T) -> None:
        encoded = _encoded(kind, key, record)
        table = self._tables.get(kind.name)
        if table is None:
            table = self._tables[kind.name] = _Table(cast("Kind[object]", kind))
        self._before.append((table, key, table.records.get(key)))
        table.put(key, encoded)

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

    def drop(self, kind: Kind[T], *prefix: str, after: Key) -> None:
        if not kind.log:
            raise ValueError(f"records of `{kind.name}` are removed one by one")
        table = self._tables.get(kind.name)
        if table is not None:
            self._before += [(table, key, record) for key, record in table.drop(table.within(prefix, after))]

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
