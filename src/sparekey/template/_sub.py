"""``Fn::Sub``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sparekey.template._nodes import MappingNode, Node, pairs, plain_list, plain_text, refused
from sparekey.template._references import attribute_value, reference_value

if TYPE_CHECKING:
    from sparekey.template._calls import Call
    from sparekey.template._resolve import Resolver
    from sparekey.template._values import Value
    from sparekey.unknown import Unknown

#: ``${Name}``, ``${Resource.Attribute}``, ``${!literal}``.
VARIABLE = re.compile(r"\$\{([^{}]*)\}")
NAME = re.compile(r"[A-Za-z0-9_.:]+\Z")

_ARGUMENTS = (
    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as"
    " first argument, and an optional second argument to specify a mapping of values to replace in the string"
)
_NAMES = (
    "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods,"
    " and colons"
)


def sub_arguments(argument: Node) -> tuple[str, dict[str, Node]] | None:
    """The text of ``Fn::Sub`` and its own variables; ``None`` if the argument has another shape."""
    if plain_text(argument) is not None:
        return str(argument.value), {}
    items = plain_list(argument) or []
    if len(items) == 2 and (text := plain_text(items[0])) is not None and isinstance(items[1], MappingNode):
        return text, {key.value: value for key, value in pairs(items[1])}
    return None


def substitute(resolver: Resolver, call: Call) -> Value:
    """Replace each ``${…}`` in a text; what is not known stays open, the text around it is kept."""
    arguments = sub_arguments(call.argument)
    if arguments is None:
        raise refused(_ARGUMENTS, resolver.place(call.node))
    text, variables = arguments
    parts: list[str | Unknown] = []
    values: list[Value] = []
    position = 0
    for found in VARIABLE.finditer(text):
        parts.append(text[position : found.start()])
        position = found.end()
        name = found[1]
        if name[:1] == "!":
            parts.append("${" + name[1:] + "}")
            continue
        values.append(_variable(resolver, name, variables, call))
        parts.append(resolver.text(values[-1]))
    if len(values) == 1 and not any(parts[:-1]) and position == len(text):
        return resolver.moved(values[0], call.node)
    parts.append(text[position:])
    return resolver.joined(parts, call.node, written=len(text))


def _variable(resolver: Resolver, name: str, variables: dict[str, Node], call: Call) -> Value:
    """The value of one variable: its own first, then a parameter or resource, then an attribute."""
    if name in variables:
        return resolver.resolve(variables[name])
    if not NAME.match(name):
        raise refused(
            _NAMES, resolver.place(call.node), hint=f"`${{{name}}}` is no variable; write `${{!{name}}}` to keep it"
        )
    if "." in name:
        logical_id, _, attribute = name.partition(".")
        return attribute_value(resolver, logical_id, attribute, call.node)
    return reference_value(resolver, name, call.node)
