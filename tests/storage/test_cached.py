"""Transactions stay consistent while others write, whatever of the cache is left; and groups share their commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sparekey.storage import cache as cache_module
from sparekey.storage.appender import BOUND
from sparekey.storage.cache import Cache, Entry, Published
from sparekey.storage.cached import CachedStore
from sparekey.storage.database import Change, Changes, Collision
from sparekey.storage.interface import Store, StoreUnavailable, Transaction
from sparekey.storage.sqlite import SqliteStore
from tests.storage.conftest import Open
from tests.storage.records import NOTES, OTHERS, Note


def elsewhere(work: Callable[[], object]) -> None:
    """Do something in another thread, and wait until it is done."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def put(store: Store, *names: str, text: str) -> None:
    def work(transaction: Transaction) -> None:
        for name in names:
            transaction.put(NOTES, (name,), Note(text))

    store.write(work)


def texts(store: Store, change: Callable[[], object], *names: str) -> tuple[list[str], int]:
    """The texts of records, if after reading the first ``change`` happens; and how often the work ran."""
    runs = 0

    def work(transaction: Transaction) -> list[str]:
        nonlocal runs
        runs += 1
        found = [transaction.get(NOTES, names[0])]
        if runs == 1:
            elsewhere(change)
        found += [transaction.get(NOTES, name) for name in names[1:]]
        return [note.text if note else "" for note in found]

    return store.read(work), runs


def test_a_reader_goes_on_seeing_what_it_saw_first(open_shared: Open) -> None:
    store = open_shared()
    put(store, "a", "b", text="old")
    assert texts(store, lambda: put(store, "a", "b", text="new"), "a", "b", "a") == (["old", "old", "old"], 1)
    assert texts(store, lambda: None, "a", "b") == (["new", "new"], 1)


def test_a_reader_goes_on_seeing_what_was_removed(open_shared: Open) -> None:
    store = open_shared()
    put(store, "a", "b", text="old")
    change = lambda: store.write(lambda transaction: transaction.delete(NOTES, "b"))  # noqa: E731 - short
    assert texts(store, change, "a", "b") == (["old", "old"], 1)
    assert texts(store, lambda: None, "a", "b") == (["old", ""], 1)


def test_a_reader_that_needs_what_changed_meanwhile_starts_again(open_shared: Open) -> None:
    put(open_shared(), "a", "b", text="old")
    store = open_shared()
    assert texts(store, lambda: put(store, "a", "b", text="new"), "a", "b") == (["new", "new"], 2)


def test_a_reader_does_not_start_again_for_what_did_not_change(open_shared: Open) -> None:
    first = open_shared()
    put(first, "a", "b", "c", text="old")
    store = open_shared()
    assert texts(store, lambda: put(store, "c", text="new"), "a", "b") == (["old", "old"], 1)
    other = open_shared()
    assert texts(other, lambda: put(first, "c", text="newer"), "a", "b") == (["old", "old"], 1)


def test_a_reader_never_mixes_what_another_store_changed(open_shared: Open) -> None:
    first = open_shared()
    put(first, "a", "b", text="old")
    store = open_shared()
    found, _ = texts(store, lambda: put(first, "a", "b", text="new"), "a", "b")
    assert found == ["new", "new"]


def test_a_reader_that_starts_again_sees_one_moment_whatever_happens(open_shared: Open) -> None:
    store = open_shared()
    put(store, "a", "b", text="0")
    store = open_shared()
    runs = 0

    def work(transaction: Transaction) -> tuple[Note | None, Note | None, list[Note], int]:
        nonlocal runs
        runs += 1
        a = transaction.get(NOTES, "a")
        elsewhere(lambda: put(store, "a", "b", text=str(runs)))
        b = transaction.get(NOTES, "b")
        elsewhere(lambda: put(store, "a", "b", "c", text=str(runs)))
        return a, b, [note for _, note in transaction.scan(NOTES)], transaction.count(NOTES)

    assert store.read(work) == (Note("1"), Note("1"), [Note("1"), Note("1")], 2)
    assert runs == 2


def test_an_error_of_a_reader_is_its_own(open_shared: Open) -> None:
    store = open_shared()

    def work(transaction: Transaction) -> None:
        found = transaction.get(NOTES, "a")
        raise LookupError(found)

    with pytest.raises(LookupError):
        store.read(work)


