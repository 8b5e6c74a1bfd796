"""A gateway on a cloud in memory, and requests signed by its principals."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from sparekey.clock import FixedClock, MovableClock
from sparekey.cloud import SERVICES, Cloud
from sparekey.server.control import Control
from sparekey.server.gateway import Gateway
from sparekey.storage.memory import MemoryStore
from sparekey.storage.sealing import RootSealer
from sparekey.wire.messages import HttpRequest, HttpResponse
from tests.wire.signed import signed

ACCOUNT = "123456789012"
KEY = ("AKIAROOTROOTROOTROOT", "root/secret+key")
FORM = "application/x-www-form-urlencoded; charset=utf-8"
START = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Answer:
    """A response, read."""

    response: HttpResponse

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def json(self) -> Any:
        return json.loads(self.response.body)

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.response.headers}

    def text(self, tag: str) -> str:
        """The text of the first element of that name in an XML answer."""
        for element in ET.fromstring(self.response.body).iter():  # noqa: S314 - our own answer
            if element.tag.rpartition("}")[2] == tag:
                return element.text or ""
        raise AssertionError(f"no <{tag}> in {self.response.body!r}")

    @property
    def error(self) -> tuple[int, str, str]:
        """Status, code and message of an error, of either protocol."""
        if self.response.body.startswith(b"<"):
            return self.status, self.text("Code"), self.text("Message")
        told = self.json
        return self.status, told["__type"], told.get("message", told.get("Message", ""))


class Served:
    """A gateway, and short ways to call it."""

    def __init__(self, *, unsafe: bool = False, ephemeral: bool = True, host: str | None = "127.0.0.1") -> None:
        self.base_clock = FixedClock(START)
        self.store = MemoryStore()
        self.sealer = RootSealer(bytes(32))
        self.count = 0
        clock = MovableClock(self.base_clock)
        self.cloud = Cloud(self.store, sealer=self.sealer, clock=clock, entropy=self.entropy)
        self.cloud.open_account(ACCOUNT, KEY)
        control = Control(
            self.cloud,
            version="1.2.3",
            services=SERVICES,
            storage="memory",
            host=host,
            account=ACCOUNT,
            base_clock=self.base_clock if ephemeral else None,
            root_key=KEY if ephemeral else None,
        )
        self.gateway = Gateway(self.cloud, control=control, account=ACCOUNT, unsafe_accept_any_credentials=unsafe)

    def entropy(self, size: int) -> bytes:
        self.count += 1
        return self.count.to_bytes(size, "big") if size > 4 else bytes(size)

    def send(self, request: HttpRequest) -> Answer:
        return Answer(self.gateway.respond(request))

    def query(
        self,
        body: str,
        *,
        service: str = "iam",
        key: tuple[str, ...] = KEY,
        change: Callable[[HttpRequest], HttpRequest] | None = None,
        **how: Any,
    ) -> Answer:
        """A signed call of a Query service."""
        version = {"iam": "2010-05-08", "sts": "2011-06-15"}[service]
        text = f"{body}&Version={version}".encode()
        token = key[2] if len(key) > 2 else None
        at = how.pop("at", START)
        request = signed(
            headers={"Content-Type": FORM, **how.pop("headers", {})},
            body=text,
            service=service,
            key_id=key[0],
            secret=key[1],
            token=token,
            at=at,
            **how,
        )
        return self.send(change(request) if change else request)

    def json(self, target: str, body: object, *, service: str, key: tuple[str, ...] = KEY, **how: Any) -> Answer:
        """A signed call of a JSON service."""
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send(
            signed(headers=headers, body=text, service=service, key_id=key[0], secret=key[1], at=START, **how)
        )

    def new_user(self, name: str) -> tuple[str, str]:
        """A user with an access key."""
        assert self.query(f"Action=CreateUser&UserName={name}").status == 200
        made = self.query(f"Action=CreateAccessKey&UserName={name}")
        return made.text("AccessKeyId"), made.text("SecretAccessKey")

    def page(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """A request to one of our own pages."""
        return self.send(HttpRequest(method, path, "", {"host": "localhost:4566", **headers}, body))


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)
