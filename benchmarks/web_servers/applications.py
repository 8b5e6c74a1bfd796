"""The same application for every interface: read the body, compute for about 100 µs, answer 200 bytes.

``wait`` in the path makes it wait 2 ms as well, as a write waits for its disk, with the interpreter's lock released.
"""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_DOCUMENT = json.dumps({"Statement": [{"Sid": f"S{n}", "Action": ["kms:Decrypt"] * 3} for n in range(12)]})
_ANSWER = b"x" * 200
_HEADERS = [("content-type", "text/xml"), ("content-length", "200")]
_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in _HEADERS]
_THREADS = ThreadPoolExecutor(16)

Receive = "Callable[[], Awaitable[dict[str, Any]]]"
Send = "Callable[[dict[str, Any]], Awaitable[None]]"


def _respond(path: str) -> bytes:
    for _ in range(18):
        json.loads(_DOCUMENT)
    if path == "/wait":
        time.sleep(0.002)
    return _ANSWER


def wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """As WSGI: the server calls it in a thread of its own."""
    environ["wsgi.input"].read()
    answer = _respond(environ["PATH_INFO"])
    start_response("200 OK", _HEADERS)
    return [answer]


async def _answer(scope: dict[str, Any], receive: Any, send: Any, *, threads: bool) -> None:
    while (await receive()).get("more_body"):
        pass
    path = scope["path"]
    if threads:
        body = await asyncio.get_running_loop().run_in_executor(_THREADS, _respond, path)
    else:
        body = _respond(path)
    await send({"type": "http.response.start", "status": 200, "headers": _RAW_HEADERS})
    await send({"type": "http.response.body", "body": body})


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """As ASGI, in the event loop's thread unless it waits."""
    if scope["type"] == "http":
        await _answer(scope, receive, send, threads=scope["path"] == "/wait")


async def asgi_threads(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """As ASGI, always in another thread."""
    if scope["type"] == "http":
        await _answer(scope, receive, send, threads=True)
