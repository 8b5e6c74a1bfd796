"""The reference names what the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sparekey.services.directory.quotas import QUOTAS
from sparekey.wire.errors import COMMON

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs/reference"
#: Errors that the wire can word, and that no service sends yet.
UNSENT = {"OptInRequired", "RequestExpired"}


def test_the_settings_have_every_quota_and_its_default() -> None:
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", page, re.MULTILINE)
    assert {name: int(number.replace(",", "")) for name, number in rows} == QUOTAS


def test_the_settings_have_every_variable_of_ours() -> None:
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert {name for name in re.findall(r"\"(SPAREKEY_\w+)\"", code) if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("code", sorted(COMMON.keys() - UNSENT))
def test_every_error_that_all_services_have_is_told_for_both_protocols(code: str) -> None:
    page = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    error = COMMON[code]
    assert f"| `{code}` ({error.query_status}) | `{error.json_code}` ({error.json_status}) |" in page
