"""What the pages say to a server is said, in their order, and the server answers what is shown."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"docs/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


sessions = script("sessions")
PAGES = script("refresh").SESSIONS


@pytest.mark.skipif(sessions.aws_cli() is None, reason="the aws command line is not installed (pip install awscli)")
@pytest.mark.parametrize("page", PAGES)
def test_the_session_shown_is_the_session_had(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert sessions.refreshed(text) == text, "run `python docs/refresh.py`"


def test_what_differs_from_run_to_run_leaves_a_page_as_it_is() -> None:
    page = "```console\n$ echo 2026-11-23T12:00:00Z AKIAABCDEFGHIJKLMNOP\n```\n\n```text\n{}\n```\n"
    shown = page.format("2026-11-24T00:00:01Z AKIAQRSTUVWXYZ234567")
    assert sessions.refreshed(shown) == shown
    assert sessions.refreshed(page.format("soon")) == page.format("2026-11-23T12:00:00Z AKIAABCDEFGHIJKLMNOP")


def test_a_command_that_fails_unseen_is_an_error() -> None:
    with pytest.raises(sessions.Failed, match="no such thing"):
        sessions.refreshed("```console\n$ echo no such thing; false\n```\n")


def test_files_named_in_a_comment_are_written() -> None:
    page = "```python\n# a.py\nprint(6 * 7)\n```\n\n```console\n$ python a.py\n```\n\n```text\n42\n```\n"
    assert sessions.refreshed(page) == page
