from __future__ import annotations

from sparekey.source import Place
from sparekey.template import Concrete, MapValue, UnknownValue, to_document
from sparekey.unknown import Unknown
from tests.template._templates import load, properties, value_of, with_property

SECTIONS = "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, a]}"


def test_a_document_is_plain_data_with_unknowns() -> None:
    value = value_of("{a: [1, !Ref P, !Ref AWS::NoValue, {b: !If [C, x, y]}], c: true, d: 1.5, e: ''}", SECTIONS)
    unknown = Unknown(("parameter `P`",))
    assert to_document(value)[0] == {"a": [1, unknown, {"b": unknown}], "c": True, "d": 1.5, "e": ""}


def test_a_place_is_that_of_the_value_at_a_path() -> None:
    text = with_property(
        "\n        Statement:\n          - !Ref AWS::NoValue\n          - Sid: one\n            Effect: Allow"
    )
    _, locate = to_document(properties(text).items["X"])
    assert locate(()) == Place("t.yaml", 7, 9)
    assert locate(("Statement", 0)) == Place("t.yaml", 9, 13)
    assert locate(("Statement", 0, "Effect")) == Place("t.yaml", 10, 21)


def test_a_path_that_leads_nowhere_gives_the_closest_place() -> None:
    _, locate = to_document(value_of("{a: [b]}"))
    assert locate(("a", 5)) == Place("t.yaml", 6, 14)
    assert locate(("a", -1)) == Place("t.yaml", 6, 14)
    assert locate(("a", "b")) == Place("t.yaml", 6, 14)
    assert locate(("x", "y")) == Place("t.yaml", 6, 10)
    assert locate(("a", 0, 0)) == Place("t.yaml", 6, 15)


def test_no_value_as_a_whole_is_nothing() -> None:
    value = value_of("!If [C, a, !Ref AWS::NoValue]", SECTIONS)
    assert to_document(value)[0] == Unknown(("parameter `P`",))
    assert to_document(value.if_false)[0] is None  # type: ignore[union-attr]  # it is a Conditional


def test_keys_have_places_of_their_own() -> None:
    value = value_of("{a: 1,  b: 2}")
    assert isinstance(value, MapValue)
    assert value.key_places == {"a": Place("t.yaml", 6, 11), "b": Place("t.yaml", 6, 18)}
    assert value.end == (6, 23)


def test_every_value_knows_its_end() -> None:
    for expression in ("[a]", "a", "!Ref P", "!If [C, a, b]", "{a: b}"):
        assert value_of(expression, SECTIONS).end[1] == 10 + len(expression)
    value = value_of("!If [C, !Ref AWS::NoValue, b]", SECTIONS)
    assert value.if_true.end[1] == 10 + len("!If [C, !Ref AWS::NoValue")  # type: ignore[union-attr]  # it is a Conditional


def test_a_scalar_has_its_text() -> None:
    texts = []
    for written in ("true", "no", "5", "1.50", "abc"):
        value = value_of(written)
        assert isinstance(value, Concrete)
        texts.append(value.text)
    assert texts == ["true", "false", "5", "1.50", "abc"]
    length = value_of("{'Fn::Length': [a]}", "Transform: AWS::LanguageExtensions")
    assert isinstance(length, Concrete)
    assert (length.value, length.text) == (1, "1")


def test_an_unknown_says_which_resource_it_is_of() -> None:
    text = with_property("!GetAtt R.Arn") + "  R: {Type: AWS::IAM::Role}\n"
    value = properties(text).items["X"]
    assert isinstance(value, UnknownValue)
    assert (value.resource, value.attribute, value.reference) == ("R", "Arn", None)
    assert load(text).resources["R"].type == "AWS::IAM::Role"
