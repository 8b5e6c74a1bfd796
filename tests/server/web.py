"""A web server around a gateway, on a free port of loopback, in a thread of the tests' process."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from granian.server.embed import Server

from sparekey.cli.serve import _claim_port
from sparekey.server.application import Application
from sparekey.server.settings import Limits, Settings
from sparekey.server.state import State, open_state
from sparekey.server.worker import _options, _wait_until_it_listens, application_of


@dataclass
class Web:
    """A running web server."""

    settings: Settings
    state: State
    application: Application

    @property
    def port(self) -> int:
        return self.settings.port

    def connect(self) -> socket.socket:
        """A connection that gives up after ten seconds."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def send(self, raw: bytes) -> bytes:
        """Everything that comes back for these bytes, until the server hangs up."""
        with self.connect() as connection:
            connection.sendall(raw)
            return read_all(connection)

    def client(self, service: str, **how: Any) -> Any:
        """A boto3 client of the root user."""
        import boto3
        from botocore.config import Config

        key_id, secret = self.state.root_key
        options = {
            "endpoint_url": self.settings.endpoint,
            "region_name": "eu-central-1",
            "aws_access_key_id": key_id,
            "aws_secret_access_key": secret,
            "config": Config(retries={"max_attempts": 0}, connect_timeout=10, read_timeout=10),
        }
        return boto3.client(service, **{**options, **how})


def read_all(connection: socket.socket) -> bytes:
    """What comes until the server hangs up."""
    parts = []
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


@contextmanager
def web(folder: Path, limits: Limits | None = None, **how: Any) -> Iterator[Web]:
    """A server with these limits and settings for the length of a block."""
    port = _claim_port("127.0.0.1", 0)
    settings = Settings(state=str(folder), port=port, limits=limits or Limits(), **{"ephemeral": True, **how})
    state = open_state(settings)
    application = application_of(settings, state)
    loops: list[tuple[asyncio.AbstractEventLoop, Server]] = []

    async def serve() -> None:
        server = Server(target=application, **_options(settings))
        loops.append((asyncio.get_running_loop(), server))
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        _wait_until_it_listens(settings)
        yield Web(settings, state, application)
    finally:
        loop, server = loops[0]
        loop.call_soon_threadsafe(server.stop)
        thread.join(20)
        application.close()
        state.close()
        assert not thread.is_alive()
