from __future__ import annotations

import sys
import unicodedata

import pytest

from sparekey.wire import service_names
from sparekey.wire.models import service_model
from sparekey.wire.patterns import UntranslatablePattern, compiled


@pytest.mark.parametrize("service", service_names())
def test_every_pattern_of_every_served_model_is_translated(service: str) -> None:
    model = service_model(service)
    patterns = {model.shape(name).pattern for name in model.shape_names()}
    assert len({compiled(pattern) for pattern in patterns if pattern}) > 5


def test_word_characters_of_python_are_the_letters_and_numbers_of_java_and_the_underscore() -> None:
    word = compiled("[\\p{L}\\p{N}_]")
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        if not 0xD800 <= code < 0xE000:
            expected = unicodedata.category(letter)[0] in "LN" or letter == "_"
            assert (word.fullmatch(letter) is not None) == expected, hex(code)


def test_separators_are_those_of_unicode() -> None:
    separators = compiled("[\\p{Z}]")
    for code in range(sys.maxunicode + 1):
        assert (separators.fullmatch(chr(code)) is not None) == (unicodedata.category(chr(code))[0] == "Z"), hex(code)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("[\\w]+", "aZ_9", "é"),
        ("\\d{2}", "12", "१२"),  # digits of Devanagari
        ("[\\s]+", " \t\n\x0b\f\r", "\u00a0"),
        ("[\\s\\S]*", "\n\u2028é", None),
        ("[^\\s@]+", "é", "a b"),
        (".*", "a\tb", "a\u2028b"),
        (".+", "a", "a\nb"),
        ("(?s).*", "a\nb", None),
        ("^a$", "a", "a\n"),
        ("^(a)|(b)$", "b", "ab"),
        ("a|b+", "bb", "ab"),
        ("[a-z.]+", "a.", "a-"),
        ("[]a]+", "]a", "b"),
        ("[^]a]", "b", "]"),
        ("\\bab\\b", "ab", "abc"),
        ("[\\u0020-\\u007E\\u10000-\\u10FFFF]+", "\U0001f511", "\n"),
        ("[\\uD800\\uDC00-\\uDBFF\\uDFFF\\t]", "\U0001f511", "a"),
        ("[\\x20-\\x7E]+", "~", "\x7f"),
        ("^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$", "a-b-c", "a--c"),
        ("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+", "Straße ①_ .:/=+-@\u3000", "a&b"),
        ("(?:a|b)(?=c)c", "ac", "ad"),
    ],
)
def test_java_and_python_agree(pattern: str, good: str, bad: str | None) -> None:
    assert compiled(pattern).fullmatch(good)
    assert bad is None or not compiled(pattern).fullmatch(bad)


@pytest.mark.parametrize(
    "pattern",
    [
        *("a*+", "a++", "a?+", "a{2}+", "(?<=a)b", "(?i)a", "(?>a)", "\\p{Print}", "[\\p{P}]", "[\\p{L}]", "[\\p{N}_]"),
        *("[a[b]]", "[a&&b]", "\\Ga", "[a", "\\1", "[\\p{L}\\p{N}_\\d]"),
    ],
)
def test_what_java_reads_otherwise_is_refused(pattern: str) -> None:
    with pytest.raises(UntranslatablePattern):
        compiled(pattern)
