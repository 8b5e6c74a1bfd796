from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sparekey.cli import _log_endpoint
from sparekey.cli._log_endpoint import Credentials, EndpointSource
from sparekey.cli._log_sources import Follower, Line, StoreSource
from sparekey.cli._log_text import text_of
from sparekey.cli.main import main
from sparekey.cloud import Circumstances, Cloud
from sparekey.errors import InputError, ServiceError
from sparekey.services.directory.record import RECORDS, CallOutcome, CallRecord, key_of
from sparekey.storage.interface import StoreUnavailable, Transaction
from sparekey.storage.memory import MemoryStore
from sparekey.storage.sealing import RootSealer
from sparekey.storage.sqlite import SqliteStore
from sparekey.wire.messages import HttpRequest
from sparekey.wire.sigv4 import read_signature, verify
from tests.services.account import ACCOUNT, START, Client, Drawn, TestAccount, allow, an_account, deny, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"


def seen(account: TestAccount) -> None:
    """A user is made, may do one thing, and is refused another."""
    ann = account.signed_in("ann", allow("iam:GetUser"))
    account.later(seconds=1)
    with refused("AccessDenied"):
        ann.iam.create_user(user_name="bob")
    account.later(seconds=1)
    with refused("NoSuchEntityException"):
        account.root.iam.get_user(user_name="nobody")


@pytest.fixture
def state(tmp_path: Path) -> str:
    """A folder with a state in which some calls were made."""
    account = an_account()
    store = SqliteStore(tmp_path / "sparekey.sqlite")
    cloud = Cloud(store, sealer=RootSealer(b"\x01" * 32), clock=account.clock, entropy=Drawn())
    kept = TestAccount(cloud, account.clock, account.root, ACCOUNT)
    kept.root = kept.with_key(cloud.open_account(ACCOUNT)[0])
    seen(kept)
    store.close()
    return str(tmp_path)


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["log", *arguments]) == 0
    return capsys.readouterr().out


