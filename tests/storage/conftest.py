"""Stores of every sort."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sparekey.storage.interface import Store
from sparekey.storage.memory import MemoryStore
from sparekey.storage.postgresql import PostgresqlStore
from sparekey.storage.sqlite import SqliteStore
from tests.storage import postgres

#: Opens one more store on the database of a test.
Open = Callable[[], Store]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server."""
    with postgres.a_server() as url:
        if url is None:
            pytest.skip(postgres.REASON)
        yield url


@pytest.fixture
def schema(postgresql: str) -> Iterator[str]:
    """A schema of a test's own."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield name
    postgres.drop(postgresql, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def open_shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens stores on one and the same database, and closes them."""
    with ExitStack() as stack:
        if request.param == "sqlite":

            def made() -> Store:
                return SqliteStore(tmp_path / "state.db")
        else:
            url, schema = request.getfixturevalue("postgresql"), request.getfixturevalue("schema")

            def made() -> Store:
                return PostgresqlStore(url, schema=schema, heartbeat=0.05)

        def opened() -> Store:
            store = made()
            stack.callback(store.close)
            return store

        yield opened


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store of each sort."""
    made: Store
    if request.param == "memory":
        made = MemoryStore()
    elif request.param == "sqlite":
        made = SqliteStore(tmp_path / "state.db")
    else:
        url, schema = request.getfixturevalue("postgresql"), request.getfixturevalue("schema")
        made = PostgresqlStore(url, schema=schema, heartbeat=0.05)
    yield made
    made.close()
