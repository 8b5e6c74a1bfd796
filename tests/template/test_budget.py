"""How much a template may make: what is refused is refused before it is made."""

from __future__ import annotations

import pytest

from sparekey.errors import InputError
from sparekey.template._budget import MOST_TRIES, Budget
from sparekey.unknown import Unknown, join
from tests.template._templates import HERE, load, properties, resolver, with_property

LONG = "Parameters: {P: {Type: String, Default: " + "x" * 4000 + "}, U: {Type: String}}\n"
EXTENDED = "Transform: AWS::LanguageExtensions\n"


def refused(text: str) -> str:
    with pytest.raises(InputError) as error:
        properties(text)
    assert error.value.place is not None
    return error.value.message


@pytest.mark.parametrize(
    "expression",
    [
        f"!Sub '{'${P}' * 300}'",
        f"!Join ['', [{'!Ref P, ' * 300}]]",
        "{Fn::Base64: " * 40 + "!Ref P" + "}" * 40,
    ],
)
def test_a_function_makes_no_endless_text(expression: str) -> None:
    assert refused(with_property(expression, LONG)) == "the functions make more text than a template can hold"


def test_the_text_that_a_template_holds_anyway_is_not_counted() -> None:
    text = "y" * 900_000
    found = properties(with_property(f"[!Sub '{text}${{P}}', !Join ['', [{text}, !Ref P]]]", LONG)).items["X"]
    assert found is not None
    many = ", ".join([f"!Sub '{'y' * 3000}${{P}}'"] * 1000)
    assert properties(with_property(f"[{many}]", LONG.replace("x" * 4000, "x")))


@pytest.mark.parametrize(
    "shared",
    [
        "!Sub '{}'",
        "[!Sub '{}']",
        "{{a: [!Sub '{}', !If [Is, {{b: !Sub '{}'}}, !Ref AWS::NoValue]]}}",
        "!Sub '{}${{U}}'",
    ],
)
def test_an_alias_does_not_multiply_what_functions_make(shared: str) -> None:
    text = "${P}" * 100
    head = LONG + "Conditions: {Is: !Equals [!Ref U, x]}\nMetadata:\n  M: &m " + shared.format(text, text) + "\n"
    assert "more text" in refused(with_property(f"[{'*m, ' * 200}]", head))


def test_long_values_of_parameters_are_refused_as_by_cloudformation() -> None:
    message = refused(with_property("!Ref P", LONG.replace("x" * 4000, "x" * 4097)))
    assert message == "Parameter 'P' is longer than 4,096 bytes, the most that CloudFormation takes"


def test_a_list_that_stands_in_many_places_is_counted() -> None:
    names = "Parameters: {L: {Type: CommaDelimitedList, Default: '" + "a," * 2000 + "'}}\n"
    assert "more text" in refused(with_property(f"[{'!Ref L, ' * 1000}]", names))
    parts = "Parameters: {L: {Type: String, Default: '" + "a," * 2000 + "'}}\n"
    assert "more text" in refused(with_property("[" + "!Split [',', !Ref L], " * 1000 + "]", parts))


def test_loops_without_a_body_are_counted() -> None:
    names = EXTENDED + "Parameters: {L: {Type: CommaDelimitedList, Default: '" + "a," * 1000 + "'}}\n"
    loop = "{'Fn::ForEach::A': [A, !Ref L, {'Fn::ForEach::B': [B, !Ref L, {'Fn::ForEach::C': [C, !Ref L, {}]}]}]}"
    assert refused(with_property(loop, names)) == "the loops make more than a template can hold"


def test_loops_make_no_more_resources_than_a_stack_may_have() -> None:
    items = ", ".join(map(str, range(501)))
    text = f"{EXTENDED}Resources:\n  Fn::ForEach::A: [A, [{items}], {{'Q${{A}}': {{Type: AWS::SQS::Queue}}}}]\n"
    with pytest.raises(InputError, match="Number of resources, 501, is greater than maximum allowed, 500"):
        load(text)


def test_conditions_that_can_turn_out_in_too_many_ways_stay_open() -> None:
    parameters = "".join(f"  P{n}: {{Type: String}}\n" for n in range(70))
    conditions = "".join(f"  C{n}: !Equals [!Ref P0, !Ref P{n}]\n" for n in range(1, 70))
    head = f"Parameters:\n{parameters}Conditions:\n{conditions}"
    made = resolver(with_property("[" + ", ".join(f"!If [C{n}, a, b]" for n in range(1, 70)) + "]", head), HERE)
    assert [scenario.description for scenario in made.scenarios("K")] == [None]


def test_the_ways_to_be_tried_run_out() -> None:
    budget = Budget()
    assert budget.try_ways(MOST_TRIES)
    assert not budget.try_ways(1)


def test_thousands_of_pieces_are_joined() -> None:
    whole = join([*("x" * 10 for _ in range(100_000)), *(Unknown((f"p{n}",)) for n in range(20_000)), "y", "", "z"])
    assert isinstance(whole, Unknown)
    assert (len(whole.hangs_on), whole.pieces) == (20_000, ("x" * 1_000_000, None, "yz"))


def test_patterns_share_what_they_may_cost() -> None:
    parameter = "  P{}: {{Type: String, Default: {}b, AllowedPattern: '(a+)+'}}\n"
    many = "".join(parameter.format(n, "a" * 4000) for n in range(300))
    assert "must match pattern" in refused(with_property("x", "Parameters:\n" + many))
    held = "".join(parameter.format(n, "a" * 4000).replace("b,", "a,") for n in range(300))
    assert properties(with_property("x", "Parameters:\n" + held + parameter.format("Z", "")))  # not examined any more
