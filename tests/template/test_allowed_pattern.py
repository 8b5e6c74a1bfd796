from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.template._allowed_pattern import matches_pattern

ATOMS = st.sampled_from(
    ["a", "b", "0", "[ab]", "[^a]", "[a-z0-9]", "[]a]", "[a-]", "[\\w-]", "[\\]a]", ".", r"\d", r"\W", r"\-", r"\t"]
)
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{1,}", "*?", "??"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        inner.map(lambda pattern: f"^{pattern}$"),
    ),
    max_leaves=6,
)


@given(PATTERNS, st.text(alphabet="ab0-_]\t", max_size=6))
def test_patterns_match_as_the_standard_library_matches_them(pattern: str, text: str) -> None:
    assert matches_pattern(pattern, text) is (re.fullmatch(pattern, text) is not None)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$", "arn:aws:iam::123456789012:role/a/b", True),
        (r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$", "arn:aws:iam::12345678901:role/a", False),
        (r"\p{Alpha}\p{Digit}+", "a12", True),
        (r"\P{Upper}", "A", False),
        (r"[\p{Lower}]", "a", True),
        (r"[\x-z]", "y", None),
        (r"[a-\-]", "a", None),
        (r"[+-\--]", "-", True),
        (r"a\{2\}", "a{2}", True),
        ("", "", True),
        ("^$|^x+$", "", True),
    ],
)
def test_what_templates_write(pattern: str, text: str, matches: bool | None) -> None:
    assert matches_pattern(pattern, text) is matches


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)a",
        "(?<x>a)",
        r"(a)\1",
        "a*+",
        "[a&&b]",
        "[a[b]]",
        r"\bb",
        r"\p{IsLatin}",
        "a)",
        "(a",
        "[a",
        "*a",
        "a{b}",
        "a{2,1}",
        "a{,2}",
        "a{2",
        "a\\",
        "[a-\\d]",
        "[b-a]",
        "((a{99}){99}){99}",
        "(" * 60 + "a" + ")" * 60,
        "a{9999999999999}",
        "|".join(["a" * 999] * 40),
        "(?",
        "a**",
        "[a-[]",
    ],
)
def test_what_is_not_read_is_not_examined(pattern: str) -> None:
    assert matches_pattern(pattern, "a") is None


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(a*)*b", "a*a*a*a*a*b", "(a?){30}a{30}b"])
def test_patterns_that_explode_elsewhere_are_answered(pattern: str) -> None:
    assert matches_pattern(pattern, "a" * 4_096) is False


def test_too_much_work_is_not_done() -> None:
    assert matches_pattern("(a?){4000}", "a" * 4_096) is None
