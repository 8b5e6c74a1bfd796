"""``sparekey env``: what signs a shell in, and profiles."""

from __future__ import annotations

import configparser
import json
import subprocess
from pathlib import Path

import pytest

from sparekey.cli.main import main
from sparekey.server.settings import Settings
from sparekey.server.sign_in import SignIn, write_sign_in
from sparekey.server.state import open_state

EPHEMERAL = SignIn(
    "http://127.0.0.1:4567", "us-east-1", "123456789012", 1, "AKIAEPHEMERALEPHEMER", "it's $a \"secret\\"
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and no AWS settings of this machine."""
    for name in (
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "SPAREKEY_STATE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def state(home: Path) -> str:
    """The state's folder, with an ephemeral server's sign-in file."""
    folder = home / ".sparekey"
    folder.mkdir()
    write_sign_in(str(folder), EPHEMERAL)
    return str(folder)


def output(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["env", *options]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def refusal(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["env", *options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


@pytest.mark.usefixtures("state")
def test_a_shell_is_signed_in(capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys)
    script = f"AWS_SESSION_TOKEN=x AWS_PROFILE=y\nexport AWS_SESSION_TOKEN AWS_PROFILE\n{text}env"
    found = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={}).stdout
    variables = dict(line.split("=", 1) for line in found.splitlines() if line.startswith("AWS_"))
    assert variables == {
        "AWS_ENDPOINT_URL": EPHEMERAL.endpoint,
        "AWS_ACCESS_KEY_ID": EPHEMERAL.access_key_id,
        "AWS_SECRET_ACCESS_KEY": EPHEMERAL.secret_access_key,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


@pytest.mark.usefixtures("state")
def test_every_shell_has_its_own_way(capsys: pytest.CaptureFixture[str]) -> None:
    fish = output(capsys, "--shell", "fish")
    assert "set -gx AWS_SECRET_ACCESS_KEY 'it\\'s $a \"secret\\\\';" in fish
    assert "set -e AWS_SESSION_TOKEN;" in fish
    powershell = output(capsys, "--shell", "powershell")
    assert "$env:AWS_SECRET_ACCESS_KEY = 'it''s $a \"secret\\'" in powershell
    assert "Remove-Item Env:AWS_PROFILE -ErrorAction SilentlyContinue" in powershell
    assert json.loads(output(capsys, "--shell", "json"))["AWS_SECRET_ACCESS_KEY"] == EPHEMERAL.secret_access_key


@pytest.mark.usefixtures("state")
def test_the_region_is_the_users(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def region(*options: str) -> str:
        return str(json.loads(output(capsys, "--shell", "json", *options))["AWS_REGION"])

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert region() == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert region() == "eu-north-1"
    assert region("--region", "ap-south-1") == "ap-south-1"
    assert "`$(nonsense)` is no Region" in refusal(capsys, "--region", "$(nonsense)")


def test_the_key_of_a_kept_state_is_read_from_it(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    folder = home / "state"
    folder.mkdir()
    opened = open_state(Settings(state=str(folder), account="111111111111"))
    key = opened.root_key
    write_sign_in(str(folder), SignIn("https://127.0.0.1:1", "us-east-1", "111111111111", 1, certificate="/c.pem"))
    found = json.loads(output(capsys, "--state", str(folder), "--shell", "json"))  # while the server has it open
    opened.close()
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]) == key
    assert found["AWS_CA_BUNDLE"] == "/c.pem"
    text = output(capsys, "--state", str(folder), "--profile", "tls")
    assert "profile tls is written" in text
    assert "ca_bundle = /c.pem\n" in (home / ".aws/config").read_text()


def test_without_a_server_there_is_nothing_to_sign_in_to(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    told = refusal(capsys)
    assert told.startswith(f"sparekey: error: no server has been started with its state in `{home}/.sparekey`\n")
    assert "hint: start one: `sparekey serve`" in told
    assert list(home.iterdir()) == []
    write_sign_in(str(home), SignIn("http://127.0.0.1:1", "us-east-1", "123456789012", 1))
    assert "there is no state in" in refusal(capsys, "--state", str(home))


def test_an_account_without_a_root_key_is_told(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    open_state(Settings(state=str(home))).close()
    write_sign_in(str(home), SignIn("http://127.0.0.1:1", "us-east-1", "999999999999", 1))
    assert "account 999999999999 has no access key" in refusal(capsys, "--state", str(home))


@pytest.mark.usefixtures("state")
def test_a_profile_is_written(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    text = output(capsys, "--profile", "local", "--region", "eu-west-1")
    assert text == "profile local is written: aws --profile local sts get-caller-identity\n"
    assert (home / ".aws/config").read_text() == (
        "[profile local]\n# written by sparekey env\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:4567\n"
    )
    config, credentials = configparser.RawConfigParser(), configparser.RawConfigParser()
    config.read(home / ".aws/config")
    credentials.read(home / ".aws/credentials")
    assert credentials["local"]["aws_secret_access_key"] == EPHEMERAL.secret_access_key
    assert {path.stat().st_mode & 0o777 for path in (home / ".aws").iterdir()} == {0o600}
    output(capsys, "--profile", "default")
    config.read(home / ".aws/config")
    assert set(config.sections()) == {"profile local", "default"}


CONFIG = (
    "# mine\r\n[default]\r\nregion=us-west-2\r\n\r\n"
    "[profile  work]\r\nrole_arn = arn:aws:iam::1:role/R  \r\ns3 =\r\n  max_queue = 1\r\n\r\n"
    "[profile last]\r\noutput = json"
)


@pytest.mark.usefixtures("state")
def test_the_rest_of_the_files_stays_byte_for_byte(
    capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, shared = home / "my config", home / "my credentials"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "~/my credentials")
    config.write_bytes(CONFIG.encode() + b" \xff")
    output(capsys, "--profile", "local")
    first = config.read_bytes()
    assert first == CONFIG.encode() + (
        b" \xff\r\n\r\n[profile local]\r\n# written by sparekey env\r\nregion = us-east-1\r\n"
        b"endpoint_url = http://127.0.0.1:4567\r\n"
    )
    config.write_bytes(first + b"output = table\r\n\r\n[profile after]\r\nregion = x\r\n")
    output(capsys, "--profile", "local", "--region", "eu-west-1")
    assert config.read_bytes() == first.replace(b"region = us-east-1", b"region = eu-west-1") + (
        b"output = table\r\n\r\n[profile after]\r\nregion = x\r\n"
    )
    assert shared.exists()


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("file", ["config", "credentials"])
def test_a_profile_of_the_users_is_not_overwritten(capsys: pytest.CaptureFixture[str], home: Path, file: str) -> None:
    (home / ".aws").mkdir()
    path = home / ".aws" / file
    header = "[profile work]" if file == "config" else "[ work ]"
    path.write_text(f"[a]\nx = 1\n{header}\nrole_arn = mine\n\n[b]\ny = 2\n")
    told = refusal(capsys, "--profile", "work")
    assert "that sparekey did not write" in told
    assert "`--force` overwrites it" in told
    assert [each.name for each in (home / ".aws").iterdir()] == [file]
    output(capsys, "--profile", "work", "--force")
    text = path.read_text()
    assert text.startswith(f"[a]\nx = 1\n{header}\n# written by sparekey env\n")
    assert text.endswith("\n\n[b]\ny = 2\n")
    assert "role_arn" not in text


@pytest.mark.usefixtures("state")
def test_a_header_at_the_end_of_a_file_is_completed(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    (home / ".aws").mkdir()
    (home / ".aws/credentials").write_text("[work]")
    output(capsys, "--profile", "work", "--force")
    assert (home / ".aws/credentials").read_text().startswith("[work]\n# written by sparekey env\n")


@pytest.mark.usefixtures("state")
def test_a_file_behind_a_link_is_written_where_it_is(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    (home / ".aws").mkdir()
    (home / "dotfiles").write_text("")
    (home / ".aws/config").symlink_to(home / "dotfiles")
    output(capsys, "--profile", "work")
    assert (home / ".aws/config").is_symlink()
    assert "[profile work]" in (home / "dotfiles").read_text()


@pytest.mark.usefixtures("state")
def test_what_cannot_be_done_is_told(
    capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "is no profile name" in refusal(capsys, "--profile", "a]b")
    assert "`--force` overwrites a profile" in refusal(capsys, "--force")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home))
    assert "cannot read" in refusal(capsys, "--profile", "a")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null/config")
    assert "cannot" in refusal(capsys, "--profile", "a")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/proc/nothing/config")
    assert "cannot write" in refusal(capsys, "--profile", "a")
