"""What is particular to a store in a file."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sparekey.errors import InputError
from sparekey.storage.codec import UnreadableRecord
from sparekey.storage.interface import StoreUnavailable, Transaction
from sparekey.storage.sqlite import SqliteStore
from sparekey.storage.sqlite_index import LogIndex
from tests.storage.records import NOTES, THINGS, Note, Thing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path, patience=0.05)
    yield store
    store.close()


def writer_of(store: SqliteStore) -> sqlite3.Connection:
    """The connection a store writes with."""
    connection = store._database._writer.sql  # type: ignore[attr-defined] # on purpose
    assert isinstance(connection, sqlite3.Connection)
    return connection


def put(transaction: Transaction) -> None:
    transaction.put(NOTES, ("a",), Note("new"))


def put_many(transaction: Transaction) -> None:
    for number in range(1000):
        transaction.put(NOTES, (f"{number:04}",), Note("x" * 90))


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_only_the_owner_can_read_the_files(store: SqliteStore, path: Path) -> None:
    store.write(put)
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["state.db", "state.db-shm", "state.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_every_commit_is_synced(store: SqliteStore) -> None:
    assert writer_of(store).execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert writer_of(store).execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("content", [b"hello\n" * 1000, b"\x00" * 5000])
def test_a_file_that_is_no_database_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"cannot open the store .*state\.db: file is not a database"):
        SqliteStore(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("statement", ["CREATE TABLE theirs (name)", "PRAGMA application_id = 7"])
def test_a_database_of_another_application_is_refused(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
    content = path.read_bytes()
    with pytest.raises(InputError, match=r"state\.db is an SQLite file of another application"):
        SqliteStore(path)
    assert path.read_bytes() == content


def test_a_file_that_cannot_be_opened_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot open the store .*missing"):
        SqliteStore(tmp_path / "missing" / "state.db")
    with pytest.raises(InputError, match="unable to open database file"):
        SqliteStore(tmp_path)


def test_a_store_that_others_keep_locked_is_unavailable_for_writers_only(store: SqliteStore, path: Path) -> None:
    store.write(put)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"another process has kept it locked for 0\.05 s"):
            store.write(put)
        assert store.read(lambda transaction: transaction.get(NOTES, "a")) == Note("new")
        with pytest.raises(StoreUnavailable):
            store.wipe()
        other.execute("ROLLBACK")
    store.write(put)


def test_a_store_that_others_keep_locked_cannot_be_made(path: Path) -> None:
    path.touch(0o600)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InputError, match="another process has kept it locked"):
            SqliteStore(path, patience=0.05)


def test_a_full_disk_makes_the_store_unavailable_and_nothing_is_written(store: SqliteStore) -> None:
    store.write(put)
    (pages,) = writer_of(store).execute("PRAGMA page_count").fetchone()
    writer_of(store).execute(f"PRAGMA max_page_count = {pages}")

    def put_much(transaction: Transaction) -> None:
        transaction.put(NOTES, ("a",), Note("changed"))
        transaction.put(THINGS, ("big",), Thing("big", blob=bytes(1_000_000)))

    with pytest.raises(StoreUnavailable, match="full"):
        store.write(put_much)
    assert store.read(lambda transaction: transaction.get(NOTES, "a")) == Note("new")
    assert store.write(lambda transaction: transaction.get(THINGS, "big")) is None
    writer_of(store).execute("PRAGMA max_page_count = 1000000")
    store.write(put_much)
    assert store.read(lambda transaction: transaction.get(NOTES, "a")) == Note("changed")


def test_a_file_that_became_read_only_makes_the_store_unavailable(store: SqliteStore) -> None:
    writer_of(store).execute("PRAGMA query_only = ON")
    with pytest.raises(StoreUnavailable, match="readonly"):
        store.write(put)
    with pytest.raises(StoreUnavailable, match="readonly"):
        store.wipe()
    store.append(NOTES, ("b",), Note())
    with pytest.raises(StoreUnavailable, match="readonly"):
        store.flush()
    writer_of(store).execute("PRAGMA query_only = OFF")
    store.flush()
    assert store.read(lambda transaction: transaction.get(NOTES, "b")) == Note()


def test_a_damaged_file_makes_the_store_unavailable(path: Path) -> None:
    store = SqliteStore(path)
    store.write(put_many)
    store.close()
    content = bytearray(path.read_bytes())
    content[3 * 4096 :] = b"\xff" * (len(content) - 3 * 4096)
    path.write_bytes(content)
    try:
        damaged = SqliteStore(path)
    except InputError as fault:
        assert "malformed" in fault.message  # noqa: PT017 - found when it is opened, or later
        return
    with pytest.raises(StoreUnavailable, match="malformed"):
        damaged.read(lambda transaction: list(transaction.scan(NOTES)))
    damaged.close()


def test_a_record_that_cannot_be_read_says_so(store: SqliteStore, path: Path) -> None:
    store.write(put)
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("""UPDATE records SET value = '[1,{"text":"a","unknown":7}]'""")
        connection.commit()
    again = SqliteStore(path)
    with pytest.raises(UnreadableRecord, match=r"test\.note"):
        again.read(lambda transaction: transaction.get(NOTES, "a"))
    again.close()


def test_a_store_is_not_lost_when_the_working_directory_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = SqliteStore("state.db")
    monkeypatch.chdir("/")
    store.write(put)
    assert store.read(lambda transaction: transaction.get(NOTES, "a")) == Note("new")
    store.close()
    assert (tmp_path / "state.db").exists()


def test_the_log_s_index_tells_of_every_commit_of_any_connection(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "db") as sql:
        sql.execute("PRAGMA journal_mode = WAL")
        sql.execute("CREATE TABLE t (n)")
        index = LogIndex(tmp_path / "db")
        seen = [index.read()]
        for number in range(3):
            sql.execute("INSERT INTO t VALUES (?)", (number,))
            assert index.read() == seen[-1]
            sql.commit()
            seen.append(index.read())
        sql.execute("SELECT count(*) FROM t").fetchall()
        assert index.read() == seen[-1]
    assert len(set(seen)) == 4
    sql.close()
    index.close()
    assert index.read() is None


def test_a_log_s_index_is_let_go_of_by_the_last_store_of_the_process(tmp_path: Path) -> None:
    (tmp_path / "db-shm").write_bytes(bytes(100))
    first, second = LogIndex(tmp_path / "db"), LogIndex(tmp_path / "db")
    first.close()
    first.close()
    assert second.read() == bytes(48)
    second.close()
    assert second.read() is None


def test_where_the_log_s_index_is_no_file_every_read_asks_for_the_last_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LogIndex, "read", lambda _: None)
    with closing(SqliteStore(tmp_path / "db")) as mine, closing(SqliteStore(tmp_path / "db")) as theirs:
        for _ in range(2):
            assert mine.read(lambda records: records.get(NOTES, "a")) is None
            theirs.write(lambda records: records.put(NOTES, ("a",), Note("a")))
            assert mine.read(lambda records: records.get(NOTES, "a")) == Note("a")
            theirs.write(lambda records: records.delete(NOTES, "a"))
    assert LogIndex(tmp_path / "none").read() is None


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_to_the_file_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "disk" / "store.sqlite", tmp_path / "link.sqlite"
    target.parent.mkdir()
    link.symlink_to(target)
    one, other = SqliteStore(link), SqliteStore(link)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert other.read(lambda records: records.get(NOTES, "a")) is None
    one.write(put)
    assert other.read(lambda records: records.get(NOTES, "a")) == Note("new")  # it has seen the commit
    one.close()
    other.close()
