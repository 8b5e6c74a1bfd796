from __future__ import annotations

import pytest

from sparekey.source import Place
from tests.template._templates import load, refusal

GOOD = "Resources:\n  K:\n    Type: AWS::KMS::Key\n"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    template = load(b"\xef\xbb\xbf" + GOOD.encode())
    assert template.text == GOOD
    assert template.resources["K"].place == Place("t.yaml", 2, 3)


def test_yaml_and_json_give_the_same_resources() -> None:
    yaml = load("Resources: {K: {Type: AWS::KMS::Key, Properties: {Enabled: true}}}")
    json = load('{"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"Enabled": true}}}}')
    assert (yaml.format, json.format) == ("yaml", "json")
    assert yaml.resources["K"].type == json.resources["K"].type == "AWS::KMS::Key"


@pytest.mark.parametrize(
    ("data", "message", "line", "column"),
    [
        (b"", "the file is empty", 1, 1),
        (b" \n\n", "the file is empty", 1, 1),
        (b"# nothing\n", "the file holds no template", 1, 1),
        (b"--- ~\n", "the file holds no template", 1, 1),
        (b"\xff\xfeR\x00", "the file is UTF-16, and CloudFormation reads UTF-8", 1, 1),
        (b"\xfe\xff\x00R", "the file is UTF-16, and CloudFormation reads UTF-8", 1, 1),
        (b"Resources:\n  K\xe9: 1", "the file is not UTF-8 text", 2, 4),
        (b"\xef\xbb\xbfRes\xe9", "the file is not UTF-8 text", 1, 4),
        (b"\x7fELF\x02\x01\x00\x00", "the file is binary: it holds a NUL character", 1, 7),
        (b"a: 1\nb: \x00", "the file is binary: it holds a NUL character", 2, 4),
        (b"x" * (4 * 1024 * 1024 + 1), "the file is larger than a template can be: 4,194,305 bytes", 1, 1),
        (b"hello", "CloudFormation refuses this template: Template format error: unsupported structure.", 1, 1),
        (b"- a\n- b", "CloudFormation refuses this template: Template format error: unsupported structure.", 1, 1),
        (b"!Ref {a: b}", "CloudFormation refuses this template: Template format error: unsupported structure.", 1, 1),
    ],
)
def test_what_is_no_text_or_no_mapping_is_refused(data: bytes, message: str, line: int, column: int) -> None:
    error = refusal(data)
    assert error.message == message
    assert error.place == Place("t.yaml", line, column)


def test_json_without_its_opening_brace_is_named_as_such() -> None:
    error = refusal('\n"Type" : "AWS::KMS::Key",\n  "Properties" : {\n      "Description" : "A sample key"\n  }\n}\n')
    assert str(error) == "t.yaml:2:1: this is a fragment of JSON without its opening brace"
    assert error.hint is not None
    assert "put `{` before it" in error.hint


def test_a_single_resource_is_told_to_stand_under_resources() -> None:
    error = refusal("Type: AWS::KMS::Key\nProperties: {}\n")
    assert "At least one Resources member must be defined." in error.message
    assert error.hint == "this looks like a single resource: put it under `Resources:`, below a name of its own"


def test_json_text_that_begins_with_a_quoted_key_may_still_be_good_yaml() -> None:
    assert load('"Resources":\n  "K": {"Type": "AWS::KMS::Key"}\n').format == "yaml"
