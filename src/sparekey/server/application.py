"""The web server's interface (ASGI) turned into requests and responses as values; nothing else knows it.

A request's body is read within bounds of size and time. What is quickly answered from memory or a local file is
answered at once; what may wait (a write for its disk, a read for a database elsewhere) waits in another thread.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from sparekey.errors import ServiceError, Throttling
from sparekey.wire.messages import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.server.gateway import Gateway
    from sparekey.server.settings import Limits
    from sparekey.wire.messages import HttpResponse

#: What ASGI calls a scope, a message, and the functions that give and take messages.
Scope = "dict[str, Any]"
Receive = "Callable[[], Awaitable[dict[str, Any]]]"
Send = "Callable[[dict[str, Any]], Awaitable[None]]"

#: Operations that read little and write nothing, by how their names begin.
_QUICK: Final = (b"Get", b"Describe", b"AssumeRole", b"DecodeAuthorizationMessage")
_SLOW: Final = (b"GetAccountAuthorizationDetails", b"GetServiceLastAccessed", b"GetCredentialReport")


class RequestEntityTooLarge(ServiceError):
    """A body larger than is read."""

    code = "RequestEntityTooLarge"
    status = 413


class RequestTimeout(ServiceError):
    """A body that did not come in time."""

    code = "RequestTimeout"
    status = 408


class Application:
    """Serves a gateway as an ASGI application."""

    def __init__(self, gateway: Gateway, limits: Limits, *, local: bool) -> None:
        """Keep to ``limits``; ``local``: reads do not leave the machine, and need no thread of their own."""
        self._gateway = gateway
        self._limits = limits
        self._local = local
        self._running = 0
        self._threads = ThreadPoolExecutor(limits.threads, "sparekey")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        self._running += 1
        try:
            response, close = await self._serve(scope, receive)
        except Gone:
            return
        finally:
            self._running -= 1
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        headers.append((b"content-length", b"%d" % len(response.body)))
        if close:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else response.body})

    async def _serve(self, scope: dict[str, Any], receive: Any) -> tuple[HttpResponse, bool]:
        """The answer to a request, and whether the connection is to be closed behind it."""
        request = _request(scope, b"")
        if self._running > self._limits.requests:
            return self._gateway.refuse(request, Throttling("Rate exceeded")), True
        try:
            request = request._replace(body=await self._body(request.headers, receive))
        except ServiceError as error:
            return self._gateway.refuse(request, error), True
        if self._local and is_quick(request):
            return self._gateway.respond(request), False
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._gateway.respond, request), False

    async def _body(self, headers: Mapping[str, str], receive: Any) -> bytes:
        """Read a request's body.

        Raises:
            RequestEntityTooLarge: it is larger than is read.
            RequestTimeout: it did not come in time.
            Gone: the client hung up.
        """
        most = self._limits.body
        told = headers.get("content-length", "")
        if told.isdigit() and (len(told) > 15 or int(told) > most):
            raise RequestEntityTooLarge(f"Request size is too large: the most is {most} bytes.")
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Gone
                    part = message.get("body", b"")
                    size += len(part)
                    if size > most:
                        raise RequestEntityTooLarge(f"Request size is too large: the most is {most} bytes.")
                    if part:
                        parts.append(part)
                    if not message.get("more_body"):
                        return parts[0] if len(parts) == 1 else b"".join(parts)
        except TimeoutError:
            raise RequestTimeout("Your socket connection to the server was not read from in time.") from None

    def close(self) -> None:
        """Wait for what runs in threads."""
        self._threads.shutdown()


class Gone(Exception):
    """The client hung up before its request was whole."""


def is_quick(request: HttpRequest) -> bool:
    """Whether a request is for an operation that is known to be answered quickly."""
    target = request.headers.get("x-amz-target")
    if target is not None:
        name = target.rpartition(".")[2].encode("utf-8", "replace")
    else:
        body = request.body or request.query.encode("utf-8", "replace")
        at = body.find(b"Action=")
        name = body[at + 7 : at + 57] if at == 0 or body[at - 1 : at] == b"&" else b""
    return name.startswith(_QUICK) and not name.startswith(_SLOW)


def _request(scope: dict[str, Any], body: bytes) -> HttpRequest:
    """The request of an ASGI scope: path, query and header values with every byte as it came."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name = _text(raw_name)
        value = _text(raw_value).strip(" \t")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    client = scope.get("client")
    return HttpRequest(
        scope["method"],
        _text(scope.get("raw_path") or scope["path"].encode()),
        _text(scope["query_string"]),
        headers,
        body,
        client[0] if client else "",
        scope["scheme"] == "https",
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
