from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.errors import InputError
from sparekey.template._json import JsonReader, compose_json
from sparekey.template._nodes import MappingNode, Node, ScalarNode, scalar_value
from sparekey.template._yaml import compose_yaml
from tests.template._templates import refusal

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def to_data(node: Node) -> Any:
    """The data a node stands for."""
    if isinstance(node, ScalarNode):
        return scalar_value(node)
    if isinstance(node, MappingNode):
        return {key.value: to_data(value) for key, value in node.value}
    return [to_data(item) for item in node.value]


@given(st.dictionaries(st.text(), JSON, max_size=4), st.sampled_from([None, 0, 2, "\t"]))
def test_json_is_read_as_the_standard_library_reads_it(data: object, indent: Any) -> None:
    assert to_data(compose_json(json.dumps(data, indent=indent), "t.json")) == data


def test_a_json_text_must_be_an_object_to_be_a_template() -> None:
    with pytest.raises(InputError, match="unsupported structure"):
        compose_json("[1]", "t.json")


@given(st.text(alphabet="{}[]\",:\\ \n0123456789.eE+-truefalsn”ab/*#'"))
def test_what_the_standard_library_refuses_is_refused_with_its_place(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        with pytest.raises(InputError) as caught:
            compose_json(text, "t.json")
        place = caught.value.place
        assert place is not None
        assert 1 <= place.line <= text.count("\n") + 1
        assert place.column >= 1


def test_marks_are_those_of_the_yaml_composer() -> None:
    text = '{"a": [1, {"b": "c d"}],\n  "e": {"f": [true, null, 1.5]},\r\n "g": ""}'

    def marks(node: Node) -> list[tuple[int, int, int]]:
        found = [(mark.index, mark.line, mark.column) for mark in (node.start_mark, node.end_mark)]
        if isinstance(node, ScalarNode):
            return found
        children = [c for pair in node.value for c in pair] if isinstance(node, MappingNode) else node.value
        return [*found, *(mark for child in children for mark in marks(child))]

    yaml = compose_yaml(text, "t.json")
    assert yaml is not None
    assert marks(compose_json(text, "t.json")) == marks(yaml)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,}', "1:9: a comma stands before `}`"),
        ('{"a": [1,]}', "1:10: a comma stands before `]`"),
        ('{"a": 1 "b": 2}', '1:9: `"` stands where `,` or `}` is expected'),
        ('{"a": [1 2]}', "1:10: `2` stands where `,` or `]` is expected"),
        ('{"a" 1}', "1:6: `1` stands where `:` is expected"),
        ('{"a"', "1:5: the text ends where `:` is expected"),
        ('{"a":', "1:6: the text ends where a value is expected"),
        ('{"a": "b', "1:7: the text ends within this string"),
        ('{"a": "b\n"}', "1:9: the string does not end on its line"),
        ('{"a": "\\x"}', "1:8: invalid \\escape"),
        ('{"a": "\\ud800"}', "1:7: the string holds half of a surrogate pair"),
        ('{\n"a": 01}', "2:6: `01` stands where a value is expected"),
        ('{"a": tru}', "1:7: `tru` stands where a value is expected"),
        ('{"a": NaN}', "1:7: `NaN` stands where a value is expected"),
        ("{'a': 1}", "1:2: `'` stands where `\"` is needed"),
        ('{"a": 1 // b\n}', "1:9: a comment stands here, and JSON has none"),
        ("// a\n{}", "1:1: a comment stands here, and JSON has none"),
        ("{# b\n}", "1:2: a comment stands here, and JSON has none"),
        ('{"a": 1}\n}', "2:1: the document ends here, and more text follows"),
        ("{a: 1}", "1:2: `a` stands where a key in double quotes is expected"),
    ],
)
def test_broken_json_is_refused_with_its_place(text: str, message: str) -> None:
    place, _, problem = message.partition(": ")
    assert str(refusal(text)) == f"t.yaml:{place}: JSON not well-formed: {problem}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"Principal": { "AWS": "arn:aws:iam::123456789012:role/ServiceRoleName” }}', "1:71"),
        ('{"a": “b”}', "1:7"),
        ('{"a": "b”, "c": 1}', "1:9"),
        ('{"a": 1,\n "b": "c”\n}', "2:9"),
    ],
)
def test_a_typographic_quotation_mark_in_json_is_named_with_its_place(text: str, place: str) -> None:
    error = str(refusal(text))
    assert error.startswith(f"t.yaml:{place}: JSON not well-formed: the typographic quotation mark `")


def test_deep_json_is_refused() -> None:
    assert refusal('{"a":' * 5_000).message == "the template nests deeper than 100 levels"


def test_a_key_that_stands_twice_in_json_is_refused_with_both_places() -> None:
    error = refusal('{"Resources": {"K": {"Type": "A"},\n "K": {"Type": "B"}}}')
    assert str(error) == "t.yaml:2:2: the key `K` stands here again; it is already at line 1, column 16"


def test_a_text_within_a_file_has_the_places_of_the_file() -> None:
    node = JsonReader('{"a":\n "b"}', "t.yaml", line=10, column=4).read()
    assert (node.start_mark.line, node.start_mark.column) == (10, 4)
    with pytest.raises(InputError) as caught:
        JsonReader('{"a":\n b}', "t.yaml", line=10, column=4).read()
    assert str(caught.value.place) == "t.yaml:12:2"
    with pytest.raises(InputError) as caught:
        JsonReader("{b}", "t.yaml", line=10, column=4).read()
    assert str(caught.value.place) == "t.yaml:11:6"
