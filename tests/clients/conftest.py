"""Servers for the tests of a module, and a PostgreSQL database of a test's own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.clients.endpoint import Endpoint, running
from tests.storage import postgres


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A server with nothing in it."""
    with running(tmp_path_factory.mktemp("state"), "--ephemeral") as started:
        yield started


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server."""
    with postgres.a_server() as url:
        if url is None:
            pytest.skip(postgres.REASON)
        yield url


@pytest.fixture
def database_url(postgresql: str) -> Iterator[str]:
    """The URL of an empty database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield urlunsplit(urlsplit(postgresql)._replace(path=f"/{name}"))
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
