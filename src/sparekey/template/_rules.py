"""The Rules section: assertions over the parameters, which CloudFormation checks before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.template._calls import Call, call_of
from sparekey.template._nodes import MappingNode, Node, ScalarNode, member, plain_list
from sparekey.template._values import Concrete, ListValue, Value
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sparekey.template._resolve import Resolver

Texts = tuple[str | Unknown, ...]


def check_rules(resolver: Resolver) -> None:
    """Hold the parameters against the rules of the template; what is not known violates none.

    Raises:
        InputError: an assertion fails, or a rule is broken.
    """
    for name, rule in resolver.template.rules.items():
        condition = member(rule, "RuleCondition")
        if condition is not None and _holds(resolver, condition) is not True:
            continue
        assertions = member(rule, "Assertions")
        for assertion in plain_list(assertions) or []:
            assert_ = member(assertion, "Assert") if isinstance(assertion, MappingNode) else None
            if assert_ is None or not isinstance(assertion, MappingNode):
                raise InputError(f"an assertion of rule `{name}` has no Assert", resolver.place(assertion))
            if _holds(resolver, assert_) is False:
                description = member(assertion, "AssertDescription")
                words = f": {description.value}" if isinstance(description, ScalarNode) else ""
                raise InputError(f"rule `{name}` of the template does not hold{words}", resolver.place(assert_))


def _holds(resolver: Resolver, node: Node) -> bool | None:
    """Whether a rule function holds; ``None`` if that is not known."""
    call = call_of(node)
    function = _FUNCTIONS.get(call.name) if call else None
    if call is None or function is None:
        raise InputError("a rule takes a rule function such as Fn::Equals or Fn::Contains", resolver.place(node))
    return function(resolver, call)


def _arguments(resolver: Resolver, call: Call, least: int, most: int) -> list[Node]:
    arguments = plain_list(call.argument) or []
    if not least <= len(arguments) <= most:
        count = f"{least}" if least == most else f"{least} to {most}"
        raise InputError(f"`{call.name}` takes a list of {count}", resolver.place(call.node))
    return arguments


def _and(resolver: Resolver, call: Call) -> bool | None:
    found = [_holds(resolver, node) for node in _arguments(resolver, call, 2, 10)]
    return False if False in found else None if None in found else True


def _or(resolver: Resolver, call: Call) -> bool | None:
    found = [_holds(resolver, node) for node in _arguments(resolver, call, 2, 10)]
    return True if True in found else None if None in found else False


def _not(resolver: Resolver, call: Call) -> bool | None:
    holds = _holds(resolver, _arguments(resolver, call, 1, 1)[0])
    return None if holds is None else not holds


def _equals(resolver: Resolver, call: Call) -> bool | None:
    left, right = (_texts(resolver, node) for node in _arguments(resolver, call, 2, 2))
    if any(isinstance(text, Unknown) for text in (*left, *right)):
        return None
    return left == right


def _contains(resolver: Resolver, call: Call) -> bool | None:
    values, sought = (_texts(resolver, node) for node in _arguments(resolver, call, 2, 2))
    return _among(values, sought[0]) if sought else False


def _each_member_in(resolver: Resolver, call: Call) -> bool | None:
    members, allowed = (_texts(resolver, node) for node in _arguments(resolver, call, 2, 2))
    found = [_among(allowed, text) for text in members]
    return False if False in found else None if None in found else True


def _each_member_equals(resolver: Resolver, call: Call) -> bool | None:
    members, wanted = (_texts(resolver, node) for node in _arguments(resolver, call, 2, 2))
    found = [_among(wanted, text) for text in members]
    return False if False in found else None if None in found else True


def _among(values: Texts, sought: str | Unknown) -> bool | None:
    """Whether a text is one of a list."""
    if isinstance(sought, Unknown):
        return None
    if sought in values:
        return True
    return None if any(isinstance(value, Unknown) for value in values) else False


def _texts(resolver: Resolver, node: Node) -> Texts:
    """A text, or a list of texts, that a rule compares."""
    call = call_of(node)
    if call is not None and call.name in ("Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"):
        return (Unknown((f"`{call.name}`",)),)
    if (items := plain_list(node)) is not None:
        return tuple(text for item in items for text in _texts(resolver, item))
    value = resolver.resolve(node)
    return tuple(_text(item) for item in value.items) if isinstance(value, ListValue) else (_text(value),)


def _text(value: Value) -> str | Unknown:
    return value.text if isinstance(value, Concrete) else Unknown(())


_FUNCTIONS: Mapping[str, Callable[[Resolver, Call], bool | None]] = {
    "Fn::And": _and,
    "Fn::Or": _or,
    "Fn::Not": _not,
    "Fn::Equals": _equals,
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_member_equals,
    "Fn::EachMemberIn": _each_member_in,
}
