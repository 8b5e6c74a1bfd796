"""Transactions of a cached store that read: records as they were after one commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar, cast

from sparekey.storage.cache import SHORT, Entry
from sparekey.storage.codec import codec_of
from sparekey.storage.keys import decode_key, encode_key, range_of
from sparekey.storage.read_only import ReadOnly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparekey.storage.cache import Cache
    from sparekey.storage.database import Source
    from sparekey.storage.interface import Key, Kind

T = TypeVar("T")

#: What an entry of the cache weighs besides its record, and how much more a record weighs than its bytes.
BARE: Final = 250
BULK: Final = 4

#: How many records are fetched at once at first, and at most.
_FIRST: Final = 128
_MOST: Final = 1024


class Overtaken(BaseException):
    """Something was to be read that changed since the transaction began; not an ``Exception``: no work catches it."""


class Reading(ReadOnly):
    """Reads records as they were after commit ``version``, from the cache and else from a source."""

    def __init__(self, cache: Cache, source: Source, version: int, catch_up: Callable[[int], None]) -> None:
        """``catch_up`` brings the cache to a commit that a source has told."""
        self.overtaken = False
        self._cache = cache
        self._tables = cache.tables
        self._source = source
        self._version = version
        self._catch_up = catch_up
        self._over = False

    def end(self) -> None:
        """Refuse to read on: what a scan left for later would be of another moment."""
        self._over = True

    def get(self, kind: Kind[T], *key: str) -> T | None:
        """See :meth:`~sparekey.storage.interface.Transaction.get`."""
        table = self._tables.get(kind.name)
        entry = None if table is None else table.get(key)
        while entry is not None:
            if entry.since <= self._version:
                entry.used = True
                return cast("T | None", entry.record)
            entry = entry.older
        return self._fetch(kind, key)

    def _fetch(self, kind: Kind[T], key: Key) -> T | None:
        self._check_open()
        number, value = self._source.get(kind.name, encode_key(key))
        self._check_unchanged(number, kind.name, key)
        return self._learn(kind, key, value, number)

    def _learn(self, kind: Kind[T], key: Key, value: bytes | None, number: int) -> T | None:
        """Keep what was read in the cache, unless it is of a log."""
        record = None if value is None else codec_of(kind).decode(value)
        if kind.log:
            return record
        entry = Entry(self._version, record, BARE + BULK * len(value or b""))
        return cast("T | None", self._cache.learn(kind.name, key, entry, number).record)

    def scan(
        self, kind: Kind[T], *prefix: str, after: Key | None = None, limit: int | None = None
    ) -> Iterator[tuple[Key, T]]:
        """See :meth:`~sparekey.storage.interface.Transaction.scan`."""
        return self._scan_stored(kind, prefix, after, limit)

    def _scan_stored(self, kind: Kind[T], prefix: Key, after: Key | None, limit: int | None) -> Iterator[tuple[Key, T]]:
        """What was stored when the transaction began."""
        keys = self._cache.listing(kind.name, prefix, self._version)
        if keys is None:
            yield from self._fetch_many(kind, prefix, after, limit)
            return
        for key in [key for key in keys if after is None or key > after][:limit]:
            self._check_open()
            record = Reading.get(self, kind, *key)
            if record is not None:
                yield key, record

    def _fetch_many(self, kind: Kind[T], prefix: Key, after: Key | None, limit: int | None) -> Iterator[tuple[Key, T]]:
        """Read a range in pieces; a short list of keys that was read whole is kept."""
        whole = after is None
        piece = _FIRST
        while limit is None or limit > 0:
            self._check_open()
            wanted = piece if limit is None else min(piece, limit)
            number, rows = self._source.scan(kind.name, range_of(prefix, after), wanted)
            self._check_unchanged(number, kind.name, prefix)
            keys = tuple([decode_key(encoded) for encoded, _ in rows])
            if whole and len(rows) < wanted and len(rows) <= SHORT and not kind.log:
                self._cache.learn_listing(kind.name, prefix, keys, self._version)
            for key, (_, value) in zip(keys, rows, strict=True):
                self._check_open()
                yield key, self._known(kind, key, value, number, keep=piece == _FIRST and not kind.log)
            if len(rows) < wanted:
                return
            limit = None if limit is None else limit - wanted
            whole, after, piece = False, keys[-1], _MOST

    def _known(self, kind: Kind[T], key: Key, value: bytes, number: int, *, keep: bool) -> T:
        """The record that was read: the object that is known already, if there is one."""
        entry = self._cache.find(kind.name, key, self._version)
        if entry is not None:
            return cast("T", entry.record)
        if not keep:
            return codec_of(kind).decode(value)
        return cast("T", self._learn(kind, key, value, number))

    def count(self, kind: Kind[T], *prefix: str, limit: int | None = None) -> int:
        """See :meth:`~sparekey.storage.interface.Transaction.count`."""
        return self._count_stored(kind, prefix, limit)

    def _count_stored(self, kind: Kind[T], prefix: Key, limit: int | None) -> int:
        keys = self._cache.listing(kind.name, prefix, self._version)
        if keys is not None:
            return len(keys[:limit])
        self._check_open()
        number, found = self._source.count(kind.name, range_of(prefix), limit)
        self._check_unchanged(number, kind.name, prefix)
        return found

    def _check_open(self) -> None:
        if self._over:
            raise RuntimeError("the transaction is over")

    def _check_unchanged(self, number: int, kind: str, prefix: Key) -> None:
        """Make sure that what was read after commit ``number`` was the same after this transaction's."""
        if number <= self._version:
            return
        self._catch_up(number)
        if self._cache.changed(kind, prefix, self._version):
            self.overtaken = True
            raise Overtaken
