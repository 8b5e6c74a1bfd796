"""What every store promises, held against each of them."""

from __future__ import annotations

import contextlib
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest

from sparekey.storage import postgresql_connection, sqlite_connection
from sparekey.storage.interface import Key, Kind, ReadOnlyTransaction, Store, StoreUnavailable, Transaction
from sparekey.storage.memory import MemoryStore
from sparekey.storage.postgresql import STALENESS
from tests.storage.conftest import Open
from tests.storage.records import LOG, NOTES, OTHERS, THINGS, Note, Row, Thing

MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)

ODD_TEXTS = [
    "",
    " ",
    "/",
    "a",
    "a ",
    "a/",
    "a/b",
    "a.",
    "aa",
    "ab",
    "A",
    "é",
    "e\u0301",
    "\x00",
    "\x01",
    "\x02",
    "\x03",
]
ODD_TEXTS += [
    "\x02\x02",
    "a\x01",
    "a\x00b",
    "\ud800",
    "\ue000",
    "\uffff",
    "\U0001f511",
    "~",
    "\x7f",
    "%",
    "_",
    "a" * 300,
]


def put(store: Store, *keys: Key, kind: Kind[Note] = NOTES, text: str = "") -> None:
    def work(transaction: Transaction) -> None:
        for number, key in enumerate(keys):
            transaction.put(kind, key, Note(text, number))

    store.write(work)


def get(store: Store, *key: str) -> Note | None:
    return store.read(lambda transaction: transaction.get(NOTES, *key))


def keys(store: Store, *prefix: str, kind: Kind[Note] = NOTES, **limits: Any) -> list[Key]:
    return store.read(lambda transaction: [key for key, _ in transaction.scan(kind, *prefix, **limits)])


def in_both(store: Store, work: Callable[[Transaction], Any]) -> Any:
    """What work gives in a reading and in a writing transaction, which must agree."""
    read = store.read(work)
    assert store.write(work) == read
    return read


def got(store: Store, *key: str) -> Any:
    """What is under a key for readers and for writers."""
    return in_both(store, lambda transaction: transaction.get(NOTES, *key))


def count(store: Store, *prefix: str, limit: int | None = None) -> Any:
    """How many records readers and writers count."""
    return in_both(store, lambda transaction: transaction.count(NOTES, *prefix, limit=limit))


def test_what_was_put_is_read(store: Store) -> None:
    put(store, ("a", "b"), text="hello")
    assert got(store, "a", "b") == Note("hello", 0)


def test_what_was_not_put_is_not_there(store: Store) -> None:
    put(store, ("a", "b"))
    for key in [("a",), ("a", "b", "c"), ("b",), ("ab",), ("a\x01b",), ("", "a", "b")]:
        assert got(store, *key) is None
    assert in_both(store, lambda transaction: transaction.get(OTHERS, "a", "b")) is None


def test_a_transaction_sees_its_own_writes(store: Store) -> None:
    put(store, ("b",), ("d",))

    def work(transaction: Transaction) -> list[object]:
        transaction.put(NOTES, ("c",), Note("c"))
        transaction.put(NOTES, ("a",), Note("a"))
        transaction.put(NOTES, ("d",), Note("over"))
        assert transaction.delete(NOTES, "b")
        assert transaction.get(NOTES, "b") is None
        assert transaction.get(NOTES, "a") == Note("a")
        assert transaction.count(NOTES) == 3
        assert transaction.count(NOTES, limit=2) == 2
        assert transaction.count(NOTES, "b") == 0
        assert [key for key, _ in transaction.scan(NOTES, limit=2)] == [("a",), ("c",)]
        assert [key for key, _ in transaction.scan(NOTES, after=("a",))] == [("c",), ("d",)]
        return list(transaction.scan(NOTES))

    seen = store.write(work)
    assert seen == [(("a",), Note("a")), (("c",), Note("c")), (("d",), Note("over"))]
    assert store.read(lambda transaction: list(transaction.scan(NOTES))) == seen


def test_add_writes_only_where_nothing_is(store: Store) -> None:
    assert store.write(lambda transaction: transaction.add(NOTES, ("a",), Note("first"))) is True
    assert store.write(lambda transaction: transaction.add(NOTES, ("a",), Note("second"))) is False
    assert get(store, "a") == Note("first")