def test_a_scan_cannot_go_on_when_its_transaction_is_over(open_shared: Open) -> None:
    store = open_shared()
    put(store, *[f"{number:03}" for number in range(300)], text="x")
    for left in [store.read(lambda transaction: transaction.scan(NOTES)), store.write(lambda t: t.scan(NOTES))]:
        with pytest.raises(RuntimeError, match="the transaction is over"):
            list(left)
    put(store, "003", text="y")
    store.read(lambda transaction: list(transaction.scan(NOTES, "003")))
    left = store.read(lambda transaction: transaction.scan(NOTES, "003"))
    with pytest.raises(RuntimeError, match="the transaction is over"):
        list(left)


def test_the_cache_stays_within_its_bound_and_everything_can_be_read(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "state.db", cache=50_000)
    put(store, *[f"{number:03}" for number in range(500)], text="x" * 100)
    for number in range(500):
        assert store.read(lambda transaction, number=number: transaction.get(NOTES, f"{number:03}")) == Note("x" * 100)  # type: ignore[misc] # mypy cannot infer it
        assert store.read(lambda transaction: transaction.get(NOTES, "000")) is not None
    assert store._cache.weight <= 50_000
    first = store.read(lambda transaction: transaction.get(NOTES, "000"))
    assert store.read(lambda transaction: transaction.get(NOTES, "000")) is first
    store.close()


def test_the_cache_forgets_what_is_not_used_first() -> None:
    cache = Cache(1000)
    for name in ["a", "b", "c"]:
        cache.learn("kind", (name,), Entry(1, name, 300), 1)
    assert cache.find("kind", ("a",), 1) is not None
    cache.learn("kind", ("d",), Entry(1, "d", 300), 1)
    assert [name for name in "abcd" if cache.find("kind", (name,), 1)] == ["a", "c", "d"]


def test_the_cache_does_not_learn_what_changed_after_it_was_read() -> None:
    cache = Cache(1000)
    cache.apply(Changes(5, None))
    cache.publish(6, [Published("kind", ("a",), "new", 10, keep=False)], ())
    cache.learn("kind", ("a",), Entry(5, "old", 10), 5)
    cache.learn("kind", ("b",), Entry(5, "same", 10), 5)
    cache.learn("kind", ("c",), Entry(4, "who knows", 10), 4)
    cache.learn_listing("kind", (), (("a",),), 5)
    cache.learn_listing("kind", ("b",), (("b",),), 5)
    assert [name for name in "abc" if cache.find("kind", (name,), 6)] == ["b"]
    assert cache.listing("kind", (), 6) is None
    assert cache.listing("kind", ("b",), 6) == (("b",),)
    assert cache.listing("kind", ("b",), 4) is None


def test_the_cache_forgets_what_others_changed() -> None:
    def filled() -> Cache:
        cache = Cache(1000)
        cache.apply(Changes(1, None))
        for kind in ["one", "two"]:
            for name in ["a", "b"]:
                cache.learn(kind, (name,), Entry(1, name, 10), 1)
            cache.learn_listing(kind, (), (("a",), ("b",)), 1)
        return cache

    def known(cache: Cache) -> list[str]:
        found = [kind + name for kind in ["one", "two"] for name in "ab" if cache.find(kind, (name,), 9)]
        return found + [kind for kind in ["one", "two"] if cache.listing(kind, (), 9)]

    cache = filled()
    cache.apply(Changes(2, [Change(2, "one", b"\x01a")]))
    assert known(cache) == ["oneb", "twoa", "twob", "two"]
    cache.apply(Changes(2, [Change(2, "two", b"")]))
    assert known(cache) == ["oneb", "twoa", "twob", "two"]
    cache.apply(Changes(3, [Change(3, "two", b""), Change(3, "three", b"")]))
    assert known(cache) == ["oneb"]
    assert cache.changed("two", ("x",), 2)
    assert not cache.changed("one", ("b",), 2)
    cache = filled()
    cache.apply(Changes(2, [Change(2, "", b"")]))
    assert known(cache) == []
    assert cache.changed("one", ("b",), 1)
    assert cache.weight == 0


