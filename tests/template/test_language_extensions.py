from __future__ import annotations

import pytest

from sparekey.errors import InputError
from sparekey.source import Place
from sparekey.template import Environment, expand, to_document
from sparekey.unknown import Unknown
from tests.template._templates import HERE, NOWHERE, load, plain, properties, refusal, refusal_of, resolver

EXTENDED = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'One,Two'}
  Open: {Type: CommaDelimitedList}
  Text: {Type: String}
Mappings: {M: {a: {b: c, names: [X, Y]}}}
Conditions: {C: !Equals [!Ref Text, a]}
"""
LOOP = """
Resources:
  Fn::ForEach::Keys:
    - Name
    - {}
    - Key${{Name}}:
        Type: AWS::KMS::Key
        Properties:
          Description: !Sub 'key ${{Name}} of ${{AWS::AccountId}}'
          X: !Ref Name
"""


def test_a_loop_makes_a_resource_for_each_item() -> None:
    template = load(EXTENDED + LOOP.format("[One, Two]"))
    assert list(template.resources) == ["KeyOne", "KeyTwo"]
    assert template.loops
    assert template.notes == ()
    assert template.resources["KeyTwo"].place == Place("t.yaml", 14, 7)
    value = properties(EXTENDED + LOOP.format("[One, Two]"), HERE, "KeyTwo")
    assert to_document(value)[0] == {"Description": "key Two of 111122223333", "X": "Two"}


@pytest.mark.parametrize(
    ("items", "names"),
    [
        ("!Ref Names", ["KeyOne", "KeyTwo"]),
        ("!FindInMap [M, a, names]", ["KeyX", "KeyY"]),
        ("!Split [',', 'P,Q']", ["KeyP", "KeyQ"]),
        ("[]", []),
    ],
)
def test_a_loop_runs_over_any_list_that_is_known(items: str, names: list[str]) -> None:
    text = EXTENDED + LOOP.format(items) + "  K: {Type: A}\n"
    assert list(load(text).resources) == [*names, "K"]


def test_a_loop_over_a_parameter_is_expanded_for_its_environment() -> None:
    template = load(EXTENDED + LOOP.format("!Ref Names"))
    assert list(expand(template, Environment(parameters={"Names": "A"})).resources) == ["KeyA"]
    assert list(template.resources) == ["KeyOne", "KeyTwo"]


def test_a_template_without_loops_is_expanded_already() -> None:
    template = load("Resources: {K: {Type: A}}")
    assert expand(template, HERE) is template


def test_a_loop_over_what_is_unknown_is_passed_over_in_the_open() -> None:
    text = EXTENDED + LOOP.format("!Ref Open") + "  K: {Type: A, Properties: {X: !Ref KeyOne}, DependsOn: []}\n"
    template = load(text)
    assert list(template.resources) == ["K"]
    assert template.notes == (
        "`Fn::ForEach::Keys` runs over a list that is not known (parameter `Open`): what it makes is not seen",
    )
    assert list(expand(template, Environment(parameters={"Open": "One"})).resources) == ["KeyOne", "K"]
    assert refusal(EXTENDED + LOOP.format("[Two]") + "  K: {Type: A, Properties: {X: !Ref KeyOne}}\n").place is not None
    template = load(EXTENDED + LOOP.format("[!If [C, a, b]]") + "  K: {Type: A}\n")
    assert "(parameter `Text`)" in template.notes[0]


def test_a_name_that_an_unknown_loop_may_make_is_unknown() -> None:
    text = EXTENDED + LOOP.format("!Ref Open") + "  K: {Type: A, Properties: {X: !Ref KeyOne, Y: !GetAtt KeyOne.Arn}}\n"
    value = properties(text)
    assert to_document(value)[0] == {
        "X": Unknown(("`KeyOne`, which a transform or a loop may make",)),
        "Y": Unknown(("`KeyOne.Arn`",)),
    }


def test_loops_within_loops_are_expanded() -> None:
    text = """
Resources:
  Fn::ForEach::Outer:
    - A
    - [x, y]
    - Fn::ForEach::Inner:
      - B
      - ['1', '2']
      - K${A}${B}: {Type: T, DependsOn: [], Properties: {X: [!Ref A, {Ref: B}, plain]}}
"""
    assert list(load(EXTENDED + text).resources) == ["Kx1", "Kx2", "Ky1", "Ky2"]
    assert to_document(properties(EXTENDED + text, HERE, "Ky2"))[0] == {"X": ["y", "2", "plain"]}


def test_an_inner_loop_over_what_is_unknown_leaves_the_outer_one_unknown() -> None:
    text = """
