"""What was acknowledged survives SIGKILL at any moment, and nothing survives by half.

``SPAREKEY_KILL_ROUNDS`` says how often the writer is killed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from sparekey.storage.interface import Store, StoreUnavailable
from sparekey.storage.postgresql import PostgresqlStore
from tests.storage import postgres
from tests.storage.records import NOTES, OTHERS
from tests.storage.writer import RECORDS, open_named, write_one

ROUNDS = int(os.environ.get("SPAREKEY_KILL_ROUNDS", "3"))

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")


@pytest.fixture(params=["sqlite", "postgresql"])
def named(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, ...]:
    """How the writer is told of a store."""
    if request.param == "sqlite":
        return ("sqlite", str(tmp_path / "state.db"))
    return ("postgresql", request.getfixturevalue("postgresql"), request.getfixturevalue("schema"))


def acknowledged_before(
    named: tuple[str, ...], threads: int, run: str, lines: int, stop: object = None
) -> dict[str, int]:
    """Start a writer and kill it when it has acknowledged so many; the last number acknowledged of each thread."""
    last: dict[str, int] = {}
    command = [sys.executable, "-m", "tests.storage.writer", *named, str(threads), run]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for seen, line in enumerate(process.stdout, 1):
            thread, number = line.split()
            last[thread] = int(number)
            if seen == lines:
                process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    return last


def check(store: Store, run: str, acknowledged: Mapping[str, int], before: int) -> int:
    """Hold what is in a store against what was acknowledged; the number of transactions in all runs."""
    stored: dict[str, dict[int, set[str]]] = {}
    for (_, thread, number, part), _ in store.read(lambda transaction: list(transaction.scan(NOTES, run))):
        stored.setdefault(thread, {}).setdefault(int(number), set()).add(part)
    marks = store.read(lambda transaction: {key[2]: note.number for key, note in transaction.scan(OTHERS, "last", run)})
    total = store.read(lambda transaction: transaction.get(OTHERS, "total"))
    everything = {str(part) for part in range(RECORDS)}
    for thread, last in marks.items():
        assert set(stored[thread]) == set(range(last + 1)), "a transaction is missing"
        assert stored[thread][last] == everything, "a transaction is there by half"
        assert all(stored[thread][number] == everything - {"0"} for number in range(last))
    assert all(marks[thread] >= number for thread, number in acknowledged.items()), "an acknowledged write is lost"
    assert set(stored) == set(marks)
    assert total is not None
    assert total.number == before + sum(last + 1 for last in marks.values()), "an update is lost"
    return total.number


def test_acknowledged_writes_survive_that_the_process_is_killed(named: tuple[str, ...]) -> None:
    chance = random.Random()  # noqa: S311 - no secret; another moment each time
    total = 0
    for round_ in range(ROUNDS):
        acknowledged = acknowledged_before(named, chance.choice([1, 4, 16]), str(round_), chance.randint(1, 400))
        with ExitStack() as stack:
            store = open_named(*named)
            stack.callback(store.close)
            total = check(store, str(round_), acknowledged, total)


def test_acknowledged_writes_of_two_processes_survive_that_one_is_killed(named: tuple[str, ...]) -> None:
    """The other goes on writing as if nothing had happened."""
    with ExitStack() as stack:
        store = open_named(*named)
        stack.callback(store.close)
        command = [sys.executable, "-m", "tests.storage.writer", *named, "2", "survivor"]
        survivor = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        stack.callback(survivor.kill)
        assert survivor.stdout is not None
        assert survivor.stdout.readline()
        killed = acknowledged_before(named, 4, "killed", 100)
        last: dict[str, int] = {}
        for seen, line in enumerate(survivor.stdout):
            thread, number = line.split()
            last[thread] = int(number)
            if seen == 200:
                survivor.send_signal(signal.SIGKILL)
        write_one(store, "third", "0", 0)
        marks = store.read(lambda transaction: [note.number for _, note in transaction.scan(OTHERS, "last", "killed")])
        others = store.read(
            lambda transaction: [note.number for _, note in transaction.scan(OTHERS, "last", "survivor")]
        )
        assert store.read(lambda transaction: transaction.get(OTHERS, "total")) is not None
        check(store, "killed", killed, sum(number + 1 for number in others) + 1)
        check(store, "survivor", last, sum(number + 1 for number in marks) + 1)


@pytest.fixture
def private_server() -> Iterator[postgres.Server]:
    """A server that a test may kill."""
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip(postgres.REASON)
    server = postgres.Server(binaries)
    yield server
    server.remove()


def test_acknowledged_writes_survive_that_the_server_is_killed(private_server: postgres.Server) -> None:
    """The writer goes on as soon as the server is there again; it is not told of anything it cannot rely on."""
    named = ("postgresql", private_server.url, "sparekey")
    command = [sys.executable, "-m", "tests.storage.writer", *named, "4", "run"]
    last: dict[str, int] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for seen, line in enumerate(process.stdout, 1):
            thread, number = line.split()
            last[thread] = int(number)
            if seen in {50, 150}:
                private_server.stop()
                private_server.start()
            if seen == 300:
                process.send_signal(signal.SIGKILL)
    store = open_named(*named)
    check(store, "run", last, 0)
    store.close()


def test_a_store_is_unavailable_while_the_server_is_and_goes_on_when_it_is_back(
    private_server: postgres.Server,
) -> None:
    store = PostgresqlStore(private_server.url, patience=0.3)
    write_one(store, "run", "0", 0)
    private_server.stop()
    with pytest.raises(StoreUnavailable):
        write_one(store, "run", "0", 1)
    with pytest.raises(StoreUnavailable):
        store.read(lambda transaction: transaction.count(NOTES, "run"))
    private_server.start()
    write_one(store, "run", "0", 1)
    assert check(store, "run", {"0": 1}, 0) == 2
    store.close()