def test_the_cache_remembers_changes_and_versions_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_RECENT", 10)
    monkeypatch.setattr(cache_module, "_LEADING_BACK", 5)
    cache = Cache(10**6)
    cache.apply(Changes(0, None))
    for number in range(1, 3001):
        cache.publish(number, [Published("kind", ("a",), number, 10, keep=True)], ())
    assert not cache.changed("kind", ("b",), 2990)
    assert cache.changed("kind", ("b",), 2980)
    entry, length = cache.find("kind", ("a",), 3000), 0
    while entry is not None:
        entry, length = entry.older, length + 1
    assert length == 6
    assert cache.find("kind", ("a",), 2996) is not None
    assert cache.find("kind", ("a",), 2980) is None
    assert cache.weight == 10
    assert len(cache._clock) <= 1010


def test_lists_of_keys_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_LISTINGS", 3)
    cache = Cache(1000)
    cache.apply(Changes(0, None))
    for name in "abcde":
        cache.learn_listing("kind", (name,), (), 0)
    assert [name for name in "abcde" if cache.listing("kind", (name,), 0) is not None] == ["c", "d", "e"]


@contextmanager
def occupied(store: CachedStore) -> Any:
    """Keep a store's leading writer at work until the block ends."""
    started, released = threading.Event(), threading.Event()

    def work(_: Transaction) -> None:
        started.set()
        assert released.wait(10)

    with ThreadPoolExecutor(1) as pool:
        leader: Future[None] = pool.submit(store.write, work)
        assert started.wait(10)
        yield released, leader
        released.set()


def gathered(store: CachedStore, number: int) -> None:
    """Return when so many writers wait."""
    while len(store._group._waiting) < number:
        threading.Event().wait(0.001)


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Any:
    store = SqliteStore(tmp_path / "state.db")
    yield store
    store.close()


def test_writers_that_come_at_the_same_time_share_one_commit(sqlite_store: SqliteStore) -> None:
    before = sqlite_store._database.changes(0).number
    with ThreadPoolExecutor(8) as pool, occupied(sqlite_store) as (released, _):
        results = [pool.submit(put, sqlite_store, str(number), text="x") for number in range(8)]
        gathered(sqlite_store, 8)
        released.set()
        for result in results:
            result.result()
    assert sqlite_store._database.changes(0).number == before + 1
    assert sqlite_store.read(lambda transaction: transaction.count(NOTES)) == 8


def test_the_error_of_one_writer_of_a_group_does_not_touch_the_others(sqlite_store: SqliteStore) -> None:
    def work(number: int) -> Callable[[Transaction], int]:
        def run(transaction: Transaction) -> int:
            transaction.put(NOTES, (str(number),), Note())
            transaction.put(OTHERS, ("last",), Note("", number))
            if number % 2:
                raise LookupError(number)
            return number

        return run

    with ThreadPoolExecutor(8) as pool, occupied(sqlite_store) as (released, _):
        results = [pool.submit(sqlite_store.write, work(number)) for number in range(8)]
        gathered(sqlite_store, 8)
        released.set()
        for number, result in enumerate(results):
            if number % 2:
                with pytest.raises(LookupError, match=str(number)):
                    result.result()
            else:
                assert result.result() == number
    found = sqlite_store.read(lambda transaction: [key for key, _ in transaction.scan(NOTES)])
    assert found == [("0",), ("2",), ("4",), ("6",)]


def test_if_a_commit_fails_it_fails_for_all_who_share_it(sqlite_store: SqliteStore) -> None:
    sql = sqlite_store._database._writer.sql  # type: ignore[attr-defined] # on purpose

    def raising(_: Transaction) -> None:
        raise LookupError

    with ThreadPoolExecutor(8) as pool, occupied(sqlite_store) as (released, leader):
        results = [leader, *[pool.submit(put, sqlite_store, str(number), text="x") for number in range(4)]]
        results.append(pool.submit(sqlite_store.write, raising))
        gathered(sqlite_store, 5)
        sql.execute("PRAGMA query_only = ON")
        released.set()
        for result in results:
            with pytest.raises(StoreUnavailable, match="readonly"):
                result.result()
    sql.execute("PRAGMA query_only = OFF")
    assert sqlite_store.read(lambda transaction: transaction.count(NOTES)) == 0
    put(sqlite_store, "a", text="x")


