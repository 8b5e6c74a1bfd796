"""An SQLite file as a database of records: opened, brought up, and shared with other processes."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections import deque
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from sparekey.errors import InputError, printable
from sparekey.storage import migrations
from sparekey.storage.interface import StoreUnavailable
from sparekey.storage.sqlite_connection import Connection, WritingConnection, words
from sparekey.storage.sqlite_index import LogIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sparekey.storage.database import Changes, Source, Writer
    from sparekey.storage.keys import Range

#: Marks our files (``PRAGMA application_id``): "SpKy".
APPLICATION: Final = 0x53704B79

#: How long to wait at most between two looks at what another process keeps locked, in seconds.
_LOOK: Final = 0.001


class SqliteDatabase:
    """See :class:`~sparekey.storage.database.Database`."""

    def __init__(self, path: Path, patience: float, steps: Sequence[migrations.Step]) -> None:
        """Open the file, or make it; wait ``patience`` seconds for other processes.

        Raises:
            InputError: it is no store, was written by a newer release, or cannot be opened.
        """
        self._path = path
        self._patience = patience
        self._idle: deque[Connection] = deque()
        self._closed = False
        where = printable(str(path))
        with ExitStack() as undo:
            try:
                _create(path)
                self._writer = WritingConnection(self._connect())
                undo.callback(self._writer.sql.close)
                self._prepare(where, steps)
            except (sqlite3.Error, OSError, StoreUnavailable) as fault:
                raise InputError(f"cannot open the store {where}: {words(fault)}") from fault
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
                    raise StoreUnavailable(words(fault)) from fault
                if time.monotonic() > deadline:
                    raise StoreUnavailable(f"another process has kept it locked for {self._patience:g} s") from fault
                time.sleep(random.uniform(0.1, 1.0) * _LOOK)  # noqa: S311 - no secret
            else:
                return

    def _borrow(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        if self._closed:
            raise StoreUnavailable("the store is closed")
        try:
            return Connection(self._connect())
        except sqlite3.Error as fault:
            raise StoreUnavailable(words(fault)) from fault

    def _give_back(self, connection: Connection) -> None:
        self._idle.append(connection)
        if self._closed:
            self._close_idle()

    def is_behind(self, number: int) -> bool:
        """Whether another process committed since."""
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
        """See :meth:`~sparekey.storage.database.Source.get`."""
        connection = self._borrow()
        try:
            return connection.get(kind, key)
        finally:
            self._give_back(connection)

    def scan(self, kind: str, within: Range, limit: int) -> tuple[int, Sequence[tuple[bytes, bytes]]]:
        """See :meth:`~sparekey.storage.database.Source.scan`."""
        with self.pinned() as source:
            return source.scan(kind, within, limit)

    def count(self, kind: str, within: Range, limit: int | None) -> tuple[int, int]:
        """See :meth:`~sparekey.storage.database.Source.count`."""
        with self.pinned() as source:
            return source.count(kind, within, limit)

    def changes(self, since: int) -> Changes:
        """See :meth:`~sparekey.storage.database.Source.changes`."""
        connection = self._borrow()
        try:
            return connection.changes(since)
        finally:
            self._give_back(connection)

    @contextmanager
    def pinned(self) -> Iterator[Source]:
        """See :meth:`~sparekey.storage.database.Database.pinned`."""
        connection = self._borrow()
        try:
            connection.rows("BEGIN")
            yield connection
        finally:
            connection.rollback()
            self._give_back(connection)

    @contextmanager
    def writing(self, since: int) -> Iterator[tuple[Writer, Changes]]:
        """See :meth:`~sparekey.storage.database.Database.writing`."""
        self._retry(lambda: self._writer.sql.execute("BEGIN IMMEDIATE"))
        try:
            yield self._writer, self._writer.changes(since)
        finally:
            self._writer.rollback()

    def close(self) -> None:
        """See :meth:`~sparekey.storage.database.Database.close`."""
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
