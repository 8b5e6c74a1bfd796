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
    from collections.abc import Awaitable, Callable, Mapping

    from sparekey.server.gateway import Gateway
    from sparekey.server.settings import Limits
    from sparekey.wire.messages import HttpResponse

    #: What ASGI calls a scope or a message, and the functions that give and take messages.
    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

#: Operations that read little and write nothing, by how their names begin.
_QUICK: Final = (b"Get", b"Describe", b"AssumeRole", b"DecodeAuthorizationMessage")
_SLOW: Final = (
    *(b"GetAccountAuthorizationDetails", b"GetServiceLastAccessed", b"GetCredentialReport"),
    *(b"GetContextKeysFor", b"AssumeRoleWithSAML"),
)
#: A larger body takes its time, whatever it asks for.
_SMALL: Final = 64 * 1024


class RequestEntityTooLarge(ServiceError):
    """A body larger than is read."""

    code = "RequestEntityTooLarge"
    status = 413


class RequestTimeout(ServiceError):
    """A body that did not come in time."""

    code = "RequestTimeout"
    status = 408


class MalformedHttpRequestException(ServiceError):
    """A body that ended before it was whole, or whose chunks are none."""


class Deadlines:
    """Ends tasks that take too long. They are looked at together: a timer for each would cost more than the task."""

    def __init__(self, seconds: float) -> None:
        """Let tasks take ``seconds``, and up to a quarter more."""
        self._seconds = seconds
        self._begun: dict[asyncio.Task[object], float] = {}
        self._late: set[asyncio.Task[object]] = set()
        self._looking = False

    def begin(self) -> asyncio.Task[object]:
        """The running task, whose time begins now."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs is run by a task
        loop = task.get_loop()
        self._begun[task] = loop.time()
        if not self._looking:
            self._looking = True
            loop.call_later(self._seconds / 4, self._look, loop)
        return task

    def end(self, task: asyncio.Task[object]) -> None:
        """The task is done with what its time was for."""
        del self._begun[task]

    def cancelled(self, task: asyncio.Task[object]) -> bool:
        """Whether the task was cancelled for its time, and by nobody else; it may then go on."""
        if task not in self._late:
            return False
        self._late.remove(task)
        return task.uncancel() == 0

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task, begun in self._begun.items():
            if now - begun >= self._seconds and task not in self._late:
                self._late.add(task)
                task.cancel()
        self._looking = bool(self._begun)
        if self._looking:
            loop.call_later(self._seconds / 4, self._look, loop)


class Application:
    """Serves a gateway as an ASGI application."""

    def __init__(self, gateway: Gateway, limits: Limits, *, local: bool) -> None:
        """Keep to ``limits``; ``local``: reads do not leave the machine, and need no thread of their own."""
        self._gateway = gateway
        self._limits = limits
        self._local = local
        self._running = 0
        self._held = 0
        self._late = Deadlines(limits.body_seconds)
        self._threads = ThreadPoolExecutor(limits.threads, "sparekey")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        response, close = await self._serve(_request(scope), receive)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        headers.append((b"content-length", b"%d" % len(response.body)))
        if close:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else response.body})

    async def _serve(self, request: HttpRequest, receive: Receive) -> tuple[HttpResponse, bool]:
        """The answer to a request whose body is still to come, and whether the connection is to be closed behind it."""
        try:
            request = request._replace(body=await self._body(request.headers, receive))
        except ServiceError as error:
            return self._gateway.refuse(request, error), True
        if self._running >= self._limits.requests:
            return self._gateway.refuse(request, Throttling("Rate exceeded")), False
        if self._local and is_quick(request):
            return self._gateway.respond(request), False
        self._running += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._gateway.respond, request), False
        finally:
            self._running -= 1

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        """Read a request's body.

        Raises:
            RequestEntityTooLarge: it is larger than is read.
            RequestTimeout: it did not come in time.
            Throttling: all bodies that are coming in are too large together.
            MalformedHttpRequestException: it ended before it was whole; nobody may be there any more to be told.
        """
        told = headers.get("content-length", "")
        if told.isascii() and told.isdigit() and (len(told) > 15 or int(told) > self._limits.body):
            raise self._too_large()
        parts: list[bytes] = []
        size = 0
        task = self._late.begin()
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise MalformedHttpRequestException("The request's body is incomplete.")
                part = message.get("body", b"")
                if part:
                    size += len(part)
                    self._held += len(part)
                    self._check_size(size)
                    parts.append(part)
                if not message.get("more_body"):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
        except asyncio.CancelledError:
            if not self._late.cancelled(task):
                raise
            raise RequestTimeout("Your socket connection to the server was not read from in time.") from None
        finally:
            self._late.end(task)
            self._held -= size

    def _check_size(self, size: int) -> None:
        if size > self._limits.body:
            raise self._too_large()
        if self._held > self._limits.bodies:
            raise Throttling("Rate exceeded")

    def _too_large(self) -> RequestEntityTooLarge:
        return RequestEntityTooLarge(f"Request size is too large: the most is {self._limits.body} bytes.")

    def close(self) -> None:
        """Wait for what runs in threads."""
        self._threads.shutdown()


def is_quick(request: HttpRequest) -> bool:
    """Whether a request is for an operation that is known to be answered quickly."""
    if len(request.body) > _SMALL:
        return False
    target = request.headers.get("x-amz-target")
    if target is not None:
        name = target.rpartition(".")[2].encode("utf-8", "replace")
    else:
        body = request.body or request.query.encode("utf-8", "replace")
        at = body.find(b"Action=")
        name = body[at + 7 : at + 57] if at == 0 or body[at - 1 : at] == b"&" else b""
    return name.startswith(_QUICK) and not name.startswith(_SLOW)


def _request(scope: Message) -> HttpRequest:
    """The request of an ASGI scope, without its body: path, query and headers with every byte as it came."""
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
        b"",
        client[0] if client else "",
        scope["scheme"] == "https",
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
