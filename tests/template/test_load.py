from __future__ import annotations

import pytest

from sparekey.source import Place
from sparekey.template import MappingNode, ScalarNode
from tests.template._templates import load, refusal, resolver, with_property

FULL = """\
AWSTemplateFormatVersion: 2010-09-09
Description: everything
Metadata: {a: {b: ~}}
Parameters: {P: {Type: String, Default: a}}
Mappings: {M: {a: {b: c, d: [e]}}}
Conditions: {C: !Equals [a, a]}
Rules: {R: {Assertions: [{Assert: {'Fn::Equals': [!Ref P, a]}}]}}
Resources:
  K:
    Type: AWS::KMS::Key
    Condition: C
    DependsOn: R
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Metadata: {sparekey: {ignore: ~}}
    Properties: {Enabled: true}
  R: {Type: AWS::IAM::Role}
Outputs: {O: {Value: !GetAtt K.Arn, Export: {Name: o}, Condition: C}}
"""


def test_a_template_is_read_by_its_sections() -> None:
    template = load(FULL)
    assert (template.file, template.format, template.text) == ("t.yaml", "yaml", FULL)
    assert list(template.parameters) == ["P"]
    assert list(template.mappings) == ["M"]
    assert list(template.conditions) == ["C"]
    assert list(template.rules) == ["R"]
    assert list(template.outputs) == ["O"]
    assert isinstance(template.metadata, MappingNode)
    assert not any((template.transforms, template.notes, template.loops, template.open_ended, template.extended))
    key = template.resources["K"]
    assert (key.logical_id, key.type, key.condition, key.depends_on) == ("K", "AWS::KMS::Key", "C", ("R",))
    assert key.place == Place("t.yaml", 9, 3)
    assert isinstance(key.properties, MappingNode)
    assert isinstance(key.metadata, MappingNode)
    assert template.resources["R"].properties is None


def test_marks_point_into_the_text() -> None:
    template = load(FULL)
    node = template.resources["K"].node.value[0][1]
    assert isinstance(node, ScalarNode)
    assert template.text[node.start_mark.index : node.end_mark.index] == "AWS::KMS::Key"


def test_outputs_are_resolved_like_anything_else() -> None:
    made = resolver(FULL)
    value = made.resolve(made.template.outputs["O"])
    assert "key/" in str(value)


def test_empty_sections_are_none() -> None:
    template = load("Parameters:\nConditions: ~\nTransform:\nResources: {K: {Type: A}}\nOutputs: {}\n")
    assert not any((template.parameters, template.conditions, template.outputs, template.transforms))


FORMAT = "Template format error: "
NULL = "'null' values are not allowed in templates"
KEY = "Resources: {K: {Type: A}}\n"


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("a: 1", "1:1", FORMAT + "At least one Resources member must be defined."),
        ("Resources:", "1:1", FORMAT + "At least one Resources member must be defined."),
        ("Resources: {}", "1:1", FORMAT + "At least one Resources member must be defined."),
        ("Resources: {K: a}", "1:13", FORMAT + "Any Resources member must be an object."),
        ("Resources: {K: !Sub {a: b}}", "1:13", FORMAT + "Any Resources member must be an object."),
        ("Resources: {K: {}}", "1:13", FORMAT + "[/Resources/K] Every Resources object must contain a Type member."),
        ("Resources: {my-key: {Type: A}}", "1:13", FORMAT + "Resource name my-key is non alphanumeric."),
        ("Resources: {K: {Type: A, KeyPolicy: {}}}", "1:26", "Invalid template resource property 'KeyPolicy'"),
        (KEY + "Foo: 1\nBar: 2", "2:1", "Invalid template property or properties [Foo, Bar]"),
        ("Resources: {K: {Type: A, Properties: {X: ~}}}", "1:42", f"[/Resources/K/Properties/X] {NULL}"),
        ("Resources: {K: {Type: A, Properties: {X: [a, {b: }]}}}", "1:50", f"[/Resources/K/Properties/X/1/b] {NULL}"),
        ("Resources:\n  K:\n    Type: A\n    Properties:\n", "4:16", f"[/Resources/K/Properties] {NULL}"),
        ("Mappings: {M: a}\n" + KEY, "1:12", FORMAT + "Every Mappings member M must be a map"),
        ("Mappings: {M: {A: b}}\n" + KEY, "1:16", FORMAT + "Every Mappings member A must be a map"),
        (
            "Mappings: {M: {A: {b: {c: d}}}}\n" + KEY,
            "1:20",
            FORMAT + "Every Mappings attribute must be a String or a List.",
        ),
        (
            "Mappings: {M: {A: {b: !FindInMap [M, A, b]}}}\n" + KEY,
            "1:20",
            FORMAT + "Every Mappings attribute must be a String or a List.",
        ),
        (KEY + "Outputs: {O: {}}", "2:11", FORMAT + "Every Outputs member must contain a Value object"),
        (KEY + "Outputs: {O: a}", "2:11", FORMAT + "Every Outputs member must contain a Value object"),
        (KEY + "Outputs: {O: {Value: ~}}", "2:22", f"[/Outputs/O/Value] {NULL}"),
        (
            KEY + "Outputs: {O: {Value: !Ref L}}",
            "2:22",
            "Unresolved resource dependencies [L] in the Outputs block of the template",
        ),
        (
            "Resources: {K: {Type: A, DependsOn: B}}",
            "1:37",
            FORMAT + "Unresolved resource dependencies [B] in the Resources block of the template",
        ),
        ("Transform: [[a]]\n" + KEY, "1:13", "Key Name of transform definition must be a string."),
        ("Transform: {Name: [a]}\n" + KEY, "1:12", "Key Name of transform definition must be a string."),
        ("Transform: {a: b}\n" + KEY, "1:12", "Key Name of transform definition must be a string."),
    ],
)
def test_a_template_is_refused_in_cloudformations_words(text: str, place: str, sentence: str) -> None:
    assert str(refusal(text)) == f"t.yaml:{place}: CloudFormation refuses this template: {sentence}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Resources: []", "1:12: the section Resources is not a mapping"),
        ("Resources: !Ref a", "1:12: the section Resources is not a mapping"),
        ("Resources: {K: {Type: [A]}}", "1:23: the Type of resource `K` is not a text"),
        ("Resources: {K: {Type: 5}}", "1:23: the Type of resource `K` is not a text"),
        (
            "Resources: {K: {Type: A, Condition: [C]}}",
            "1:37: the Condition of resource `K` is not the name of a condition",
        ),
        ("Resources: {K: {Type: A, DependsOn: {a: b}}}", "1:37: DependsOn of resource `K` takes logical IDs"),
        ("Resources: {K: {Type: A, DependsOn: [[B]]}}", "1:38: DependsOn of resource `K` takes logical IDs"),
        ("Resources: {K: {Type: A, Properties: a}}", "1:38: the Properties of resource `K` are not a mapping"),
        ("Rules: {R: a}\n" + KEY, "1:12: `R` in Rules is not a mapping"),
    ],
)
def test_what_has_the_wrong_type_is_refused_with_its_place(text: str, message: str) -> None:
    assert str(refusal(text)) == f"t.yaml:{message}"


