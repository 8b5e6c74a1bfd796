from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.template import Environment, circular_dependencies, references_of
from tests.template._templates import load, refusal, resolver

TEMPLATE = """
Parameters: {P: {Type: String, Default: a}}
Conditions: {C: !Equals [!Ref P, a]}
Resources:
  A: {Type: T}
  B: {Type: T, DependsOn: A}
  K:
    Type: AWS::KMS::Key
    DependsOn: [B]
    Properties:
      W: !Sub ['${A.Arn} ${P} ${x} ${!B} ${AWS::Region}', {x: !Ref P}]
      X: !If [C, !GetAtt A.Arn, !Ref D]
      Y: {'Fn::GetAtt': [D, Outputs.X]}
  D: {Type: T}
"""


def test_the_references_of_a_node_come_in_the_order_of_the_text() -> None:
    node = load(TEMPLATE).resources["K"].node
    assert [(reference.name, reference.attribute) for reference in references_of(node)] == [
        ("A", "Arn"),
        ("P", None),
        ("AWS::Region", None),
        ("P", None),
        ("A", "Arn"),
        ("D", None),
        ("D", "Outputs.X"),
    ]


def test_the_references_of_a_branch_that_is_not_taken_are_left_out() -> None:
    made = resolver(TEMPLATE)
    node = made.template.resources["K"].node
    assert [reference.name for reference in references_of(node, made)] == ["A", "P", "AWS::Region", "P", "A", "D"]
    other = resolver(TEMPLATE, Environment(parameters={"P": "b"}))
    assert [reference.attribute for reference in references_of(node, other)][-2:] == [None, "Outputs.X"]


def test_an_open_branch_keeps_the_references_of_both() -> None:
    text = TEMPLATE.replace(", Default: a", "")
    made = resolver(text)
    assert len(references_of(made.template.resources["K"].node, made)) == 7


def test_dependencies_are_what_a_resource_needs_first() -> None:
    assert load(TEMPLATE).dependencies == {"A": (), "B": ("A",), "K": ("B", "A", "D"), "D": ()}


def test_resources_that_depend_on_each_other_are_refused() -> None:
    error = refusal(
        "Resources:\n  A: {Type: T, Properties: {X: !Ref B}}\n  B: {Type: T, DependsOn: A}\n"
        "  C: {Type: T, DependsOn: B}\n"
    )
    assert str(error) == (
        "t.yaml:2:32: CloudFormation refuses this template: Circular dependency between resources: [A, B]"
    )
    assert error.hint is None


def test_a_key_whose_policy_names_the_key_is_refused_with_the_cure() -> None:
    text = "Resources:\n  K:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: {Resource: !GetAtt K.Arn}\n"
    error = refusal(text)
    assert str(error).startswith("t.yaml:5:29: ")
    assert error.hint == '`K` refers to itself; in a key policy, `Resource: "*"` stands for the key'


@pytest.mark.parametrize(
    "resources",
    [
        "{A: {Type: T, Properties: {X: !If [C, !Ref B, b]}}, B: {Type: T, Properties: {X: !If [C, a, !Ref A]}}}",
        "{A: {Type: T, Condition: C, DependsOn: B}, B: {Type: T, Condition: C, DependsOn: A}}",
    ],
)
def test_a_circle_that_conditions_may_open_is_no_fault(resources: str) -> None:
    text = f"Parameters: {{P: {{Type: String}}}}\nConditions: {{C: !Equals [!Ref P, a]}}\nResources: {resources}\n"
    assert load(text).dependencies == {"A": ("B",), "B": ("A",)}


@given(st.dictionaries(st.integers(0, 8), st.sets(st.integers(0, 9)), max_size=9))
def test_what_is_on_a_circle_is_found(edges: dict[int, set[int]]) -> None:
    named = {str(name): [str(needed) for needed in needs] for name, needs in edges.items()}
    found = circular_dependencies(named)

    def reaches(start: str, goal: str) -> bool:
        seen: set[str] = set()
        stack = list(named.get(start, ()))
        while stack:
            name = stack.pop()
            if name == goal:
                return True
            if name not in seen:
                seen.add(name)
                stack.extend(named.get(name, ()))
        return False

    on_circles = {name for name in named if reaches(name, name)}
    assert on_circles <= set(found)
    assert all(any(reaches(name, circle) for circle in on_circles) for name in found)
    assert all(any(reaches(circle, name) for circle in on_circles) for name in found)


def test_a_long_chain_is_walked_in_time() -> None:
    edges = {str(n): [str(n + 1)] for n in range(50_000)}
    assert circular_dependencies(edges) == ()
