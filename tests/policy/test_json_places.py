from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.policy._json_places import DEEPEST, JsonPlaces, shown
from sparekey.source import Path, Place

TEXT = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["kms:*", "s3:*"]},
    {"Sid": "a\\u0062", "x": -1.5e3, "y": [], "z": {}}
  ]
}
"""


def no_constant(name: str) -> object:
    raise ValueError(name)


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 1, 1),
        (("Version",), 2, 14),
        (("Statement",), 3, 16),
        (("Statement", 0), 4, 5),
        (("Statement", 0, "Action", 1), 4, 45),
        (("Statement", 1, "y"), 5, 42),
        (("Statement", 1, "Sid", "deeper"), 5, 13),
        (("Statement", 7), 3, 16),
        (("Unheard",), 1, 1),
    ],
)
def test_every_value_has_its_place(path: Path, line: int, column: int) -> None:
    assert JsonPlaces(TEXT, "p.json")(path) == Place("p.json", line, column)


def test_columns_count_characters_and_lines_end_with_a_line_feed() -> None:
    places = JsonPlaces('{\r\n"é": "\U00010400",\t"b": 1}', "p.json")
    assert places(("b",)) == Place("p.json", 2, 16)


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("", 0, "the document is empty"),
        (" \n", 2, "the document is empty"),
        ("{", 1, "the document ends where a key"),
        ('{"a"', 4, "the document ends where `:` after the key `a` is expected"),
        ('{"a":', 5, "the document ends where a value is expected"),
        ('{"a":[1', 7, "the document ends where `,` or `]` is expected"),
        ('{"a":1,}', 6, "a comma stands before the closing `}`"),
        ("[1, ]", 2, "a comma stands before the closing `]`"),
        ("[,1]", 1, "expected a value, found `,`"),
        ('{"a" 1}', 5, "expected `:` after the key `a`, found `1`"),
        ('{"a":1 "b":2}', 7, 'expected `,` or `}`, found `"`'),
        ("{a:1}", 1, 'expected a key in `"`, found `a`'),
        ("{'a':1}", 1, "a text is quoted with `'`"),
        ("[\u201ca\u201d]", 1, "a typographic quotation mark `\u201c`"),
        ("\ufeff{}", 0, "the document begins with a byte order mark"),
        ("// x\n{}", 0, "JSON has no comments"),
        ("[1] # x", 4, "something follows the end of the document"),
        ('"Version": "x"}', 0, "the document does not begin with `{`"),
        ("[NaN]", 1, "`NaN` is no JSON number"),
        ("[-Infinity]", 1, "`-Infinity` is no JSON number"),
        ("[True]", 1, "`True` is Python's spelling"),
        ("[01]", 1, "expected a value, found `01`"),
        ("[1.]", 1, "expected a value, found `1.`"),
        ("[truer]", 1, "expected a value, found `truer`"),
        ("[\x00]", 1, "expected a value, found `\\x00`"),
        ('["a', 1, 'a quoted text has no closing `"`'),
        ('["a\\', 3, "`\\` is no JSON escape"),
        ('["a\\q"]', 3, "`\\q` is no JSON escape"),
        ('["\\u12"]', 2, "`\\u` is no JSON escape"),
        ('["\\n\nb"]', 4, "a line break stands inside a quoted text"),
        ('{"a\tb":1}', 3, "a control character stands inside a quoted text"),
        ("[" * (DEEPEST + 1), DEEPEST, f"the document is nested more than {DEEPEST} levels deep"),
    ],
)
def test_a_problem_is_named_where_it_stands(text: str, offset: int, message: str) -> None:
    problem = JsonPlaces(text, "p.json").problem
    assert problem is not None
    assert (problem.offset, message in problem.message) == (offset, True), problem


def test_an_unclosed_document_tells_what_closes_it() -> None:
    problem = JsonPlaces('{"a": [{', "p.json").problem
    assert problem is not None
    assert problem.hint == "close it with `}]}`"


def test_the_places_before_a_problem_are_known() -> None:
    places = JsonPlaces('{"a": 1, "b" 2}', "p.json")
    assert places(("a",)) == Place("p.json", 1, 7)
    assert JsonPlaces("nonsense", "p.json")(()) is None


def test_duplicate_keys_are_found_with_their_paths() -> None:
    places = JsonPlaces('{"a": [{"b": 1, "b": 2}], "\\u0061": 3, "c": {"a": 1}}', "p.json")
    assert places.problem is None
    assert [(*found.path, found.key, found.offset) for found in places.duplicates] == [("a", 0, "b", 16), ("a", 26)]
    assert places(("a",)) == Place("p.json", 1, 37)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def values(document: object, path: Path = ()) -> list[tuple[Path, object]]:
    found = [(path, document)]
    if isinstance(document, dict):
        found += [pair for key, inner in document.items() for pair in values(inner, (*path, key))]
    if isinstance(document, list):
        found += [pair for index, inner in enumerate(document) for pair in values(inner, (*path, index))]
    return found


@given(_JSON, st.sampled_from([None, 1]), st.booleans())
def test_every_value_stands_where_the_scanner_says(document: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    places = JsonPlaces(text, "p.json")
    assert places.problem is None
    lines = text.split("\n")
    for path, value in values(document):
        place = places(path)
        assert place is not None
        offset = sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1
        assert json.JSONDecoder().raw_decode(text, offset)[0] == value


@given(st.text('{}[]",:\\u0041 \n1-.etrufalsn\u201d\x01', max_size=30))
def test_the_scanner_takes_what_json_takes(text: str) -> None:
    try:
        json.loads(text, parse_constant=no_constant)
    except ValueError:
        assert JsonPlaces(text, "p.json").problem is not None
    else:
        assert JsonPlaces(text, "p.json").problem is None


def test_what_is_shown_is_short_and_printable() -> None:
    assert shown("a\nb\ud800\u200b") == "a\\nb\\ud800\\u200b"
    assert shown("x" * 100) == "x" * 80 + "…"
