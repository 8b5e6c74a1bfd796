"""``sparekey serve``: what it is told, what it says, and how it starts and stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shlex import quote

import pytest

from sparekey.cli import serve
from sparekey.cli.main import main
from sparekey.cli.serve import _address, _parser, _settings, _welcome
from sparekey.errors import InputError
from sparekey.server import worker
from sparekey.server.settings import Settings
from sparekey.server.sign_in import SignIn, read_sign_in, remove_sign_in, root_key_of, write_sign_in
from sparekey.server.state import State, make_folder, open_state, open_store
from tests.server.certificate import certificate

SPAREKEY = [sys.executable, "-m", "sparekey"]
KEY = {"SPAREKEY_ROOT_ACCESS_KEY_ID": "AKIAMYOWNMYOWNMYOWNX", "SPAREKEY_ROOT_SECRET_ACCESS_KEY": "my own secret"}
EVERYWHERE = "::"


def settings(*options: str, environment: dict[str, str] | None = None) -> Settings:
    return _settings(_parser().parse_args(options), environment or {})


def told(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What a start that does not come about says, in one line and perhaps a hint."""
    assert main(["serve", *options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) <= 2
    return captured.err


def test_what_is_not_said_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    found = settings()
    assert found == Settings(state="/home/ann/.sparekey", host="127.0.0.1", port=4566, account="123456789012")
    assert found.endpoint == "http://127.0.0.1:4566"
    assert settings(environment={"SPAREKEY_STATE": "/elsewhere"}).state == "/elsewhere"
    assert settings("--state", "/here", environment={"SPAREKEY_STATE": "/elsewhere"}).state == "/here"


def test_options_are_settings() -> None:
    found = settings("--port", "0", "--account", "111111111111", "--workers", "2", "--quota", "Users=7", "--seed", "a",
                     "--seed", "b", "--database", "postgresql://h/d", environment=KEY)  # fmt: skip
    assert (found.port, found.account, found.workers, found.quotas) == (0, "111111111111", 2, {"Users": 7})
    assert (found.seeds, found.database, found.root_key) == (("a", "b"), "postgresql://h/d", tuple(KEY.values()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--port", "70000"], "`--port 70000` is no port"),
        (["--port", "x"], "argument --port: invalid int value"),
        (["--account", "123"], "`--account 123` is no account id"),
        (["--workers", "0"], "`--workers` is at least 1"),
        (["--workers", "65"], "`--workers` is at most 64"),
        (["--ephemeral", "--workers", "2"], "does not go with `--workers`"),
        (["--ephemeral", "--database", "postgresql://h/d"], "does not go with `--database`"),
        (["--quota", "Nonsense=1"], "there is no quota `Nonsense`"),
        (["--quota", "Users=many"], "this is no `NAME=N`"),
        (["--tls-certificate", "a.pem"], "are given together"),
        (["--tls-certificate", "/nowhere/a.pem", "--tls-key", "/nowhere/b.pem"], "cannot read `/nowhere/a.pem`"),
        (["--host", "host.invalid"], "`--host host.invalid` is no IP address"),
        (["--host", EVERYWHERE], "`::` can be reached from other machines"),
        (["--host", EVERYWHERE, "--allow-remote"], "`--allow-remote` needs TLS"),
        (["--state", ""], "`--state` names no folder"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["--seed", "/nowhere.json"], "cannot read `/nowhere.json`: no such file or directory"),
        (["--state", "/dev/null/state"], "cannot make the folder `/dev/null/state`"),
        (["--database", "mysql://h/d"], "there is no store for `mysql` URLs"),
    ],
)
def test_what_is_wrong_is_one_line(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    state = [] if "--state" in options else ["--state", str(tmp_path)]
    port = [] if "--port" in options else ["--port", "0"]
    assert message in told(capsys, *options, *state, *port)


@pytest.mark.parametrize(
    "environment",
    [
        {"SPAREKEY_ROOT_ACCESS_KEY_ID": "AKIAMYOWNMYOWNMYOWNX"},
        {"SPAREKEY_ROOT_SECRET_ACCESS_KEY": "secret"},
        {**KEY, "SPAREKEY_ROOT_ACCESS_KEY_ID": "short"},
        {**KEY, "SPAREKEY_ROOT_SECRET_ACCESS_KEY": " spaces "},
    ],
)
def test_a_root_key_that_cannot_be_one_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(InputError, match="SPAREKEY_ROOT_"):
        settings(environment=environment)


def test_other_machines_are_let_in_with_tls_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = certificate(tmp_path)
    tls = ("--tls-certificate", pair[0], "--tls-key", pair[1])
    found = settings("--host", EVERYWHERE, "--allow-remote", *tls)
    assert not found.loopback
    assert found.endpoint == "https://[::1]:4566"
    serve._refuse_remote(found, allowed=True)
    refused = told(capsys, "--host", EVERYWHERE, "--allow-remote", *tls, "--unsafe-accept-any-credentials")
    assert "does not go with `--allow-remote`" in refused


def test_a_certificate_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = certificate(tmp_path)
    Path(pair[0]).write_text("nonsense")
    assert "cannot use certificate" in told(capsys, "--tls-certificate", pair[0], "--tls-key", pair[1])


@pytest.mark.parametrize(
    ("host", "address", "endpoint"),
    [
        ("localhost", "127.0.0.1", "http://127.0.0.1:4566"),
        ("127.0.0.2", "127.0.0.2", "http://127.0.0.2:4566"),
        ("::1", "::1", "http://[::1]:4566"),
        ("[::1]", "::1", "http://[::1]:4566"),
    ],
)
def test_a_host_is_an_address(host: str, address: str, endpoint: str) -> None:
    assert _address(host) == address
    found = settings("--host", host)
    assert (found.host, found.endpoint, found.loopback) == (address, endpoint, True)


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        message = told(capsys, "--port", str(port), "--state", str(tmp_path))
    assert message.startswith(f"sparekey: error: port {port} is in use\n  hint: ")


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(InputError, match=r"cannot listen on 192\.0\.2\.1 port 0"):
        serve._claim_port("192.0.2.1", 0)


def test_a_folder_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="cannot write into the folder"):
        make_folder(str(tmp_path))


def test_a_folder_that_everybody_can_write_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    assert "everybody can write" in told(capsys, "--state", str(tmp_path), "--port", "0")
    assert not list(tmp_path.iterdir())


def test_a_damaged_state_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "sparekey.sqlite").write_bytes(b"nonsense" * 1000)
    assert "sparekey.sqlite" in told(capsys, "--state", str(tmp_path), "--port", "0")


