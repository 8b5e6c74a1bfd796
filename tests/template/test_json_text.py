from __future__ import annotations

import pytest

from sparekey.errors import InputError
from sparekey.source import Place
from sparekey.template import Concrete, Environment, MapValue, UnknownValue, read_json_text, to_document
from sparekey.unknown import Unknown
from tests.template._templates import HERE, NOWHERE, load, properties, value_of, with_property

LITERAL = """|
        {
          "Version": "2012-10-17",
          "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::${AWS::AccountId}:root"}}
          ]
        }"""


def test_a_json_text_is_read_with_the_places_of_its_parts() -> None:
    text = with_property(LITERAL)
    value = read_json_text(properties(text).items["X"], load(text).text)
    assert value is not None
    document, locate = to_document(value)
    assert document == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::${AWS::AccountId}:root"}}],
    }
    assert locate(()) == Place("t.yaml", 7, 9)
    assert locate(("Version",)) == Place("t.yaml", 8, 22)
    assert locate(("Statement", 0, "Effect")) == Place("t.yaml", 10, 24)
    assert isinstance(value, MapValue)
    assert value.key_places["Version"] == Place("t.yaml", 8, 11)


def test_a_substituted_json_text_keeps_its_lines() -> None:
    text = with_property(f"!Sub {LITERAL}")
    value = read_json_text(properties(text).items["X"], load(text).text)
    assert value is not None
    document, locate = to_document(value)
    assert "arn:aws:iam::111122223333:root" in str(document)
    assert locate(("Statement", 0, "Principal", "AWS")) == Place("t.yaml", 10, 54)


def test_what_is_unknown_within_a_string_stays_open_there() -> None:
    text = with_property(f"!Sub {LITERAL}")
    value = read_json_text(properties(text, NOWHERE).items["X"], load(text).text)
    assert value is not None
    document = to_document(value)[0]
    assert document == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": Unknown(("the account id (--account)",), ("arn:aws:iam::", None, ":root"))},
            }
        ],
    }


def test_an_unknown_outside_strings_leaves_the_whole_open() -> None:
    sections = "Parameters: {P: {Type: String}}"
    value = value_of("""!Sub '{"Statement": ${P}}'""", sections)
    assert read_json_text(value, "") is value


def test_what_is_no_text_is_not_read() -> None:
    sections = "Parameters: {P: {Type: String}}"
    assert read_json_text(value_of("{a: b}"), "") is None
    assert read_json_text(value_of("5"), "") is None
    assert read_json_text(value_of("!Ref P", sections), "") is None


def test_in_a_quoted_text_every_part_stands_where_the_text_begins() -> None:
    value = read_json_text(value_of("""'{"a": [1, "b"]}'"""), "")
    assert value is not None
    document, locate = to_document(value)
    assert document == {"a": [1, "b"]}
    assert locate(("a", 1)) == Place("t.yaml", 6, 10)


def test_a_json_template_may_hold_a_json_text() -> None:
    text = '{"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"X": "{\\"a\\": true}"}}}}'
    value = read_json_text(properties(text).items["X"], text)
    assert value is not None
    assert to_document(value)[0] == {"a": True}


def test_text_that_is_no_json_is_refused_with_its_place() -> None:
    text = with_property('|\n        {"a": b}\n')
    with pytest.raises(InputError) as caught:
        read_json_text(properties(text).items["X"], load(text).text)
    assert str(caught.value) == (
        "t.yaml:7:15: the text is no JSON: JSON not well-formed: `b` stands where a value is expected"
    )
    with pytest.raises(InputError) as caught:
        read_json_text(value_of("just text"), "")
    assert caught.value.place == Place("t.yaml", 6, 10)


def test_a_value_given_from_outside_is_read_too() -> None:
    here = Environment(imports={"p": '{"a": "b"}'})
    value = value_of("!ImportValue p", environment=here)
    assert isinstance(value, Concrete)
    found = read_json_text(value, "")
    assert found is not None
    assert to_document(found)[0] == {"a": "b"}
    assert isinstance(value_of("!ImportValue q", environment=HERE), UnknownValue)
