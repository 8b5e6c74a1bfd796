"""The pages of our own, below ``/_sparekey/``: the server's health, and for tests a way to wipe and to move time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sparekey.clock import MovableClock
from sparekey.services.directory.providers import published_keys
from sparekey.storage.interface import StoreUnavailable
from sparekey.wire.messages import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.clock import Clock
    from sparekey.cloud import Cloud
    from sparekey.wire.messages import HttpRequest

#: Below it, by account id, is the key set that checks tokens of ``sts:GetWebIdentityToken``.
_ISSUER_KEYS: Final = "/_sparekey/jwks/"


class Refused(Exception):
    """A request to one of our pages that is not served: the status, and a sentence that says why."""

    def __init__(self, status: int, message: str) -> None:
        """Take both."""
        super().__init__(message)
        self.status = status
        self.message = message


class Control:
    """Serves our own pages."""

    def __init__(
        self,
        cloud: Cloud,
        *,
        version: str,
        services: tuple[str, ...],
        storage: str,
        host: str | None,
        account: str,
        base_clock: Clock | None = None,
        root_key: tuple[str, str] | None = None,
    ) -> None:
        """Tell ``version``, ``services`` and ``storage``.

        ``host`` is what the server listens on; ``None`` if it is reached under any name. ``base_clock`` and
        ``root_key`` are given for an ephemeral server only.
        """
        self._cloud = cloud
        self._told = {"status": "ok", "version": version, "services": list(services), "storage": storage}
        self._host = host
        self._account = account
        self._base_clock = base_clock
        self._root_key = root_key

    def respond(self, request: HttpRequest) -> HttpResponse:
        """Answer in JSON."""
        try:
            if request.method != "GET":
                self._check_origin(request)
            return _answer(200, self._page(request))
        except Refused as refused:
            return _answer(refused.status, {"error": refused.message})

    def _page(self, request: HttpRequest) -> Mapping[str, object]:
        match request.path, request.method:
            case "/_sparekey/health", "GET":
                self._check_store()
                return {**self._told, "ephemeral": self._root_key is not None}
            case "/_sparekey/reset", "POST":
                return self._reset()
            case "/_sparekey/clock", "POST":
                return self._move_clock(request)
            case path, "GET" if path.startswith(_ISSUER_KEYS):
                account = path.removeprefix(_ISSUER_KEYS)
                return self._cloud.store.read(lambda records: published_keys(records, account))
            case "/_sparekey/health" | "/_sparekey/reset" | "/_sparekey/clock", _:
                raise Refused(405, f"`{request.path}` does not take {request.method}")
            case _:
                raise Refused(404, f"there is no page `{request.path}`: health, reset, clock and jwks are there")

    def _check_origin(self, request: HttpRequest) -> None:
        """Refuse a page of another site in a browser: it may reach loopback, and make a name of its own mean it."""
        host = request.headers.get("host", "")
        name = (urlsplit(f"//{host}").hostname or "") if host.isprintable() and "@" not in host else ""
        if not self._is_ours(name):
            raise Refused(403, f"`{host}` is not a name of this server")
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            raise Refused(403, f"pages of `{origin}` may not call this server")

    def _is_ours(self, name: str) -> bool:
        if self._host is None or name in (self._host, "localhost") or name.endswith(".localhost"):
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True

    def _check_store(self) -> None:
        try:
            self._cloud.store.read(lambda _: None)
        except StoreUnavailable as error:
            raise Refused(503, f"the store is not available: {error}") from None

    def _reset(self) -> Mapping[str, object]:
        if self._root_key is None or self._base_clock is None:
            raise Refused(403, "only a server started with --ephemeral can be reset")
        self._cloud.store.wipe()
        self._cloud.open_account(self._account, self._root_key)
        self._cloud.move_clock(self._base_clock.now() - self._cloud.clock.now())
        return {"reset": True}

    def _move_clock(self, request: HttpRequest) -> Mapping[str, object]:
        if self._base_clock is None or not isinstance(self._cloud.clock, MovableClock):
            raise Refused(403, "only a server started with --ephemeral can move its clock")
        self._cloud.move_clock(self._by(request.body))
        return {"now": self._cloud.clock.now().isoformat()}

    def _by(self, body: bytes) -> timedelta:
        """By how much a request moves the clock."""
        wanted = 'send {"advance": SECONDS} or {"set": "2030-01-01T00:00:00Z"}'
        try:
            told = json.loads(body)
        except ValueError:
            raise Refused(400, f"the body is not JSON: {wanted}") from None
        now = self._cloud.clock.now()
        try:
            match told:
                case {"advance": int() | float() as seconds} if not isinstance(seconds, bool) and len(told) == 1:
                    by = timedelta(seconds=seconds)
                case {"set": str() as text} if len(told) == 1:
                    at = datetime.fromisoformat(text)
                    by = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
                case _:
                    raise Refused(400, wanted)
            _ = (now + by).astimezone(UTC) + timedelta(days=36600)  # sessions and keys must have a time to end, too
        except (ValueError, OverflowError):
            raise Refused(400, f"this is not a time the clock can show: {wanted}") from None
        return by


def _answer(status: int, told: Mapping[str, object]) -> HttpResponse:
    body = json.dumps(told).encode() + b"\n"
    headers = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))
    return HttpResponse(status, headers, body)
