"""Records in a PostgreSQL database, which any number of processes on any number of machines may use."""

from __future__ import annotations

import logging
import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from sparekey.errors import InputError
from sparekey.storage.cached import CACHE, CachedStore
from sparekey.storage.interface import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparekey.storage.postgresql_database import PostgresqlDatabase

#: How long what another process wrote may stay unseen by reads, in seconds. It takes a few milliseconds: a process
#: is notified of each commit. One that has not made sure for this long asks before it reads.
STALENESS: Final = 1.0

#: How often a process that hears of nothing asks, in seconds.
HEARTBEAT: Final = 0.25

#: How long to wait for a connection or another process's transaction, in seconds.
PATIENCE: Final = 5.0

#: How many connections a process uses at most to read what it has not in memory; it has two more.
CONNECTIONS: Final = 8

_log = logging.getLogger(__name__)


class PostgresqlStore(CachedStore):
    """A store in a schema of a PostgreSQL database.

    What this process wrote is seen by everything that begins after it; what others wrote by everything that begins
    :data:`STALENESS` seconds after it, and by all writing transactions at once.

    Connections keep session state and listen: a pooler in between has to pool sessions, not transactions.
    """

    def __init__(
        self,
        url: str,
        *,
        schema: str = "sparekey",
        cache: int = CACHE,
        patience: float = PATIENCE,
        heartbeat: float = HEARTBEAT,
    ) -> None:
        """Connect, and make the schema if it is not there.

        Raises:
            InputError: there is no driver, the server does not answer, or a newer release made the schema.
        """
        try:
            from sparekey.storage.postgresql_database import PostgresqlDatabase
        except ImportError as fault:
            raise InputError(
                "a PostgreSQL database needs the package `psycopg`", hint="install `sparekey[postgresql]`"
            ) from fault
        self._postgresql = PostgresqlDatabase(url, schema, patience, staleness=STALENESS, connections=CONNECTIONS)
        super().__init__(self._postgresql, cache=cache)
        self._listener = _Listener(self._postgresql, self._catch_up, heartbeat)

    def close(self) -> None:
        """See :meth:`~sparekey.storage.interface.Store.close`."""
        self._listener.stop()
        super().close()


class _Listener:
    """A thread that brings the cache up whenever a commit is announced, and every now and then without."""

    def __init__(self, database: PostgresqlDatabase, catch_up: Callable[[int | None], None], heartbeat: float) -> None:
        self._database = database
        self._catch_up = catch_up
        self._heartbeat = heartbeat
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="sparekey-listen", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the thread end."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except StoreUnavailable as fault:
                _log.warning("commits of other processes are not heard of: %s", fault)
                self._stopped.wait(self._heartbeat)

    def _listen(self) -> None:
        with self._database.announcements() as next_number:
            while not self._stopped.is_set():
                began = time.monotonic()
                self._catch_up(None)
                while (
                    not self._stopped.is_set()
                    and (left := began + self._heartbeat - time.monotonic()) > 0
                    and (number := next_number(left)) is not None
                ):
                    self._catch_up(number)
