from __future__ import annotations

import pytest

from sparekey.errors import InputError
from sparekey.template import Environment, Resolver
from tests.template._templates import load

TEMPLATE = """
Parameters:
  Env: {{Type: String}}
  Ids: {{Type: CommaDelimitedList, Default: 'a,b'}}
  Version: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /v}}
Resources: {{K: {{Type: A}}}}
Rules:
  R: {}
"""


def check(rule: str, env: str | None = "prod", **ssm: str) -> None:
    """Hold a rule against parameters."""
    environment = Environment(parameters={} if env is None else {"Env": env}, ssm=ssm)
    Resolver(load(TEMPLATE.format(rule)), environment)


def asserting(function: str) -> str:
    """A rule with one assertion."""
    return f"{{Assertions: [{{Assert: {function}, AssertDescription: so it is}}]}}"


@pytest.mark.parametrize(
    "function",
    [
        "{'Fn::Equals': [!Ref Env, prod]}",
        "{'Fn::Contains': [[test, prod], !Ref Env]}",
        "{'Fn::Not': [{'Fn::Contains': [[test], !Ref Env]}]}",
        "{'Fn::And': [{'Fn::Equals': [a, a]}, {'Fn::Equals': [!Ref Env, prod]}]}",
        "{'Fn::Or': [{'Fn::Equals': [a, b]}, {'Fn::Equals': [!Ref Env, prod]}]}",
        "{'Fn::EachMemberIn': [!Ref Ids, [a, b, c]]}",
        "{'Fn::EachMemberEquals': [[prod, prod], !Ref Env]}",
        "{'Fn::Contains': [!Ref Ids, b]}",
        "!Equals [prod, !Ref Env]",
    ],
)
def test_a_rule_that_holds_says_nothing(function: str) -> None:
    check(asserting(function))


@pytest.mark.parametrize(
    "function",
    [
        "{'Fn::Equals': [!Ref Env, test]}",
        "{'Fn::Contains': [[test], !Ref Env]}",
        "{'Fn::Contains': [[test], []]}",
        "{'Fn::Not': [{'Fn::Equals': [!Ref Env, prod]}]}",
        "{'Fn::And': [{'Fn::Equals': [a, b]}, {'Fn::Equals': [!Ref Version, '1']}]}",
        "{'Fn::Or': [{'Fn::Equals': [a, b]}, {'Fn::Equals': [!Ref Env, test]}]}",
        "{'Fn::EachMemberIn': [!Ref Ids, [a]]}",
        "{'Fn::EachMemberEquals': [!Ref Ids, a]}",
    ],
)
def test_a_rule_that_does_not_hold_refuses_the_parameters(function: str) -> None:
    with pytest.raises(InputError) as caught:
        check(asserting(function))
    assert caught.value.message == "rule `R` of the template does not hold: so it is"
    assert caught.value.place is not None


@pytest.mark.parametrize(
    "function",
    [
        "{'Fn::Equals': [!Ref Env, test]}",
        "{'Fn::Contains': [[test], !Ref Env]}",
        "{'Fn::Contains': [[!Ref Env], test]}",
        "{'Fn::Not': [{'Fn::Equals': [!Ref Env, prod]}]}",
        "{'Fn::And': [{'Fn::Equals': [a, a]}, {'Fn::Equals': [!Ref Env, prod]}]}",
        "{'Fn::Or': [{'Fn::Equals': [a, b]}, {'Fn::Equals': [!Ref Env, test]}]}",
        "{'Fn::EachMemberIn': [[!Ref Env], [a]]}",
        "{'Fn::EachMemberEquals': [[!Ref Env], a]}",
        "{'Fn::EachMemberIn': [{'Fn::RefAll': 'AWS::EC2::VPC::Id'}, [a]]}",
        "{'Fn::Equals': [{'Fn::ValueOf': [Ids, x]}, a]}",
    ],
)
def test_a_rule_over_what_is_unknown_refuses_nothing(function: str) -> None:
    check(asserting(function), None)


def test_the_version_check_of_the_cdk_is_read() -> None:
    rule = asserting("{'Fn::Not': [{'Fn::Contains': [['1', '2'], {Ref: Version}]}]}")
    check(rule)
    check(rule, **{"/v": "33"})
    with pytest.raises(InputError, match="does not hold"):
        check(rule, **{"/v": "2"})


def test_a_rule_whose_condition_is_not_met_asserts_nothing() -> None:
    condition = "RuleCondition: {'Fn::Equals': [!Ref Env, test]}"
    rule = f"{{{condition}, Assertions: [{{Assert: {{'Fn::Equals': [a, b]}}}}]}}"
    check(rule)
    check(rule, None)
    with pytest.raises(InputError) as caught:
        check(rule, "test")
    assert caught.value.message == "rule `R` of the template does not hold"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("a", "`R` in Rules is not a mapping"),
        ("{Assertions: [{AssertDescription: a}]}", "an assertion of rule `R` has no Assert"),
        ("{Assertions: [a]}", "an assertion of rule `R` has no Assert"),
        (asserting("a"), "a rule takes a rule function such as Fn::Equals or Fn::Contains"),
        (asserting("!Ref Env"), "a rule takes a rule function such as Fn::Equals or Fn::Contains"),
        (asserting("{'Fn::Equals': [a]}"), "`Fn::Equals` takes a list of 2"),
        (asserting("{'Fn::And': []}"), "`Fn::And` takes a list of 2 to 10"),
    ],
)
def test_a_broken_rule_is_refused(rule: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        check(rule)
    assert caught.value.message == message


def test_a_rule_without_assertions_says_nothing() -> None:
    check("{}")
