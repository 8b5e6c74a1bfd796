"""Telling an unknown never contradicts what was said without it."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from sparekey.template import Environment, Resolver, load_template
from sparekey.template._values import Plain, to_plain
from sparekey.unknown import Unknown

PARAMETERS = "Parameters: {P: {Type: String}, Q: {Type: String, AllowedValues: [a, b, a-b]}}\n"
MAPPINGS = "Mappings: {M: {a: {a: x, b: a-x}, b: {a: y, b: z}}}\n"
VALUES = st.sampled_from(["a", "b", "a-b"])
LEAVES = st.sampled_from(
    [
        "a",
        "b",
        "a-b",
        "!Ref P",
        "!Ref Q",
        "!Ref AWS::Region",
        "!Sub '${P}-${Q}'",
        "!Sub 'a-${AWS::AccountId}'",
        "!Sub 'x${!P}'",
    ]
)
CONDITIONS = st.recursive(
    st.tuples(LEAVES, LEAVES).map(lambda pair: f"!Equals [{pair[0]}, {pair[1]}]"),
    lambda inner: st.one_of(
        inner.map(lambda condition: f"!Not [{condition}]"),
        st.tuples(st.sampled_from(["And", "Or"]), inner, inner).map(lambda call: f"!{call[0]} [{call[1]}, {call[2]}]"),
    ),
    max_leaves=4,
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda items: f"!Join ['-', [{', '.join(items)}]]"),
        st.tuples(st.sampled_from(["C", "D"]), inner, inner).map(lambda call: f"!If [{call[0]}, {call[1]}, {call[2]}]"),
        st.tuples(inner, inner).map(lambda pair: f"!Select [1, [{pair[0]}, {pair[1]}]]"),
        st.tuples(inner, inner).map(lambda pair: f"!Sub ['${{v}}:${{w}}', {{v: {pair[0]}, w: {pair[1]}}}]"),
        inner.map(lambda text: f"!Select [0, !Split ['-', {text}]]"),
        st.just("!FindInMap [M, a, b]"),
    ),
    max_leaves=6,
)  # fmt: skip


def agrees(before: Plain, after: Plain) -> bool:
    """Whether what is said with more input is what was left open before."""
    if isinstance(before, Unknown):
        if isinstance(after, Unknown):
            return True  # what is still open is compared once it is told
        pattern = "".join(".*" if piece is None else re.escape(piece) for piece in before.pieces)
        return re.fullmatch(pattern, str(after), re.DOTALL) is not None
    return before == after


@settings(deadline=None, max_examples=300)
@given(EXPRESSIONS, CONDITIONS, CONDITIONS, VALUES, VALUES)
def test_telling_what_is_unknown_never_contradicts(expression: str, c: str, d: str, p: str, q: str) -> None:
    resources = f"Resources: {{K: {{Type: A, Properties: {{X: {expression}}}}}}}"
    text = f"{PARAMETERS}{MAPPINGS}Conditions: {{C: {c}, D: {d}}}\n{resources}"
    template = load_template(text.encode(), "t.yaml")
    node = template.resources["K"].properties
    assert node is not None
    told = Resolver(template, Environment(account="b", region="a", parameters={"P": p, "Q": q}))
    after = to_plain(told.resolve(node))
    for environment in (
        Environment(),
        Environment(account="b", parameters={"P": p}),
        Environment(region="a", parameters={"Q": q}),
    ):
        open_ = Resolver(template, environment)
        assert isinstance(after, dict)
        before = to_plain(open_.resolve(node))
        assert isinstance(before, dict)
        assert agrees(before["X"], after["X"])
        for name in ("C", "D"):
            holds = open_.condition(name)
            assert isinstance(holds, Unknown) or holds is told.condition(name)
        branches = [to_plain(scenario.resolver.resolve(node)) for scenario in open_.scenarios("K")]
        assert any(isinstance(branch, dict) and agrees(branch["X"], after["X"]) for branch in branches)


@settings(deadline=None, max_examples=100)
@given(CONDITIONS, CONDITIONS, VALUES, VALUES)
def test_what_happens_is_one_of_the_scenarios(c: str, d: str, p: str, q: str) -> None:
    resources = "Resources: {K: {Type: A, Condition: C, Properties: {X: !If [D, 1, 2]}}}"
    template = load_template(f"{PARAMETERS}Conditions: {{C: {c}, D: {d}}}\n{resources}".encode(), "t.yaml")
    told = Resolver(template, Environment(account="b", region="a", parameters={"P": p, "Q": q}))
    facts = {"C": told.condition("C"), "D": told.condition("D")}
    scenarios = Resolver(template, Environment()).scenarios("K")
    fitting = [
        scenario
        for scenario in scenarios
        if all(scenario.resolver.assumptions.get(name, fact) == fact for name, fact in facts.items())
    ]
    assert len(fitting) == 1
