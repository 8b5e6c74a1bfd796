"""Whatever the files hold: status 0, 1 or 2, one line of error with its place at most, and no traceback."""

from __future__ import annotations

import json
from pathlib import Path as FilePath
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.corpus import CORPUS
from tests.fuzz.commands import DEPLOYER, EXAMPLES, answer, written
from tests.fuzz.mutations import STRANGE, encoded, mutated, part, paths, put, torn

if TYPE_CHECKING:
    from pathlib import Path


def sample(name: str) -> object:
    """A sound document."""
    document: object = json.loads((SAMPLES / f"{name}.json").read_bytes())
    return document


SAMPLES = FilePath(__file__).parent / "samples"
TEMPLATE, ACCOUNT, IDENTITY, CASE = (sample(name) for name in ("template", "account", "policy", "case"))
PARAMETERS = sample("parameters")
KEY_POLICY = part(TEMPLATE, ("Resources", "Key", "Properties", "KeyPolicy"))
OPTIONS = (
    "--as", "--role-arn", "--account", "--region", "--partition", "--context", "--import", "--ssm", "--tags",
    "--stack-name", "--parameters", "--iam", "--scp", "--parameter-file", "--select", "--format", "--fail-on",
)  # fmt: skip
FILES = ("--iam", "--scp", "--parameter-file")
FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab")


def few(share: int) -> settings:
    """Settings for a test that takes one of ``share`` of all the examples; the same ones each time."""
    return settings(
        max_examples=max(EXAMPLES // share, 5),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("command", ["check", "fix"])
def test_the_template_that_is_mutated_is_a_good_one(tmp_path: Path, command: str) -> None:
    assert answer(command, written(tmp_path, "t.json", encoded(TEMPLATE)), *DEPLOYER)[0] != 2


@few(2)
@given(data=st.data())
def test_a_mutated_template_is_reported_on_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    document = data.draw(mutated(TEMPLATE))
    folder = tmp_path_factory.mktemp("t")
    form = data.draw(st.sampled_from(FORMATS))
    if data.draw(st.booleans()):
        file = written(folder, "t.json", encoded(document))
    else:
        file = written(folder, "t.yaml", yaml.safe_dump(document, allow_unicode=True).encode("utf-8", "replace"))
    status, output = answer("check", file, *DEPLOYER, "--format", form)
    if status == 2:
        return
    if form in ("json", "sarif", "gitlab"):
        json.loads(output)
    elif form == "junit":
        ET.fromstring(output)  # noqa: S314 - our own output
    elif form == "github":
        assert all(line.startswith("::") for line in output.splitlines())
    assert "\x1b" not in output


@few(10)
@given(data=st.data())
def test_a_mutated_template_is_fixed_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    policy = data.draw(mutated(KEY_POLICY))
    document = put(TEMPLATE, ("Resources", "Key", "Properties", "KeyPolicy"), policy)
    answer("fix", written(tmp_path_factory.mktemp("t"), "t.json", encoded(document)), *DEPLOYER)


def test_every_part_of_a_template_may_be_of_another_kind(tmp_path: Path) -> None:
    kinds: tuple[object, ...] = (None, 12, "x", [], {}, True)
    for number, path in enumerate(paths(TEMPLATE)):
        for kind in kinds if EXAMPLES > 500 else (kinds[number % len(kinds)],):
            answer(
                "check", written(tmp_path, "t.json", encoded(put(TEMPLATE, path, kind))), *DEPLOYER, "--format", "json"
            )


@few(5)
@given(data=st.data())
def test_a_torn_template_is_reported_on_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    names = ["bad/c01-no-administrator.yaml", "good/c01-no-administrator.yaml"]
    sources = [path for name in names if (path := CORPUS / "templates" / name).exists()]
    text = data.draw(st.sampled_from([encoded(TEMPLATE), *(path.read_bytes() for path in sources)]))
    answer("check", written(tmp_path_factory.mktemp("t"), "t.yaml", data.draw(torn(text))), *DEPLOYER)


@few(3)
@given(data=st.data())
def test_a_mutated_account_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("t")
    source = data.draw(st.sampled_from([ACCOUNT, IDENTITY, {"Policy": {"Content": json.dumps(IDENTITY)}}]))
    content = encoded(data.draw(mutated(source)))
    file = written(folder, "a.json", data.draw(torn(content)) if data.draw(st.integers(0, 4)) == 0 else content)
    option = data.draw(st.sampled_from(["--iam", "--scp"]))
    answer("check", written(folder, "t.json", encoded(TEMPLATE)), *DEPLOYER, option, file)


@few(5)
@given(data=st.data())
def test_a_mutated_parameter_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("t")
    content = encoded(data.draw(mutated(data.draw(st.sampled_from([part(PARAMETERS, (0,)), part(PARAMETERS, (1,))])))))
    file = written(folder, "p.json", data.draw(torn(content)) if data.draw(st.booleans()) else content)
    answer("check", written(folder, "t.json", encoded(TEMPLATE)), *DEPLOYER, "--parameter-file", file)


@few(1)
@given(data=st.data())
def test_a_mutated_case_is_decided_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("t")
    content = encoded(data.draw(mutated(CASE)))
    content = data.draw(torn(content)) if data.draw(st.integers(0, 5)) == 0 else content
    if data.draw(st.integers(0, 3)):
        name = data.draw(st.sampled_from(["c.json", "c.yaml"]))
        options = data.draw(
            st.sampled_from([(), ("--explain",), ("--format", "json"), ("--format", "json", "--explain")])
        )
        _, output = answer("simulate", written(folder, name, content), *options)
        assert "\x1b" not in output


@few(2)
@given(data=st.data())
def test_every_line_of_a_stream_is_answered(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    lines = [encoded(data.draw(mutated(CASE))), encoded(CASE), data.draw(torn(encoded(CASE))).replace(b"\n", b" ")]
    from sparekey.cli._stream import Stream

    answers = [Stream("s", explain=data.draw(st.booleans())).answer(1, line) for line in lines]
    assert all("outcome" in found or "error" in found for found in answers)
    assert "outcome" in answers[1]


@pytest.mark.parametrize("strange", [text for text in STRANGE if isinstance(text, str)])
def test_a_strange_value_on_the_command_line_is_read_or_refused(tmp_path: Path, strange: str) -> None:
    template = written(tmp_path, "t.json", encoded(TEMPLATE))
    for option in OPTIONS:
        for text in (strange, f"Stage={strange}"):
            if option not in FILES or text not in ("-", ""):
                answer("check", template, *DEPLOYER, f"{option}={text}")


def test_parts_are_found_where_they_were_put() -> None:
    assert part(put({"a": [1, 2]}, ("a", 1), 3), ("a", 1)) == 3
