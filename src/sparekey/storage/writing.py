"""Transactions of a cached store that write: what is written lies over what is stored until it is committed."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, cast

from sparekey.storage.appender import Appended
from sparekey.storage.cache import Published
from sparekey.storage.codec import codec_of
from sparekey.storage.database import Drop, Write
from sparekey.storage.keys import encode_key, range_of
from sparekey.storage.reading import BARE, BULK, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sparekey.storage.appender import Work
    from sparekey.storage.cache import Cache
    from sparekey.storage.database import Source
    from sparekey.storage.interface import Key, Kind

T = TypeVar("T")

_log = logging.getLogger(__name__)

#: Caches are told of this many keys of a kind that one commit wrote; of more, that there were many.
_TOLD: Final = 200


class _Pending(NamedTuple):
    """A record to put, with its bytes, or (``None``) to remove; ``keep``: it will probably be read."""

    record: object | None
    value: bytes | None
    keep: bool = True


class Commit(NamedTuple):
    """What a transaction wrote, for the database, for other processes and for the cache of this one."""

    writes: Sequence[Write]
    changed: Sequence[tuple[str, bytes]]
    published: Sequence[Published]
    wide: frozenset[str]
    dropped: Sequence[Drop] = ()


class Writing(Reading):
    """Reads and writes; several pieces of work may use it one after another, each inside a savepoint."""

    def __init__(self, cache: Cache, source: Source, version: int, catch_up: Callable[[int], None]) -> None:
        """Start with nothing written."""
        super().__init__(cache, source, version, catch_up)
        self._pending: dict[str, dict[Key, _Pending]] = {}
        self._before: list[tuple[dict[Key, _Pending], Key, _Pending | None]] = []
        self._logged: list[Write] = []
        self._dropped: list[Drop] = []

    def get(self, kind: Kind[T], *key: str) -> T | None:
        """The record under a key, as this transaction wrote it."""
        pending = self._pending.get(kind.name)
        if pending is not None and (found := pending.get(key)) is not None:
            return cast("T | None", found.record)
        return super().get(kind, *key)

    def scan(
        self, kind: Kind[T], *prefix: str, after: Key | None = None, limit: int | None = None
    ) -> Iterator[tuple[Key, T]]:
        """Records in key order, as this transaction wrote them up to now."""
        over = self._over_stored(kind.name, prefix, after)
        if not over:
            return self._scan_stored(kind, prefix, after, limit)
        fetched = None if limit is None else limit + len(over)
        merged = _merge(self._scan_stored(kind, prefix, after, fetched), cast("Mapping[Key, T | None]", over))
        return islice(merged, limit)

    def count(self, kind: Kind[T], *prefix: str, limit: int | None = None) -> int:
        """How many records there are with what this transaction wrote."""
        if self._over_stored(kind.name, prefix, None):
            return sum(1 for _ in self.scan(kind, *prefix, limit=limit))
        return self._count_stored(kind, prefix, limit)

    def _over_stored(self, kind: str, prefix: Key, after: Key | None) -> Mapping[Key, object | None]:
        """What this transaction wrote in a range, in key order."""
        pending, length = self._pending.get(kind), len(prefix)
        if not pending:
            return {}
        keys = [key for key in pending if key[:length] == prefix and (after is None or key > after)]
        return {key: pending[key].record for key in sorted(keys)}

    def put(self, kind: Kind[T], key: Key, record: T) -> None:
        """Write a record when the transaction is committed."""
        if not key:
            raise ValueError(f"a record of `{kind.name}` needs a key")
        self._write(kind.name, key, _Pending(record, codec_of(kind).encode(record), keep=not kind.log))

    def drop(self, kind: Kind[T], *prefix: str, after: Key) -> None:
        """Remove stored records of a log when the transaction is committed."""
        if not kind.log:
            raise ValueError(f"records of `{kind.name}` are removed one by one")
        self._dropped.append(Drop(kind.name, range_of(prefix, after)))

    def put_appended(self, batch: Sequence[Appended | Work]) -> None:
        """Write records that are encoded already, and do work; this transaction itself sees no records of logs."""
        for each in batch:
            if not isinstance(each, Appended):
                self._attempt(each)
            elif each.kind.log:
                self._logged.append(Write(each.kind.name, encode_key(each.key), each.value))
            else:
                self._write(each.kind.name, each.key, _Pending(each.record, each.value, keep=False))

    def _attempt(self, work: Work) -> None:
        try:
            with self.savepoint():
                work(self)
        except Exception:  # noqa: BLE001 - nobody waits for it
            _log.exception("work that was left for later failed")

    def add(self, kind: Kind[T], key: Key, record: T) -> bool:
        """Write a record unless one is there."""
        if self.get(kind, *key) is not None:
            return False
        self.put(kind, key, record)
        return True

    def delete(self, kind: Kind[T], *key: str) -> bool:
        """Remove a record when the transaction is committed."""
        if self.get(kind, *key) is None:
            return False
        self._write(kind.name, key, _Pending(None, None))
        return True

    def _write(self, kind: str, key: Key, written: _Pending) -> None:
        pending = self._pending.setdefault(kind, {})
        self._before.append((pending, key, pending.get(key)))
        pending[key] = written

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what the block wrote if it raises."""
        mark, dropped = len(self._before), len(self._dropped)
        try:
            yield
        except BaseException:
            del self._dropped[dropped:]
            while len(self._before) > mark:
                pending, key, before = self._before.pop()
                if before is None:
                    del pending[key]
                else:
                    pending[key] = before
            raise

    def written(self) -> Commit | None:
        """What is to be committed; ``None`` if that is nothing."""
        writes: list[Write] = []
        published: list[Published] = []
        wide = {kind for kind, pending in self._pending.items() if len(pending) > _TOLD}
        for kind, pending in self._pending.items():
            for key, (record, value, keep) in pending.items():
                writes.append(Write(kind, encode_key(key), value))
                if kind not in wide:
                    published.append(Published(kind, key, record, BARE + BULK * len(value or b""), keep))
        if not writes and not self._logged and not self._dropped:
            return None
        wide |= {write.kind for write in self._logged} | {each.kind for each in self._dropped}
        changed = [(write.kind, write.key) for write in writes if write.kind not in wide]
        if self._logged:
            writes = list({(each.kind, each.key): each for each in (*self._logged, *writes)}.values())
        changed += [(kind, b"") for kind in sorted(wide)]
        return Commit(writes, changed, published, frozenset(wide), self._dropped)


def _merge(stored: Iterator[tuple[Key, T]], over: Mapping[Key, T | None]) -> Iterator[tuple[Key, T]]:
    """Stored records with what was written over them, in key order."""
    written = iter(over.items())
    above = next(written, None)
    for key, record in stored:
        while above is not None and above[0] < key:
            if above[1] is not None:
                yield above[0], above[1]
            above = next(written, None)
        if key not in over:
            yield key, record
    while above is not None:
        if above[1] is not None:
            yield above[0], above[1]
        above = next(written, None)
