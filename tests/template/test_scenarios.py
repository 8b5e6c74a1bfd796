from __future__ import annotations

import pytest

from sparekey.template import Environment, to_document
from tests.template._templates import HERE, NOWHERE, resolver

PARAMETERS = """
Parameters:
  Env: {Type: String, AllowedValues: [prod, test]}
  Open: {Type: String}
  Other: {Type: String}
"""


def outcomes(text: str, environment: Environment = HERE, limit: int = 64) -> dict[str | None, object]:
    """What the property ``X`` of ``K`` is in each scenario; ``absent`` where the resource is not created."""
    made = resolver(PARAMETERS + text, environment)
    node = made.template.resources["K"].properties
    assert node is not None
    found: dict[str | None, object] = {}
    for scenario in made.scenarios("K", limit):
        exists = scenario.resolver.exists("K")
        document = to_document(scenario.resolver.resolve(node))[0]
        assert isinstance(document, dict)
        found[scenario.description] = document.get("X", "nothing") if exists is True else "absent"
    return found


def test_a_resource_that_hangs_on_nothing_open_has_one_scenario() -> None:
    text = "Conditions: {C: !Equals [!Ref Open, a]}\nResources: {K: {Type: A, Properties: {X: 1}}}"
    assert outcomes(text) == {None: 1}
    text = "Conditions: {C: !Equals [a, a]}\nResources: {K: {Type: A, Properties: {X: !If [C, 1, 2]}}}"
    assert outcomes(text) == {None: 1}


def test_an_open_condition_makes_two_scenarios() -> None:
    text = """
Conditions: {C: !Equals [!Ref Open, a]}
Resources: {K: {Type: A, Properties: {X: !If [C, 1, !Ref AWS::NoValue]}}}
"""
    assert outcomes(text) == {"when `C` is true": 1, "when `C` is false": "nothing"}


def test_the_condition_of_the_resource_counts() -> None:
    text = "Conditions: {C: !Not [!Equals [!Ref Open, a]]}\nResources: {K: {Type: A, Condition: C, Properties: {X: 1}}}"
    assert outcomes(text) == {"when `C` is true": 1, "when `C` is false": "absent"}


def test_branches_that_contradict_each_other_are_left_out() -> None:
    text = """
Conditions: {A: !Equals [!Ref Open, a], B: !Equals [b, !Ref Open]}
Resources: {K: {Type: A, Properties: {X: [!If [A, a, -], !If [B, b, -]]}}}
"""
    assert outcomes(text) == {
        "when `A` is true and `B` is false": ["a", "-"],
        "when `A` is false and `B` is true": ["-", "b"],
        "when `A` is false and `B` is false": ["-", "-"],
    }


def test_a_parameter_takes_allowed_values_only() -> None:
    text = """
Conditions: {Prod: !Equals [!Ref Env, prod], Test: !Equals [!Ref Env, test], Dev: !Equals [!Ref Env, dev]}
Resources: {K: {Type: A, Properties: {X: [!If [Prod, p, -], !If [Test, t, -], !If [Dev, d, -]]}}}
"""
    assert outcomes(text) == {
        "when `Prod` is true and `Test` is false": ["p", "-", "-"],
        "when `Prod` is false and `Test` is true": ["-", "t", "-"],
    }


def test_the_same_comparison_is_decided_once() -> None:
    text = """
Conditions:
  A: !Equals [!Ref Open, a]
  B: !Not [{'Fn::Equals': [a, {'Fn::Sub': '${Open}'}]}]
  C: !And [!Condition A, !Equals [!Ref Other, b]]
Resources: {K: {Type: A, Properties: {X: [!If [A, a, -], !If [B, b, -], !If [C, c, -]]}}}
"""
    assert outcomes(text) == {
        "when `A` is true, `B` is false and `C` is true": ["a", "-", "c"],
        "when `A` is true, `B` is false and `C` is false": ["a", "-", "-"],
        "when `A` is false, `B` is true and `C` is false": ["-", "b", "-"],
    }


