"""Records in one SQLite file, which several processes of a machine may use at the same time."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections import deque
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sparekey.errors import InputError, printable
from sparekey.storage import migrations
from sparekey.storage.cached import CACHE, CachedStore
from sparekey.storage.database import KEPT, Change, Changes
from sparekey.storage.interface import StoreUnavailable
from sparekey.storage.sqlite_index import LogIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sparekey.storage.database import Source, Write, Writer
    from sparekey.storage.keys import Range

#: Marks our files (``PRAGMA application_id``): "SpKy".
APPLICATION: Final = 0x53704B79

#: How long to wait for other processes, and at most between two looks, in seconds.
PATIENCE: Final = 10.0
_LOOK: Final = 0.001

#: How many rows one statement writes.
_TOGETHER: Final = 50

#: After how many commits the oldest changes are forgotten.
_FORGETTING: Final = 100

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


class SqliteStore(CachedStore):
    """A store in one file, in SQLite's WAL mode.

    ``synchronous=FULL``: a commit returns when the log is on the disk. SQLite's usual choice for WAL (``NORMAL``) syncs
    at checkpoints only, so a power cut loses what was acknowledged since. What that costs is shared by all who commit
    together.

    What other processes wrote is seen by everything that begins after it: each read looks at the header of the log's
    index, which lies in memory that SQLite shares, and if that has changed at the number of the last commit.
    """

    def __init__(self, path: Path | str, *, cache: int = CACHE, patience: float = PATIENCE) -> None:
        """Open the file, or make it with mode 0600; wait for others ``patience`` seconds at most.

        Raises:
            InputError: it is no store, was written by a newer release, or cannot be opened.
        """
        super().__init__(_SqliteDatabase(Path(path).absolute(), patience, migrations.SQLITE), cache=cache)


class _Connection:
    """A connection that reads; see :class:`~sparekey.storage.database.Source`.

    Of one moment are the readings of one transaction; outside of one, those of :meth:`get` and :meth:`changes` alone.
    """

    def __init__(self, sql: sqlite3.Connection) -> None:
        self.sql = sql

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows a statement gives."""
        try:
            return self.sql.execute(statement, parameters).fetchall()
        except sqlite3.Error as fault:
            raise StoreUnavailable(_words(fault)) from fault

    def head(self) -> int:
        """The number of the last commit."""
        return int(self.rows(_HEAD)[0][0])

    def get(self, kind: str, key: bytes) -> tuple[int, bytes | None]:
        number, value = self.rows(_GET, (kind, key))[0]
        return number, value

    def scan(self, kind: str, within: Range, limit: int) -> tuple[int, Sequence[tuple[bytes, bytes]]]:
        return self.head(), cast("list[tuple[bytes, bytes]]", self.rows(_SCAN, (kind, *within, limit)))

    def count(self, kind: str, within: Range, limit: int | None) -> tuple[int, int]:
        return self.head(), self.rows(_COUNT, (kind, *within, -1 if limit is None else limit))[0][0]

    def changes(self, since: int) -> Changes:
        found = self.rows(_CHANGES, (since,))
        number, floor = found[0][:2]
        if since < floor:
            return Changes(number, None)
        return Changes(number, [Change(*row[2:]) for row in found if row[2] is not None])

    def rollback(self) -> None:
        """End the transaction, if there is one, and undo what it wrote."""
        with suppress(sqlite3.Error):
            if self.sql.in_transaction:
                self.sql.execute("ROLLBACK")


class _Writing(_Connection):
    """The connection that writes; see :class:`~sparekey.storage.database.Writer`."""

    def commit(self, number: int, writes: Sequence[Write], changed: Sequence[tuple[str, bytes]]) -> None:
        put = [write for write in writes if write.value is not None]
        try:
            for start in range(0, len(put), _TOGETHER):
                self._put(put[start : start + _TOGETHER])
            self.sql.executemany(_DELETE, [(write.kind, write.key) for write in writes if write.value is None])
            self._finish(number, changed)
        except sqlite3.Error as fault:
            raise StoreUnavailable(_words(fault)) from fault

    def _put(self, rows: Sequence[Write]) -> None:
        """Write rows in one statement if they are many, so that Python's lock is not let go of for each."""
        if len(rows) == _TOGETHER:
            self.sql.execute(_PUT_TOGETHER, tuple(chain.from_iterable(rows)))
        else:
            self.sql.executemany(_PUT, rows)

    def wipe(self, number: int, spare: str) -> None:
        try:
            self.sql.execute("DELETE FROM records WHERE substr(kind, 1, ?) <> ?", (len(spare), spare))
            self._finish(number, [("", b"")])
        except sqlite3.Error as fault:
            raise StoreUnavailable(_words(fault)) from fault

    def _finish(self, number: int, changed: Sequence[tuple[str, bytes]]) -> None:
        """Leave word of what changed, and commit."""
        self.sql.executemany("INSERT INTO changes VALUES (?, ?, ?)", [(number, kind, key) for kind, key in changed])
        self.sql.execute("UPDATE head SET number = ?", (number,))
        if number % _FORGETTING == 0:
            self.sql.execute("DELETE FROM changes WHERE number <= ?", (number - KEPT,))
            self.sql.execute("UPDATE head SET floor = max(floor, ?)", (number - KEPT,))
        self.sql.execute("COMMIT")


