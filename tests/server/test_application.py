"""What clients do to a web server: many at once, slowly, and too much."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sparekey.server.application import Application, _request, is_quick
from sparekey.server.settings import Limits
from sparekey.wire.messages import HttpRequest, HttpResponse
from tests.server.certificate import certificate
from tests.server.web import Web, read_all, web

LIMITS = Limits(body=10_000, headers=16_384, header_seconds=0.4, body_seconds=0.4)
HEALTH = b"GET /_sparekey/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web(tmp_path_factory.mktemp("state"), LIMITS) as running:
        yield running


def head(*lines: str) -> bytes:
    return "\r\n".join(("POST / HTTP/1.1", "Host: localhost", *lines, "", "")).encode()


def test_stock_clients_are_served(server: Web) -> None:
    assert server.client("sts").get_caller_identity()["Account"] == "123456789012"
    iam = server.client("iam")
    assert iam.create_user(UserName="ann", Path="/a/b/")["User"]["Path"] == "/a/b/"
    assert [user["UserName"] for user in iam.list_users(PathPrefix="/a/")["Users"]] == ["ann"]
    organizations = server.client("organizations")
    with pytest.raises(organizations.exceptions.AWSOrganizationsNotInUseException):
        organizations.describe_organization()


def test_many_clients_are_served_at_once(server: Web) -> None:
    def call(number: int) -> str:
        return str(server.client("iam").create_user(UserName=f"user{number}")["User"]["UserName"])

    server.client("iam")  # its model is read once
    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(call, range(24))) == sorted(f"user{number}" for number in range(24))
    with pytest.raises(Exception, match="EntityAlreadyExists"):
        call(0)


def test_a_body_that_is_told_to_be_too_large_is_not_read(server: Web) -> None:
    answer = server.send(head("Content-Length: 10001", "Content-Type: application/x-amz-json-1.1"))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"RequestEntityTooLarge" in answer
    assert b"the most is 10000 bytes" in answer


def test_a_body_that_grows_too_large_is_not_read_to_its_end(server: Web) -> None:
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    answer = server.send(head("Transfer-Encoding: chunked") + chunk * 3)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_within_bounds_is_read_in_pieces(server: Web) -> None:
    with server.connect() as connection:
        connection.sendall(head("Transfer-Encoding: chunked", "Connection: close") + b"3\r\nAct\r\n")
        connection.sendall(b"8\r\nion=Nope\r\n0\r\n\r\n")
        answer = read_all(connection)
    assert b"Could not find operation Nope" in answer


def test_a_client_that_sends_its_body_slowly_is_told_so(server: Web) -> None:
    answer = server.send(head("Content-Length: 100") + b"Action=")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"RequestTimeout" in answer


def test_a_client_that_sends_its_headers_slowly_is_hung_up_on(server: Web) -> None:
    assert server.send(b"POST / HTTP/1.1\r\nHost: localhost\r\n") == b""


def test_a_connection_that_says_nothing_more_is_hung_up_on(server: Web) -> None:
    answer = server.send(HEALTH.replace(b"Connection: close\r\n", b""))
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_headers_that_are_too_large_are_refused(server: Web) -> None:
    answer = server.send(head(f"X-Large: {'x' * 20_000}", "Content-Length: 0"))
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_slow_clients_do_not_stop_others(server: Web) -> None:
    with contextlib.ExitStack() as slow:
        for _ in range(60):
            connection = slow.enter_context(server.connect())
            connection.sendall(head("Content-Length: 100") + b"Action=")
        assert server.send(HEALTH).startswith(b"HTTP/1.1 200 ")
        assert server.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_a_client_that_hangs_up_is_forgotten(server: Web) -> None:
    with server.connect() as connection:
        connection.sendall(head("Content-Length: 100") + b"Action=")
        connection.shutdown(socket.SHUT_RDWR)
    assert server.send(HEALTH).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"POST / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: \xff\xfe\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"POST /\xff?\xff=%ff HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\nAction=Li",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nAc",
    ],
)
def test_what_is_no_request_of_ours_is_answered_with_an_error(server: Web, raw: bytes) -> None:
    answer = server.send(raw)
    assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), answer
    assert b"InternalFailure" not in answer


class Blocking:
    """A gateway that answers when it is let."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.let = threading.Event()

    def respond(self, request: HttpRequest) -> HttpResponse:
        self.started.release()
        assert self.let.wait(10)
        return HttpResponse(200, (("X-Body", str(len(request.body))),), b"done")

    def refuse(self, _: HttpRequest, error: Exception) -> HttpResponse:
        return HttpResponse(400, (), type(error).__name__.encode())


def scope(**more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [],
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        **more,
    }