Resources:
  Fn::ForEach::Outer: [A, [x], {'Fn::ForEach::Inner': [B, !Ref Open, {'K${A}${B}': {Type: T}}]}]
  K: {Type: T}
"""
    assert "parameter `Open`" in load(EXTENDED + text).notes[0]


def test_conditions_and_outputs_are_looped_over_too() -> None:
    text = """
Conditions:
  Fn::ForEach::Conditions: [N, [a, b], {'Is${N}': !Equals [!Ref N, a]}]
Resources: {K: {Type: A, Properties: {X: !If [Isa, 1, 2], Y: !If [Isb, 1, 2]}}}
Outputs:
  Fn::ForEach::Outputs: [N, [a, b], {'Out&{N}': {Value: !Ref N}}]
"""
    template = load("Transform: AWS::LanguageExtensions" + text)
    assert list(template.conditions) == ["Isa", "Isb"]
    assert list(template.outputs) == ["Outa", "Outb"]
    assert to_document(properties("Transform: AWS::LanguageExtensions" + text))[0] == {"X": 1, "Y": 2}


def test_an_ampersand_drops_what_is_not_alphanumeric() -> None:
    text = "Resources:\n  Fn::ForEach::L: [N, ['a.b'], {'K&{N}': {Type: T, Properties: {X: !Ref N}}}]\n"
    assert list(load(EXTENDED + text).resources) == ["Kab"]


def test_a_loop_among_the_keys_of_a_mapping_is_expanded() -> None:
    loop = "{'Fn::ForEach::L': [N, [a, b], {'${N}': !Ref N, 'no${N}': !Ref AWS::NoValue}], c: 1}"
    assert plain(loop, EXTENDED) == {"a": "a", "b": "b", "c": 1}
    assert plain("{'Fn::ForEach::L': [N, !Ref Open, {'${N}': 1}], c: 1}", EXTENDED) == Unknown(("parameter `Open`",))


@pytest.mark.parametrize(
    ("loop", "message"),
    [
        ("a", "`Fn::ForEach::L` takes a list of an identifier, a list to run over, and a mapping"),
        ("[N, [a]]", "`Fn::ForEach::L` takes a list of an identifier, a list to run over, and a mapping"),
        ("[[N], [a], {b: c}]", "`Fn::ForEach::L` takes a list of an identifier, a list to run over, and a mapping"),
        ("[N, [a], b]", "`Fn::ForEach::L` takes a list of an identifier, a list to run over, and a mapping"),
        ("[N, a, {b: c}]", "`Fn::ForEach::L` takes a list to run over"),
        ("[N, [a, b], {K: {Type: T}}]", "`K` is made twice in Resources"),
        ("[N, [a, b], {L: {Type: T}}]", "`L` is made twice in Resources"),
    ],
)
def test_a_broken_loop_is_refused(loop: str, message: str) -> None:
    assert refusal(f"{EXTENDED}Resources:\n  K: {{Type: T}}\n  Fn::ForEach::L: {loop}\n").message == message


def test_names_made_of_an_identifier_are_looked_up_when_they_are_made() -> None:
    loop = "{'Fn::ForEach::L': [N, [One, Two], {'${N}': !GetAtt 'Key${N}.Arn'}]}"
    text = EXTENDED + LOOP.format("[One, Two]") + f"  K: {{Type: A, Properties: {{X: {loop}}}}}\n"
    assert sorted(properties(text).items["X"].items) == ["One", "Two"]  # type: ignore[union-attr] # it is a mapping


def test_loops_that_make_too_much_are_refused() -> None:
    items = "[" + ", ".join(f"'{n}'" for n in range(100)) + "]"
    inner = "{'K${A}${B}${C}${D}': {Type: T}}"
    for name in "DCBA":
        inner = f"{{'Fn::ForEach::{name}': [{name}, {items}, {inner}]}}"
    assert refusal(f"{EXTENDED}Resources: {inner}\n").message == "the loops make more than a template can hold"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("{'Fn::Length': [a, b]}", 2),
        ("{'Fn::Length': !Ref Names}", 2),
        ("{'Fn::Length': {'Fn::Split': [',', 'a,b,c']}}", 3),
        ("{'Fn::Length': !Ref Open}", Unknown(("parameter `Open`",))),
        ("{'Fn::Length': [!If [C, a, b]]}", Unknown(("parameter `Text`",))),
        ("!FindInMap [M, a, b, {DefaultValue: d}]", "c"),
        ("!FindInMap [M, x, b, {DefaultValue: d}]", "d"),
        ("!FindInMap [M, x, b, {DefaultValue: !Ref Names}]", ["One", "Two"]),
        ("!FindInMap [M, !Select [0, [a]], b]", "c"),
        ("!Ref {'Fn::Sub': 'Names'}", ["One", "Two"]),
        ("!Ref {'Fn::Sub': '${Text}'}", Unknown(("parameter `Text`",))),
        ("!GetAtt [{'Fn::Sub': '${Text}'}, Arn]", Unknown(("parameter `Text`",))),
        ("!GetAtt [R, !Ref Text]", Unknown(("parameter `Text`",))),
        ("!GetAtt [R, {'Fn::Sub': 'Arn'}]", "arn:aws:iam::111122223333:role/r"),
        ("{'Fn::ToJsonString': {a: [1, true, 'x\"', é]}}", '{"a":[1,true,"x\\"","é"]}'),
        ("{'Fn::ToJsonString': [!Ref AWS::NoValue, a]}", '["a"]'),
    ],
)
def test_the_extensions_are_resolved(expression: str, value: object) -> None:
    resources = f"Resources:\n  K: {{Type: T, Properties: {{X: {expression}}}}}\n"
    role = "  R: {Type: AWS::IAM::Role, Properties: {RoleName: r}}\n"
    assert to_document(properties(EXTENDED + resources + role))[0] == {"X": value}


def test_a_json_string_keeps_what_is_known() -> None:
    found = plain("{'Fn::ToJsonString': {a: !Ref Text, b: !Sub 'x\"-${Text}', c: 1}}", EXTENDED)
    assert found == Unknown(("parameter `Text`",), ('{"a":', None, ',"b":"x\\"-', None, '","c":1}'))
    assert plain("{'Fn::ToJsonString': !Ref Open}", EXTENDED) == Unknown(("parameter `Open`",))


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{'Fn::Length': a}", "`Fn::Length` takes a list"),
        ("{'Fn::Length': {a: b}}", "`Fn::Length` takes a list"),
        ("{'Fn::ToJsonString': a}", "`Fn::ToJsonString` takes a list or a mapping"),
        ("!Ref [a]", "`Ref` takes the name of a parameter or resource"),
        ("!ToJsonString [a]", "`!ToJsonString` is no function that CloudFormation knows"),
        (
            "!FindInMap [M, x, b, d]",
            "CloudFormation refuses this template: Template error: Unable to get mapping for M::x::b",
        ),
    ],
)
def test_broken_extensions_are_refused(expression: str, message: str) -> None:
    assert refusal_of(expression, EXTENDED) == message


def test_a_loop_without_the_transform_is_refused() -> None:
    error = refusal("Resources:\n  Fn::ForEach::L: [N, [a], {'K${N}': {Type: T}}]\n")
    assert error.message == "`Fn::ForEach` needs the language extensions"
    assert error.hint == "declare `Transform: AWS::LanguageExtensions`"


def test_a_loop_is_not_run_over_a_default_that_violates_its_constraints() -> None:
    with pytest.raises(InputError, match="must be one of AllowedValues"):
        resolver(
            "Transform: AWS::LanguageExtensions\n"
            "Parameters: {L: {Type: CommaDelimitedList, Default: a, AllowedValues: [b]}}\n"
            "Resources: {'Fn::ForEach::L': [N, !Ref L, {'K${N}': {Type: T}}]}",
            NOWHERE,
        )


def test_a_name_that_is_computed_is_looked_up_when_it_is_resolved() -> None:
    assert refusal_of("!Ref {'Fn::Sub': Nowhere}", EXTENDED).endswith(
        "Unresolved resource dependencies [Nowhere] in the Resources block of the template"
    )
    loop = "{'Fn::ForEach::L': [N, [A, B], {'${N}': !If ['Is${N}', 1, 2]}]}"
    conditions = "Transform: AWS::LanguageExtensions\nConditions: {IsA: !Equals [a, a]}"
    assert refusal_of(loop, conditions).endswith("unresolved condition dependency IsB in Fn::If")
    assert plain(loop, conditions.replace("}", ", IsB: !Equals [a, b]}")) == {"A": 1, "B": 2}