class _SqliteDatabase:
    """See :class:`~sparekey.storage.database.Database`."""

    def __init__(self, path: Path, patience: float, steps: Sequence[migrations.Step]) -> None:
        self._path = path
        self._patience = patience
        self._idle: deque[_Connection] = deque()
        self._closed = False
        where = printable(str(path))
        with ExitStack() as undo:
            try:
                _create(path)
                self._writer = _Writing(self._connect())
                undo.callback(self._writer.sql.close)
                self._prepare(where, steps)
            except (sqlite3.Error, OSError, StoreUnavailable) as fault:
                raise InputError(f"cannot open the store {where}: {_words(fault)}") from fault
            undo.pop_all()
        self._index = LogIndex(path)
        self._known: tuple[int, bytes | None] = (-1, None)

    def _connect(self) -> sqlite3.Connection:
        sql = sqlite3.connect(self._path, timeout=self._patience, isolation_level=None, check_same_thread=False)
        sql.execute("PRAGMA synchronous = FULL")
        sql.execute("PRAGMA fullfsync = ON")  # macOS: a sync that reaches the disk
        return sql

    def _prepare(self, where: str, steps: Sequence[migrations.Step]) -> None:
        """Turn the log on, and bring the layout up.

        Raises:
            InputError: the file is another application's, or newer.
        """
        sql = self._writer.sql
        sql.execute("PRAGMA busy_timeout = 0")  # SQLite's own waiting grows to 100 ms between two looks
        self._retry(self._begin_reading)
        application, version = _pragma(sql, "application_id"), _pragma(sql, "user_version")
        empty = sql.execute("SELECT 1 FROM sqlite_schema").fetchone() is None
        self._writer.rollback()
        if application != APPLICATION and (application or not empty):
            raise InputError(f"{where} is an SQLite file of another application")
        self._retry(lambda: sql.execute("PRAGMA journal_mode = WAL"))
        if application == APPLICATION and not migrations.missing(steps, version, where):
            return
        self._retry(lambda: sql.execute("BEGIN IMMEDIATE"))
        try:
            for step in migrations.missing(steps, _pragma(sql, "user_version"), where):
                for statement in migrations.statements(step):
                    sql.execute(statement)
            sql.execute(f"PRAGMA application_id = {APPLICATION}")
            sql.execute(f"PRAGMA user_version = {len(steps)}")
            sql.execute("COMMIT")
        finally:
            self._writer.rollback()

    def _begin_reading(self) -> None:
        """Begin a transaction, and have it see the file as it is now."""
        self._writer.rollback()
        self._writer.sql.execute("BEGIN")
        _pragma(self._writer.sql, "schema_version")

    def _retry(self, step: Callable[[], object]) -> None:
        """Take a step that other processes may keep from being taken for a while."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                step()
            except sqlite3.OperationalError as fault:
                if fault.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                    raise StoreUnavailable(_words(fault)) from fault
                if time.monotonic() > deadline:
                    raise StoreUnavailable(f"another process has kept it locked for {self._patience:g} s") from fault
                time.sleep(random.uniform(0.1, 1.0) * _LOOK)  # noqa: S311 - no secret
            else:
                return

    def _borrow(self) -> _Connection:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        if self._closed:
            raise StoreUnavailable("the store is closed")
        try:
            return _Connection(self._connect())
        except sqlite3.Error as fault:
            raise StoreUnavailable(_words(fault)) from fault

    def _give_back(self, connection: _Connection) -> None:
        self._idle.append(connection)
        if self._closed:
            self._close_idle()

    def is_behind(self, number: int) -> bool:
        header = self._index.read()
        if header is not None and self._known == (number, header):
            return False
        connection = self._borrow()
        try:
            last = connection.head()
        finally:
            self._give_back(connection)
        self._known = (last, header)  # the header is not younger than the number
        return last != number

    def get(self, kind: str, key: bytes) -> tuple[int, bytes | None]:
        connection = self._borrow()
        try:
            return connection.get(kind, key)
        finally:
            self._give_back(connection)

    def scan(self, kind: str, within: Range, limit: int) -> tuple[int, Sequence[tuple[bytes, bytes]]]:
        with self.pinned() as source:
            return source.scan(kind, within, limit)

    def count(self, kind: str, within: Range, limit: int | None) -> tuple[int, int]:
        with self.pinned() as source:
            return source.count(kind, within, limit)

    def changes(self, since: int) -> Changes:
        connection = self._borrow()
        try:
            return connection.changes(since)
        finally:
            self._give_back(connection)

    @contextmanager
    def pinned(self) -> Iterator[Source]:
        connection = self._borrow()
        try:
            connection.rows("BEGIN")
            yield connection
        finally:
            connection.rollback()
            self._give_back(connection)

    @contextmanager
    def writing(self, since: int) -> Iterator[tuple[Writer, Changes]]:
        self._retry(lambda: self._writer.sql.execute("BEGIN IMMEDIATE"))
        try:
            yield self._writer, self._writer.changes(since)
        finally:
            self._writer.rollback()

    def close(self) -> None:
        self._closed = True
        self._close_idle()
        self._writer.sql.close()
        self._index.close()

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().sql.close()


def _create(path: Path) -> None:
    """Make the file readable for nobody else, if there is none; SQLite gives its log the same mode."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600))


def _pragma(sql: sqlite3.Connection, name: str) -> int:
    return int(sql.execute(f"PRAGMA {name}").fetchone()[0])


def _words(fault: Exception) -> str:
    """What went wrong, in one line."""
    return printable((fault.strerror if isinstance(fault, OSError) else None) or str(fault))