def test_a_state_that_is_damaged_behind_its_beginning_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_sign_in(str(tmp_path), SignIn("http://127.0.0.1:1", "us-east-1", "123456789012", 1))
    open_state(Settings(state=str(tmp_path))).close()
    path = tmp_path / "sparekey.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    assert "malformed" in told(capsys, "--state", str(tmp_path), "--port", "0")
    assert main(["env", "--state", str(tmp_path)]) == 2
    assert "malformed" in capsys.readouterr().err


def test_a_root_key_others_can_read_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    open_state(Settings(state=str(tmp_path))).close()
    (tmp_path / "root.key").chmod(0o644)
    assert "chmod 600" in told(capsys, "--state", str(tmp_path), "--port", "0")


def test_the_state_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "state"
    make_folder(str(folder))
    open_state(Settings(state=str(folder))).close()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "sparekey.sqlite": 0o600,
        "root.key": 0o600,
    }


def test_the_root_users_key_is_kept(tmp_path: Path) -> None:
    where = Settings(state=str(tmp_path))
    first = open_state(where)
    key = first.root_key
    assert root_key_of(first.store, first.sealer, where.account) == key
    assert root_key_of(first.store, first.sealer, "999999999999") is None
    first.close()
    second = open_state(where)
    assert second.root_key == key
    second.close()
    given = open_state(replace(where, root_key=("AKIAMYOWNMYOWNMYOWNX", "secret")))
    assert given.root_key == ("AKIAMYOWNMYOWNMYOWNX", "secret")
    given.close()
    assert key[1].encode() not in (tmp_path / "sparekey.sqlite").read_bytes()


def test_a_state_that_is_not_there_is_not_made_to_read_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no state"):
        open_store(Settings(state=str(tmp_path)), make=False)
    assert list(tmp_path.iterdir()) == []


