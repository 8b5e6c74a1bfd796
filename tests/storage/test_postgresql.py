"""What is particular to a store in PostgreSQL."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from sparekey.errors import InputError
from sparekey.storage.database import Collision
from sparekey.storage.interface import StoreUnavailable, Transaction
from sparekey.storage.postgresql import PostgresqlStore
from tests.storage.records import NOTES, Note


@pytest.fixture
def store(postgresql: str, schema: str) -> Iterator[PostgresqlStore]:
    store = PostgresqlStore(make_conninfo(postgresql, application_name=schema), schema=schema, patience=1.0)
    yield store
    store.close()


def put(text: str) -> Callable[[Transaction], None]:
    return lambda transaction: transaction.put(NOTES, ("a",), Note(text))


def got(transaction: Transaction) -> Note | None:
    return transaction.get(NOTES, "a")


def disconnect(url: str, schema: str) -> None:
    """Have the server end all connections of a test's store."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", (schema,)
        )


def test_without_its_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "sparekey.storage.postgresql_database", raising=False)
    with pytest.raises(InputError, match="psycopg") as raised:
        PostgresqlStore("postgresql://localhost/db")
    assert raised.value.hint == "install `sparekey[postgresql]`"


def test_a_server_that_does_not_answer_is_an_input_error_without_secrets() -> None:
    with pytest.raises(InputError, match=r"cannot open the store postgresql://127\.0\.0\.1:1/db: ") as raised:
        PostgresqlStore("postgresql://user:secret@127.0.0.1:1/db")
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_url_that_cannot_be_read_is_an_input_error() -> None:
    with pytest.raises(InputError, match="the URL of the database cannot be read"):
        PostgresqlStore("postgresql://host/db?colour=red")


def test_sessions_are_durable_and_serializable(store: PostgresqlStore) -> None:
    with store._postgresql.writing(0) as (writer, _):
        sql = writer.sql  # type: ignore[attr-defined] # on purpose
        assert sql.execute("SHOW transaction_isolation").fetchone() == ("serializable",)
        assert sql.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_a_store_goes_on_when_its_connections_are_ended(store: PostgresqlStore, postgresql: str, schema: str) -> None:
    store.write(put("first"))
    store._cache._forget_all(store._cache.version)
    assert store.read(got) == Note("first")
    disconnect(postgresql, schema)
    store._cache._forget_all(store._cache.version)
    assert store.read(got) == Note("first")
    disconnect(postgresql, schema)
    store.write(put("second"))
    disconnect(postgresql, schema)
    assert store.read(lambda transaction: transaction.count(NOTES)) == 1
    assert store.read(got) == Note("second")


def test_a_store_that_hears_of_nothing_asks_before_it_reads(
    store: PostgresqlStore, postgresql: str, schema: str
) -> None:
    store.write(put("first"))
    assert store.read(got) == Note("first")
    store._listener.stop()
    store._postgresql._staleness = 0.0
    other = PostgresqlStore(postgresql, schema=schema)
    for number in range(5):
        other.write(put(str(number)))
        assert store.read(got) == Note(str(number))
    other.close()


def test_a_lock_that_is_held_for_too_long_makes_the_store_unavailable(
    postgresql: str, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PostgresqlStore(postgresql, schema=schema, patience=0.2)
    with psycopg.connect(postgresql) as connection:
        connection.execute("SELECT set_config('search_path', %s, false)", (schema,))
        connection.execute("LOCK TABLE writer")
        with pytest.raises(StoreUnavailable, match="lock timeout"):
            store.write(put("a"))
        assert store.read(got) is None
    store.write(put("a"))
    store.close()


def test_all_connections_in_use_make_the_store_unavailable(store: PostgresqlStore) -> None:
    store._postgresql._patience = 0.01
    for _ in range(8):
        assert store._postgresql._room.acquire(timeout=10)
    with pytest.raises(StoreUnavailable, match="all connections are in use"):
        store.read(got)
    store._postgresql._room.release(8)
    assert store.read(got) is None


class Breaking:
    """A connection that is lost in its next commit, ``before`` or after the server has it."""

    def __init__(self, sql: Any, *, before: bool) -> None:
        self._sql = sql
        self._before = before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sql, name)

    @contextmanager
    def pipeline(self) -> Iterator[None]:
        if self._before:
            self._sql.close()
            raise psycopg.OperationalError("the connection is lost")
        with self._sql.pipeline():
            yield
        self._sql.close()
        raise psycopg.OperationalError("the connection is lost")


