"""A store over an SQL database: reads from a cache that knows its version, writes in group commits.

At most one transaction of all processes writes at a time (the database sees to that), and at its start the cache
learns what others wrote since. So work that writes can read from the cache too, and is serializable: it runs as if
alone. Work that reads sees the state after one commit; if it needs something that changed since, and the version it
needs is gone, it runs again on a state that the database holds still.
"""

from __future__ import annotations

import random
import time
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar, cast

from sparekey.storage.appender import Appended, Appender
from sparekey.storage.cache import Cache
from sparekey.storage.codec import codec_of
from sparekey.storage.database import Collision
from sparekey.storage.group import Group
from sparekey.storage.interface import OWN, StoreUnavailable
from sparekey.storage.reading import Overtaken, Reading
from sparekey.storage.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sparekey.storage.appender import Work
    from sparekey.storage.database import Database, Writer
    from sparekey.storage.group import Ticket
    from sparekey.storage.interface import Key, Kind, Transaction

T = TypeVar("T")
R = TypeVar("R")

#: About how many bytes of records are kept in memory, unless told otherwise.
CACHE: Final = 128 * 1024 * 1024

#: How often colliding work is run before the store gives up, and how long it waits at first, in seconds.
_ATTEMPTS: Final = 12
_PAUSE: Final = 0.002


class CachedStore:
    """Records in a database, and those in use in memory."""

    def __init__(self, database: Database, *, cache: int = CACHE) -> None:
        """Take over ``database``; keep about ``cache`` bytes of records in memory."""
        self._database = database
        self._cache = Cache(cache)
        self._publishing = Lock()  # held from before a commit until the cache has it, and while it catches up
        self._group = Group(self._lead)
        self._appender = Appender(self._write_appended)
        self._closed = False

    def read(self, work: Callable[[Transaction], R]) -> R:
        """See :meth:`~sparekey.storage.interface.Store.read`."""
        if self._database.is_behind(self._cache.version):
            self._catch_up()
        reading = Reading(self._cache, self._database, self._cache.version, self._catch_up)
        try:
            return work(reading)
        except Overtaken:
            pass
        finally:
            reading.end()
        for _ in range(_ATTEMPTS):
            try:
                return self._read_pinned(work)
            except Collision as collision:
                reason = collision
        raise StoreUnavailable(f"reading kept colliding: {reason}")

    def _read_pinned(self, work: Callable[[Transaction], R]) -> R:
        """Run ``work`` on a state that the database holds still."""
        with self._database.pinned() as source:
            changes = source.changes(self._cache.version)
            if changes.number > self._cache.version:
                self._catch_up()
            reading = Reading(self._cache, source, changes.number, self._catch_up)
            try:
                return work(reading)
            finally:
                reading.end()

    def _catch_up(self, number: int | None = None) -> None:
        """Bring the cache to the database's last commit, or at least to commit ``number``."""
        with self._publishing:
            if number is None or number > self._cache.version:
                self._cache.apply(self._database.changes(self._cache.version))

    def write(self, work: Callable[[Transaction], R]) -> R:
        """See :meth:`~sparekey.storage.interface.Store.write`."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        return cast("R", self._group.submit(work))

    def _lead(self, group: Group) -> None:
        """Run the work of all who wait in one transaction."""
        reason: BaseException | None = None
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(random.uniform(0.5, 1.0) * _PAUSE * 2.0**attempt)  # noqa: S311 - no secret
            try:
                with self._database.writing(self._cache.version) as (writer, changes):
                    self._cache.apply(changes)
                    return self._run_batch(group, writer, changes.number)
            except Collision as collision:
                reason = collision
        raise StoreUnavailable(f"the transaction kept colliding: {reason}")

    def _run_batch(self, group: Group, writer: Writer, number: int) -> None:
        """Run all that wait on the state after commit ``number``, and commit."""
        writing = Writing(self._cache, writer, number, self._catch_up)
        for ticket in group.take():
            if ticket.alone:
                ticket.work(writer, number + 1)
            else:
                _run(ticket, writing)
        writing.end()
        if (commit := writing.written()) is not None:
            with self._publishing:
                writer.commit(number + 1, commit.writes, commit.changed, commit.dropped)
                self._cache.publish(number + 1, commit.published, commit.wide)

    def append(self, kind: Kind[T], key: Key, record: T) -> None:
        """See :meth:`~sparekey.storage.interface.Store.append`.

        Raises:
            StoreUnavailable: too many records wait already, and cannot be written.
        """
        value = codec_of(kind).encode(record)
        if not key:
            raise ValueError(f"a record of `{kind.name}` needs a key")
        if (
            not self._appender.append(Appended(cast("Kind[object]", kind), key, record, value))
            and not self._group.is_mine
        ):
            self._appender.flush()

    def later(self, work: Callable[[Transaction], object]) -> None:
        """See :meth:`~sparekey.storage.interface.Store.later`."""
        self._appender.append(work)

    def _write_appended(self, batch: Sequence[Appended | Work]) -> None:
        def put(writing: Writing) -> None:
            writing.put_appended(batch)

        self._group.submit(put)

    def flush(self) -> None:
        """See :meth:`~sparekey.storage.interface.Store.flush`."""
        self._appender.flush()

    def wipe(self) -> None:
        """Remove every record that was written or appended, but those of the store's own kinds."""

        def remove(writer: Writer, number: int) -> None:
            with self._publishing:
                writer.wipe(number, OWN)

        self._appender.clear()
        self._group.submit(remove, alone=True)
        self._catch_up()

    def close(self) -> None:
        """See :meth:`~sparekey.storage.interface.Store.close`."""
        if not self._closed:
            try:
                self._appender.close()
            finally:
                self._closed = True
                self._database.close()


def _run(ticket: Ticket, writing: Writing) -> None:
    """Run one writer's work, and note what it returns or raises."""
    ticket.result = ticket.error = None
    try:
        with writing.savepoint():
            ticket.result = ticket.work(writing)
    except Exception as error:  # noqa: BLE001 - it is raised where the work came from
        ticket.error = error
