"""The page of operations says what is built."""

from __future__ import annotations

import importlib.util
import re
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
ASK = "run `python docs/operations.py`"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("operations", ROOT / "docs/operations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_operations_is_current() -> None:
    operations = script()
    text = operations.PAGE.read_text(encoding="utf-8")
    if f"botocore {version('botocore')};" in text:
        assert text == operations.page(), ASK
    for service, title in operations.TITLES.items():
        section = text.partition(f"## {title}\n")[2].partition("\n## ")[0].partition("Not built:")[0]
        assert sorted(re.findall(r"`(\w+)`", section)) == operations.built(service), ASK


def test_a_reason_is_given_for_what_is_not_built_only() -> None:
    operations = script()
    for service, name in operations.REASONS:
        assert name not in operations.built(service)
