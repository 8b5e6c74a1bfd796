"""Exemptions from linting, typing and coverage carry a code and a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXEMPTION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover)(.*)")
REASONED = re.compile(r"(: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)*|\[[a-z, -]+\])?\s+(--?|#)\s+\S")


@pytest.mark.parametrize("folder", ["src", "tests"])
def test_an_exemption_says_what_for_and_why(folder: str) -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (found := EXEMPTION.search(line)) and not REASONED.match(found[2])
    ]
    assert bare == []
