from __future__ import annotations

import pytest

from sparekey.errors import InputError
from sparekey.template import Environment, Resolver
from sparekey.unknown import Unknown
from tests.template._templates import HERE, NOWHERE, load, refusal, resolver

PARAMETERS = """
Parameters:
  Env: {Type: String, AllowedValues: [prod, test]}
  Open: {Type: String}
  Short: {Type: String, MaxLength: 3}
  Given: {Type: String, Default: prod}
  Flag: {Type: String, Default: 'true'}
  List: {Type: CommaDelimitedList, Default: 'a,b'}
Mappings: {M: {eu-central-1: {on: 'true'}}}
Resources: {K: {Type: AWS::KMS::Key}, Role: {Type: AWS::IAM::Role}}
"""


EQUALS = (
    "CloudFormation refuses this template: Template error: every Fn::Equals object requires a list of 2 string"
    " parameters."
)
NO_RESOURCES = (
    "CloudFormation refuses this template: Template format error: Unresolved dependencies [Role]. Cannot reference"
    " resources in the Conditions block of the template"
)


def condition(expression: str, environment: Environment = HERE, more: str = "") -> bool | Unknown:
    """Whether a condition ``C`` holds."""
    return resolver(f"{PARAMETERS}Conditions:\n  C: {expression}\n{more}", environment).condition("C")


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("!Equals [a, a]", True),
        ("!Equals [a, b]", False),
        ("!Equals [!Ref Given, prod]", True),
        ("!Equals [true, 'true']", True),
        ("!Equals [!Ref Flag, true]", True),
        ("!Equals [1.50, '1.5']", False),
        ("!Equals [!Ref AWS::Region, eu-central-1]", True),
        ("!Equals [!FindInMap [M, !Ref AWS::Region, 'on'], true]", True),
        ("!Equals [!Ref List, [a, b]]", True),
        ("!Equals [!Join ['', !Ref List], ab]", True),
        ("!Equals [{a: b}, {a: b}]", True),
        ("!Not [!Equals [a, a]]", False),
        ("!And [!Equals [a, a], !Equals [b, b]]", True),
        ("!And [!Equals [a, a], !Equals [b, c]]", False),
        ("!Or [!Equals [a, b], !Equals [b, b]]", True),
        ("!Or [!Equals [a, b], !Equals [b, c]]", False),
        ("!Not [!Condition D]", True),
        ("{'Fn::Not': [{Condition: D}]}", True),
        ("{'Fn::Or': [{Condition: D}, {'Fn::Equals': [a, a]}]}", True),
        ("{Condition: D}", False),
        # decided by what is known of an unknown
        ("!Equals [!Ref Open, !Ref Open]", True),
        ("!Equals [!Sub 'a-${Open}', b]", False),
        ("!Equals [!Sub '${Open}-a', b-b]", False),
        ("!Equals [!Sub 'a${Open}a', a]", False),
        ("!Equals [!Sub '${Open}a${Open}', bcb]", False),
        ("!Equals [!Ref Env, staging]", False),
        ("!Equals [staging, !Ref Env]", False),
        ("!Equals [!Ref Short, long]", False),
        ("!And [!Equals [!Ref Open, a], !Equals [a, b]]", False),
        ("!Or [!Equals [!Ref Open, a], !Equals [a, a]]", True),
    ],
)
def test_a_condition_is_decided(expression: str, holds: bool) -> None:
    assert condition(expression, more="  D: !Equals [a, b]\n") is holds


@pytest.mark.parametrize(
    ("expression", "hangs_on"),
    [
        ("!Equals [!Ref Open, a]", ("parameter `Open`",)),
        ("!Equals [a, !Ref Open]", ("parameter `Open`",)),
        ("!Equals [!Sub 'a-${Open}', a-b]", ("parameter `Open`",)),
        ("!Equals [!Ref Open, !Ref Env]", ("parameter `Env`", "parameter `Open`")),
        ("!Equals [!Ref Open, [a]]", ("parameter `Open`",)),
        ("!Equals [[!Ref Open], [a]]", ("parameter `Open`",)),
        ("!Equals [{a: !Ref Open}, {a: b}]", ("parameter `Open`",)),
        ("!Equals [!Ref AWS::AccountId, '1']", ("the account id (--account)",)),
        ("!Equals [!Select [0, !Split ['-', !Ref Open]], a]", ("parameter `Open`",)),
        ("!Not [!Equals [!Ref Open, a]]", ("parameter `Open`",)),
        ("!And [!Equals [a, a], !Equals [!Ref Open, a]]", ("parameter `Open`",)),
        ("!Or [!Equals [!Ref Env, prod], !Equals [!Ref Open, a]]", ("parameter `Env`", "parameter `Open`")),
        ("!And [!Condition D, !Condition D]", ("parameter `Open`",)),
    ],
)
def test_an_open_condition_names_what_it_hangs_on(expression: str, hangs_on: tuple[str, ...]) -> None:
    assert condition(expression, NOWHERE, "  D: !Equals [!Ref Open, b]\n") == Unknown(hangs_on)