class Started:
    """A stand-in for :func:`sparekey.server.worker.serve`, which listens and ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings: Settings | None = None
        self.users: list[str] = []
        self.sign_in: SignIn | None = None
        monkeypatch.setattr(worker, "serve", self)

    def __call__(self, settings: Settings, state: State, listening: object) -> None:
        from sparekey.services.directory.identities import USERS

        self.settings = settings
        self.users = state.store.read(lambda records: [user.arn for _, user in records.scan(USERS)])
        assert callable(listening)
        listening()
        self.sign_in = read_sign_in(settings.state)
        state.close()


def test_a_start_says_where_and_how_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    started = Started(monkeypatch)
    for name, value in KEY.items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "--state", str(tmp_path), "--port", "0"]) == 0
    assert started.settings is not None
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0].endswith(
        f"serves AWS account 123456789012 at http://127.0.0.1:{started.settings.port}"
    )
    assert f"state    SQLite, {tmp_path}" in captured.out
    assert "root     access key AKIAMYOWNMYOWNMYOWNX" in captured.out
    assert f'eval "$(sparekey env --state {tmp_path})"' in captured.out
    assert "my own secret" not in captured.out + captured.err
    assert captured.err == ""
    kept = SignIn(started.settings.endpoint, "us-east-1", "123456789012", os.getpid())
    assert started.sign_in == read_sign_in(str(tmp_path)) == kept


def test_an_ephemeral_server_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    started = Started(monkeypatch)
    assert main(["serve", "--ephemeral", "--state", str(tmp_path), "--port", "0"]) == 0
    assert "in memory: gone when the server stops" in capsys.readouterr().out
    assert started.sign_in is not None
    assert started.sign_in.access_key_id.startswith("AKIA")
    assert started.sign_in.secret_access_key
    assert list(tmp_path.iterdir()) == []


def test_unsafe_is_said_at_every_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Started(monkeypatch)
    for _ in range(2):
        assert main(["serve", "--state", str(tmp_path), "--port", "0", "--unsafe-accept-any-credentials"]) == 0
        assert "warning: UNSAFE: any credentials are accepted" in capsys.readouterr().err


def test_accounts_begin_with_what_seeds_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    seed = tmp_path / "details.json"
    user = {
        "Path": "/",
        "UserName": "ann",
        "UserId": "AIDAANNANNANNANNANNAN",
        "Arn": "arn:aws:iam::111111111111:user/ann",
        "CreateDate": "2026-01-01T00:00:00Z",
        "GroupList": [],
        "AttachedManagedPolicies": [],
    }
    seed.write_text(json.dumps({"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}))
    started = Started(monkeypatch)
    options = ["serve", "--state", str(tmp_path / "state"), "--port", "0", "--seed", str(seed)]
    for _ in range(2):
        assert main([*options, "--account", "111111111111"]) == 0
        assert started.users == ["arn:aws:iam::111111111111:user/ann"]
        assert capsys.readouterr().err == ""
    assert main(options) == 0
    assert "the seeds are of account 111111111111, whose root user has no access key" in capsys.readouterr().err
    seed.write_text('{"nonsense": 1}')
    assert main(options) == 2
    assert "is no output of `aws iam get-account-authorization-details`" in capsys.readouterr().err
    for text in ("nonsense", "[" * 100_000, '{"UserDetailList":' + "9" * 5000 + "}"):
        seed.write_text(text)
        assert main(options) == 2
        assert "is no JSON" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p w@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        (
            "postgresql://h/d?user=u&password=secret&sslmode=require",
            "postgresql://h/d?user=u&password=***&sslmode=require",
        ),
        ("postgresql://u:a:b@h:5432/d", "postgresql://u:***@h:5432/d"),
    ],
)
def test_a_database_is_named_without_its_password(url: str, shown: str) -> None:
    printed = _welcome(Settings(state="/s\x1b[31m", database=url), "PostgreSQL", "AKIA")
    assert f"--database {quote(shown)}" in printed
    assert "\x1b" not in printed.split("sign in")[0]


def test_a_sign_in_file_of_another_server_stays(tmp_path: Path) -> None:
    folder = str(tmp_path)
    write_sign_in(folder, SignIn("http://127.0.0.1:1", "us-east-1", "123456789012", 1))
    remove_sign_in(folder, os.getpid())
    assert read_sign_in(folder) is not None
    assert (tmp_path / "sign-in.json").stat().st_mode & 0o777 == 0o600
    remove_sign_in(folder, 1)
    assert read_sign_in(folder) is None
    remove_sign_in(folder, 1)
    wrong = {"endpoint": 1, "region": "", "account": "", "process": 1}
    for text in (
        "[" * 20_000,
        json.dumps({**wrong, "access_key_id": "", "secret_access_key": "", "certificate": ""}),
        "{}",
    ):
        (tmp_path / "sign-in.json").write_text(text)
        remove_sign_in(folder, 1)
        with pytest.raises(InputError, match="is not what a server wrote"):
            read_sign_in(folder)
    (tmp_path / "sign-in.json").unlink()
    (tmp_path / "sign-in.json").mkdir()
    with pytest.raises(InputError, match="cannot read"):
        read_sign_in(folder)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A server of its own process."""
    started = subprocess.Popen(
        [*SPAREKEY, "serve", "--port", "0", "--state", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_stops_when_told_to(process: subprocess.Popen[str], number: signal.Signals) -> None:
    assert process.stdout is not None
    assert "http://127.0.0.1:" in process.stdout.readline()
    process.send_signal(number)
    rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in rest


def test_several_processes_serve_one_state(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*SPAREKEY, "serve", "--port", "0", "--state", str(tmp_path), "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as started:
        try:
            assert started.stdout is not None
            url = started.stdout.readline().split()[-1]
            with urllib.request.urlopen(f"{url}/_sparekey/health", timeout=10) as answer:  # noqa: S310 - our own
                assert json.load(answer)["storage"] == "SQLite"
            started.terminate()
            rest, _ = started.communicate(timeout=30)
            assert started.returncode == 0
            assert "Traceback" not in rest
        finally:
            started.kill()
