"""HTTP messages as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class HttpRequest(NamedTuple):
    """A request as it came in.

    ``path`` and ``query`` are raw (percent-encoded as the client sent them). ``headers`` have lower-case names,
    repeated ones joined by commas in their order. ``source_ip`` is the peer's address; ``secure``: it came over TLS.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    source_ip: str = "127.0.0.1"
    secure: bool = False


class HttpResponse(NamedTuple):
    """A response: status, headers, and the whole body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
