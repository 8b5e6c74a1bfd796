from __future__ import annotations

import gc
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sparekey.cli.serve import _claim_port
from sparekey.errors import InputError
from sparekey.server import worker
from sparekey.server.application import Application
from sparekey.server.settings import Settings
from sparekey.server.state import open_state


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """A server changes when garbage is collected; tests after it must not see that."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_takes_requests_until_it_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    settings = Settings(state=str(tmp_path), port=_claim_port("127.0.0.1", 0))
    state = open_state(settings)

    def listening() -> None:
        socket.create_connection(("127.0.0.1", settings.port), timeout=10).close()
        os.kill(os.getpid(), number)

    worker.serve(settings, state, listening)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", settings.port), timeout=1)


def test_a_port_that_nothing_listens_on_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    port = _claim_port("127.0.0.1", 0)
    with pytest.raises(InputError, match=f"nothing listens on port {port}"):
        worker._wait_until_it_listens(Settings(state=str(tmp_path), port=port))


def test_several_processes_are_started_without_what_the_first_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(state=str(tmp_path), workers=2)
    state = open_state(settings)
    told: dict[str, Any] = {}

    class Server:
        def __init__(self, **options: Any) -> None:
            told.update(options)

        def serve(self, **options: Any) -> None:
            told.update(options)

    monkeypatch.setattr("granian.server.Server", Server)
    monkeypatch.setattr(worker, "_wait_until_it_listens", lambda _: None)
    monkeypatch.setattr(worker, "_end_with", lambda _: None)
    worker.serve(settings, state, lambda: None)
    assert (told["workers"], told["port"], told["wrap_loader"]) == (2, 4566, False)
    application = told["target_loader"].func(settings, os.getpid())
    assert isinstance(application, Application)


def test_a_worker_ends_with_the_process_that_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = iter([7, 7, 1])
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "getppid", lambda: next(parents))
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(os, "kill", lambda *which: killed.append(which))
    worker._end_with(7)
    assert killed == [(os.getpid(), signal.SIGTERM)]


def test_limits_and_certificates_reach_the_web_server(tmp_path: Path) -> None:
    options = worker._options(Settings(state=str(tmp_path), tls_certificate="a.pem", tls_key="b.pem"))
    assert (str(options["ssl_cert"]), str(options["ssl_key"])) == ("a.pem", "b.pem")
    assert options["http1_settings"].header_read_timeout == 60_000
    assert options["http1_settings"].max_buffer_size == 65_536
