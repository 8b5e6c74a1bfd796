"""The table of intrinsic functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.template._calls import Call
from sparekey.template._nodes import Node, ScalarNode, SequenceNode, refused
from sparekey.template._references import attribute_value, reference_value
from sparekey.template._sub import substitute
from sparekey.template._values import Concrete, Conditional, ListValue, MapValue, UnknownValue, Value
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.template._resolve import Resolver

#: Computes the value of a call.
Function = Callable[["Resolver", Call], Value]


def _ref(resolver: Resolver, call: Call) -> Value:
    """``Ref``: a pseudo parameter, a parameter or a resource."""
    name = _literal(resolver, call.argument, "Ref takes the name of a parameter or resource")
    return name if isinstance(name, UnknownValue) else reference_value(resolver, name, call.node)


def _get_att(resolver: Resolver, call: Call) -> Value:
    """``Fn::GetAtt``: ``a.b``, or a list of the resource and the attribute."""
    sentence = (
        "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource"
        " attribute"
    )
    argument = call.argument
    if isinstance(argument, ScalarNode):
        logical_id, _, attribute = str(argument.value).partition(".")
    elif isinstance(argument, SequenceNode) and len(argument.value) >= 2:
        parts: list[str] = []
        for item in argument.value:
            part = _literal(resolver, item, sentence)
            if isinstance(part, UnknownValue):
                return part
            parts.append(part)
        logical_id, attribute = parts[0], ".".join(parts[1:])
    else:
        raise refused(sentence, resolver.place(call.node))
    if not logical_id or not attribute:
        raise refused(sentence, resolver.place(call.node))
    return attribute_value(resolver, logical_id, attribute, call.node)


def _literal(resolver: Resolver, node: Node, sentence: str) -> str | UnknownValue:
    """A name that must be written out, or, with the language extensions, computed."""
    value = resolver.resolve(node)
    if isinstance(value, Concrete) and isinstance(value.value, str):
        return value.value
    if isinstance(value, UnknownValue) and resolver.template.extended:
        return value
    raise InputError(sentence, resolver.place(node))


def _join(resolver: Resolver, call: Call) -> Value:
    """``Fn::Join``: texts with a delimiter between them."""
    delimiter_node, list_node = _two(resolver, call, _JOIN)
    delimiter = resolver.resolve(delimiter_node)
    items = resolver.resolve(list_node)
    if isinstance(items, UnknownValue | Conditional):
        return UnknownValue(Unknown(items.unknown.hangs_on), resolver.place(call.node), call.node)
    if not isinstance(items, ListValue) or not isinstance(delimiter, Concrete):
        raise refused(_JOIN, resolver.place(call.node))
    parts: list[str | Unknown] = []
    for item in items.items:
        if isinstance(item, ListValue | MapValue):
            raise refused(_JOIN, item.place)
        if parts:
            parts.append(delimiter.text)
        parts.append(resolver.text(item))
    return resolver.joined(parts, call.node)


def _if(resolver: Resolver, call: Call) -> Value:
    """``Fn::If``: the branch of the condition, or both if it is open."""
    if not isinstance(call.argument, SequenceNode) or len(call.argument.value) != 3:
        raise refused("Template error: Fn::If requires a list argument with three elements", resolver.place(call.node))
    name_node, if_true, if_false = call.argument.value
    if not isinstance(name_node, ScalarNode):
        raise refused("Template error: Fn::If requires a list argument with the first element being a condition",
                      resolver.place(name_node))  # fmt: skip
    name: str = name_node.value
    if name not in resolver.template.conditions:
        sentence = f"Template error: unresolved condition dependency {name} in Fn::If"
        raise refused(sentence, resolver.place(name_node))
    holds = resolver.condition(name)
    if isinstance(holds, Unknown):
        return Conditional(
            name, resolver.resolve(if_true), resolver.resolve(if_false), resolver.place(call.node), call.node, holds
        )
    return resolver.resolve(if_true if holds else if_false)


def _two(resolver: Resolver, call: Call, sentence: str) -> tuple[Node, Node]:
    """The two elements a function's list takes."""
    if not isinstance(call.argument, SequenceNode) or len(call.argument.value) != 2:
        raise refused(sentence, resolver.place(call.node))
    first, second = call.argument.value
    return first, second


_JOIN = (
    "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to"
    " be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
)

FUNCTIONS: Mapping[str, Function] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": substitute,
    "Fn::Join": _join,
    "Fn::If": _if,
}