def test_an_assumption_decides_a_condition() -> None:
    template = load(f"{PARAMETERS}Conditions: {{C: !Equals [!Ref Open, a]}}\n")
    assert Resolver(template, NOWHERE, {"C": True}).condition("C") is True


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a", "a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition"),
        ("{a: b, c: d}", "a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition"),
        ("!Ref Open", "`Ref` is no condition function"),
        ("!If [D, a, b]", "`Fn::If` is no condition function"),
        ("!Not !Equals", None),
        ("!Not []", "`Fn::Not` takes a list of 1 conditions"),
        ("!And [!Equals [a, a]]", "`Fn::And` takes a list of 2 to 10 conditions"),
        ("!Or a", "`Fn::Or` takes a list of 2 to 10 conditions"),
        ("!Condition [a]", "Condition takes the name of a condition"),
        ("!Condition Nowhere", "the template has no condition `Nowhere`"),
        ("!Equals [a]", EQUALS),
        ("!Equals a", EQUALS),
        ("!Equals [!Ref Role, a]", NO_RESOURCES),
    ],
)
def test_a_broken_condition_is_refused_with_its_place(expression: str, message: str | None) -> None:
    with pytest.raises(InputError) as caught:
        condition(expression, more="  D: !Equals [a, a]\n")
    assert caught.value.place is not None
    assert message is None or caught.value.message == message


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ("{A: !Condition A}", "condition `A` hangs on itself"),
        ("{A: !Not [!Condition B], B: {'Fn::Not': [{Condition: A}]}}", "conditions `A`, `B` hang on each other"),
    ],
)
def test_conditions_that_hang_on_each_other_are_refused(conditions: str, message: str) -> None:
    assert refusal(f"Conditions: {conditions}\nResources: {{K: {{Type: A}}}}").message == message


def test_a_long_chain_of_conditions_is_refused() -> None:
    chain = "".join(f"  C{n}: !Not [!Condition C{n + 1}]\n" for n in range(2_000))
    text = f"Resources: {{K: {{Type: A, Condition: C0}}}}\nConditions:\n{chain}  C2000: !Equals [a, a]\n"
    assert refusal(text).message == "conditions hang on each other too deeply"


def test_conditions_that_share_others_are_decided_in_time() -> None:
    chain = "".join(
        f"  C{n}: !And [!Condition C{n - 1}, !Or [!Condition C{n - 1}, !Condition O]]\n" for n in range(1, 30)
    )
    made = resolver(f"{PARAMETERS}Conditions:\n  O: !Equals [!Ref Open, b]\n  C0: !Equals [!Ref Open, a]\n{chain}")
    assert made.condition("C29") == Unknown(("parameter `Open`",))


def test_a_resource_exists_by_its_condition() -> None:
    text = (
        "Parameters: {P: {Type: String}}\nConditions: {A: !Equals [a, a], B: !Equals [a, b], C: !Equals [!Ref P, a]}\n"
    )
    resources = (
        "Resources: {K: {Type: A}, L: {Type: A, Condition: A}, M: {Type: A, Condition: B}, N: {Type: A, Condition: C}}"
    )
    made = resolver(text + resources)
    assert [made.exists(name) for name in "KLM"] == [True, True, False]
    assert made.exists("N") == Unknown(("parameter `P`",))


def test_a_condition_that_is_not_there_is_refused_where_it_is_named() -> None:
    error = refusal("Resources:\n  K:\n    Type: A\n    Condition: C\n")
    assert str(error) == "t.yaml:4:16: the template has no condition `C`"
    error = refusal("Resources: {K: {Type: A}}\nOutputs: {O: {Condition: C, Value: a}}\n")
    assert error.message == "the template has no condition `C`"


def test_an_unknown_name_of_a_condition_is_refused() -> None:
    with pytest.raises(InputError, match="no condition `C`"):
        resolver("Resources: {K: {Type: A}}").condition("C")
