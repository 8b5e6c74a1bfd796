"""A server process, or several: the cloud on its store, the gateway on the cloud, the web server around it."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sparekey.errors import InputError
from sparekey.server.application import Application
from sparekey.server.control import Control
from sparekey.server.gateway import Gateway
from sparekey.server.state import open_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparekey.server.settings import Settings
    from sparekey.server.state import State

#: How often a worker looks whether the process that started it is still there, in seconds.
_LOOK: Final = 0.5
#: When the garbage collector looks for cycles: seldom. Serving a call makes none, and what is in memory is much.
_COLLECT: Final = (50_000, 20, 100)


def serve(settings: Settings, state: State, listening: Callable[[], None]) -> None:
    """Serve until told to stop (SIGINT, SIGTERM); ``listening`` is called when requests are taken.

    ``state`` is used by a single process, and closed behind it; several open it each for themselves.
    """
    if settings.workers > 1:
        state.close()
        _serve_processes(settings, listening)
    else:
        import asyncio

        try:
            asyncio.run(_serve_here(settings, state, listening))
        finally:
            state.close()


def application_of(settings: Settings, state: State) -> Application:
    """The application that serves a state."""
    from sparekey import __version__
    from sparekey.cloud import SERVICES

    control = Control(
        state.cloud,
        version=__version__,
        services=SERVICES,
        storage=state.storage,
        host=settings.host if settings.loopback else None,
        account=settings.account,
        base_clock=state.base_clock,
        root_key=state.root_key if settings.ephemeral else None,
    )
    gateway = Gateway(
        state.cloud,
        control=control,
        account=settings.account,
        unsafe_accept_any_credentials=settings.unsafe_accept_any_credentials,
    )
    return Application(gateway, settings.limits, local=settings.database is None)


async def _serve_here(settings: Settings, state: State, listening: Callable[[], None]) -> None:
    """Serve in this process."""
    import asyncio

    from granian.server.embed import Server

    _prepare_process()
    application = application_of(settings, state)
    server = Server(target=application, **_options(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    serving = asyncio.ensure_future(server.serve())
    try:
        await asyncio.to_thread(_wait_until_it_listens, settings)
        listening()
        await asyncio.to_thread(_warm_up)
        await serving
    finally:
        application.close()


def _serve_processes(settings: Settings, listening: Callable[[], None]) -> None:
    """Serve in processes of their own, and end with them."""
    from granian.constants import Loops
    from granian.server import Server

    # uvloop, taken if it is installed, loses signals that come before it runs
    processes: dict[str, Any] = {"workers": settings.workers, "workers_kill_timeout": 30, "loop": Loops.asyncio}
    server = Server(target="sparekey", **processes, **_options(settings))

    def announce() -> None:
        _wait_until_it_listens(settings)
        listening()

    # until a new process has handlers of its own, it has those of this one, which would not end it
    os.register_at_fork(after_in_child=_let_signals_end_us)
    threading.Thread(target=announce, daemon=True).start()
    server.serve(target_loader=partial(_worker_application, settings, os.getpid()), wrap_loader=False)


def _let_signals_end_us() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _worker_application(settings: Settings, parent: int) -> Application:
    """The application of a worker process; the process ends when the one that started it does."""
    from multiprocessing.util import Finalize

    _prepare_process()
    state = open_state(settings)
    application = application_of(settings, state)
    Finalize(None, state.close, exitpriority=10)
    Finalize(None, application.close, exitpriority=20)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    threading.Thread(target=_warm_up, daemon=True).start()
    return application


def _warm_up() -> None:
    """Import what every service's first call needs, before it comes."""
    from sparekey.cloud import SERVICES, operations_of
    from sparekey.wire import operation_names

    for service in SERVICES:
        operations_of(service)
        operation_names(service)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os.kill(os.getpid(), signal.SIGTERM)


def _prepare_process() -> None:
    """Faults of ours go to standard error, with their place."""
    log = logging.getLogger("sparekey")
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.propagate = False
    gc.freeze()
    gc.set_threshold(*_COLLECT)
    gc.enable()


def _options(settings: Settings) -> dict[str, Any]:
    """What the web server is told."""
    from pathlib import Path

    from granian.constants import HTTPModes, Interfaces, SSLProtocols
    from granian.http import HTTP1Settings

    limits = settings.limits
    return {
        "address": settings.host,
        "port": settings.port,
        "interface": Interfaces.ASGINL,
        "http": HTTPModes.http1,
        "websockets": False,
        "backlog": max(128, limits.connections),
        "backpressure": limits.connections,
        "http1_settings": HTTP1Settings(
            header_read_timeout=int(limits.header_seconds * 1000), max_buffer_size=limits.headers
        ),
        "log_enabled": False,
        "ssl_cert": Path(settings.tls_certificate) if settings.tls_certificate else None,
        "ssl_key": Path(settings.tls_key) if settings.tls_key else None,
        "ssl_protocol_min": SSLProtocols.tls12,
    }


def _wait_until_it_listens(settings: Settings) -> None:
    """Return when connections are taken, or after ten seconds: the web server has said why not."""
    import socket

    for _ in range(2000):
        try:
            socket.create_connection((settings.reached_at, settings.port), timeout=1).close()
        except OSError:
            time.sleep(0.005)
        else:
            return
    raise InputError(f"nothing listens on port {settings.port}")