def test_calls_are_shown_in_the_order_of_time(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(capsys, "--state", state).splitlines()
    shown = [line for line in lines if not line.startswith(" ")]
    users = f"arn:aws:iam::{ACCOUNT}:user"
    assert shown[-2:] == [
        f"2026-11-23T12:00:01Z  {ACCOUNT}  implicit deny  user/ann                  iam:CreateUser  {users}/bob",
        f"2026-11-23T12:00:02Z  {ACCOUNT}  allowed        root                      iam:GetUser  {users}/nobody",
    ]
    assert lines[-1] == "    NoSuchEntityException: The user with name nobody cannot be found."
    assert len(shown) == 5


def test_a_refused_call_says_what_to_change(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(capsys, "--state", state, "--denied").splitlines()
    assert lines[1] == "    no identity-based policy allows it"
    assert lines[-1] == (
        f"    hint: let an identity-based policy of `arn:aws:iam::{ACCOUNT}:user/ann` allow `iam:CreateUser` on "
        f"`arn:aws:iam::{ACCOUNT}:user/bob`"
    )
    assert sum(not line.startswith(" ") for line in lines) == 1


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        (["-n", "2"], 2),
        (["-n", "0"], 0),
        (["--principal", "ann"], 1),
        (["--principal", "user/*"], 1),
        (["--principal", f"arn:aws:iam::{ACCOUNT}:root"], 4),
        (["--operation", "CreateUser"], 2),
        (["--operation", "iam:Create*"], 3),
        (["--operation", "sts:*"], 0),
        (["--denied", "--principal", "root"], 0),
    ],
)
def test_what_is_shown_can_be_chosen(
    state: str, arguments: list[str], number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = output(capsys, "--state", state, "--json", *arguments)
    assert len(shown.splitlines()) == number


def test_a_call_is_a_json_object(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(output(capsys, "--state", state, "--json", "--denied"))
    assert told == {
        "time": "2026-11-23T12:00:01+00:00",
        "account": ACCOUNT,
        "region": "us-east-1",
        "principal": f"arn:aws:iam::{ACCOUNT}:user/ann",
        "action": "iam:CreateUser",
        "resource": f"arn:aws:iam::{ACCOUNT}:user/bob",
        "outcome": "implicit_deny",
        "event_id": told["event_id"],
        "operation": "iam:CreateUser",
        "policy_type": "identity-based policy",
        "nearest": (
            "statement 1 of inline policy `inline-0` of `user/ann`: its Action `iam:GetUser` does not cover "
            "`iam:CreateUser`"
        ),
        "error_code": "AccessDenied",
        "error_message": told["error_message"],
        "source_ip": "127.0.0.1",
        "request_id": "r-1",
    }


def test_where_there_is_no_state_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "--state", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith(f"sparekey: error: there is no state in `{tmp_path / 'none'}`\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-n", "-1"], "`-n -1` is less than nothing"),
        (["--endpoint", "http://127.0.0.1:1", "--state", "x"], "`--endpoint` does not go with `--state`"),
        (["--endpoint", "http://127.0.0.1:1"], "there are no credentials to sign with"),
    ],
)
def test_wrong_options_are_named(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    assert main(["log", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_an_endpoint_is_a_url(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert main(["log", "--endpoint", "localhost"]) == 2
    assert "`--endpoint localhost` is no URL" in capsys.readouterr().err


def test_a_database_is_read_by_its_url(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    opened: list[str] = []

    def store(url: str) -> MemoryStore:
        opened.append(url)
        return MemoryStore()

    monkeypatch.setattr("sparekey.storage.postgresql.PostgresqlStore", store)
    assert output(capsys, "--database", "postgresql://127.0.0.1/x") == ""
    assert opened == ["postgresql://127.0.0.1/x"]


def test_a_store_that_cannot_be_read_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()

    def read(_work: object) -> None:
        raise StoreUnavailable("it is locked")

    monkeypatch.setattr(store, "read", read)
    with pytest.raises(InputError, match="cannot read the state: it is locked"):
        StoreSource(store).newest(None, 1, everything)


def everything(_line: Line) -> bool:
    return True


def a_record(number: int, at: datetime = START, **members: str) -> CallRecord:
    told: dict[str, Any] = {"account": ACCOUNT, "region": "us-east-1", "outcome": CallOutcome.ALLOWED, **members}
    return CallRecord(event_id=f"e-{number}", time=at, service="iam", operation="GetUser", read_only=True, **told)


def keep(store: MemoryStore, *records: CallRecord) -> None:
    def work(transaction: Transaction) -> None:
        for each in records:
            transaction.put(RECORDS, key_of(each), each)

    store.write(work)


def test_following_shows_each_call_once_and_late_ones_too() -> None:
    store = MemoryStore()
    keep(store, a_record(1, START), a_record(2, START + timedelta(seconds=10)))
    follower = Follower(StoreSource(store), everything)
    assert [line.event_id for line in follower.begin(1)] == ["e-2"]
    assert follower.more() == []
    keep(
        store, a_record(3, START + timedelta(seconds=11), region="eu-west-1"), a_record(4, START + timedelta(seconds=9))
    )
    assert [line.event_id for line in follower.more()] == ["e-4", "e-3"]
    assert follower.more() == []


def test_following_begins_where_nothing_is_yet() -> None:
    store = MemoryStore()
    follower = Follower(StoreSource(store), lambda line: line.event_id != "e-2")
    assert follower.begin(0) == []
    keep(store, a_record(1), a_record(2))
    assert [line.event_id for line in follower.more()] == ["e-1"]


def test_many_records_are_looked_through() -> None:
    store = MemoryStore()
    keep(store, *(a_record(number, START + timedelta(seconds=number)) for number in range(1000)))
    found = StoreSource(store).newest(None, 3, lambda line: line.event_id.endswith("00"))
    assert [line.event_id for line in found] == ["e-700", "e-800", "e-900"]
    assert StoreSource(store).newest(None, 3, lambda line: line.event_id == "e-0")[0].event_id == "e-0"


def test_following_goes_on_until_it_is_interrupted(
    state: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("sparekey.cli.log.time.sleep", sleep)
    assert main(["log", "--state", state, "--follow", "-n", "1"]) == 130
    assert capsys.readouterr().out.count("\n") == 2


def a_line(**members: str) -> Line:
    told: dict[str, Any] = {
        "time": START,
        "account": ACCOUNT,
        "region": "us-east-1",
        "principal": f"arn:aws:iam::{ACCOUNT}:user/ann",
        "action": "iam:CreateUser",
        "resource": "*",
        "outcome": "allowed",
        "event_id": "e",
        "operation": "iam:CreateUser",
        **members,
    }
    return Line(**told)


def test_what_a_terminal_would_obey_is_escaped() -> None:
    shown = text_of(a_line(resource="arn:\x1b[2Jx", error_code="X", error_message="a\nb"))
    assert "\x1b" not in shown
    assert shown.count("\n") == 2
    assert "\\x1b[2Jx" in shown


@pytest.mark.parametrize(
    ("members", "lines"),
    [
        (
            {"outcome": "explicit_deny", "policy_type": "service control policy", "policy": "p-1", "statement": "No"},
            [
                "    by service control policy: statement `No` of p-1",
                "    hint: narrow the Deny of statement `No` of p-1 so that it does not cover this call",
            ],
        ),
        (
            {"outcome": "explicit_deny", "policy": "p-1"},
            ["    by a policy: p-1", "    hint: narrow the Deny of p-1 so that it does not cover this call"],
        ),
        (
            {
                "outcome": "implicit_deny",
                "policy_type": "trust policy",
                "resource": "role",
                "nearest": "statement 1 of x",
            },
            [
                "    no trust policy allows it",
                "    nearest: statement 1 of x",
                f"    hint: let the trust policy of `role` allow `iam:CreateUser` to `{ANN}`",
            ],
        ),
        (
            {"outcome": "implicit_deny", "resource": ""},
            [
                "    no policy allows it",
                f"    hint: let an identity-based policy of `{ANN}` allow `iam:CreateUser` on `*`",
            ],
        ),
    ],
)
def test_a_deny_is_told_by_its_layer(members: dict[str, str], lines: list[str]) -> None:
    assert text_of(a_line(**members)).splitlines()[1:] == lines


def test_a_principal_of_another_account_is_shown_with_it() -> None:
    assert "  999988887777:root  " in text_of(a_line(principal="arn:aws:iam::999988887777:root"))
    assert "  cloudformation.amazonaws.com  " in text_of(a_line(principal="cloudformation.amazonaws.com"))
    assert "  elsewhere  " in text_of(a_line(outcome="elsewhere"))


class Connection:
    """Stands in for a connection to a server, which checks the signature and answers LookupEvents."""

    def __init__(self, account: TestAccount) -> None:
        self.account = account
        self.status = 200
        self.answer = b""

    def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        request = HttpRequest(method, path, "", headers, body)
        signature = read_signature(request)
        assert signature is not None
        credential = self.account.cloud.credential(signature.access_key_id, signature.token)
        verify(signature, request, credential.secret, self.account.clock.now())
        client = Client(self.account, credential.caller, Circumstances(region=signature.region))
        told = json.loads(body)
        asked = {"next_token": told.get("NextToken"), "max_results": 2}
        if "StartTime" in told:
            asked["start_time"] = datetime.fromtimestamp(told["StartTime"], UTC)
        try:
            answer: Mapping[str, Any] = client.cloudtrail.lookup_events(**asked)
        except ServiceError as error:
            self.status, answer = 400, {"__type": "x#AccessDeniedException", "message": error.message}
        self.answer = json.dumps(answer, default=str).encode()

    def getresponse(self) -> Connection:
        return self

    def read(self) -> bytes:
        return self.answer

    def close(self) -> None:
        pass


def connected(account: TestAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EndpointSource, "_connection", lambda *_: Connection(account))
    monkeypatch.setattr(_log_endpoint, "machine_time", account.clock.now)


def test_a_server_is_asked_with_a_signed_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account = an_account()
    seen(account)
    connected(account, monkeypatch)
    key_id = account.root.caller.access_key_id
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", account.cloud.credential(key_id).secret)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    lines = output(capsys, "--endpoint", "http://127.0.0.1:4566", "--region", "us-east-1").splitlines()
    shown = [line for line in lines if not line.startswith(" ")]
    assert len(shown) == 5
    assert shown[-2].startswith(f"2026-11-23T12:00:01Z  {ACCOUNT}  implicit deny  user/ann  ")
    assert len(output(capsys, "--endpoint", "http://127.0.0.1:4566", "--json", "-n", "2").splitlines()) == 2


def test_a_session_may_ask_and_is_refused_like_any_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    account = an_account()
    connected(account, monkeypatch)
    ann = account.signed_in("ann", allow("*"))
    made = ann.sts.get_session_token()["Credentials"]
    credentials = Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    source = EndpointSource("http://127.0.0.1:4566", "us-east-1", credentials)
    assert len(source.newest(START, 10, everything)) == 4
    account.root.iam.put_user_policy(user_name="ann", policy_name="no", policy_document=deny("cloudtrail:*"))
    with pytest.raises(InputError, match="the server refuses cloudtrail:LookupEvents: AccessDeniedException: User: "):
        source.newest(None, 10, everything)


def test_an_ephemeral_server_is_found_by_its_sign_in_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from sparekey.server.sign_in import SignIn, write_sign_in

    account = an_account()
    seen(account)
    connected(account, monkeypatch)
    key_id = account.root.caller.access_key_id
    secret = account.cloud.credential(key_id).secret
    write_sign_in(str(tmp_path), SignIn("http://127.0.0.1:4566", "us-east-1", ACCOUNT, 1, key_id, secret))
    assert len(output(capsys, "--state", str(tmp_path), "--json").splitlines()) == 5


@pytest.mark.parametrize(
    ("status", "text", "told"),
    [
        (200, b"<html>", "answers as no AWS endpoint does"),
        (200, b"[]", "answers as no AWS endpoint does"),
        (503, b"{}", "refuses cloudtrail:LookupEvents: 503"),
    ],
)
def test_what_is_no_server_of_ours_is_named(
    status: int, text: bytes, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = Connection(an_account())
    connection.status, connection.answer = status, text
    monkeypatch.setattr(connection, "request", lambda *_: None)
    monkeypatch.setattr(EndpointSource, "_connection", lambda *_: connection)
    source = EndpointSource("http://127.0.0.1:4566", "us-east-1", Credentials("AKIA1", "secret"))
    with pytest.raises(InputError, match=told):
        source.newest(None, 1, everything)


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection(an_account())

    def refuse(*_: object) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(connection, "request", refuse)
    monkeypatch.setattr(EndpointSource, "_connection", lambda *_: connection)
    source = EndpointSource("http://127.0.0.1:4566", "us-east-1", Credentials("AKIA1", "secret"))
    with pytest.raises(InputError, match=r"cannot reach `http://127\.0\.0\.1:4566`: connection refused"):
        source.newest(None, 1, everything)


@pytest.mark.parametrize(("url", "name"), [("http://h:1", "HTTPConnection"), ("https://h:1", "HTTPSConnection")])
def test_a_server_is_reached_as_its_url_says(url: str, name: str) -> None:
    source = EndpointSource(url, "us-east-1", Credentials("AKIA1", "secret"))
    connect: Callable[..., object] = source._connection
    assert type(connect(url.partition(":")[0], "h", 1)).__name__ == name
