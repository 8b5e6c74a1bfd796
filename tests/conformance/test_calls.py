"""The corpus's call scripts against the door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.conformance.call_scripts import run_script, scripts

SCRIPTS = scripts()


@pytest.mark.parametrize(("service", "item"), [pytest.param(*each, id=each[1]["id"]) for each in SCRIPTS])
def test_the_account_answers_as_aws_does(service: str, item: Mapping[str, Any]) -> None:
    run_script(service, item)


def test_every_script_names_its_source_and_its_evidence() -> None:
    for _, item in SCRIPTS:
        assert item["source"], item["id"]
        assert item["evidence"] in ("observed", "documented", "inferred"), item["id"]


def test_no_two_scripts_have_the_same_name() -> None:
    names = [item["id"] for _, item in SCRIPTS]
    assert len(names) == len(set(names))
