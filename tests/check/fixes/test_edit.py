"""Edits keep what they do not change, in every style."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import given
from yaml.nodes import MappingNode, SequenceNode

from sparekey.check.fixes._edit import (
    add_values,
    append_entry,
    append_items,
    list_with,
    remove_item,
    replace_value,
    wrap_in_mapping,
)
from sparekey.check.fixes._page import NotEditableError, Page
from sparekey.check.fixes._render import Call, Tree
from sparekey.check.fixes._text import Edit, apply_edits
from tests.check.fixes.pages import Data, Looks, data_of, documents, looks, node_at, page_of

ADMINISTER: dict[str, Tree] = {
    "Sid": "Enable IAM User Permissions",
    "Effect": "Allow",
    "Principal": {"AWS": Call("Fn::Sub", "arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
    "Action": ["kms:Put*", "kms:*"],
    "Resource": "*",
}
ADMINISTER_DATA: dict[str, Data] = {
    **{key: value for key, value in ADMINISTER.items() if isinstance(value, str)},
    "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
    "Action": ["kms:Put*", "kms:*"],
}


def statement_path(look: Looks) -> tuple[str | int, ...]:
    return ("Outer", "Statement") if look.kind.startswith("flow") else ("Statement",)


def page_and_path(document: dict[str, Data], look: Looks) -> tuple[Page, tuple[str | int, ...]]:
    path = statement_path(look)
    return page_of(look.write(document), path, is_json=look.kind in ("json", "compact")), path


def read_back(page: Page, edits: list[Edit]) -> dict[str, Data]:
    text = apply_edits(page.text, edits)
    data = data_of(text)
    assert isinstance(data, dict)
    inner = data.get("Outer", data)
    assert isinstance(inner, dict)
    return inner


def assert_only_adds(page: Page, edits: list[Edit]) -> None:
    for edit in edits:
        assert not page.text[edit.start : edit.end].strip(), "an edit takes something away"
    edited = apply_edits(page.text, edits)
    newline = page.style.newline
    assert edited.count(newline) == edited.count("\n"), "the line ends are mixed"
    assert edited.endswith("\n") == page.text.endswith("\n")


@given(documents, looks)
def test_a_statement_is_added_in_any_style_and_nothing_else_changes(document: dict[str, Data], look: Looks) -> None:
    page, path = page_and_path(document, look)
    edits = add_values(page, node_at(page.root, *path), ADMINISTER)
    expected = deepcopy(document)
    before = expected["Statement"]
    expected["Statement"] = [*(before if isinstance(before, list) else [before]), ADMINISTER_DATA]
    assert read_back(page, edits) == expected
    assert_only_adds(page, edits)


@pytest.mark.parametrize("key", ["Principal", "Action"])
@given(document=documents, look=looks)
def test_a_value_joins_one_or_many_in_any_style(key: str, document: dict[str, Data], look: Looks) -> None:
    page, path = page_and_path(document, look)
    expected = deepcopy(document)
    statement = expected["Statement"]
    steps: tuple[str | int, ...] = (0,) if isinstance(statement, list) else ()
    place = statement[0] if isinstance(statement, list) else statement
    assert isinstance(place, dict)
    if key == "Principal":
        place, steps = place["Principal"], (*steps, "Principal")
        assert isinstance(place, dict)
    last = "AWS" if key == "Principal" else "Action"
    edits = add_values(page, node_at(page.root, *path, *steps, last), "kms:PutKeyPolicy")
    before = place[last]
    place[last] = [*(before if isinstance(before, list) else [before]), "kms:PutKeyPolicy"]
    assert read_back(page, edits) == expected
    assert_only_adds(page, edits)


@given(documents, looks)
def test_a_condition_joins_a_statement_in_any_style(document: dict[str, Data], look: Looks) -> None:
    page, path = page_and_path(document, look)
    expected = deepcopy(document)
    statement = expected["Statement"]
    steps: tuple[str | int, ...] = (0,) if isinstance(statement, list) else ()
    place = statement[0] if isinstance(statement, list) else statement
    node = node_at(page.root, *path, *steps)
    assert isinstance(place, dict)
    assert isinstance(node, MappingNode)
    edits = append_entry(page, node, "Condition", {"ArnNotEquals": {"aws:PrincipalArn": ["a:b", "c"]}})
    place["Condition"] = {"ArnNotEquals": {"aws:PrincipalArn": ["a:b", "c"]}}
    assert read_back(page, edits) == expected
    assert_only_adds(page, edits)


@given(documents, looks)
def test_a_principal_is_put_under_its_key_in_any_style(document: dict[str, Data], look: Looks) -> None:
    document = deepcopy(document)
    statement = document["Statement"]
    steps: tuple[str | int, ...] = (0,) if isinstance(statement, list) else ()
    place = statement[0] if isinstance(statement, list) else statement
    assert isinstance(place, dict)
    whole = place["Principal"]
    assert isinstance(whole, dict)
    place["Principal"] = whole["AWS"]
    page, path = page_and_path(document, look)
    edits = wrap_in_mapping(page, node_at(page.root, *path, *steps, "Principal"), "AWS")
    place["Principal"] = whole
    assert read_back(page, edits) == document
    assert_only_adds(page, edits)


@pytest.mark.parametrize("value", ["arn:aws:iam::1:root", Call("Fn::GetAtt", ["Deploy", "Arn"])])
@given(document=documents, look=looks)
def test_a_principal_is_replaced_in_any_style(value: Tree, document: dict[str, Data], look: Looks) -> None:
    page, path = page_and_path(document, look)
    expected = deepcopy(document)
    statement = expected["Statement"]
    steps: tuple[str | int, ...] = (0,) if isinstance(statement, list) else ()
    place = statement[0] if isinstance(statement, list) else statement
    assert isinstance(place, dict)
    principal = place["Principal"]
    assert isinstance(principal, dict)
    new: Data = value if isinstance(value, str) else {"Fn::GetAtt": ["Deploy", "Arn"]}
    if isinstance(principal["AWS"], list):
        principal["AWS"][0] = new
        last: tuple[str | int, ...] = ("AWS", 0)
    else:
        principal["AWS"] = new
        last = ("AWS",)
    edits = replace_value(page, node_at(page.root, *path, *steps, "Principal", *last), value)
    assert read_back(page, edits) == expected


@given(documents, looks)
def test_an_item_is_taken_out_in_any_style(document: dict[str, Data], look: Looks) -> None:
    document = {**document, "Statement": [ADMINISTER_DATA, {"Sid": "second"}, {"Sid": "third"}]}
    page, path = page_and_path(document, look)
    sequence = node_at(page.root, *path)
    assert isinstance(sequence, SequenceNode)
    for index in range(3):
        edits = remove_item(page, sequence, sequence.value[index])
        kept = [item for at, item in enumerate(document["Statement"]) if at != index]
        assert read_back(page, edits) == {**document, "Statement": kept}


def test_the_only_item_of_a_list_is_not_taken_out() -> None:
    page = page_of("a: [b]\n")
    sequence = node_at(page.root, "a")
    assert isinstance(sequence, SequenceNode)
    with pytest.raises(NotEditableError, match="nothing else"):
        remove_item(page, sequence, sequence.value[0])


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("a: x # why\nb: 1\n", ("a",), "v", "a:\n  - x # why\n  - v\nb: 1\n"),
        ("a:\n- x # why\n# about b\nb: 1\n", ("a",), "v", "a:\n- x # why\n- v\n# about b\nb: 1\n"),
        ("a:\n- x\n  # still about x\n\nb: 1\n", ("a",), "v", "a:\n- x\n  # still about x\n- v\n\nb: 1\n"),
        ("a:\n  # why\n  x\nb: 1\n", ("a",), "v", "a:\n  # why\n- x\n- v\nb: 1\n"),
        ("a: !Sub '${x}'", ("a",), "v", "a:\n  - !Sub '${x}'\n  - v"),
        ("a: &n x\nb: *n\n", ("a",), "v", "a:\n  - &n x\n  - v\nb: *n\n"),
        ("a:\n  Fn::Sub: x\nb: 1\n", ("a",), "v", "a:\n- Fn::Sub: x\n- v\nb: 1\n"),
        ("a: |\n  x\n  # no comment\nb: 1\n", ("a",), "v", "a:\n  - |\n      x\n      # no comment\n  - v\nb: 1\n"),
        ("a: [x, ]\n", ("a",), "v", "a: [x, v ]\n"),
        ("a: [x , # one\n  z, # two\n  ]\n", ("a",), "v", "a: [x , # one\n  z, # two\n  v\n  ]\n"),
        ("a: [\n  x,\n  z]\n", ("a",), "v", "a: [\n  x,\n  z,\n  v]\n"),
        ("a: []\n", ("a",), "v", "a: [v]\n"),
        ("a: !If [c, x, z]\n", ("a",), "v", "a:\n  - !If [c, x, z]\n  - v\n"),
        ("{a: !If [c, x, z]}\n", ("a",), "v", "{a: [!If [c, x, z], v]}\n"),
        ("k: &l [x]\na: *l\n", ("a",), "v", "k: &l [x, v]\na: *l\n"),
        (
            "b:\n  a:\n  - &n\n    s: 1\n  - *n # same\n",
            ("b", "a"),
            "v",
            "b:\n  a:\n  - &n\n    s: 1\n  - *n # same\n  - v\n",
        ),
    ],
)
def test_a_value_joins_others(before: str, path: tuple[str, ...], value: str, after: str) -> None:
    page = page_of(before)
    assert apply_edits(before, add_values(page, node_at(page.root, *path), value)) == after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: x # why\n", "v", "a: v # why\n"),
        ("a:   # why\n  x\n", "v", "a:   # why\n  v\n"),
        ("a:\nb: !Ref c\n", "v", "a: v\nb: !Ref c\n"),
        ("a:\n  Fn::Sub: x\nb: 1\n", "v", "a: v\nb: 1\n"),
        ("a: x\nb: !Ref c\n", Call("Ref", "D"), "a: !Ref D\nb: !Ref c\n"),
        ("a: x\nb:\n    Ref: c\n", Call("Ref", "D"), "a:\n    Ref: D\nb:\n    Ref: c\n"),
        ("a: # why\n  x\nb:\n  Ref: c\n", Call("Ref", "D"), "a: # why\n  Ref: D\nb:\n  Ref: c\n"),
        ('{"a": "x", "b": {"Ref": "c"}}', Call("Ref", "D"), '{"a": {"Ref": "D"}, "b": {"Ref": "c"}}'),
    ],
)
def test_a_value_takes_the_place_of_another(before: str, value: Tree, after: str) -> None:
    page = page_of(before, is_json=before.startswith("{"))
    assert apply_edits(before, replace_value(page, node_at(page.root, "a"), value)) == after


def test_a_text_that_is_written_elsewhere_is_not_changed_through_its_alias() -> None:
    page = page_of("k: &n x\na:\n  b: *n\n")
    page = replace(page, root=node_at(page.root, "a"))
    with pytest.raises(NotEditableError, match="alias"):
        list_with(page, node_at(page.root, "b"), "v")


def test_a_text_block_that_states_its_indentation_is_not_moved() -> None:
    page = page_of("a: |2\n   x\n")
    with pytest.raises(NotEditableError, match="states its indentation"):
        add_values(page, node_at(page.root, "a"), "v")


def test_a_list_in_a_file_without_a_final_newline_stays_without_one() -> None:
    page = page_of("a:\r\n  - x")
    sequence = node_at(page.root, "a")
    assert isinstance(sequence, SequenceNode)
    assert apply_edits(page.text, append_items(page, sequence, "v")) == "a:\r\n  - x\r\n  - v"
