"""How records lie in PostgreSQL, and the connections that read and write them.

Whoever writes holds a lock on the table ``writer``, so transactions that write run one after another. They are
``SERIALIZABLE`` nevertheless: if a server cannot or does not lock, they collide on the row in ``head``, and are run
again, instead of losing anything.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from sparekey.errors import printable
from sparekey.storage.database import FORGETTING, KEPT, Collision, changes_of
from sparekey.storage.interface import OWN, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sparekey.storage.database import Changes, Drop, Write
    from sparekey.storage.keys import Range

#: Each commit leaves a change of this kind, with a key of its own: whoever lost the connection looks for it.
COMMITS: Final = OWN + "commit"

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
BEGIN = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE writer IN EXCLUSIVE MODE"
_WRITE = (
    "WITH put AS (INSERT INTO records SELECT * FROM unnest(%b::text[], %b::bytea[], %b::bytea[])"
    " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value),"
    " gone AS (DELETE FROM records USING unnest(%b::text[], %b::bytea[]) AS gone (kind, key)"
    " WHERE records.kind = gone.kind AND records.key = gone.key)"
)
_DROP = "DELETE FROM records WHERE kind = %s AND key >= %b AND key < %b"
_WIPE = "WITH gone AS (DELETE FROM records WHERE NOT starts_with(kind, %b))"
_FINISH = (
    ", told AS (INSERT INTO changes SELECT %b, * FROM unnest(%b::text[], %b::bytea[])),"
    " moved AS (UPDATE head SET number = %b)"
    " SELECT pg_notify(%b, %b)"
)
_WRITE_AND_FINISH = _WRITE + _FINISH
_WIPE_AND_FINISH = _WIPE + _FINISH


class Connection:
    """A connection that reads; see :class:`~sparekey.storage.database.Source`."""

    def __init__(self, sql: psycopg.Connection[Any]) -> None:
        """Take over a connection."""
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
                raise Collision(words(fault)) from fault
            if self.sql.closed:
                raise ConnectionLost(words(fault)) from fault
            raise StoreUnavailable(words(fault)) from fault

    def get(self, kind: str, key: bytes) -> tuple[int, bytes | None]:
        """See :meth:`~sparekey.storage.database.Source.get`."""
        number, value = self.rows(_GET, (kind, key))[0]
        return number, value

    def scan(self, kind: str, within: Range, limit: int) -> tuple[int, Sequence[tuple[bytes, bytes]]]:
        """See :meth:`~sparekey.storage.database.Source.scan`."""
        found = self.rows(_SCAN, (kind, *within, limit))
        return found[0][0], [(key, value) for _, key, value in found if key is not None]

    def count(self, kind: str, within: Range, limit: int | None) -> tuple[int, int]:
        """See :meth:`~sparekey.storage.database.Source.count`."""
        number, found = self.rows(_COUNT, (kind, *within, limit))[0]
        return number, found

    def changes(self, since: int) -> Changes:
        """See :meth:`~sparekey.storage.database.Source.changes`."""
        return changes_of(self.rows(_CHANGES, (since,)), since)

    def rollback(self) -> None:
        """End the transaction, if there is one, and undo what it wrote."""
        with suppress(psycopg.Error):
            if not self.sql.closed and self.sql.info.transaction_status != TransactionStatus.IDLE:
                self.sql.execute("ROLLBACK")


class ConnectionLost(Collision):
    """The server went away; nothing that was not committed is left."""


class WritingConnection(Connection):
    """The connection that writes; see :class:`~sparekey.storage.database.Writer`."""

    def __init__(self, sql: psycopg.Connection[Any], channel: str, was_committed: Callable[[int, bytes], bool]) -> None:
        """Announce commits on ``channel``; ``was_committed`` tells of one during which the connection was lost."""
        super().__init__(sql)
        self._channel = channel
        self._was_committed = was_committed

    def begin(self, since: int) -> Changes:
        """Wait for the lock, and tell what was written after commit ``since``, in one round trip."""
        with self.reported():
            cursor = self.sql.execute(f"{BEGIN}; {_CHANGES.replace('%s', str(since))}".encode())
            while cursor.nextset():
                pass
            return changes_of(cursor.fetchall(), since)

    def commit(
        self,
        number: int,
        writes: Sequence[Write],
        changed: Sequence[tuple[str, bytes]],
        dropped: Sequence[Drop] = (),
    ) -> None:
        """See :meth:`~sparekey.storage.database.Writer.commit`."""
        put = [write for write in writes if write.value is not None]
        gone = [write for write in writes if write.value is None]
        columns = [
            [write.kind for write in put],
            [write.key for write in put],
            [write.value for write in put],
            [write.kind for write in gone],
            [write.key for write in gone],
        ]
        self._commit(number, _WRITE_AND_FINISH, columns, changed, dropped)

    def wipe(self, number: int, spare: str) -> None:
        """See :meth:`~sparekey.storage.database.Writer.wipe`."""
        self._commit(number, _WIPE_AND_FINISH, [spare], [("", b"")])

    def _commit(
        self,
        number: int,
        statement: str,
        parameters: Sequence[object],
        changed: Sequence[tuple[str, bytes]],
        dropped: Sequence[Drop] = (),
    ) -> None:
        """Write, leave word of what changed, and commit; if the connection is lost meanwhile, find out."""
        mark = b"\x01" + uuid.uuid4().hex.encode()
        told = [*changed, (COMMITS, mark)]
        columns = [[kind for kind, _ in told], [key for _, key in told]]
        try:
            with self.reported(), self.sql.pipeline():
                for kind, within in dropped:
                    self.sql.execute(_DROP, (kind, *within))
                self.sql.execute(statement, (*parameters, number, *columns, number, self._channel, str(number)))
                if number % FORGETTING == 0:
                    self.sql.execute("DELETE FROM changes WHERE number <= %s", (number - KEPT,))
                    self.sql.execute("UPDATE head SET floor = greatest(floor, %s)", (number - KEPT,))
                self.sql.execute("COMMIT")
        except ConnectionLost:
            if not self._was_committed(number, mark):
                raise


def words(fault: Exception) -> str:
    """What went wrong, in one line."""
    return printable(" ".join(str(fault).split())) or type(fault).__name__
