"""New text looks like the text around it."""

from __future__ import annotations

import pytest

from sparekey.check.fixes._flow import read_flow
from sparekey.check.fixes._nodes import end_of, entry, function_of, walk
from sparekey.check.fixes._render import Call, Flow, Tree, render_entry, render_flow, scalar
from sparekey.check.fixes._style import Style, read_style
from tests.check.fixes.pages import compose, node_at


def style_of(text: str, *near: str) -> Style:
    root = compose(text)
    return read_style(text, root, node_at(root, *near) if near else None)


def test_indentation_is_that_of_the_place_edited() -> None:
    text = "a:\n  b:\n    c: 1\n  l:\n    - 1\nk:\n    p:\n        q: 1\n    l:\n    - 1\n"
    assert (style_of(text).step, style_of(text).dash) == (2, 2)
    assert (style_of(text, "k").step, style_of(text, "k").dash) == (4, 0)


def test_quotes_are_those_the_template_is_used_to() -> None:
    text = "a:\n  Effect: Allow\n  Action: 'kms:*'\n  AWS: !Sub 'arn:${x}'\n  x: 'a'\n"
    style = style_of(text)
    assert style.quote == "'"
    assert (style.quote_words, style.quote_names, style.quote_sub) == (False, True, True)
    assert style_of('{"Effect": "Allow"}').quote_words
    assert style_of('{"Effect": "Allow"}').quote_keys
    assert style_of("a: 1\n").quote == '"'


@pytest.mark.parametrize(
    ("text", "short", "join"),
    [
        ("a: !Ref b\n", True, False),
        ("a: {Ref: b}\n", False, False),
        ("a: 1\n", True, False),
        ("a: !Join ['', [b]]\n", True, True),
        ("a: !Join ['', [!Sub b]]\n", True, False),
    ],
)
def test_functions_are_written_as_the_template_writes_them(text: str, short: bool, join: bool) -> None:
    assert (style_of(text).short, style_of(text).join) == (short, join)


def test_json_has_no_short_functions() -> None:
    root = compose('{"a": 1}')
    assert not read_style('{"a": 1}', root, json=True).short


def test_the_account_and_the_partition_are_used_where_they_are_used() -> None:
    style = style_of("a: !Sub '${AWS::Partition}'\nb: !Ref AWS::AccountId\n")
    assert (style.account, style.partition) == (True, True)
    assert (style_of("a: 1\n").account, style_of("a: 1\n").partition) == (False, False)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Allow", "Allow"),
        ("kms:*", "kms:*"),
        ("Enable IAM User Permissions", "Enable IAM User Permissions"),
        ("*", '"*"'),
        ("2012-10-17", '"2012-10-17"'),
        ("yes", '"yes"'),
        ("a: b", '"a: b"'),
        ("ends:", '"ends:"'),
        ('say "no" \\', '"say \\"no\\" \\\\"'),
        ("tab\there", '"tab\\there"'),
        ("${x}", "${x}"),
        ("", '""'),
    ],
)
def test_a_text_is_quoted_where_yaml_would_misread_it(text: str, written: str) -> None:
    assert scalar(text, Style()) == written


def test_single_quotes_are_doubled_inside_single_quotes() -> None:
    assert scalar("it's", Style(quote="'")) == "'it''s'"


def test_braces_are_quoted_inside_braces() -> None:
    assert scalar("${x}", Style(), flow=True) == '"${x}"'
    assert scalar("${x}", Style(json=True)) == '"${x}"'


ROOT: Tree = {"AWS": Call("Fn::Join", ["", ["arn:aws:iam::", Call("Ref", "AWS::AccountId"), ":root"]])}


def test_a_function_is_written_in_its_short_or_its_long_form() -> None:
    assert render_entry("Principal", ROOT, Style(), 0) == [
        "Principal:",
        '  AWS: !Join ["", ["arn:aws:iam::", !Ref AWS::AccountId, ":root"]]',
    ]
    assert render_entry("Principal", ROOT, Style(short=False), 0) == [
        "Principal:",
        "  AWS:",
        '    Fn::Join: ["", ["arn:aws:iam::", {Ref: AWS::AccountId}, ":root"]]',
    ]
    assert render_flow(ROOT, Style(json=True, short=False), Flow()) == (
        '{"AWS": {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root"]]}}'
    )


def test_an_empty_list_stays_on_its_line() -> None:
    assert render_entry("Action", [], Style(), 2) == ["  Action: []"]


def test_the_spacing_of_brackets_is_that_of_the_text() -> None:
    text = '{ "a" : [ 1,2,3 ], "b" : { "c" : 3 } }'
    root = compose(text)
    assert read_flow(text, root, node_at(root, "b")) == Flow(" : ", ",", " ")
    compact = '{"a":{}}'
    root = compose(compact)
    assert read_flow(compact, root, node_at(root, "a")) == Flow(":", ",", "")
    assert read_flow("{}", compose("{}"), compose("{}")) == Flow()


def test_a_call_is_named_by_its_long_form() -> None:
    root = compose("a: !Ref b\nc: !GetAtt d.e\nf: {Fn::Sub: g}\nh: {i: j}\nk: {Ref: l}\nm: {Condition: n}\n")
    names = {key.value: function_of(value) for key, value in root.value}
    assert names == {"a": "Ref", "c": "Fn::GetAtt", "f": "Fn::Sub", "h": None, "k": "Ref", "m": None}
    assert entry(node_at(root, "f"), "Fn::Sub") is None
    assert entry(root, "none") is None


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("a:\n  b: c # d\n  # e\n\nf: 1\n", "c"),
        ("a:\n  b: |\n    c\n\nf: 1\n", "c"),
        ("k: &k 1\na:\n- *k # d\n# e\nf: 1\n", "*k"),
        ("k: &k 1\na:\n  b: *k\n  # e\nf: 1\n", "*k"),
        ("a:\n- [b, c]\nf: 1\n", "]"),
        ("a:\n  b:\nf: 1\n", "b:"),
    ],
)
def test_a_value_ends_before_the_comments_behind_it(text: str, end: str) -> None:
    root = compose(text)
    assert text[: end_of(text, node_at(root, "a"))].endswith(end)


def test_walking_passes_each_written_value_once() -> None:
    root = compose("k: &k [1, &y 2]\na: [[*y, 3], *k]\n")
    assert [node.value for node in walk(root) if isinstance(node.value, str)] == ["k", "1", "2", "a", "3"]
