"""JSON as people save it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.errors import InputError
from sparekey.snapshot._json import read_values
from sparekey.source import Path, Place


def values(data: bytes) -> list[object]:
    return [value for value, _ in read_values("file.json", data)]


def test_one_value_is_read() -> None:
    assert values(b' {"a": [1, true, null]}\n') == [{"a": [1, True, None]}]


def test_pages_one_after_the_other_are_read() -> None:
    assert values(b'{"a": 1}{"b": 2}\n\n{"c": 3}') == [{"a": 1}, {"b": 2}, {"c": 3}]


def test_one_value_a_line_is_read() -> None:
    assert values(b'{"a": 1}\r\n{"a": 2}\r\n') == [{"a": 1}, {"a": 2}]


def test_objects_cut_out_of_a_list_are_read() -> None:
    assert values(b'{"a": 1},\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_passed_over(encoding: str) -> None:
    assert values('{"é": 1}'.encode(encoding)) == [{"é": 1}]


@pytest.mark.parametrize(
    ("data", "message", "place"),
    [
        (b"", "the file is empty", Place("file.json", 1, 1)),
        (b" \n\t\n", "the file is empty", Place("file.json", 1, 1)),
        (b'{\n  "a" 1}', "this is not JSON: expecting ':' delimiter", Place("file.json", 2, 7)),
        (b'{"a": 1} x', "this is not JSON: expecting value", Place("file.json", 1, 10)),
        (b'{\n"a": "\xe9"}', "this is not text in UTF-8", Place("file.json", 2, 7)),
        (b"[" * 100_000, "this JSON is nested too deeply to be read", Place("file.json", 1, 1)),
    ],
)
def test_what_is_no_json_is_an_error_with_its_place(data: bytes, message: str, place: Place) -> None:
    with pytest.raises(InputError) as error:
        values(data)
    assert (error.value.message, error.value.place) == (message, place)


def test_a_number_of_thousands_of_digits_is_an_error() -> None:
    with pytest.raises(InputError, match="this is not JSON that can be read"):
        values(b"1" * 10_000)


TEXT = """{
  "a": {"x": [10, "]}", {"deep": true}],
        "y": "\\"quoted\\""},
  "b": []
}"""


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 1, 1),
        (("a",), 2, 8),
        (("a", "x"), 2, 14),
        (("a", "x", 0), 2, 15),
        (("a", "x", 1), 2, 19),
        (("a", "x", 2, "deep"), 2, 34),
        (("a", "y"), 3, 14),
        (("b",), 4, 8),
        (("b", 0), 4, 8),  # not there: its container
        (("b", 3), 4, 8),
        (("b", "c"), 4, 8),
        (("a", 0), 2, 8),
        (("z", "z"), 1, 1),
        (("a", "x", 9), 2, 14),
    ],
)
def test_every_value_knows_its_place(path: Path, line: int, column: int) -> None:
    ((_, source),) = read_values("file.json", TEXT.encode())
    assert source.place(path) == Place("file.json", line, column)


def test_the_place_of_a_key_that_is_there_twice_is_the_last_one() -> None:
    ((value, source),) = read_values("file.json", b'{"a": 1,\n "a": 2}')
    assert value == {"a": 2}
    assert source.place(("a",)) == Place("file.json", 2, 7)


def test_places_in_later_pages_count_from_the_beginning_of_the_file() -> None:
    _, (_, source) = read_values("file.json", b'{"a": 1}\n{"a":\n 2}')
    assert source.place(("a",)) == Place("file.json", 3, 2)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 0, 2]))
def test_a_place_is_where_the_value_is_read_again(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    ((_, source),) = read_values("file.json", text.encode())
    for path, inner in walk(value, ()):
        place = source.place(path)
        rest = "\n".join(text.split("\n")[place.line - 1 :])[place.column - 1 :]
        assert json.JSONDecoder().raw_decode(rest)[0] == inner


def walk(value: object, path: Path) -> list[tuple[Path, object]]:
    found = [(path, value)]
    if isinstance(value, dict):
        found += [each for key, inner in value.items() for each in walk(inner, (*path, key))]
    if isinstance(value, list):
        found += [each for index, inner in enumerate(value) for each in walk(inner, (*path, index))]
    return found
