"""A PostgreSQL server for tests: the one that is given, or a private one that is started and stopped."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

#: Where a server is, if one is there to be used: ``postgresql://user:password@host/database``.
GIVEN = "SPAREKEY_TEST_POSTGRESQL"

REASON = f"neither {GIVEN} nor PostgreSQL's initdb and pg_ctl are there"


def find_binaries() -> Path | None:
    """The folder of PostgreSQL's programs."""
    folders = [Path(each) for each in os.environ.get("PATH", "").split(os.pathsep)]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((each for each in folders if (each / "initdb").exists() and (each / "pg_ctl").exists()), None)


class Server:
    """A private server in a folder of its own, on a Unix socket there."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="sparekey-pg-"))
        self._user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        if self._user:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C")
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self._folder}"

    def start(self) -> None:
        options = f"-k {self._folder} -c listen_addresses='' -c max_connections=200"
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self._folder}/log", f"--options={options}")

    def stop(self) -> None:
        """Stop as in a crash: without writing anything out."""
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode=immediate")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *arguments, f"--pgdata={self._folder / 'data'}"],
            check=True,
            user=self._user,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
        )


@contextmanager
def a_server(environment: Mapping[str, str] = os.environ) -> Iterator[str | None]:
    """The URL of a server to test with, for one block; ``None`` if there is none."""
    if url := environment.get(GIVEN):
        yield url
        return
    if (binaries := find_binaries()) is None:
        yield None
        return
    server = Server(binaries)
    try:
        yield server.url
    finally:
        server.remove()


def drop(url: str, schema: str) -> None:
    """Remove a schema that a test made."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())
