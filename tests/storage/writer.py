"""A process that writes to a store from several threads, and says what was acknowledged, until it is killed.

``python -m tests.storage.writer sqlite PATH`` or ``… postgresql URL SCHEMA``, then the number of threads and a name
for the run. Each transaction puts :data:`RECORDS` records, moves a total and removes what the thread wrote before;
when it is acknowledged, its thread and number are printed on one line.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from threading import Thread

from sparekey.storage.interface import Store, Transaction
from sparekey.storage.postgresql import PostgresqlStore
from sparekey.storage.sqlite import SqliteStore
from tests.storage.records import NOTES, OTHERS, Note

#: How many records a transaction writes that belong together.
RECORDS = 5


def open_named(kind: str, *place: str) -> Store:
    """The store that the arguments name."""
    return SqliteStore(place[0]) if kind == "sqlite" else PostgresqlStore(place[0], schema=place[1])


def write_one(store: Store, run: str, thread: str, number: int) -> None:
    """One transaction of several records."""

    def work(transaction: Transaction) -> None:
        for part in range(RECORDS):
            transaction.put(NOTES, (run, thread, f"{number:08}", str(part)), Note("x" * 200, number))
        total = transaction.get(OTHERS, "total") or Note()
        transaction.put(OTHERS, ("total",), Note("", total.number + 1))
        transaction.put(OTHERS, ("last", run, thread), Note("", number))
        if number:
            assert transaction.delete(NOTES, run, thread, f"{number - 1:08}", "0")

    store.write(work)


def write_on(store: Store, run: str, thread: str) -> None:
    """Write until the process ends."""
    for number in count():
        write_one(store, run, thread, number)
        os.write(1, f"{thread} {number}\n".encode())  # one write a line: lines of threads do not mix


def main(*arguments: str) -> None:
    """Start the threads."""
    *named, threads, run = arguments
    store = open_named(*named)
    for thread in range(int(threads)):
        Thread(target=write_on, args=(store, run, str(thread))).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