async def call(application: Application, *messages: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    waiting = list(messages) or [{"type": "http.request", "body": b"Action=CreateUser"}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope(**more), receive, send)
    return sent


def test_more_requests_than_are_served_at_once_are_told_to_come_again() -> None:
    gateway = Blocking()
    application = Application(gateway, Limits(requests=2, threads=2), local=True)  # type: ignore[arg-type]  # stands in

    async def run() -> list[bytes]:
        first = [asyncio.create_task(call(application)) for _ in range(2)]
        for _ in first:
            await asyncio.to_thread(gateway.started.acquire, timeout=10)
        refused = await call(application)
        gateway.let.set()
        answers = [refused, *await asyncio.gather(*first)]
        return [answer[1]["body"] for answer in answers]

    assert asyncio.run(run()) == [b"Throttling", b"done", b"done"]
    application.close()


def test_bodies_that_are_too_large_together_are_told_to_come_again() -> None:
    gateway = Blocking()
    application = Application(gateway, Limits(bodies=10), local=True)  # type: ignore[arg-type]  # stands in
    answer = asyncio.run(call(application, {"type": "http.request", "body": b"x" * 11, "more_body": True}))
    assert answer[1]["body"] == b"Throttling"
    assert (b"connection", b"close") in answer[0]["headers"]
    assert application._held == 0
    application.close()


def test_a_body_that_ends_too_early_is_told_so() -> None:
    application = Application(Blocking(), Limits(), local=True)  # type: ignore[arg-type]  # stands in
    start, body = asyncio.run(call(application, {"type": "http.disconnect"}))
    assert (start["status"], body["body"]) == (400, b"MalformedHttpRequestException")
    assert (b"connection", b"close") in start["headers"]
    application.close()


def test_what_is_no_request_gets_no_answer() -> None:
    application = Application(Blocking(), Limits(), local=True)  # type: ignore[arg-type]  # stands in
    assert asyncio.run(call(application, type="lifespan")) == []
    application.close()


def test_an_answer_to_head_has_no_body() -> None:
    gateway = Blocking()
    gateway.let.set()
    application = Application(gateway, Limits(), local=False)  # type: ignore[arg-type]  # stands in
    start, body = asyncio.run(call(application, {"type": "http.request"}, method="HEAD"))
    assert (b"content-length", b"4") in start["headers"]
    assert body["body"] == b""
    application.close()


def test_every_byte_of_a_request_is_kept() -> None:
    made = _request(
        scope(
            raw_path=b"/a%2Fb//%20\xff",
            query_string=b"x=%20+\xc3\xa9",
            headers=[(b"x-two", b" a  b"), (b"x-two", b"c\t"), (b"x_two", b"d"), (b"x-hi", b"\xc3\xa9\xff")],
            scheme="https",
        )
    )
    assert made.path.encode("utf-8", "surrogateescape") == b"/a%2Fb//%20\xff"
    assert made.query == "x=%20+é"
    assert made.headers == {"x-two": "a  b,c", "x_two": "d", "x-hi": "é\udcff"}
    assert (made.secure, made.source_ip) == (True, "127.0.0.1")
    assert _request(scope(client=None)).source_ip == ""


@pytest.mark.parametrize(
    ("body", "target", "quick"),
    [
        (b"Action=GetUser&Version=1", None, True),
        (b"Version=1&Action=GetCallerIdentity", None, True),
        (b"Version=1&XAction=GetUser", None, False),
        (b"Action=CreateUser&x=&Action=GetUser", None, False),
        (b"Action=GetAccountAuthorizationDetails", None, False),
        (b"Action=ListUsers", None, False),
        (b"Action=AssumeRoleWithSAML&x=", None, False),
        (b"Action=GetUser&x=" + b"y" * 65_536, None, False),
        (b"{}", "AWSOrganizationsV20161128.DescribeAccount", True),
        (b"{}", "AWSOrganizationsV20161128.CreateAccount", False),
        (b"", None, False),
    ],
)
def test_what_is_answered_at_once_is_known_by_its_name(body: bytes, target: str | None, *, quick: bool) -> None:
    headers = {"x-amz-target": target} if target else {}
    assert is_quick(HttpRequest("POST", "/", "", headers, body)) is quick


def test_a_query_string_may_name_the_operation() -> None:
    assert is_quick(HttpRequest("GET", "/", "Action=GetCallerIdentity", {}, b""))


def test_clients_are_served_over_tls(tmp_path: Path) -> None:
    chain, key = certificate(tmp_path)
    with web(tmp_path / "state", tls_certificate=chain, tls_key=key) as server:
        assert server.settings.endpoint.startswith("https://")
        assert server.client("sts", verify=chain).get_caller_identity()["Account"] == "123456789012"
        iam = server.client("iam", verify=chain)
        iam.create_user(UserName="ann")
        only_over_tls = {"Effect": "Deny", "Action": "*", "Resource": "*"}
        only_over_tls["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}  # type: ignore[assignment]  # plain
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [only_over_tls, allow]})
        iam.put_user_policy(UserName="ann", PolicyName="tls", PolicyDocument=document)
        made = iam.create_access_key(UserName="ann")["AccessKey"]
        ann = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
        assert server.client("iam", verify=chain, **ann).get_user()["User"]["UserName"] == "ann"
        assert b"HTTP" not in server.send(HEALTH)  # not in the clear


def test_reset_and_clock_work_over_http(tmp_path: Path) -> None:
    with web(tmp_path) as server:
        server.client("iam").create_user(UserName="ann")
        assert server.send(HEALTH.replace(b"GET /_sparekey/health", b"POST /_sparekey/reset")).startswith(
            b"HTTP/1.1 200 "
        )
        assert server.client("iam").list_users()["Users"] == []
        answer = server.send(HEALTH)
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["storage"] == "memory"