def test_delete_says_whether_something_was_there(store: Store) -> None:
    put(store, ("a",))
    assert store.write(lambda transaction: transaction.delete(NOTES, "a")) is True
    assert store.write(lambda transaction: transaction.delete(NOTES, "a")) is False
    assert get(store, "a") is None
    assert keys(store) == []


def test_a_record_can_be_deleted_and_put_again_in_one_transaction(store: Store) -> None:
    put(store, ("a",))

    def work(transaction: Transaction) -> None:
        transaction.delete(NOTES, "a")
        assert transaction.add(NOTES, ("a",), Note("new"))
        transaction.put(NOTES, ("b",), Note())
        transaction.delete(NOTES, "b")

    store.write(work)
    assert get(store, "a") == Note("new")
    assert keys(store) == [("a",)]


def test_keys_are_ordered_segment_by_segment_by_code_point(store: Store) -> None:
    expected = sorted(
        [(first,) for first in ODD_TEXTS] + [(first, second) for first in ODD_TEXTS for second in ODD_TEXTS]
    )
    shuffled = list(expected)
    random.Random(7).shuffle(shuffled)  # noqa: S311 - no secret
    put(store, *shuffled)
    assert in_both(store, lambda transaction: [key for key, _ in transaction.scan(NOTES)]) == expected
    for text in ODD_TEXTS:
        of_text = [key for key in expected if key[0] == text]
        assert keys(store, text) == of_text
        assert count(store, text) == len(of_text)
        assert get(store, text) is not None


def test_a_scan_goes_on_behind_a_key_that_need_not_exist(store: Store) -> None:
    put(store, ("a", "1"), ("a", "2"), ("a", "3"), ("b", "1"))
    assert keys(store, "a", after=("a", "1")) == [("a", "2"), ("a", "3")]
    assert keys(store, "a", after=("a", "10")) == [("a", "2"), ("a", "3")]
    assert keys(store, "a", after=("a",)) == [("a", "1"), ("a", "2"), ("a", "3")]
    assert keys(store, "a", after=("a", "3")) == []
    assert keys(store, "b", after=("a", "2")) == [("b", "1")]
    assert keys(store, "a", after=("b",)) == []
    assert keys(store, after=("a", "2"), limit=1) == [("a", "3")]


def test_a_scan_and_a_count_stop_at_their_limit(store: Store) -> None:
    put(store, *[("a", f"{number:04}") for number in range(300)], ("b",))
    for limit in [0, 1, 2, 127, 128, 129, 299, 300, 301, None]:
        expected = [("a", f"{number:04}") for number in range(300)][:limit]
        assert keys(store, "a", limit=limit) == expected
        assert count(store, "a", limit=limit) == len(expected)


def test_a_long_scan_is_whole_and_in_order(store: Store) -> None:
    expected = [(f"{number:05}",) for number in range(3000)]
    put(store, *expected)

    def work(transaction: Transaction) -> list[Key]:
        transaction.put(NOTES, ("01500+",), Note())
        transaction.delete(NOTES, "02999")
        return [key for key, _ in transaction.scan(NOTES)]

    assert keys(store) == expected
    assert store.write(work) == sorted([*expected[:-1], ("01500+",)])


def test_a_scan_shows_the_records_of_the_moment_it_was_asked_for(store: Store) -> None:
    put(store, ("a",), ("b",))

    def work(transaction: Transaction) -> list[Key]:
        transaction.put(NOTES, ("c",), Note())
        scan = transaction.scan(NOTES)
        transaction.delete(NOTES, "a")
        transaction.put(NOTES, ("d",), Note())
        return [key for key, _ in scan]

    assert store.write(work) == [("a",), ("b",), ("c",)]


def test_a_scan_follows_changes_between_transactions(store: Store) -> None:
    put(store, ("a", "1"), ("a", "2"))
    assert keys(store, "a") == [("a", "1"), ("a", "2")]
    put(store, ("a", "3"))
    assert keys(store, "a") == [("a", "1"), ("a", "2"), ("a", "3")]
    store.write(lambda transaction: transaction.delete(NOTES, "a", "1"))
    assert keys(store, "a") == [("a", "2"), ("a", "3")]
    put(store, ("a", "2"), text="changed")
    assert store.read(lambda transaction: list(transaction.scan(NOTES, "a", limit=1))) == [
        (("a", "2"), Note("changed"))
    ]
    assert store.read(lambda transaction: transaction.count(NOTES, "a")) == 2