def break_next_commit(store: PostgresqlStore, *, before: bool) -> None:
    writer = store._postgresql._writer
    writer.sql = Breaking(writer.sql, before=before)  # type: ignore[assignment] # on purpose


def number_of_runs(store: PostgresqlStore) -> int:
    runs = 0

    def work(transaction: Transaction) -> None:
        nonlocal runs
        runs += 1
        note = got(transaction) or Note()
        transaction.put(NOTES, ("a",), Note("", note.number + 1))

    store.write(work)
    return runs


def test_a_commit_whose_answer_is_lost_is_not_made_twice(store: PostgresqlStore) -> None:
    break_next_commit(store, before=False)
    assert number_of_runs(store) == 1
    assert store.read(got) == Note("", 1)
    assert number_of_runs(store) == 1
    assert store.read(got) == Note("", 2)


def test_a_commit_that_did_not_reach_the_server_is_made_again(store: PostgresqlStore) -> None:
    break_next_commit(store, before=True)
    assert number_of_runs(store) == 2
    assert store.read(got) == Note("", 1)


def test_a_commit_of_which_nothing_can_be_known_is_not_acknowledged(
    store: PostgresqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: float) -> None:
        raise StoreUnavailable("the server is gone")

    break_next_commit(store, before=False)
    with monkeypatch.context() as patch:
        patch.setattr(store._postgresql, "_connect", refused)
        with pytest.raises(StoreUnavailable, match="whether it took place is not known: the server is gone"):
            store.write(put("a"))
    assert store.write(got) == Note("a")


def test_a_transaction_that_collides_is_run_again(store: PostgresqlStore, postgresql: str, schema: str) -> None:
    """Another writer that does not take the lock: the transaction collides with it instead."""
    runs = 0

    def work(transaction: Transaction) -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            with psycopg.connect(postgresql) as connection:
                connection.execute("SELECT set_config('search_path', %s, false)", (schema,))
                connection.execute("UPDATE head SET number = number + 1")
        transaction.put(NOTES, ("a",), Note("", runs))

    store.write(work)
    assert runs == 2
    assert store.read(got) == Note("", 2)


def test_a_collision_while_reading_what_is_pinned_is_tried_again(
    store: PostgresqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = store._postgresql.pinned
    left = 2

    @contextmanager
    def colliding() -> Iterator[Any]:
        nonlocal left
        left -= 1
        if left >= 0:
            raise Collision("connection lost")
        with pinned() as source:
            yield source

    monkeypatch.setattr(store._postgresql, "pinned", colliding)
    runs = 0

    def work(transaction: Transaction) -> int:
        nonlocal runs
        runs += 1
        if runs == 1:
            store.append(NOTES, ("b",), Note())
            store.flush()
        return transaction.count(NOTES)

    assert store.read(work) == 1
    runs, left = 0, 1000
    store.append(NOTES, ("c",), Note())
    with pytest.raises(StoreUnavailable, match="reading kept colliding: connection lost"):
        store.read(work)


def test_a_statement_that_fails_makes_the_store_unavailable(
    store: PostgresqlStore, postgresql: str, schema: str
) -> None:
    store.write(put("a"))
    with psycopg.connect(postgresql) as connection:
        connection.execute("SELECT set_config('search_path', %s, false)", (schema,))
        connection.execute("ALTER TABLE records RENAME TO hidden")
        connection.commit()
        with pytest.raises(StoreUnavailable, match="records"):
            store.read(lambda transaction: transaction.get(NOTES, "b"))
        with pytest.raises(StoreUnavailable, match="records"):
            store.write(put("b"))
        connection.execute("ALTER TABLE hidden RENAME TO records")
    store.write(put("b"))
    assert store.read(got) == Note("b")
