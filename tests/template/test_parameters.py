from __future__ import annotations

import pytest

from sparekey.errors import InputError
from sparekey.template import Environment, Resolver
from sparekey.unknown import Unknown
from tests.template._templates import load, plain, refusal


def parameter_value(declaration: str, given: str | None = None, **ssm: str) -> object:
    """The value of ``Ref P``."""
    environment = Environment(parameters={} if given is None else {"P": given}, ssm=ssm)
    return plain("!Ref P", f"Parameters: {{P: {declaration}}}", environment)


@pytest.mark.parametrize(
    ("declaration", "given", "value"),
    [
        ("{Type: String, Default: a}", None, "a"),
        ("{Type: String, Default: a}", "b", "b"),
        ("{Type: String, Default: ''}", None, ""),
        ("{Type: String, Default: 012345678901}", None, "012345678901"),
        ("{Type: String, Default: yes}", None, "true"),
        ("{Type: Number, Default: 1.50}", None, "1.50"),
        ("{Type: Number}", "-3", "-3"),
        ("{Type: CommaDelimitedList, Default: 'a, b ,c'}", None, ["a", "b", "c"]),
        ("{Type: CommaDelimitedList, Default: ''}", None, []),
        ("{Type: List<Number>}", "1,2", ["1", "2"]),
        ("{Type: List<AWS::EC2::Subnet::Id>}", "subnet-1,subnet-2", ["subnet-1", "subnet-2"]),
        ("{Type: AWS::EC2::VPC::Id}", "vpc-1", "vpc-1"),
        ("{Type: AWS::SSM::Parameter::Name}", "/a", "/a"),
        ("{Type: String, NoEcho: true, Default: secret}", None, "secret"),
        ("{Type: String, AllowedValues: [a, 12, true], Default: 'true'}", None, "true"),
        ("{Type: String, AllowedPattern: '[a-z]+', MinLength: 1, MaxLength: 3}", "abc", "abc"),
        ("{Type: String, AllowedPattern: '(?=a).*'}", "b", "b"),
        ("{Type: CommaDelimitedList, AllowedPattern: '[a-z]'}", "a,b", ["a", "b"]),
        ("{Type: Number, MinValue: 1, MaxValue: 5}", "5", "5"),
    ],
)
def test_a_parameter_has_the_value_given_or_its_default(declaration: str, given: str | None, value: object) -> None:
    assert parameter_value(declaration, given) == value


def test_a_parameter_without_value_is_unknown() -> None:
    assert parameter_value("{Type: String}") == Unknown(("parameter `P`",))
    assert parameter_value("{Type: CommaDelimitedList}") == Unknown(("parameter `P`",))


@pytest.mark.parametrize("type_", ["String", "AWS::EC2::Image::Id", "List<String>", "CommaDelimitedList"])
def test_an_ssm_parameter_is_unknown_unless_it_is_given(type_: str) -> None:
    declaration = f"{{Type: 'AWS::SSM::Parameter::Value<{type_}>', Default: /a}}"
    assert parameter_value(declaration) == Unknown(("the SSM parameter `/a` (--ssm /a=…)",))
    value = parameter_value(declaration, **{"/a": "x, y"})
    assert value == (["x", "y"] if "List" in type_ else "x, y")
    assert parameter_value(declaration, "/b") == Unknown(("the SSM parameter `/b` (--ssm /b=…)",))