def test_a_parameter_has_the_value_that_the_scenario_takes() -> None:
    text = """
Conditions: {C: !Equals [!Ref Open, a], D: !Or [!Equals [!Ref Open, b], !Equals [!Ref Open, c]]}
Resources: {K: {Type: A, Properties: {X: !If [C, !Sub 'x-${Open}', !If [D, 1, 2]]}}}
"""
    found = outcomes(text)
    assert found["when `C` is true and `D` is false"] == "x-a"
    assert found["when `C` is false and `D` is true"] == 1


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("AWS::Region", "cn-north-1", "arn:aws-cn:cn-north-1:"),
        ("AWS::Partition", "aws-cn", "arn:aws-cn:"),
        ("AWS::AccountId", "111122223333", "arn:"),
    ],
)
def test_a_pseudo_parameter_has_the_value_that_the_scenario_takes(name: str, value: str, shown: str) -> None:
    text = f"""
Conditions: {{C: !Equals [!Ref '{name}', '{value}']}}
Resources:
  K: {{Type: A, Properties: {{X: !If [C, !Sub 'arn:${{AWS::Partition}}:${{AWS::Region}}:${{AWS::AccountId}}', n]}}}}
"""
    found = str(outcomes(text, NOWHERE)["when `C` is true"])
    assert value in found
    assert found.startswith(shown) or "Unknown" in found


def test_a_comparison_of_two_unknowns_is_open_either_way() -> None:
    text = """
Conditions: {A: !Equals [!Ref Open, !Ref Other], B: !Equals [!Ref Other, !Ref Open]}
Resources: {K: {Type: A, Properties: {X: [!If [A, a, -], !If [B, b, -]]}}}
"""
    assert outcomes(text) == {
        "when `A` is true and `B` is true": ["a", "b"],
        "when `A` is false and `B` is false": ["-", "-"],
    }


def test_conditions_of_names_that_are_referred_to_count() -> None:
    text = """
Conditions: {C: !Equals [!Ref Open, a]}
Resources:
  K: {Type: A, Properties: {X: !GetAtt R.Arn}}
  R: {Type: AWS::IAM::Role, Properties: {RoleName: !If [C, one, two]}}
"""
    assert outcomes(text) == {
        "when `C` is true": "arn:aws:iam::111122223333:role/one",
        "when `C` is false": "arn:aws:iam::111122223333:role/two",
    }


def test_a_reference_to_what_a_scenario_does_not_create_is_unknown() -> None:
    text = """
Conditions: {C: !Equals [!Ref Open, a], D: !Equals [!Ref Other, a]}
Resources:
  K: {Type: A, Properties: {X: !If [D, !If [C, 1, !Ref R], 2]}}
  R: {Type: AWS::IAM::Role, Condition: C, Properties: {RoleName: r}}
"""
    found = outcomes(text)
    assert "not created when `C` is false" in str(found["when `C` is false and `D` is true"])


def test_too_many_scenarios_stay_open() -> None:
    conditions = ", ".join(f"C{n}: !Equals [!Ref P{n}, a]" for n in range(8))
    parameters = "".join(f"  P{n}: {{Type: String}}\n" for n in range(8))
    branches = ", ".join(f"!If [C{n}, a, b]" for n in range(8))
    text = f"{parameters}Conditions: {{{conditions}}}\nResources: {{K: {{Type: A, Properties: {{X: [{branches}]}}}}}}"
    found = outcomes(text)
    assert list(found) == [None]
    assert "parameter `P0`" in str(found[None])
    assert len(outcomes(text, limit=256)) == 256


def test_too_many_comparisons_are_not_tried() -> None:
    conditions = ", ".join(f"!Equals [!Ref P{n}, a]" for n in range(10))
    more = ", ".join(f"!Equals [!Ref P{n}, a]" for n in range(10, 20))
    parameters = "".join(f"  P{n}: {{Type: String}}\n" for n in range(20))
    text = f"{parameters}Conditions: {{C: !Or [{conditions}], D: !Or [{more}]}}\n"
    assert list(outcomes(f"{text}Resources: {{K: {{Type: A, Properties: {{X: !If [C, !If [D, 1, 2], 3]}}}}}}")) == [
        None
    ]


def test_a_resource_without_properties_has_its_scenarios_too() -> None:
    made = resolver(
        f"{PARAMETERS}Conditions: {{C: !Equals [!Ref Open, a]}}\nResources: {{K: {{Type: A, Condition: C}}}}"
    )
    assert [scenario.description for scenario in made.scenarios("K")] == ["when `C` is true", "when `C` is false"]


def test_a_condition_that_a_transform_may_add_is_open() -> None:
    text = "Transform: Mine\nResources: {K: {Type: A, Condition: C, Properties: {X: !If [C, !If [D, 1, 2], 3]}}}"
    assert outcomes(text) == {
        "when `C` is true and `D` is true": 1,
        "when `C` is true and `D` is false": 2,
        "when `C` is false": "absent",
    }
