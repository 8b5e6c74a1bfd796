"""The keys of OpenID Connect providers, as ``sparekey serve`` takes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sparekey.cli._oidc_keys import read_oidc_keys
from sparekey.cli.serve import _parser, _settings
from sparekey.errors import InputError

KEYS = {"keys": [{"kty": "RSA", "kid": "one", "n": "AQAB", "e": "AQAB"}]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys=1.json"
    path.write_text(json.dumps(KEYS))
    return path


def test_keys_are_known_by_the_providers_url_without_its_scheme(file: Path) -> None:
    found = read_oidc_keys([f"https://id.example.com/tenant={file}"])
    assert {url: json.loads(keys) for url, keys in found.items()} == {"id.example.com/tenant": KEYS}


def test_they_are_a_setting(file: Path) -> None:
    given = ["--oidc-keys", f"https://id.example.com={file}", "--oidc-keys", f"https://other.example.com={file}"]
    assert sorted(_settings(_parser().parse_args(given), {}).oidc_keys) == ["id.example.com", "other.example.com"]


@pytest.mark.parametrize("text", ["keys.json", "http://id.example.com=keys.json", "https://=keys.json", "https://id="])
def test_what_is_no_url_and_file_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="this is no `URL=FILE`"):
        read_oidc_keys([text])


@pytest.mark.parametrize(
    ("content", "told"),
    [("{", "is no JSON"), ("[]", "is no JSON Web Key Set"), ('{"keys": {}}', "is no JSON Web Key Set"),
     ('{"keys": ["one"]}', "is no JSON Web Key Set")],
)  # fmt: skip
def test_a_file_that_holds_no_key_set_is_refused(file: Path, content: str, told: str) -> None:
    file.write_text(content)
    with pytest.raises(InputError, match=told):
        read_oidc_keys([f"https://id.example.com={file}"])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_oidc_keys([f"https://id.example.com={tmp_path / 'none.json'}"])