@pytest.mark.parametrize(
    ("declaration", "given", "problem"),
    [
        ("{Type: Number}", "x", "must be a number. (it is `x`)"),
        ("{Type: List<Number>}", "1,x", "must be a number. (it is `x`)"),
        ("{Type: Number, ConstraintDescription: a port}", "x", "must be a number. (it is `x`)"),
        ("{Type: String, AllowedValues: [a, b]}", "c", "must be one of AllowedValues (it is `c`)"),
        ("{Type: CommaDelimitedList, AllowedValues: [a, b]}", "a,c", "must be one of AllowedValues (it is `c`)"),
        ("{Type: String, AllowedPattern: '[a-z]+'}", "a1", "must match pattern [a-z]+ (it is `a1`)"),
        ("{Type: String, MinLength: 2}", "a", "must contain at least 2 characters (it is `a`)"),
        ("{Type: String, MaxLength: '2'}", "abc", "must contain at most 2 characters (it is `abc`)"),
        ("{Type: Number, MinValue: 2}", "1", "must be a number not less than 2 (it is `1`)"),
        ("{Type: Number, MaxValue: 2}", "2.5", "must be a number not greater than 2 (it is `2.5`)"),
        (
            "{Type: String, MinLength: 2, ConstraintDescription: two}",
            "a",
            "failed to satisfy constraint: two (it is `a`)",
        ),
        ("{Type: String, MinLength: 2, NoEcho: true}", "a", "must contain at least 2 characters"),
    ],
)
def test_a_value_that_violates_a_constraint_is_refused(declaration: str, given: str, problem: str) -> None:
    text = f"Parameters:\n  P: {declaration}\nResources: {{K: {{Type: A}}}}"
    with pytest.raises(InputError) as caught:
        Resolver(load(text), Environment(parameters={"P": given}))
    assert str(caught.value) == f"t.yaml:2:3: Parameter 'P' {problem}"


def test_a_default_that_violates_a_constraint_is_refused() -> None:
    text = "Parameters: {P: {Type: String, Default: c, AllowedValues: [a, b]}}\nResources: {K: {Type: A}}"
    assert refusal(text).message == "Parameter 'P' must be one of AllowedValues (it is `c`)"


def test_a_parameter_that_the_template_does_not_have_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        Resolver(load("Resources: {K: {Type: A}}"), Environment(parameters={"A": "1", "B": "2"}))
    assert caught.value.message == "Parameters: [A, B] do not exist in the template"


FORMAT = "CloudFormation refuses this template: Template format error: "


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("{P-1: {Type: String}}", FORMAT + "Parameter name P-1 is non alphanumeric."),
        ("{'AWS::NoValue': {Type: String}}", FORMAT + "Parameter name AWS::NoValue is non alphanumeric."),
        ("{P: String}", "parameter `P` is not a mapping"),
        ("{P: !Ref {a: b}}", "parameter `P` is not a mapping"),
        ("{P: {}}", FORMAT + "Every Parameters object must contain a Type member."),
        ("{P: {Type: [String]}}", "the Type of parameter `P` is not a text"),
        ("{P: {Type: string}}", FORMAT + "Unrecognized parameter type: string"),
        ("{P: {Type: 'List<String'}}", FORMAT + "Unrecognized parameter type: List<String"),
        (
            "{P: {Type: 'AWS::SSM::Parameter::Value<Foo>'}}",
            FORMAT + "Unrecognized parameter type: AWS::SSM::Parameter::Value<Foo>",
        ),
        ("{P: {Type: String, Default: [a]}}", FORMAT + "Every Default member must be a string."),
        (
            "{P: {Type: String, Default: !Ref Q}, Q: {Type: String, Default: !Ref P}}",
            "Default of parameter `P` is not a text",
        ),
        ("{P: {Type: String, AllowedValues: a}}", "AllowedValues of parameter `P` is not a list"),
        ("{P: {Type: String, AllowedValues: [[a]]}}", "AllowedValues of parameter `P` is not a text"),
        ("{P: {Type: String, MinLength: a}}", "MinLength of parameter `P` is not a number"),
        ("{P: {Type: String, AllowedPattern: [a]}}", "AllowedPattern of parameter `P` is not a text"),
        ("[]", "the section Parameters is not a mapping"),
        ("a", "the section Parameters is not a mapping"),
    ],
)
def test_a_broken_declaration_is_refused(parameters: str, message: str) -> None:
    assert refusal(f"Parameters: {parameters}\nResources: {{K: {{Type: A}}}}").message == message
