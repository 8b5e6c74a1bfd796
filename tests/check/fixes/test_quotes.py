"""Typographic quotation marks that break a template are straightened, and those in a text stay."""

from __future__ import annotations

import pytest

from sparekey.check.fixes import straightened


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a": "x”}', '{"a": "x"}'),
        ('{“a”: “x”, "b": "y”}', '{"a": "x", "b": "y"}'),
        ('{"a": "say “hi”, please"}', '{"a": "say “hi”, please"}'),
        ('{"a": "\\"x”\n}', '{"a": "\\"x"\n}'),
        ('{"a": "x\\', '{"a": "x\\'),
        ('a: "x”\nb: “y”\n', 'a: "x"\nb: “y”\n'),
        ('a: "x” # why\n', 'a: "x" # why\n'),
        ('a: x"y”\n', 'a: x"y”\n'),
        ('a: "x\n  y”\n', 'a: "x\n  y”\n'),
        ("a: 1\n", "a: 1\n"),
        ("", ""),
    ],
)
def test_a_string_ends_with_the_mark_it_begins_with(before: str, after: str) -> None:
    assert straightened(before) == after
