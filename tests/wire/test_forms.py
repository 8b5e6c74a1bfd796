from __future__ import annotations

import pytest

from sparekey.wire.errors import MalformedInput
from sparekey.wire.forms import tree_of
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
