"""The pages say what the commands do: their examples run, and print what is shown."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sparekey.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "corpus/README.md", *ROOT.glob("docs/**/*.md")])


def _refresh() -> object:
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs/refresh.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["README.md", "docs/guide/check.md"])
def test_the_output_shown_is_the_output_printed(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    text = (ROOT / page).read_text(encoding="utf-8")

    refreshed = _refresh().refreshed(text)  # type: ignore[attr-defined]  # a script, loaded by its path

    assert refreshed == text, "run `python docs/refresh.py`"


@pytest.mark.parametrize("page", ["README.md", "docs/reference/policy-api.md"])
def test_the_library_examples_run(page: str) -> None:
    blocks = re.findall(r"```python\n(?!# \w+\.py)(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)

    assert blocks
    for block in blocks:
        subprocess.run([sys.executable, "-W", "error", "-c", block], check=True, capture_output=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_of_the_project_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_command_has_a_page_that_names_its_options() -> None:
    reference = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("docs/**/*.md"))
    for command in COMMANDS:
        process = subprocess.run(
            [sys.executable, "-m", "sparekey", command, "--help"], check=True, capture_output=True, text=True
        )
        for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", process.stdout)) - {"--help"}:
            assert f"`{option}" in reference, f"sparekey {command} {option} is not documented"
