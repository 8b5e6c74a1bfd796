"""The public names of the policy engine."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sparekey.policy


def test_all_is_exactly_the_public_names() -> None:
    public = {name for name in vars(sparekey.policy) if not name.startswith("_")} - {"annotations", "TYPE_CHECKING"}
    lazy = set(sparekey.policy._FUNCTIONS)
    assert public | lazy == set(sparekey.policy.__all__)


def test_all_is_sorted() -> None:
    assert list(sparekey.policy.__all__) == sorted(sparekey.policy.__all__)


@pytest.mark.parametrize("name", sparekey.policy.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(sparekey.policy, name)
    assert name == "ABSENT" or value.__doc__ or not callable(value)


def test_there_is_nothing_else() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'evaluate'"):
        sparekey.policy.evaluate  # noqa: B018 - that is what is tested


def test_the_parser_and_the_engine_are_imported_when_they_are_needed() -> None:
    program = "import sys, sparekey.policy; print([m for m in sys.modules if m in ('sparekey.policy._plan', 'json')])"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