def test_many_nulls_in_metadata_cost_little() -> None:
    nulls = ", ".join(["~"] * 50_000)
    assert load(f"Metadata: {{a: [{nulls}]}}\nResources: {{K: {{Type: A, Metadata: {{a: [{nulls}]}}}}}}").resources


def test_the_first_of_several_nulls_is_told() -> None:
    error = refusal("Resources:\n  K: {Type: A, Properties: {X: ~}}\n  L: {Type: A, Properties: {Y: ~}}\n")
    assert "/K/Properties/X" in error.message


def test_nulls_are_left_to_a_transform() -> None:
    assert load("Transform: Mine\nResources: {K: {Type: A, Properties: ~}}\nOutputs: {O: {Value: a}}").open_ended


def test_a_null_of_an_output_is_refused_under_a_transform_too() -> None:
    assert "'null' values" in refusal("Transform: Mine\nResources: {K: {Type: A}}\nOutputs: {O: {Value: ~}}").message


def test_sections_and_attributes_that_a_transform_may_know_are_passed_over() -> None:
    resources = "Resources: {F: {Type: AWS::Serverless::Function, Connectors: {}}}"
    text = f"Transform: AWS::Serverless-2016-10-31\nGlobals: {{}}\n{resources}"
    assert load(text).transforms == ("AWS::Serverless-2016-10-31",)


@pytest.mark.parametrize(
    "text",
    [
        "Fn::Transform: {Name: 'AWS::Include'}\nResources: {K: {Type: A, Properties: {X: !Ref L}}}",
        "Resources:\n  Fn::Transform: {Name: 'AWS::Include'}\n  K: {Type: A, Properties: {X: !Ref L}}",
        "Resources:\n  Fn::Transform: {Name: 'AWS::Include'}\n",
        "Resources: {K: {'Fn::Transform': {Name: 'AWS::Include'}}}",
        "Resources: {K: {Type: A}}\nOutputs: {'Fn::Transform': {Name: 'AWS::Include'}}",
    ],
)
def test_what_a_macro_includes_is_passed_over_in_the_open(text: str) -> None:
    template = load(text)
    assert template.notes[0].startswith("`Fn::Transform` is not run")
    assert "Fn::Transform" not in template.resources
    assert "Fn::Transform" not in template.outputs


def test_many_places_of_macros_are_told_in_short() -> None:
    text = with_property("\n" + "".join(f"        - {{'Fn::Transform': {{Name: M{n}}}}}\n" for n in range(8)))
    assert load(text).notes == ("`Fn::Transform` is not run: what it returns is unknown (line 7, 8, 9, 10, 11, …)",)


def test_more_resources_than_cloudformation_takes_are_noted() -> None:
    text = "Resources:\n" + "".join(f"  K{n}: {{Type: A}}\n" for n in range(501))
    assert load(text).notes == ("the template has 501 resources, CloudFormation takes 500",)


def test_the_cost_of_many_resources_grows_linearly() -> None:
    text = (
        "Resources:\n"
        + "".join(f"  K{n}: {{Type: T, DependsOn: K{n + 1}}}\n" for n in range(3_000))
        + "  K3000: {Type: T}\n"
    )
    assert len(load(text).dependencies) == 3_001