def test_what_a_raising_transaction_wrote_is_undone(store: Store) -> None:
    put(store, ("a",), ("b",))

    def work(transaction: Transaction) -> None:
        transaction.put(NOTES, ("a",), Note("changed"))
        transaction.put(NOTES, ("c",), Note())
        transaction.delete(NOTES, "b")
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        store.write(work)
    assert store.read(lambda transaction: list(transaction.scan(NOTES))) == [
        (("a",), Note("", 0)),
        (("b",), Note("", 1)),
    ]


def test_a_savepoint_undoes_its_block_only(store: Store) -> None:
    put(store, ("a",))

    def undone(transaction: Transaction) -> None:
        with transaction.savepoint():
            transaction.put(NOTES, ("a",), Note("changed"))
            transaction.put(NOTES, ("before",), Note("changed"))
            with transaction.savepoint():
                transaction.put(NOTES, ("inner",), Note())
            transaction.delete(NOTES, "before")
            raise LookupError

    def work(transaction: Transaction) -> None:
        transaction.put(NOTES, ("before",), Note())
        with pytest.raises(LookupError):
            undone(transaction)
        with transaction.savepoint():
            transaction.put(NOTES, ("after",), Note())

    store.write(work)
    assert keys(store) == [("a",), ("after",), ("before",)]
    assert get(store, "before") == Note()
    assert get(store, "a") == Note()


def test_reading_transactions_do_not_write(store: Store) -> None:
    put(store, ("a",))
    writes: list[Callable[[Transaction], object]] = [
        lambda transaction: transaction.put(NOTES, ("b",), Note("secret")),
        lambda transaction: transaction.add(NOTES, ("b",), Note("secret")),
        lambda transaction: transaction.delete(NOTES, "a"),
    ]
    for write in writes:
        with pytest.raises(ReadOnlyTransaction, match=r"test\.note") as raised:
            store.read(write)
        assert "secret" not in str(raised.value)
    assert keys(store) == [("a",)]


def test_a_savepoint_of_a_reading_transaction_does_nothing(store: Store) -> None:
    def work(transaction: Transaction) -> Note | None:
        with transaction.savepoint():
            return transaction.get(NOTES, "a")

    assert store.read(work) is None


def test_a_record_needs_a_key(store: Store) -> None:
    with pytest.raises(ValueError, match="needs a key"):
        put(store, ())
    with pytest.raises(ValueError, match="needs a key"):
        store.append(NOTES, (), Note())


def test_a_record_that_cannot_be_stored_is_refused_and_nothing_is_written(store: Store) -> None:
    def work(transaction: Transaction) -> None:
        transaction.put(NOTES, ("a",), Note())
        transaction.put(NOTES, ("b",), Note(7))  # type: ignore[arg-type] # on purpose

    with pytest.raises(TypeError, match=r"test\.note\.text"):
        store.write(work)
    with pytest.raises(TypeError, match=r"test\.note\.text"):
        store.append(NOTES, ("b",), Note(7))  # type: ignore[arg-type] # on purpose
    assert keys(store) == []


def test_a_transaction_inside_a_transaction_is_refused(store: Store) -> None:
    with pytest.raises(RuntimeError, match="savepoint"):
        store.write(lambda _: put(store, ("a",)))
    put(store, ("b",))
    assert keys(store) == [("b",)]


def test_the_same_object_is_handed_out_until_the_record_changes(store: Store) -> None:
    put(store, ("a",), text="x")
    first = get(store, "a")
    assert get(store, "a") is first
    assert store.write(lambda transaction: transaction.get(NOTES, "a")) is first
    assert store.read(lambda transaction: list(transaction.scan(NOTES)))[0][1] is first
    put(store, ("a",), text="y")
    assert get(store, "a") is not first


def test_appended_records_are_written_when_flushed(store: Store) -> None:
    for number in range(1200):
        store.append(NOTES, (f"{number:04}",), Note("", number))
    store.flush()
    assert keys(store) == [(f"{number:04}",) for number in range(1200)]
    assert get(store, "0007") == Note("", 7)


