"""A schema of a PostgreSQL server as a database of records; imported only where the driver is installed."""

from __future__ import annotations

import time
from collections import deque
from contextlib import ExitStack, contextmanager, suppress
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict

from sparekey.errors import InputError, printable
from sparekey.storage import migrations
from sparekey.storage.database import Collision
from sparekey.storage.interface import StoreUnavailable
from sparekey.storage.postgresql_connection import (
    BEGIN,
    COMMITS,
    Connection,
    ConnectionLost,
    WritingConnection,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sparekey.storage.database import Changes, Source, Writer
    from sparekey.storage.keys import Range

#: The advisory lock under which the schema is made and brought up.
_MIGRATING: Final = 0x53704B79

#: Every statement finds its rows by the primary key; a planner that knows no numbers yet might read whole tables.
_NOT_TO_PLAN: Final = ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "jit")

#: How long to wait between two attempts to connect, in seconds.
_PAUSE: Final = 0.1

R = TypeVar("R")


class PostgresqlDatabase:
    """See :class:`~sparekey.storage.database.Database`."""

    def __init__(self, url: str, schema: str, patience: float, *, staleness: float, connections: int) -> None:
        """Connect to ``url`` and bring ``schema`` up; wait ``patience`` seconds for servers and locks.

        Raises:
            InputError: the server cannot be used.
        """
        self._parameters, self._name = _parameters(url, patience)
        self._schema, self._patience, self._staleness = schema, patience, staleness
        self._idle: deque[Connection] = deque()
        self._room = BoundedSemaphore(connections)
        self._closed = False
        self._heard = float("-inf")
        with ExitStack() as undo:
            try:
                sql = psycopg.connect(**self._parameters)
                undo.callback(sql.close)
                with sql.transaction():
                    self._prepare(sql)
                self._set_up(sql)
            except psycopg.Error as fault:
                raise InputError(f"cannot open the store {self._name}: {words(fault)}") from fault
            undo.pop_all()
        self._writer = WritingConnection(sql, schema, self._was_committed)

    def _prepare(self, sql: psycopg.Connection[Any]) -> None:
        """Make the schema, or bring it up; one process at a time."""
        layout = sql.execute("SELECT to_regclass(%s) IS NOT NULL", (f"{self._schema}.layout",)).fetchone()
        if layout != (True,):
            sql.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
            sql.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema}")
            sql.execute(f"CREATE TABLE IF NOT EXISTS {self._schema}.layout (version integer NOT NULL)")
        sql.execute("SELECT set_config('search_path', %s, true)", (self._schema,))
        if not self._missing(sql):
            return
        sql.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
        for step in self._missing(sql):
            for statement in migrations.statements(step):
                sql.execute(statement.encode())
        sql.execute("DELETE FROM layout")
        sql.execute("INSERT INTO layout VALUES (%s)", (len(migrations.POSTGRESQL),))

    def _missing(self, sql: psycopg.Connection[Any]) -> Sequence[migrations.Step]:
        row = sql.execute("SELECT coalesce(max(version), 0) FROM layout").fetchone()
        return migrations.missing(migrations.POSTGRESQL, 0 if row is None else row[0], self._name)

    def _set_up(self, sql: psycopg.Connection[Any]) -> None:
        """Say how a session works: durably, and without holding others up for longer than they wait."""
        settings = {
            **dict.fromkeys(_NOT_TO_PLAN, "off"),
            "search_path": self._schema,
            "lock_timeout": f"{self._patience * 1000:.0f}",
            "idle_in_transaction_session_timeout": f"{self._patience * 3000:.0f}",
        }
        sql.execute(
            "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS setting (name, value)",
            (list(settings), list(settings.values())),
        )
        sql.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )

    def _connect(self, patience: float) -> psycopg.Connection[Any]:
        """A connection; the server may be about to come back."""
        deadline = time.monotonic() + patience
        while True:
            try:
                sql = psycopg.connect(**self._parameters)
                self._set_up(sql)
            except psycopg.Error as fault:
                if time.monotonic() > deadline or self._closed:
                    raise StoreUnavailable(f"{self._name}: {words(fault)}") from fault
                time.sleep(_PAUSE)
            else:
                return sql

    @contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        """A connection to read with, for one block."""
        if not self._room.acquire(timeout=self._patience):
            raise StoreUnavailable(f"{self._name}: all connections are in use")
        try:
            try:
                connection = self._idle.pop()
            except IndexError:
                if self._closed:
                    raise StoreUnavailable("the store is closed") from None
                connection = Connection(self._connect(self._patience))
            try:
                yield connection
            finally:
                connection.rollback()
                if not connection.sql.closed:
                    self._idle.append(connection)
        finally:
            self._room.release()
            if self._closed:
                self._close_idle()

    def _again(self, reading: Callable[[Connection], R]) -> R:
        """Read; if the connection turns out to be dead, those beside it are too: read on a new one."""
        try:
            with self._borrowed() as connection:
                return reading(connection)
        except ConnectionLost:
            self._close_idle()
        try:
            with self._borrowed() as connection:
                return reading(connection)
        except Collision as fault:
            raise StoreUnavailable(f"{self._name}: {fault}") from fault

    def is_behind(self, number: int) -> bool:
        """Whether nothing was heard of other processes for too long."""
        return number < 0 or time.monotonic() - self._heard > self._staleness

    def get(self, kind: str, key: bytes) -> tuple[int, bytes | None]:
        """See :meth:`~sparekey.storage.database.Source.get`."""
        return self._again(lambda connection: connection.get(kind, key))

    def scan(self, kind: str, within: Range, limit: int) -> tuple[int, Sequence[tuple[bytes, bytes]]]:
        """See :meth:`~sparekey.storage.database.Source.scan`."""
        return self._again(lambda connection: connection.scan(kind, within, limit))

    def count(self, kind: str, within: Range, limit: int | None) -> tuple[int, int]:
        """See :meth:`~sparekey.storage.database.Source.count`."""
        return self._again(lambda connection: connection.count(kind, within, limit))

    def changes(self, since: int) -> Changes:
        """See :meth:`~sparekey.storage.database.Source.changes`; who asks brings the cache up."""
        began = time.monotonic()
        found = self._again(lambda connection: connection.changes(since))
        self._heard = began
        return found

    @contextmanager
    def pinned(self) -> Iterator[Source]:
        """See :meth:`~sparekey.storage.database.Database.pinned`."""
        with self._borrowed() as connection:
            with connection.reported():
                connection.sql.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection

    @contextmanager
    def writing(self, since: int) -> Iterator[tuple[Writer, Changes]]:
        """See :meth:`~sparekey.storage.database.Database.writing`."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        if self._writer.sql.closed:
            self._writer = WritingConnection(self._connect(self._patience), self._schema, self._was_committed)
        writer = self._writer
        try:
            yield writer, writer.begin(since)
        finally:
            writer.rollback()

    def _was_committed(self, number: int, mark: bytes) -> bool:
        """Whether a commit during which the connection was lost took place.

        Raises:
            StoreUnavailable: there is no telling.
        """
        try:
            connection = Connection(self._connect(self._patience))
            with connection.reported(), connection.sql:
                connection.sql.execute(BEGIN)  # once the lost connection's transaction has ended, either way
                found = connection.rows(
                    "SELECT 1 FROM changes WHERE number = %s AND kind = %s AND key = %b", (number, COMMITS, mark)
                )
        except (StoreUnavailable, Collision) as fault:
            raise StoreUnavailable(
                f"the connection was lost during a commit, and whether it took place is not known: {fault}"
            ) from fault
        return bool(found)

    @contextmanager
    def announcements(self) -> Iterator[Callable[[float], int | None]]:
        """Listen: gives a function that waits so many seconds for the number of a commit.

        Raises:
            StoreUnavailable: the server cannot be reached any more.
        """
        sql = self._connect(0)

        def next_number(patience: float) -> int | None:
            return max((int(each.payload) for each in sql.notifies(timeout=patience, stop_after=1)), default=None)

        try:
            with sql:
                sql.execute(f"LISTEN {self._schema}")
                yield next_number
        except psycopg.Error as fault:
            raise StoreUnavailable(f"{self._name}: {words(fault)}") from fault

    def close(self) -> None:
        """See :meth:`~sparekey.storage.database.Database.close`."""
        self._closed = True
        self._close_idle()
        self._writer.sql.close()

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().sql.close()


def _parameters(url: str, patience: float) -> tuple[dict[str, Any], str]:
    """How to connect, with what we need where ``url`` does not say otherwise; and the URL without secrets."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error as fault:
        raise InputError(f"the URL of the database cannot be read: {words(fault)}") from fault
    wanted = {
        "application_name": "sparekey",
        "connect_timeout": max(2, round(patience)),
        "tcp_user_timeout": round(patience * 2000),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }
    host, port, name = given.get("host", ""), given.get("port", ""), given.get("dbname", "")
    shown = printable(f"postgresql://{host}{f':{port}' if port else ''}/{name}")
    return {**wanted, **given, "autocommit": True}, shown
