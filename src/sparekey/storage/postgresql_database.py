"""How records lie in PostgreSQL; imported only where the driver is installed.

Whoever writes holds a lock on the table ``writer``, so transactions that write run one after another. They are
``SERIALIZABLE`` nevertheless: if a server cannot or does not lock, they collide on the row in ``head``, and are run
again, instead of losing anything.
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from contextlib import ExitStack, contextmanager, suppress
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from sparekey.errors import InputError, printable
from sparekey.storage import migrations
from sparekey.storage.database import KEPT, Change, Changes, Collision
from sparekey.storage.interface import OWN, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sparekey.storage.database import Source, Write, Writer
    from sparekey.storage.keys import Range

#: The advisory lock under which the schema is made and brought up.
_MIGRATING: Final = 0x53704B79

#: After how many commits the oldest changes are forgotten.
_FORGETTING: Final = 100

#: Each commit leaves a change of this kind, with a key of its own: whoever lost the connection looks for it.
_COMMITS: Final = OWN + "commit"

#: The codes of transactions that have to run again: serialization failure, deadlock.
_COLLISIONS: Final = {"40001", "40P01"}

_GET = "SELECT number, value FROM head LEFT JOIN records ON kind = %s AND key = %b"
_SCAN = (
    "SELECT number, key, value FROM head LEFT JOIN LATERAL (SELECT key, value FROM records"
    " WHERE kind = %s AND key >= %b AND key < %b ORDER BY key LIMIT %s) AS found ON true ORDER BY key"
)
_COUNT = (
    "SELECT number, (SELECT count(*) FROM (SELECT 1 FROM records"
    " WHERE kind = %s AND key >= %b AND key < %b LIMIT %s) AS found) FROM head"
)
_CHANGES = (
    "SELECT head.number, floor, changes.number, kind, key FROM head LEFT JOIN changes ON changes.number > %s"
    " ORDER BY changes.number"
)
_BEGIN = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE writer IN EXCLUSIVE MODE"
_WRITE = (
    "WITH put AS (INSERT INTO records SELECT * FROM unnest(%b::text[], %b::bytea[], %b::bytea[])"
    " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value),"
    " gone AS (DELETE FROM records USING unnest(%b::text[], %b::bytea[]) AS gone (kind, key)"
    " WHERE records.kind = gone.kind AND records.key = gone.key)"
)
_WIPE = "WITH gone AS (DELETE FROM records WHERE NOT starts_with(kind, %b))"
_FINISH = (
    ", told AS (INSERT INTO changes SELECT %b, * FROM unnest(%b::text[], %b::bytea[])),"
    " moved AS (UPDATE head SET number = %b)"
    " SELECT pg_notify(%b, %b)"
)
_WRITE_AND_FINISH = _WRITE + _FINISH
_WIPE_AND_FINISH = _WIPE + _FINISH

#: Every statement finds its rows by the primary key; a planner that knows no numbers yet might read whole tables.
_NOT_TO_PLAN: Final = ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "jit")

#: How long to wait between two attempts to connect, in seconds.
_PAUSE: Final = 0.1

R = TypeVar("R")


class _Connection:
    """A connection that reads; see :class:`~sparekey.storage.database.Source`."""

    def __init__(self, sql: psycopg.Connection[Any]) -> None:
        self.sql = sql

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows a statement gives."""
        with self.reported():
            return self.sql.execute(statement, parameters, binary=True).fetchall()

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Turn the driver's errors into the store's."""
        try:
            yield
        except psycopg.Error as fault:
            if fault.sqlstate in _COLLISIONS:
                raise Collision(_words(fault)) from fault
            if self.sql.closed:
                raise _ConnectionLost(_words(fault)) from fault
            raise StoreUnavailable(_words(fault)) from fault

    def get(self, kind: str, key: bytes) -> tuple[int, bytes | None]:
        number, value = self.rows(_GET, (kind, key))[0]
        return number, value

    def scan(self, kind: str, within: Range, limit: int) -> tuple[int, Sequence[tuple[bytes, bytes]]]:
        found = self.rows(_SCAN, (kind, *within, limit))
        return found[0][0], [(key, value) for _, key, value in found if key is not None]

    def count(self, kind: str, within: Range, limit: int | None) -> tuple[int, int]:
        number, found = self.rows(_COUNT, (kind, *within, limit))[0]
        return number, found

    def changes(self, since: int) -> Changes:
        return _changes(self.rows(_CHANGES, (since,)), since)

    def rollback(self) -> None:
        """End the transaction, if there is one, and undo what it wrote."""
        with suppress(psycopg.Error):
            if not self.sql.closed and self.sql.info.transaction_status != TransactionStatus.IDLE:
                self.sql.execute("ROLLBACK")


class _ConnectionLost(Collision):
    """The server went away; nothing that was not committed is left."""


class _Writing(_Connection):
    """The connection that writes; see :class:`~sparekey.storage.database.Writer`."""

    def __init__(self, sql: psycopg.Connection[Any], channel: str, was_committed: Callable[[int, bytes], bool]) -> None:
        super().__init__(sql)
        self._channel = channel
        self._was_committed = was_committed

    def begin(self, since: int) -> Changes:
        """Wait for the lock, and tell what was written after commit ``since``, in one round trip."""
        with self.reported():
            cursor = self.sql.execute(f"{_BEGIN}; {_CHANGES.replace('%s', str(since))}".encode())
            while cursor.nextset():
                pass
            return _changes(cursor.fetchall(), since)

    def commit(self, number: int, writes: Sequence[Write], changed: Sequence[tuple[str, bytes]]) -> None:
        put = [write for write in writes if write.value is not None]
        gone = [write for write in writes if write.value is None]
        columns = [
            [write.kind for write in put],
            [write.key for write in put],
            [write.value for write in put],
            [write.kind for write in gone],
            [write.key for write in gone],
        ]
        self._commit(number, _WRITE_AND_FINISH, columns, changed)

    def wipe(self, number: int, spare: str) -> None:
        self._commit(number, _WIPE_AND_FINISH, [spare], [("", b"")])

    def _commit(
        self, number: int, statement: str, parameters: Sequence[object], changed: Sequence[tuple[str, bytes]]
    ) -> None:
        """Write, leave word of what changed, and commit; if the connection is lost meanwhile, find out."""
        mark = b"\x01" + uuid.uuid4().hex.encode()
        told = [*changed, (_COMMITS, mark)]
        columns = [[kind for kind, _ in told], [key for _, key in told]]
        try:
            with self.reported(), self.sql.pipeline():
                self.sql.execute(statement, (*parameters, number, *columns, number, self._channel, str(number)))
                if number % _FORGETTING == 0:
                    self.sql.execute("DELETE FROM changes WHERE number <= %s", (number - KEPT,))
                    self.sql.execute("UPDATE head SET floor = greatest(floor, %s)", (number - KEPT,))
                self.sql.execute("COMMIT")
        except _ConnectionLost:
            if not self._was_committed(number, mark):
                raise


class PostgresqlDatabase:
    """See :class:`~sparekey.storage.database.Database`."""

    def __init__(self, url: str, schema: str, patience: float, *, staleness: float, connections: int) -> None:
        """Connect to ``url`` and bring ``schema`` up; wait ``patience`` seconds for servers and locks.

        Raises:
            InputError: the server cannot be used.
        """
        self._parameters, self._name = _parameters(url, patience)
        self._schema, self._patience, self._staleness = schema, patience, staleness
        self._idle: deque[_Connection] = deque()
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
                raise InputError(f"cannot open the store {self._name}: {_words(fault)}") from fault
            undo.pop_all()
        self._writer = _Writing(sql, schema, self._was_committed)

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
                    raise StoreUnavailable(f"{self._name}: {_words(fault)}") from fault
                time.sleep(_PAUSE)
            else:
                return sql

    @contextmanager
    def _borrowed(self) -> Iterator[_Connection]:
        """A connection to read with, for one block."""
        if not self._room.acquire(timeout=self._patience):
            raise StoreUnavailable(f"{self._name}: all connections are in use")
        try:
            try:
                connection = self._idle.pop()
            except IndexError:
                if self._closed:
                    raise StoreUnavailable("the store is closed") from None
                connection = _Connection(self._connect(self._patience))
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

    def _again(self, reading: Callable[[_Connection], R]) -> R:
        """Read; if the connection turns out to be dead, those beside it are too: read on a new one."""
        try:
            with self._borrowed() as connection:
                return reading(connection)
        except _ConnectionLost:
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
            self._writer = _Writing(self._connect(self._patience), self._schema, self._was_committed)
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
            connection = _Connection(self._connect(self._patience))
            with connection.reported(), connection.sql:
                connection.sql.execute(_BEGIN)  # once the lost connection's transaction has ended, either way
                found = connection.rows(
                    "SELECT 1 FROM changes WHERE number = %s AND kind = %s AND key = %b", (number, _COMMITS, mark)
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
            raise StoreUnavailable(f"{self._name}: {_words(fault)}") from fault

    def close(self) -> None:
        """See :meth:`~sparekey.storage.database.Database.close`."""
        self._closed = True
        self._close_idle()
        self._writer.sql.close()

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().sql.close()


def _changes(found: Sequence[tuple[Any, ...]], since: int) -> Changes:
    """What the rows of :data:`_CHANGES` say."""
    number, floor = found[0][:2]
    if since < floor:
        return Changes(number, None)
    return Changes(number, [Change(*row[2:]) for row in found if row[2] is not None])


def _parameters(url: str, patience: float) -> tuple[dict[str, Any], str]:
    """How to connect, with what we need where ``url`` does not say otherwise; and the URL without secrets."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error as fault:
        raise InputError(f"the URL of the database cannot be read: {_words(fault)}") from fault
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


def _words(fault: Exception) -> str:
    """What went wrong, in one line."""
    return printable(" ".join(str(fault).split())) or type(fault).__name__