def test_a_group_that_collides_runs_again_and_gives_up_in_the_end(
    sqlite_store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sparekey.storage.cached._PAUSE", 0.0)
    collisions = 3
    writing = sqlite_store._database.writing
    runs = 0

    def colliding(since: int) -> AbstractContextManager[Any]:
        nonlocal collisions
        collisions -= 1
        return collides() if collisions >= 0 else writing(since)

    @contextmanager
    def collides() -> Any:
        with writing(sqlite_store._cache.version) as given:
            yield given
            raise Collision("could not serialize")

    def work(transaction: Transaction) -> None:
        nonlocal runs
        runs += 1
        assert transaction.get(NOTES, "a") is None
        raise LookupError

    monkeypatch.setattr(sqlite_store._database, "writing", colliding)
    with pytest.raises(LookupError):
        sqlite_store.write(work)
    assert runs == 4
    collisions = 1000
    with pytest.raises(StoreUnavailable, match="kept colliding: could not serialize"):
        sqlite_store.write(work)


def test_an_interrupted_leader_fails_the_others_and_hands_over(sqlite_store: SqliteStore) -> None:
    class Interrupt(BaseException):
        pass

    def interrupted(_: Transaction) -> None:
        raise Interrupt

    with pytest.raises(Interrupt):
        sqlite_store.write(interrupted)
    with ThreadPoolExecutor(3) as pool, occupied(sqlite_store) as (released, leader):
        results = [pool.submit(sqlite_store.write, interrupted)]
        gathered(sqlite_store, 1)
        results.append(pool.submit(put, sqlite_store, "a", text="x"))
        gathered(sqlite_store, 2)
        released.set()
        with pytest.raises(Interrupt):
            leader.result()
        for result in results:
            with pytest.raises(StoreUnavailable, match="Interrupt"):
                result.result()
    put(sqlite_store, "b", text="x")
    assert sqlite_store.read(lambda transaction: transaction.get(NOTES, "a")) is None


def test_wiping_waits_for_writers_and_is_waited_for(sqlite_store: SqliteStore) -> None:
    with ThreadPoolExecutor(3) as pool, occupied(sqlite_store) as (released, _):
        results = [pool.submit(put, sqlite_store, "before", text="x")]
        gathered(sqlite_store, 1)
        results.append(pool.submit(sqlite_store.wipe))
        gathered(sqlite_store, 2)
        results.append(pool.submit(put, sqlite_store, "after", text="x"))
        gathered(sqlite_store, 3)
        released.set()
        for result in results:
            result.result()
    assert sqlite_store.read(lambda transaction: [key for key, _ in transaction.scan(NOTES)]) == [("after",)]


def test_who_appends_too_much_has_to_write(sqlite_store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparekey.storage.appender.BOUND", 10)
    monkeypatch.setattr("sparekey.storage.appender.PATIENCE", 1000.0)
    sql = sqlite_store._database._writer.sql  # type: ignore[attr-defined] # on purpose
    sql.execute("PRAGMA query_only = ON")
    for number in range(9):
        sqlite_store.append(NOTES, (str(number),), Note())
    with pytest.raises(StoreUnavailable, match="readonly"):
        sqlite_store.append(NOTES, ("9",), Note())
    sql.execute("PRAGMA query_only = OFF")
    sqlite_store.append(NOTES, ("10",), Note())
    assert sqlite_store.read(lambda transaction: transaction.count(NOTES)) == 11
    assert BOUND > 10


def test_the_thread_that_appends_tries_again(sqlite_store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparekey.storage.appender.PATIENCE", 0.001)
    sql = sqlite_store._database._writer.sql  # type: ignore[attr-defined] # on purpose
    sql.execute("PRAGMA query_only = ON")
    warned = threading.Event()
    monkeypatch.setattr("sparekey.storage.appender._log.warning", lambda *_: warned.set())
    sqlite_store.append(NOTES, ("a",), Note())
    assert warned.wait(10)
    sql.execute("PRAGMA query_only = OFF")
    deadline = threading.Event()
    while sqlite_store.read(lambda transaction: transaction.get(NOTES, "a")) is None:
        assert not deadline.wait(0.001)


def test_appended_records_are_written_without_being_flushed(sqlite_store: SqliteStore) -> None:
    sqlite_store.append(NOTES, ("a",), Note())
    while sqlite_store.read(lambda transaction: transaction.get(NOTES, "a")) is None:
        threading.Event().wait(0.001)
