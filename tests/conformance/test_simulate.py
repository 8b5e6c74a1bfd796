"""The decisions of the corpus on the command line: each file as it is, and as a stream."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from sparekey.cli.main import main
from tests.conformance.corpus import CORPUS, Case, items
from tests.conformance.test_decisions import expected

if TYPE_CHECKING:
    from pathlib import Path

FILES: dict[str, list[Case]] = defaultdict(list)
for _file, _case in items("decisions"):
    FILES[_file].append(_case)


@pytest.mark.parametrize("file", sorted(FILES))
def test_a_file_of_the_corpus_can_be_simulated_as_it_is(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["simulate", str(CORPUS / "decisions" / f"{file}.yaml"), "--format", "json"])
    answers = json.loads(capsys.readouterr().out)
    assert [answer["id"] for answer in answers] == [case["id"] for case in FILES[file]]
    assert [
        answer["id"]
        for answer, case in zip(answers, FILES[file], strict=True)
        if answer["outcome"] not in expected(case)
    ] == []
    assert status == int(any(answer["outcome"] != "allowed" for answer in answers))


def test_the_corpus_can_be_simulated_as_a_stream(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = [case for _, case in items("decisions")]
    stream = tmp_path / "cases.jsonl"
    stream.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    assert main(["simulate", str(stream), "--jsonl"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["id"] for answer in answers] == [case["id"] for case in cases]
    assert all(answer["outcome"] in expected(case) for answer, case in zip(answers, cases, strict=True))
