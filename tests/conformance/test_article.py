"""The article's story through ``sparekey check``."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

import pytest

from sparekey.cli.main import main
from tests.conformance.corpus import CORPUS, Case, load, mapping, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ARTICLE = CORPUS / "article"
CASES = cast("Sequence[Case]", load(ARTICLE / "cases.yaml"))


def arguments(case: Case) -> list[str]:
    given = [str(ARTICLE / str(case["template"])), "--as", str(case["as"])]
    if "role_arn" in case:
        given += ["--role-arn", str(case["role_arn"])]
    for name in texts(case, "iam"):
        given += ["--iam", str(ARTICLE / name)]
    return given


@pytest.mark.parametrize("case", [case for case in CASES if "expect" in case], ids=lambda case: str(case["id"]))
def test_a_chapter_of_the_article_ends_as_told(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *arguments(case), "--format", "json"]) == case["exit"]
    (report,) = json.loads(capsys.readouterr().out)["templates"]
    keys = cast("Sequence[Mapping[str, object]]", report["keys"])
    assert {key["logical_id"]: key["verdict"] for key in keys} == mapping(case, "expect")
    if "event" in case:
        assert [key["event"] for key in keys] == [case["event"]]


@pytest.mark.parametrize("case", [case for case in CASES if "error" in case], ids=lambda case: str(case["id"]))
def test_a_slip_of_the_article_is_one_line_with_its_place(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *arguments(case)]) == case["exit"]
    output = capsys.readouterr()
    error = mapping(case, "error")
    first, *rest = output.err.splitlines()
    assert re.search(f":{error['line']}:{error['column']}: error: ", first)
    assert str(error["message_contains"]) in first
    assert all(line.startswith("  hint: ") for line in rest)
    assert output.out == ""


def test_every_file_of_the_article_has_its_chapter() -> None:
    used = {str(case["template"]) for case in CASES} | {name for case in CASES for name in texts(case, "iam")}
    assert used == {path.name for path in ARTICLE.iterdir() if path.suffix == ".json"}