def test_a_log_is_written_and_read_like_any_other_kind(open_shared: Open) -> None:
    store, other = open_shared(), open_shared()
    for number in range(130):
        store.append(LOG, ("a", f"{number % 120:03}"), Row(str(number), MOMENT))
    store.flush()
    for each in (store, other, store):
        assert each.read(lambda transaction: transaction.get(LOG, "a", "007")) == Row("127", MOMENT)
        assert each.read(lambda transaction: len(list(transaction.scan(LOG, "a")))) == 120

    def change(transaction: Transaction) -> None:
        transaction.put(LOG, ("a", "200"), Row("put", MOMENT))
        assert transaction.get(LOG, "a", "200") == Row("put", MOMENT)
        assert transaction.delete(LOG, "a", "000")
        assert transaction.count(LOG) == 120

    store.write(change)
    for each in (store, other):
        assert each.read(lambda transaction: transaction.get(LOG, "a", "200")) == Row("put", MOMENT)
        assert each.read(lambda transaction: [key[1] for key, _ in transaction.scan(LOG, limit=2)]) == ["001", "002"]


def test_a_log_is_cut_off_behind_a_key(open_shared: Open) -> None:
    store, other = open_shared(), open_shared()
    cut_off(store)
    assert other.read(lambda transaction: [key for key, _ in transaction.scan(LOG)]) == LEFT


LEFT = [("a", "1"), ("a", "2"), ("b", "1"), ("b", "3"), ("b", "9")]


def cut_off(store: Store) -> None:
    def put(transaction: Transaction) -> None:
        for key in (("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"), ("b", "20"), ("b", "3")):
            transaction.put(LOG, key, Row("", MOMENT))

    def cut(transaction: Transaction) -> None:
        with contextlib.suppress(ZeroDivisionError), transaction.savepoint():
            transaction.drop(LOG, "a", after=("a", "0"))
            raise ZeroDivisionError
        transaction.drop(LOG, "b", after=("b", "1", "~"))
        for name in ("3", "9"):
            transaction.put(LOG, ("b", name), Row("", MOMENT))
        with pytest.raises(ValueError, match="removed one by one"):
            transaction.drop(NOTES, after=("a",))

    store.write(put)
    with pytest.raises(ReadOnlyTransaction):
        store.read(lambda transaction: transaction.drop(LOG, "a", after=("a", "0")))
    store.write(cut)
    assert store.read(lambda transaction: [key for key, _ in transaction.scan(LOG)]) == LEFT


def test_a_log_in_memory_is_cut_off_behind_a_key() -> None:
    cut_off(MemoryStore())
    MemoryStore().write(lambda transaction: transaction.drop(LOG, after=("a",)))


def test_work_is_done_later_and_what_it_raises_is_logged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    def fail(transaction: Transaction) -> None:
        transaction.put(NOTES, ("gone",), Note())
        raise RuntimeError("no luck")

    def ask(transaction: Transaction) -> None:
        transaction.put(NOTES, ("a",), Note())
        store.later(lambda records: records.put(NOTES, ("c",), Note()))

    store.later(lambda records: records.put(NOTES, ("b",), Note()))
    store.later(fail)
    store.write(ask)
    store.flush()
    assert keys(store) == [("a",), ("b",), ("c",)]
    assert "no luck" in caplog.text


def test_the_record_appended_last_under_a_key_stays(store: Store) -> None:
    put(store, ("a",), text="put")
    assert get(store, "a") == Note("put")
    for number in range(700):
        store.append(NOTES, ("a",), Note("", number))
    store.flush()
    assert get(store, "a") == Note("", 699)


def test_what_was_appended_can_be_changed_in_a_transaction(store: Store) -> None:
    store.append(NOTES, ("a",), Note("appended"))
    store.flush()
    put(store, ("a",), text="put")
    store.append(NOTES, ("b",), Note("appended"))
    store.flush()
    assert get(store, "a") == Note("put")
    assert get(store, "b") == Note("appended")


def test_work_can_append_and_keeps_what_it_appended_even_if_it_raises(store: Store) -> None:
    def work(transaction: Transaction) -> None:
        transaction.put(NOTES, ("a",), Note("put"))
        store.append(NOTES, ("b",), Note("appended"))
        raise LookupError

    with pytest.raises(LookupError):
        store.write(work)
    store.flush()
    assert keys(store) == [("b",)]


