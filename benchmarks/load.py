"""A load client: raw requests over keep-alive connections from one thread, with the time of each answer.

Nothing is parsed but the status and the length of an answer, so that the client costs less than what it measures.
"""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of requests came to: answers a second, the times of answers in seconds, and how many were not 200."""

    rate: float
    times: tuple[float, ...]
    refused: int

    def percentile(self, share: float) -> float:
        """The time within which this share of the answers came."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def __str__(self) -> str:
        """Rate, middle and slow answers, in one line."""
        p50, p99 = self.percentile(0.5) * 1e3, self.percentile(0.99) * 1e3
        told = f"  {self.refused} refused" if self.refused else ""
        return f"{self.rate:9,.0f}/s  p50 {p50:7.2f} ms  p99 {p99:7.2f} ms{told}"


class _Client:
    """One connection with at most one request under way, opened anew when the server closes it behind an answer."""

    def __init__(self, port: int, waiting: select.epoll, by_number: dict[int, _Client]) -> None:
        self.sent = 0.0
        self._port = port
        self._waiting = waiting
        self._by_number = by_number
        self._read = b""
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._by_number[self._socket.fileno()] = self
        self._waiting.register(self._socket, select.EPOLLIN)

    def close(self) -> None:
        self._waiting.unregister(self._socket)
        self._socket.close()

    def end(self) -> None:
        if self._socket.fileno() >= 0:
            self._socket.close()

    def send(self, request: bytes) -> None:
        self.sent = time.perf_counter()
        if self._socket.fileno() < 0:
            self._connect()
        self._socket.sendall(request)

    def receive(self) -> int | None:
        """Take what has come; the status of the answer if it is whole.

        Raises:
            ConnectionError: the server hung up amid an answer.
        """
        data = self._socket.recv(262_144)
        if not data:
            raise ConnectionError("the server closed a connection")
        self._read += data
        head = self._read.find(_END)
        if head < 0:
            return None
        lowered = self._read[:head].lower()
        at = lowered.find(_LENGTH)
        length = int(lowered[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._read) < head + len(_END) + length:
            return None
        status = int(self._read[9:12])
        self._read = b""
        if b"connection: close" in lowered:
            self.close()
        return status


def load(port: int, requests: Sequence[bytes], *, connections: int, count: int) -> Load:
    """Send ``count`` requests, taken in turn, over so many connections on loopback at once.

    Raises:
        ConnectionError: the server hung up.
        TimeoutError: it did not answer for half a minute.
    """
    waiting = select.epoll()
    by_number: dict[int, _Client] = {}
    clients = [_Client(port, waiting, by_number) for _ in range(min(connections, count))]
    times: list[float] = []
    refused = 0
    started = time.perf_counter()
    for given, client in enumerate(clients):
        client.send(requests[given % len(requests)])
    given = len(clients)
    while len(times) < count:
        ready = waiting.poll(30)
        if not ready:
            raise TimeoutError("the server does not answer")
        for number, _ in ready:
            client = by_number[number]
            status = client.receive()
            if status is None:
                continue
            times.append(time.perf_counter() - client.sent)
            refused += status != 200
            if given < count:
                client.send(requests[given % len(requests)])
                given += 1
    elapsed = time.perf_counter() - started
    for client in clients:
        client.end()
    waiting.close()
    return Load(count / elapsed, tuple(times), refused)


def raw(method: str, path: str, headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def wait_for(port: int, seconds: float = 20.0) -> float:
    """Wait until something listens on a port of loopback; the seconds it took.

    Raises:
        TimeoutError: nothing does.
    """
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.002)
        else:
            return time.perf_counter() - started
    raise TimeoutError(f"nothing listens on port {port}")


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
