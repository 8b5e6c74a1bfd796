"""Which lines of a template are quoted."""

from __future__ import annotations

import pytest

from sparekey.check import Finding, KeyReport, Level, Verdict
from sparekey.check._quote import quotations
from sparekey.source import Place


def quoted(text: str, start: tuple[int, int], place: tuple[int, int] | None = None) -> list[int]:
    """The lines quoted for a place (by default the start) of a statement that begins at ``start``."""
    at = Place("t", *(place or start))
    finding = Finding("SK999", Level.NOTE, "a note", at)
    key = KeyReport(
        "Key",
        "AWS::KMS::Key",
        Verdict.PASS,
        "fine",
        Place("t", 1, 1),
        findings=(finding,),
        statements=(Place("t", *start),),
    )
    return list(quotations("t", text.split("\n"), [key], ())[at])


@pytest.mark.parametrize(
    ("text", "start", "lines"),
    [
        ("  - a: 1\n    b: 2\n  - c: 3", (1, 5), [1, 2]),
        ("  - a: 1\n\n    # why\n    b: 2\n\n  - c: 3", (1, 5), [1, 2, 3, 4]),
        ("  -\n    a: 1\n    b: 2", (2, 5), [2, 3]),
        ("a: 1\nb: 2", (1, 1), [1, 2]),
        ("  x: y\n     z", (1, 6), [1]),
        ('  {\n    "a": ["}", 1]\n  },\n  {', (1, 3), [1, 2, 3]),
        ('  {"a": "\\"}",\n  "b": 1}\n  {', (1, 3), [1, 2]),
        ("- {a: 'it''s }',\n   b: 2}\nc", (1, 3), [1, 2]),
        ("[{a: 1}, {b: 2}]\nc", (1, 2), [1]),
        ("{ never closed\n\n", (1, 1), [1]),
    ],
)
def test_a_statement_ends_where_its_bracket_or_its_indentation_does(
    text: str, start: tuple[int, int], lines: list[int]
) -> None:
    assert quoted(text, start) == lines


def test_a_place_inside_a_statement_quotes_all_of_it() -> None:
    assert quoted("- a: 1\n  b:\n    c: 2\nd: 3", (1, 3), (3, 5)) == [1, 2, 3]


def test_a_place_outside_of_every_statement_is_quoted_alone() -> None:
    assert quoted("- a: 1\n  b: 2\nc: 3\nd: 4", (1, 3), (3, 1)) == [3]
    assert quoted("c: 3\n- a: 1\n  b: 2", (2, 3), (1, 1)) == [1]


def test_a_place_in_another_file_or_past_the_end_is_not_quoted() -> None:
    findings = [Finding("SK999", Level.NOTE, "a note", place) for place in (Place("u", 1, 1), Place("t", 9, 1))]
    assert quotations("t", ["a"], (), findings) == {}
