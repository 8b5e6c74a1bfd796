from __future__ import annotations

from urllib.parse import quote, quote_plus, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.wire.errors import MalformedInput, MalformedQueryString
from sparekey.wire.forms import read_form, tree_of
from sparekey.wire.messages import HttpRequest
from tests.wire.requests import call, decoded


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"Tags": "", "Tags.member.1.Key": "a"}, "The parameter Tags has a value, and others below it."),
        (
            {"Tags.member.1": "a", "Tags.member.1.Key": "a"},
            "The parameter Tags.member.1.Key is below one that has a value.",
        ),
        (
            {"Tags.member.1.Key": "a", "Tags.member.1": "a"},
            "The parameter Tags.member.1 has a value, and others below it.",
        ),
        ({"Tags.member": "a"}, "Unexpected list element termination"),
        ({"Tags.member.1.Key.a": "a"}, "Start of list found where not expected"),
        ({"Tags.member.one.Key": "a"}, "Top level element may not be treated as a list"),
        ({"Tags.member.1.Key": "a", "Tags.member.01.Key": "b"}, "Top level element may not be treated as a list"),
        ({"Tags.member.1.Key": "a", "Tags.other.1.Key": "b"}, "Top level element may not be treated as a list"),
        ({"Tags" + ".a" * 32: "a"}, "nested too deeply"),
    ],
)
def test_names_that_contradict_each_other_are_malformed(parameters: dict[str, str], message: str) -> None:
    with pytest.raises(MalformedInput) as refused:
        decoded(call("iam", "TagUser", {"UserName": "a", **parameters}), "iam")
    assert message in refused.value.message


def test_the_numbers_of_a_list_may_leave_gaps_and_come_in_any_order() -> None:
    keys = {"TagKeys.member.10": "c", "TagKeys.member.2": "b", "TagKeys.member.1": "a"}
    assert decoded(call("iam", "UntagUser", {"UserName": "a", **keys}), "iam")["tag_keys"] == ["a", "b", "c"]


def test_dotted_names_grow_into_a_tree() -> None:
    assert tree_of({"a.b": "1", "a.c.d": "2", "e": "3"}) == {"a": {"b": "1", "c": {"d": "2"}}, "e": "3"}


@pytest.mark.parametrize("name", ["TagKeys.Member.1", "Tags.member.1.Size", "Nobody.member.1"])
def test_unknown_names_below_others_are_refused_too(name: str) -> None:
    from sparekey.errors import NotImplementedHere

    with pytest.raises((NotImplementedHere, MalformedInput)):
        decoded(call("iam", "TagUser", {"UserName": "a", name: "b"}), "iam")


def form(body: bytes = b"", query: str = "") -> dict[str, str]:
    return read_form(HttpRequest("POST", "/", query, {}, body))


PIECES = st.sampled_from(
    ["%41", "%0a", "%0D%0A", "+", " ", "\n", "=\n", "=3D", "%3d", "é", "%C3%A9", "_", "\t", "%25", "%2B"]
)


@given(st.lists(PIECES, max_size=9).map("".join))
def test_values_are_unescaped_as_forms_are_everywhere(text: str) -> None:
    assert form(f"a={text}".encode()) == {"a": unquote_plus(text, errors="strict")}


@given(st.text(min_size=1), st.text())
def test_what_is_escaped_comes_back(name: str, value: str) -> None:
    for escape in (quote, quote_plus):
        assert form(f"{escape(name)}={escape(value)}".encode()) == {name: value}


@pytest.mark.parametrize("text", ["%", "%4", "%4g", "%%41", "%=3", "a%"])
def test_a_broken_escape_is_refused(text: str) -> None:
    with pytest.raises(MalformedQueryString):
        form(f"a={text}".encode())


@pytest.mark.parametrize("raw", [b"a=\xff", b"a=%ff", b"a=%C3", b"%ff=a", b"a=\xed\xa0\x80"])
def test_what_is_no_utf_8_is_refused_in_the_body_and_in_the_query(raw: bytes) -> None:
    with pytest.raises(MalformedQueryString):
        form(raw)
    with pytest.raises(MalformedQueryString):
        form(query=raw.decode("utf-8", "surrogateescape"))