def test_a_wiped_store_is_empty_and_usable(store: Store) -> None:
    put(store, ("a",), ("b",))
    put(store, ("a",), kind=OTHERS)
    store.append(NOTES, ("c",), Note())
    assert get(store, "a") == Note()
    store.wipe()
    assert get(store, "a") is None
    assert keys(store) == []
    assert keys(store, kind=OTHERS) == []
    put(store, ("d",))
    assert keys(store) == [("d",)]


def test_the_stores_own_records_are_not_wiped(store: Store) -> None:
    own = Kind("storage.test", Note)
    put(store, ("a",), kind=own)
    store.wipe()
    assert keys(store, kind=own) == [("a",)]


def test_big_records_are_kept(store: Store) -> None:
    big = Thing("big", blob=bytes(range(256)) * 8000, tags={str(number): "é" * 200 for number in range(2000)})
    store.write(lambda transaction: transaction.put(THINGS, ("big",), big))
    assert store.read(lambda transaction: transaction.get(THINGS, "big")) == big


@pytest.fixture
def _taking_turns() -> Iterator[None]:
    """Let threads that do nothing but compute give way sooner."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    yield
    sys.setswitchinterval(before)


def test_concurrent_changes_of_one_record_are_not_lost(store: Store) -> None:
    put(store, ("n",))

    def add_one(_: int) -> None:
        def work(transaction: Transaction) -> None:
            note = transaction.get(NOTES, "n")
            assert note is not None
            transaction.put(NOTES, ("n",), Note("", note.number + 1))

        store.write(work)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(200)))
    assert get(store, "n") == Note("", 200)


def test_two_writers_cannot_each_rely_on_what_the_other_changes(store: Store) -> None:
    """Write skew: each may take the last one but one, never both."""
    for round_ in range(20):
        put(store, (str(round_), "x"), (str(round_), "y"))
        barrier = Barrier(2)

        def take(name: str, round_: int = round_, barrier: Barrier = barrier) -> bool:
            barrier.wait()

            def work(transaction: Transaction) -> bool:
                if transaction.count(NOTES, str(round_)) < 2:
                    return False
                return transaction.delete(NOTES, str(round_), name)

            return store.write(work)

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(take, ["x", "y"])) == [False, True]
        assert len(keys(store, str(round_))) == 1


@pytest.mark.usefixtures("_taking_turns")
def test_readers_see_all_of_a_transaction_or_nothing(store: Store) -> None:
    names = [str(number) for number in range(10)]
    put(store, *[(name,) for name in names])
    done = False

    def write() -> None:
        nonlocal done
        for number in range(40):

            def work(transaction: Transaction, number: int = number) -> None:
                for name in names:
                    transaction.put(NOTES, (name,), Note("now", number))

            store.write(work)
        done = True

    def read() -> None:
        last = -1
        while not done:
            found = store.read(lambda transaction: [transaction.get(NOTES, name) for name in names])
            numbers = {note.number for note in found if note is not None and note.text}
            listed = store.read(lambda transaction: {note.number for _, note in transaction.scan(NOTES) if note.text})
            assert len(numbers) <= 1
            assert len(listed) <= 1
            assert max(numbers, default=-1) >= last
            last = max(numbers, default=-1)

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        pool.submit(write).result()
        for reader in readers:
            reader.result()


def test_a_closed_store_has_written_what_was_appended(open_shared: Open) -> None:
    first = open_shared()
    first.append(NOTES, ("a",), Note("appended"))
    first.close()
    assert get(open_shared(), "a") == Note("appended")


def test_a_closed_store_is_unavailable(open_shared: Open) -> None:
    store = open_shared()
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        put(store, ("a",))
    with pytest.raises(StoreUnavailable):
        store.read(lambda transaction: transaction.get(NOTES, "b"))
    store.close()


def test_what_was_written_is_there_when_the_store_is_opened_again(open_shared: Open) -> None:
    first = open_shared()
    put(first, ("a",), ("b",), text="kept")
    first.write(lambda transaction: transaction.delete(NOTES, "b"))
    first.close()
    second = open_shared()
    assert second.read(lambda transaction: list(transaction.scan(NOTES))) == [(("a",), Note("kept", 0))]


def soon(store: Store, expected: Callable[[Transaction], bool]) -> bool:
    """Whether readers see something within the time that what others wrote may stay unseen."""
    deadline = time.monotonic() + STALENESS
    while not store.read(expected):
        if time.monotonic() > deadline:
            return store.read(expected)
    return True


def test_two_stores_on_one_database_see_each_others_writes(open_shared: Open) -> None:
    first, second = open_shared(), open_shared()
    for number in range(20):
        writer, reader = (first, second) if number % 2 else (second, first)
        put(writer, ("a", "new"), ("a", str(number)), text="here")
        assert soon(reader, lambda transaction: transaction.get(NOTES, "a", "new") == Note("here"))
        assert keys(reader, "a") == sorted([("a", "new"), *[("a", str(each)) for each in range(number + 1)]])
        writer.write(lambda transaction: transaction.delete(NOTES, "a", "new"))
        assert soon(reader, lambda transaction: transaction.get(NOTES, "a", "new") is None)


def test_a_writing_transaction_sees_what_another_store_wrote_at_once(open_shared: Open) -> None:
    first, second = open_shared(), open_shared()
    for number in range(20):
        writer, reader = (first, second) if number % 2 else (second, first)
        put(writer, ("a",), text=str(number))
        assert reader.write(lambda transaction: transaction.get(NOTES, "a")) == Note(str(number))


def test_a_store_sees_many_and_forgotten_changes_of_another(open_shared: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sqlite_connection, postgresql_connection):
        monkeypatch.setattr(module, "KEPT", 20)
    first, second = open_shared(), open_shared()
    put(first, ("a",), text="old")
    assert soon(second, lambda transaction: transaction.get(NOTES, "a") == Note("old"))
    put(first, *[(f"{number}",) for number in range(1000)], ("a",))
    assert soon(second, lambda transaction: transaction.get(NOTES, "a") == Note("", 1000))
    for number in range(230):
        put(first, ("a",), text=str(number))
    assert soon(second, lambda transaction: transaction.get(NOTES, "a") == Note(str(229)))


def test_a_store_sees_that_another_wiped(open_shared: Open) -> None:
    first, second = open_shared(), open_shared()
    put(first, ("a",))
    assert soon(second, lambda transaction: transaction.get(NOTES, "a") is not None)
    first.wipe()
    assert soon(second, lambda transaction: transaction.get(NOTES, "a") is None)
    assert keys(second) == []


def test_two_stores_on_one_database_lose_no_update_of_each_other(open_shared: Open) -> None:
    stores = [open_shared(), open_shared()]

    def add_one(number: int) -> None:
        def work(transaction: Transaction) -> None:
            note = transaction.get(NOTES, "n") or Note()
            transaction.put(NOTES, ("n",), Note("", note.number + 1))

        stores[number % 2].write(work)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(200)))
    for store in stores:
        assert store.write(lambda transaction: transaction.get(NOTES, "n")) == Note("", 200)


@pytest.mark.usefixtures("_taking_turns")
def test_readers_of_another_store_see_all_of_a_transaction_or_nothing(open_shared: Open) -> None:
    first, second = open_shared(), open_shared()
    names = [str(number) for number in range(5)]
    done = False

    def write() -> None:
        nonlocal done
        for number in range(40):

            def work(transaction: Transaction, number: int = number) -> None:
                for name in names:
                    transaction.put(NOTES, (name,), Note("", number))

            first.write(work)
        done = True

    def read() -> int:
        last = -1
        while not done:
            found = second.read(lambda transaction: [transaction.get(NOTES, name) for name in names])
            numbers = {None if note is None else note.number for note in found}
            assert len(numbers) == 1
            last = max(last, numbers.pop() or -1)
        return last

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        pool.submit(write).result()
        for reader in readers:
            reader.result()
    assert soon(second, lambda transaction: transaction.get(NOTES, "0") == Note("", 39))


def test_several_stores_can_open_a_new_database_at_the_same_time(open_shared: Open) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = [each.result() for each in [pool.submit(open_shared) for _ in range(4)]]
    put(stores[0], ("a",))
    for store in stores:
        assert store.write(lambda transaction: transaction.get(NOTES, "a")) == Note()
