"""Databases of earlier releases are brought up when they are opened; those of later ones are left alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

import psycopg
import pytest

from sparekey.errors import InputError
from sparekey.storage import migrations
from sparekey.storage.interface import Kind, Store
from sparekey.storage.opening import open_store
from sparekey.storage.postgresql import PostgresqlStore
from sparekey.storage.sqlite import SqliteStore
from tests.storage.records import NOTES, Note

#: The first layout of an SQLite store, as the first release made it; it never changes.
SQLITE_1 = """
    CREATE TABLE records (kind TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key))
    WITHOUT ROWID;
    CREATE TABLE changes (number INTEGER NOT NULL, kind TEXT NOT NULL, key BLOB NOT NULL,
    PRIMARY KEY (number, kind, key)) WITHOUT ROWID;
    CREATE TABLE head (number INTEGER NOT NULL, floor INTEGER NOT NULL);
    INSERT INTO head VALUES (7, 0);
    INSERT INTO records VALUES ('test.note', x'01610162', CAST('[1,{"text":"kept","number":7}]' AS BLOB));
    INSERT INTO changes VALUES (7, 'test.note', x'01610162');
    PRAGMA application_id = 1399868281;
    PRAGMA user_version = 1;
"""

#: The same of a PostgreSQL store.
POSTGRESQL_1 = """
    CREATE SCHEMA {schema};
    SET search_path = {schema};
    CREATE TABLE layout (version integer NOT NULL);
    INSERT INTO layout VALUES (1);
    CREATE TABLE records (kind text COLLATE "C" NOT NULL, key bytea NOT NULL, value bytea NOT NULL,
    PRIMARY KEY (kind, key));
    CREATE TABLE changes (number bigint NOT NULL, kind text COLLATE "C" NOT NULL, key bytea NOT NULL,
    PRIMARY KEY (number, kind, key));
    CREATE TABLE head (number bigint NOT NULL, floor bigint NOT NULL);
    CREATE TABLE writer ();
    INSERT INTO head VALUES (7, 0);
    INSERT INTO records VALUES ('test.note', '\\x01610162', '[1,{{"text":"kept","number":7}}]');
    INSERT INTO changes VALUES (7, 'test.note', '\\x01610162');
"""

STEP_2 = "CREATE TABLE more (name text NOT NULL); INSERT INTO more VALUES ('made by step 2');"
STEP_3 = "UPDATE more SET name = 'changed by step 3';"


def sqlite_1(path: Path) -> Path:
    """A file as the first release left it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SQLITE_1)
    return path


def holds_what_it_held(store: Store) -> None:
    assert store.read(lambda transaction: list(transaction.scan(NOTES))) == [(("a", "b"), Note("kept", 7))]
    store.write(lambda transaction: transaction.put(NOTES, ("a", "c"), Note("new")))
    assert store.read(lambda transaction: transaction.get(NOTES, "a", "c")) == Note("new")
    store.close()


@pytest.mark.parametrize("later", [(), (STEP_2,), (STEP_2, STEP_3)])
def test_the_first_layout_of_sqlite_is_brought_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: Sequence[str]
) -> None:
    path = sqlite_1(tmp_path / "state.db")
    monkeypatch.setattr(migrations, "SQLITE", (*migrations.SQLITE, *later))
    holds_what_it_held(open_store(path))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1 + len(later),)
        if later:
            names = ["made by step 2", "changed by step 3"]
            assert connection.execute("SELECT name FROM more").fetchall() == [(names[len(later) - 1],)]


@pytest.mark.parametrize("later", [(), (STEP_2,), (STEP_2, STEP_3)])
def test_the_first_layout_of_postgresql_is_brought_up(
    postgresql: str, schema: str, monkeypatch: pytest.MonkeyPatch, later: Sequence[str]
) -> None:
    with psycopg.connect(postgresql) as connection:
        connection.execute(POSTGRESQL_1.format(schema=schema).encode())
    monkeypatch.setattr(migrations, "POSTGRESQL", (*migrations.POSTGRESQL, *later))
    holds_what_it_held(PostgresqlStore(postgresql, schema=schema))
    with psycopg.connect(postgresql) as connection:
        connection.execute("SELECT set_config('search_path', %s, false)", (schema,))
        assert connection.execute("SELECT version FROM layout").fetchall() == [(1 + len(later),)]


def test_a_step_that_fails_leaves_the_layout_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sqlite_1(tmp_path / "state.db")
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "SQLITE", (*migrations.SQLITE, STEP_2, "UPDATE absent SET name = 1"))
        with pytest.raises(InputError, match="no such table: absent"):
            SqliteStore(path)
    holds_what_it_held(SqliteStore(path))


def test_a_newer_layout_of_sqlite_is_refused(tmp_path: Path) -> None:
    path = sqlite_1(tmp_path / "state.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(InputError, match=r"state\.db was written by a newer release: its layout is 99"):
        SqliteStore(path)


def test_a_newer_layout_of_postgresql_is_refused(postgresql: str, schema: str) -> None:
    with psycopg.connect(postgresql) as connection:
        connection.execute(POSTGRESQL_1.format(schema=schema).encode())
        connection.execute("UPDATE layout SET version = 99")
    with pytest.raises(InputError, match=r"was written by a newer release: its layout is 99"):
        PostgresqlStore(postgresql, schema=schema)


def test_records_of_an_earlier_layout_are_brought_up_when_they_are_read(tmp_path: Path) -> None:
    def number_is_doubled(members: dict[str, object]) -> dict[str, object]:
        return {**members, "number": 2 * int(str(members["number"]))}

    doubled = Kind(NOTES.name, Note, (number_is_doubled,))
    store = SqliteStore(sqlite_1(tmp_path / "state.db"))
    assert store.read(lambda transaction: transaction.get(doubled, "a", "b")) == Note("kept", 14)
    store.write(lambda transaction: transaction.put(doubled, ("a", "b"), Note("kept", 15)))
    store.close()
    store = SqliteStore(tmp_path / "state.db")
    assert store.read(lambda transaction: transaction.get(doubled, "a", "b")) == Note("kept", 15)
    store.close()


@pytest.mark.parametrize(
    ("place", "said"), MappingProxyType({"mysql://host/db": "mysql", "redis://host": "redis"}).items()
)
def test_other_urls_are_refused(place: str, said: str) -> None:
    with pytest.raises(InputError, match=f"there is no store for `{said}`"):
        open_store(place)


def test_a_url_opens_postgresql(postgresql: str) -> None:
    store = open_store(postgresql)
    assert isinstance(store, PostgresqlStore)
    store.close()
