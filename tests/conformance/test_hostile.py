"""Broken and hostile templates: one clear line with its place, exit status 2, no traceback, in bounded time."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from sparekey.cli.main import main
from tests.conformance.corpus import CORPUS, Case, mapping, sidecars

if TYPE_CHECKING:
    from pathlib import Path

DEPLOYER = ["--as", "arn:aws:sts::111122223333:assumed-role/Deploy/pipeline", "--region", "eu-west-1"]
ADMINISTRATOR = ["--iam", str(CORPUS / "snapshots/policies/administrator.json")]
HOSTILE = [pytest.param(template, case, id=template.name) for template, case in sidecars("templates/hostile")]


@pytest.mark.parametrize(("template", "case"), HOSTILE)
def test_a_broken_template_is_answered_in_one_line(
    template: Path, case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["check", str(template), *DEPLOYER, *ADMINISTRATOR, "--format", "json"])
    output = capsys.readouterr()
    assert status == case["exit"], output.out + output.err
    if status != 2:
        (report,) = json.loads(output.out)["templates"]
        verdicts = {key["logical_id"]: {"verdict": key["verdict"]} for key in report["keys"]}
        assert verdicts == mapping(case, "expect")
        return
    first, *rest = output.err.splitlines()
    place = re.match(r"(?P<file>.*?):(?P<line>\d+):(?P<column>\d+): error: (?P<message>.+)", first)
    assert place is not None, first
    assert place["file"] == str(template)
    assert str(case["message_contains"]) in place["message"]
    for key in ("line", "column"):
        if key in case:
            assert place[key] == str(case[key]), first
    assert all(line.startswith("  hint: ") for line in rest)
