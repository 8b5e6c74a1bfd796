"""The corpus itself: ids, sources, evidence marks, and that it holds what its README says."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, cast

import pytest

from sparekey.policy import Outcome
from tests.conformance.corpus import CORPUS, Case, items, load, sidecars

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDERS = ("decisions", "documents", "iam", "sts", "organizations", "wire")
EVIDENCE = {"observed", "documented", "inferred"}
CLASSES = {f"C{number:02}" for number in range(1, 17)}
README = (CORPUS / "README.md").read_text(encoding="utf-8")
CASES = [*items("decisions"), *items("documents")]
SIDECARS = [case for folder in ("bad", "good", "undecided") for case in sidecars(f"templates/{folder}")]
MEMBERS = "source class evidence options iam scp expect exit event note told then"


def test_every_case_has_an_id_of_its_own() -> None:
    seen = Counter(str(case["id"]) for _, case in CASES)
    assert [name for name, times in seen.items() if times > 1] == []
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in seen)


def test_the_readme_names_every_folder() -> None:
    for folder in (path for path in CORPUS.iterdir() if path.is_dir()):
        assert f"`{folder.name}/" in README


@pytest.mark.parametrize("file", sorted({file for file, _ in CASES}))
def test_every_case_of_a_file_has_a_source_and_an_evidence_mark(file: str) -> None:
    for name, case in CASES:
        if name == file:
            assert case["source"], case["id"]
            assert case["evidence"] in EVIDENCE, case["id"]
            assert ("recorded" in case) == bool(
                re.match("radkawar/stackd (testdata|internal)/", str(case["source"]))
            ), name


def test_every_decision_expects_an_outcome() -> None:
    assert {str(case["expect"]) for _, case in items("decisions")} <= {*Outcome, "denied"}


def test_only_recordings_leave_open_which_deny_it_was() -> None:
    vague = {file for file, case in items("decisions") if case["expect"] == "denied" and "recorded" not in case}
    assert vague <= {"guardrails", "kms-lockout"}  # AWS words the silence of an SCP as an explicit deny


def test_every_contradicted_simulator_answer_says_why() -> None:
    for _, case in items("decisions"):
        for mark in ("contradicted_by_live", "contradicted_by_documentation"):
            if mark in case:
                assert case.get("simulator") is True
                assert str(case[mark]).endswith(".")


def counted(heading: str) -> dict[str, int]:
    """The rows ``| `name` | count |`` of one table of the README."""
    section = README.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return {name: int(count) for name, count in re.findall(r"^\| `([^`]+)` \| (\d+) \|", section, re.MULTILINE)}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_readme_counts_what_the_folder_holds(folder: str) -> None:
    assert counted(folder) == dict(Counter(file for file, _ in items(folder)))


def test_all_recordings_on_aws_are_here() -> None:
    recorded = sum("recorded" in case for _, case in CASES)
    assert recorded == 611
    assert f"{recorded} recordings" in README


@pytest.mark.parametrize("folder", ["bad", "good"])
def test_every_class_of_field_reports_has_a_template(folder: str) -> None:
    assert {str(case["class"]) for _, case in sidecars(f"templates/{folder}") if "class" in case} == CLASSES


def test_every_template_has_its_sidecar_and_every_sidecar_its_template() -> None:
    for folder in ("bad", "good", "undecided", "hostile"):
        files = {path.name for path in (CORPUS / "templates" / folder).iterdir()}
        pairs = sidecars(f"templates/{folder}")
        assert len(files) == 2 * len(pairs), folder
        assert {template.name for template, _ in pairs} == {name for name in files if not name.endswith(".case.yaml")}


def test_every_sidecar_tells_source_evidence_and_what_to_expect() -> None:
    for template, case in SIDECARS:
        assert {"source", "evidence", "options", "expect"} <= set(case), template
        assert set(case) <= set(MEMBERS.split()), template
        assert case["evidence"] in EVIDENCE, template


def test_templates_are_written_in_yaml_and_in_json() -> None:
    for folder in ("bad", "good"):
        kinds = Counter(template.suffix for template, _ in sidecars(f"templates/{folder}"))
        assert min(kinds[".yaml"], kinds[".json"]) >= 8


def test_the_article_has_a_case_for_each_cure_and_each_slip() -> None:
    cases = cast("Sequence[Case]", load(CORPUS / "article" / "cases.yaml"))
    assert len({str(case["id"]) for case in cases}) == len(cases) == 12
    assert all(case["title"] for case in cases if case["exit"] != 2)
