"""How records lie in an SQLite file, and the connections that read and write them."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, cast

from sparekey.errors import printable
from sparekey.storage.database import FORGETTING, KEPT, changes_of
from sparekey.storage.interface import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparekey.storage.database import Changes, Drop, Write
    from sparekey.storage.keys import Range

#: How many rows one statement writes.
_TOGETHER: Final = 50

_HEAD = "SELECT number FROM head"
_GET = "SELECT number, value FROM head LEFT JOIN records ON kind = ? AND key = ?"
_SCAN = "SELECT key, value FROM records WHERE kind = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?"
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM records WHERE kind = ? AND key >= ? AND key < ? LIMIT ?)"
_CHANGES = (
    "SELECT head.number, floor, changes.number, kind, key FROM head LEFT JOIN changes ON changes.number > ?"
    " ORDER BY changes.number"
)
_PUT = "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
_PUT_TOGETHER = _PUT.replace("(?, ?, ?)", ", ".join(["(?, ?, ?)"] * _TOGETHER))
_DELETE = "DELETE FROM records WHERE kind = ? AND key = ?"
_DROP = "DELETE FROM records WHERE kind = ? AND key >= ? AND key < ?"


class Connection:
    """A connection that reads; see :class:`~sparekey.storage.database.Source`.

    Of one moment are the readings of one transaction; outside of one, those of :meth:`get` and :meth:`changes` alone.
    """

    def __init__(self, sql: sqlite3.Connection) -> None:
        """Take over a connection."""
        self.sql = sql

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows a statement gives."""
        try:
            return self.sql.execute(statement, parameters).fetchall()
        except sqlite3.Error as fault:
            raise StoreUnavailable(words(fault)) from fault

    def head(self) -> int:
        """The number of the last commit."""
        return int(self.rows(_HEAD)[0][0])

    def get(self, kind: str, key: bytes) -> tuple[int, bytes | None]:
        """See :meth:`~sparekey.storage.database.Source.get`."""
        number, value = self.rows(_GET, (kind, key))[0]
        return number, value

    def scan(self, kind: str, within: Range, limit: int) -> tuple[int, Sequence[tuple[bytes, bytes]]]:
        """See :meth:`~sparekey.storage.database.Source.scan`."""
        return self.head(), cast("list[tuple[bytes, bytes]]", self.rows(_SCAN, (kind, *within, limit)))

    def count(self, kind: str, within: Range, limit: int | None) -> tuple[int, int]:
        """See :meth:`~sparekey.storage.database.Source.count`."""
        return self.head(), self.rows(_COUNT, (kind, *within, -1 if limit is None else limit))[0][0]

    def changes(self, since: int) -> Changes:
        """See :meth:`~sparekey.storage.database.Source.changes`."""
        return changes_of(self.rows(_CHANGES, (since,)), since)

    def rollback(self) -> None:
        """End the transaction, if there is one, and undo what it wrote."""
        with suppress(sqlite3.Error):
            if self.sql.in_transaction:
                self.sql.execute("ROLLBACK")


class WritingConnection(Connection):
    """The connection that writes; see :class:`~sparekey.storage.database.Writer`."""

    def commit(
        self,
        number: int,
        writes: Sequence[Write],
        changed: Sequence[tuple[str, bytes]],
        dropped: Sequence[Drop] = (),
    ) -> None:
        """See :meth:`~sparekey.storage.database.Writer.commit`."""
        put = [write for write in writes if write.value is not None]
        try:
            for kind, within in dropped:
                self.sql.execute(_DROP, (kind, *within))
            for start in range(0, len(put), _TOGETHER):
                self._put(put[start : start + _TOGETHER])
            self.sql.executemany(_DELETE, [(write.kind, write.key) for write in writes if write.value is None])
            self._finish(number, changed)
        except sqlite3.Error as fault:
            raise StoreUnavailable(words(fault)) from fault

    def _put(self, rows: Sequence[Write]) -> None:
        """Write rows in one statement if they are many, so that Python's lock is not let go of for each."""
        if len(rows) == _TOGETHER:
            self.sql.execute(_PUT_TOGETHER, tuple(chain.from_iterable(rows)))
        else:
            self.sql.executemany(_PUT, rows)

    def wipe(self, number: int, spare: str) -> None:
        """See :meth:`~sparekey.storage.database.Writer.wipe`."""
        try:
            self.sql.execute("DELETE FROM records WHERE substr(kind, 1, ?) <> ?", (len(spare), spare))
            self._finish(number, [("", b"")])
        except sqlite3.Error as fault:
            raise StoreUnavailable(words(fault)) from fault

    def _finish(self, number: int, changed: Sequence[tuple[str, bytes]]) -> None:
        """Leave word of what changed, and commit."""
        self.sql.executemany("INSERT INTO changes VALUES (?, ?, ?)", [(number, kind, key) for kind, key in changed])
        self.sql.execute("UPDATE head SET number = ?", (number,))
        if number % FORGETTING == 0:
            self.sql.execute("DELETE FROM changes WHERE number <= ?", (number - KEPT,))
            self.sql.execute("UPDATE head SET floor = max(floor, ?)", (number - KEPT,))
        self.sql.execute("COMMIT")


def words(fault: Exception) -> str:
    """What went wrong, in one line."""
    return printable((fault.strerror if isinstance(fault, OSError) else None) or str(fault))
