"""Decoded records in memory, in the versions that running readers may still need.

Readers take entries without a lock: an entry says since which commit it holds, and leads to the one before it. Writers
publish new entries first and the number of their commit last, so a reader sees all of a commit or nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.storage.keys import decode_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sparekey.storage.database import Changes
    from sparekey.storage.interface import Key

#: How many changes are remembered to tell whether something that was just read is still so.
_RECENT: Final = 20_000
#: How many entries lead to the one before them.
_LEADING_BACK: Final = 2_000
#: How many lists of keys are kept of a kind, and how long they may be.
_LISTINGS: Final = 20_000
SHORT: Final = 64


@dataclass(slots=True, eq=False)
class Entry:
    """What is under a key since a commit: a record, or nothing."""

    since: int
    record: object | None
    weight: int
    older: Entry | None = None
    used: bool = False


class Published(NamedTuple):
    """A record a commit put under a key (``None``: removed); ``keep`` if it will probably be read."""

    kind: str
    key: Key
    record: object | None
    weight: int
    keep: bool


class _Changed(NamedTuple):
    number: int
    kind: str
    key: Key


class Cache:
    """Entries by kind and key, as of commit :attr:`version`; at most about ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        """Start knowing nothing."""
        self.version = -1
        self.tables: dict[str, dict[Key, Entry]] = {}
        self.weight = 0
        self._limit = limit
        self._lock = Lock()
        self._floor = -1  # changes of later commits are in _recent
        self._recent: deque[_Changed] = deque()
        self._clock: deque[tuple[str, Key, Entry]] = deque()
        self._leading: deque[Entry] = deque()
        self._listings: dict[str, dict[Key, tuple[int, tuple[Key, ...]]]] = {}

    def find(self, kind: str, key: Key, version: int) -> Entry | None:
        """What was under a key after commit ``version``, if it is known."""
        table = self.tables.get(kind)
        entry = None if table is None else table.get(key)
        while entry is not None:
            if entry.since <= version:
                entry.used = True
                return entry
            entry = entry.older
        return None

    def listing(self, kind: str, prefix: Key, version: int) -> tuple[Key, ...] | None:
        """All keys that began with ``prefix`` after commit ``version``, if they are known."""
        listings = self._listings.get(kind)
        found = None if listings is None else listings.get(prefix)
        return found[1] if found is not None and found[0] <= version else None

    def changed(self, kind: str, prefix: Key, since: int) -> bool:
        """Whether a key that begins with ``prefix`` may have changed after commit ``since``."""
        with self._lock:
            return self._changed(kind, prefix, since)

    def _changed(self, kind: str, prefix: Key, since: int) -> bool:
        if since < self._floor:
            return True
        length = len(prefix)
        for change in reversed(self._recent):
            if change.number <= since:
                return False
            if change.kind in {kind, ""} and change.key[:length] == prefix[: len(change.key)]:
                return True
        return False

    def learn(self, kind: str, key: Key, entry: Entry, number: int) -> Entry:
        """Keep what was read after commit ``number``, unless it may have changed; the entry to use."""
        with self._lock:
            table = self.tables.setdefault(kind, {})
            known = table.get(key)
            if known is not None and known.since <= number and not self._changed(kind, key, known.since):
                return known
            if not self._changed(kind, key, number):
                self._install(kind, table, key, entry)
            return entry

    def learn_listing(self, kind: str, prefix: Key, keys: tuple[Key, ...], since: int) -> None:
        """Keep all keys that begin with ``prefix``, as they were after commit ``since``."""
        with self._lock:
            if not self._changed(kind, prefix, since):
                listings = self._listings.setdefault(kind, {})
                while len(listings) >= _LISTINGS:
                    del listings[next(iter(listings))]
                listings[prefix] = (since, keys)

    def apply(self, changes: Changes) -> None:
        """Forget what others wrote, and be at the commit they got to."""
        with self._lock:
            if changes.number <= self.version:
                return
            if changes.changes is None or self.version < 0:
                self._forget_all(changes.number)
            else:
                for number, kind, key in changes.changes:
                    if number > self.version:
                        self._forget(number, kind, decode_key(key))
            self.version = changes.number

    def publish(self, number: int, written: Iterable[Published], wide: Collection[str]) -> None:
        """Take over what commit ``number`` of this process wrote; of ``wide`` kinds it wrote more than is told.

        INVARIANT: the cache is at the commit before: who commits or applies changes holds one lock meanwhile.
        """
        with self._lock:
            for kind in wide:
                self._forget(number, kind, ())
            for each in written:
                self._note(_Changed(number, each.kind, each.key))
                self._publish_one(number, each)
            self.version = number
            self._trim()

    def _publish_one(self, number: int, each: Published) -> None:
        table = self.tables.setdefault(each.kind, {})
        before = table.get(each.key)
        if before is None or (before.record is None) != (each.record is None):
            self._forget_listings(each.kind, each.key)
        if not each.keep:
            self._remove(table, each.key)
            return
        entry = Entry(number, each.record, each.weight, before)
        if before is not None:
            self._leading.append(entry)
        self._install(each.kind, table, each.key, entry)

    def _install(self, kind: str, table: dict[Key, Entry], key: Key, entry: Entry) -> None:
        replaced = table.get(key)
        table[key] = entry
        self.weight += entry.weight - (0 if replaced is None else replaced.weight)
        self._clock.append((kind, key, entry))
        while self.weight > self._limit and self._clock:
            self._turn()

    def _turn(self) -> None:
        """Move the hand of the clock: an entry that was not used since the last round goes."""
        kind, key, entry = self._clock.popleft()
        table = self.tables.get(kind, {})
        if table.get(key) is not entry:
            return
        if entry.used:
            entry.used = False
            self._clock.append((kind, key, entry))
        else:
            self._remove(table, key)

    def _remove(self, table: dict[Key, Entry], key: Key) -> None:
        if (entry := table.pop(key, None)) is not None:
            self.weight -= entry.weight

    def _note(self, change: _Changed) -> None:
        self._recent.append(change)

    def _trim(self) -> None:
        while len(self._recent) > _RECENT:
            self._floor = max(self._floor, self._recent.popleft().number)
        while len(self._leading) > _LEADING_BACK:
            self._leading.popleft().older = None
        if len(self._clock) > 1000 + 4 * sum(map(len, self.tables.values())):
            self._clock = deque(each for each in self._clock if self.tables[each[0]].get(each[1]) is each[2])

    def _forget(self, number: int, kind: str, key: Key) -> None:
        self._note(_Changed(number, kind, key))
        if not kind:
            self._forget_all(number)
        elif not key:
            for each in list(self.tables.get(kind, {})):
                self._remove(self.tables[kind], each)
            self._listings.pop(kind, None)
        else:
            self._remove(self.tables.get(kind, {}), key)
            self._forget_listings(kind, key)
        self._trim()

    def _forget_listings(self, kind: str, key: Key) -> None:
        listings = self._listings.get(kind)
        if listings:
            for length in range(len(key) + 1):
                listings.pop(key[:length], None)

    def _forget_all(self, number: int) -> None:
        self.tables.clear()
        self._listings.clear()
        self._clock.clear()
        self._leading.clear()
        self._recent.clear()
        self._floor = max(self._floor, number)
        self.weight = 0
