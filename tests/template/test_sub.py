from __future__ import annotations

import pytest

from sparekey.template import Concrete, Environment, UnknownValue
from sparekey.unknown import Unknown
from tests.template._templates import plain, properties, refusal_of, value_of, with_property

SECTIONS = (
    "Parameters: {P: {Type: String, Default: p}, Open: {Type: String}, L: {Type: CommaDelimitedList, Default: a}}"
)
NAMES = (
    "CloudFormation refuses this template: Template error: variable names in Fn::Sub syntax must contain only"
    " alphanumeric characters, underscores, periods, and colons"
)
ARGUMENTS = (
    "CloudFormation refuses this template: Template error: One or more Fn::Sub intrinsic functions don't"
    " specify expected arguments. Specify a string as first argument, and an optional second argument to"
    " specify a mapping of values to replace in the string"
)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("!Sub plain", "plain"),
        ("!Sub '${P}'", "p"),
        ("!Sub 'a${P}b${P}c'", "apbpc"),
        ("!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'", "arn:aws:iam::111122223333:root"),
        ("{'Fn::Sub': '${P}'}", "p"),
        ("!Sub ['${a}-${P}', {a: !Ref P}]", "p-p"),
        ("!Sub ['${P}', {P: other}]", "other"),
        ("!Sub ['${a}', {a: 012}]", "012"),
        ("!Sub ['${a}', {a: true}]", "true"),
        ("!Sub ['${a.b}', {a.b: c}]", "c"),
        ("!Sub '${!Literal}-${P}'", "${Literal}-p"),
        ("!Sub '${!aws:username}'", "${aws:username}"),
        ("!Sub '$P ${ $ {P}'", "$P ${ $ {P}"),
        ("!Sub 5", "5"),
    ],
)
def test_variables_are_replaced(expression: str, text: str) -> None:
    assert plain(expression, SECTIONS) == text


def test_what_is_known_around_an_unknown_is_kept() -> None:
    unknown = plain("!Sub 'arn:aws:iam::${AWS::AccountId}:role/${Open}'", SECTIONS, Environment())
    assert isinstance(unknown, Unknown)
    assert unknown.hangs_on == ("the account id (--account)", "parameter `Open`")
    assert unknown.pieces == ("arn:aws:iam::", None, ":role/", None)


def test_a_single_variable_is_what_it_stands_for() -> None:
    value = value_of("!Sub '${Open}'", SECTIONS)
    assert isinstance(value, UnknownValue)
    assert value.reference == "Open"
    text = with_property("!Sub '${R.Arn}'", SECTIONS) + "  R: {Type: AWS::IAM::Role, Properties: {RoleName: r}}\n"
    arn = properties(text).items["X"]
    assert isinstance(arn, Concrete)
    assert (arn.value, arn.resource, arn.attribute) == ("arn:aws:iam::111122223333:role/r", "R", "Arn")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("!Sub '${a b}'", NAMES),
        ("!Sub '${}'", NAMES),
        ("!Sub '${aws:PrincipalTag/team}'", NAMES),
        ("!Sub [a]", ARGUMENTS),
        ("!Sub [a, b]", ARGUMENTS),
        ("!Sub [[a], {}]", ARGUMENTS),
        ("!Sub {a: b}", ARGUMENTS),
        ("{'Fn::Sub': !Ref P}", ARGUMENTS),
        ("!Sub '${L}'", "a list stands where a text is needed"),
        ("!Sub ['${a}', {a: {b: c}}]", "a mapping stands where a text is needed"),
    ],
)
def test_a_broken_sub_is_refused(expression: str, message: str) -> None:
    assert refusal_of(expression, SECTIONS) == message


def test_a_variable_may_be_open_or_nothing() -> None:
    sections = f"{SECTIONS}\nConditions: {{C: !Equals [!Ref Open, a]}}"
    assert plain("!Sub ['${a}', {a: !If [C, 1, 2]}]", sections) == Unknown(("parameter `Open`",))
    assert plain("!Sub 'a${AWS::NoValue}'") == "a"
