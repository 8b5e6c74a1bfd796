"""The table of intrinsic functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.template._lists import cidr, get_azs, join_texts, select, split
from sparekey.template._nodes import MappingNode, Node, ScalarNode, member, plain_list, plain_text, refused
from sparekey.template._references import attribute_value, reference_value
from sparekey.template._sub import substitute
from sparekey.template._values import Concrete, Conditional, UnknownValue, Value
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.template._calls import Call
    from sparekey.template._resolve import Resolver

#: Computes the value of a call.
Function = Callable[["Resolver", "Call"], Value]

_GET_ATT = (
    "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource"
    " attribute"
)


def _ref(resolver: Resolver, call: Call) -> Value:
    """``Ref``: a pseudo parameter, a parameter or a resource."""
    name = _name(resolver, call.argument)
    if name is None:
        raise InputError("`Ref` takes the name of a parameter or resource", resolver.place(call.argument))
    return name if isinstance(name, UnknownValue) else reference_value(resolver, name, call.node)


def _get_att(resolver: Resolver, call: Call) -> Value:
    """``Fn::GetAtt``: ``a.b``, or a list of the resource and the attribute."""
    text, items = plain_text(call.argument), plain_list(call.argument) or []
    if text is not None:
        logical_id, _, attribute = text.partition(".")
    elif len(items) >= 2:
        name = _name(resolver, items[0])
        if name is None:
            raise refused(_GET_ATT, resolver.place(call.node))
        if isinstance(name, UnknownValue):
            return name
        logical_id, parts = name, [resolver.text(resolver.resolve(item)) for item in items[1:]]
        for part in parts:
            if isinstance(part, Unknown):
                return UnknownValue(Unknown(part.hangs_on), resolver.place(call.node), call.node)
        attribute = ".".join(str(part) for part in parts)
    else:
        raise refused(_GET_ATT, resolver.place(call.node))
    if not logical_id or not attribute:
        raise refused(_GET_ATT, resolver.place(call.node))
    return attribute_value(resolver, logical_id, attribute, call.node)


def _name(resolver: Resolver, node: Node) -> str | UnknownValue | None:
    """A name that must be written out, or, with the language extensions, computed; ``None`` for anything else."""
    name = plain_text(node)
    if name is not None:
        return name
    value = resolver.resolve(node) if resolver.template.extended else None
    if isinstance(value, UnknownValue | Conditional):
        return UnknownValue(Unknown(value.unknown.hangs_on), value.place, node)
    return value.text if isinstance(value, Concrete) else None


def _if(resolver: Resolver, call: Call) -> Value:
    """``Fn::If``: the branch of the condition, or both if it is open."""
    items = plain_list(call.argument) or []
    if len(items) != 3:
        raise refused("Template error: Fn::If requires a list argument with three elements", resolver.place(call.node))
    name_node, if_true, if_false = items
    name = plain_text(name_node)
    if name is None:
        raise InputError("`Fn::If` takes the name of a condition first", resolver.place(name_node))
    if name not in resolver.template.conditions and not resolver.template.open_ended:
        sentence = f"Template error: unresolved condition dependency {name} in Fn::If"
        raise refused(sentence, resolver.place(name_node))
    holds = resolver.condition(name)
    if isinstance(holds, Unknown):
        return Conditional(
            name, resolver.resolve(if_true), resolver.resolve(if_false), resolver.place(call.node), call.node, holds
        )
    return resolver.resolve(if_true if holds else if_false)


def _find_in_map(resolver: Resolver, call: Call) -> Value:
    """``Fn::FindInMap``: the value under two keys of a mapping, or, with the language extensions, a default."""
    place = resolver.place(call.node)
    nodes = plain_list(call.argument) or []
    if not 3 <= len(nodes) <= (4 if resolver.template.extended else 3):
        sentence = (
            "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the"
            " attribute for return value"
        )
        raise refused(sentence, place)
    names: list[str] = []
    for node in nodes[:3]:
        text = resolver.text(resolver.resolve(node))
        if isinstance(text, Unknown):
            return UnknownValue(Unknown(text.hangs_on), place, call.node)
        names.append(text)
    mapping: Node | None = resolver.template.mappings.get(names[0])
    for name in names[1:]:
        if isinstance(mapping, MappingNode) and (included := member(mapping, "Fn::Transform")) is not None:
            return _transform_value(resolver, included, call.node)
        mapping = member(mapping, name) if isinstance(mapping, MappingNode) else None
    if mapping is not None:
        return resolver.relocated(resolver.resolve(mapping), call.node)
    default = member(nodes[3], "DefaultValue") if len(nodes) == 4 and isinstance(nodes[3], MappingNode) else None
    if default is not None:
        return resolver.resolve(default)
    if resolver.template.open_ended:
        return UnknownValue(Unknown((f"the mapping `{'::'.join(names)}`",)), place, call.node)
    raise refused(f"Template error: Unable to get mapping for {'::'.join(names)}", place)


def _base64(resolver: Resolver, call: Call) -> Value:
    """``Fn::Base64``: a text in Base64."""
    from base64 import b64encode

    text = resolver.text(resolver.resolve(call.argument))
    if isinstance(text, Unknown):
        return UnknownValue(Unknown(text.hangs_on), resolver.place(call.node), call.node)
    resolver.budget.spend_text(len(text) * 4, resolver.place(call.node))
    return resolver.value(b64encode(text.encode()).decode(), call.node)


def _import_value(resolver: Resolver, call: Call) -> Value:
    """``Fn::ImportValue``: the value another stack exports."""
    place = resolver.place(call.node)
    name = resolver.text(resolver.resolve(call.argument))
    if isinstance(name, Unknown):
        hangs_on = (f"the import `{name}` (--import)", *name.hangs_on)
        return UnknownValue(Unknown(hangs_on), place, call.node)
    given = resolver.environment.imports.get(name)
    if given is None:
        return UnknownValue(Unknown((f"the import `{name}` (--import {name}=…)",)), place, call.node)
    return Concrete(given, place, call.node)


def _get_stack_output(resolver: Resolver, call: Call) -> Value:
    """``Fn::GetStackOutput``: an output of another stack, never known here."""
    place = resolver.place(call.node)
    names: list[str] = []
    for key in ("StackName", "OutputName"):
        node = member(call.argument, key) if isinstance(call.argument, MappingNode) else None
        if node is None:
            raise InputError("`Fn::GetStackOutput` takes a mapping with StackName and OutputName", place)
        names.append(str(resolver.text(resolver.resolve(node))))
    return UnknownValue(Unknown((f"the output `{names[1]}` of stack `{names[0]}`",)), place, call.node)


def _transform(resolver: Resolver, call: Call) -> Value:
    """``Fn::Transform``: what a macro returns, never known here."""
    return _transform_value(resolver, call.argument, call.node)


def _transform_value(resolver: Resolver, argument: Node, node: Node) -> UnknownValue:
    """The value of a macro: unknown, by the macro's name."""
    name = member(argument, "Name") if isinstance(argument, MappingNode) else None
    what = f"what the macro `{name.value}` returns" if isinstance(name, ScalarNode) else "what a macro returns"
    return UnknownValue(Unknown((what,)), resolver.place(node), node)


def _misplaced(resolver: Resolver, call: Call) -> Value:
    """A condition function outside Conditions."""
    raise InputError(f"`{call.name}` stands outside the Conditions section", resolver.place(call.node))


def _length(resolver: Resolver, call: Call) -> Value:
    from sparekey.template._language_extensions import length

    return length(resolver, call)


def _to_json_string(resolver: Resolver, call: Call) -> Value:
    from sparekey.template._language_extensions import to_json_string

    return to_json_string(resolver, call)


FUNCTIONS: Mapping[str, Function] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": substitute,
    "Fn::Join": join_texts,
    "Fn::Split": split,
    "Fn::Select": select,
    "Fn::FindInMap": _find_in_map,
    "Fn::If": _if,
    "Fn::Base64": _base64,
    "Fn::Cidr": cidr,
    "Fn::GetAZs": get_azs,
    "Fn::ImportValue": _import_value,
    "Fn::GetStackOutput": _get_stack_output,
    "Fn::Transform": _transform,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json_string,
    "Fn::Equals": _misplaced,
    "Fn::And": _misplaced,
    "Fn::Or": _misplaced,
    "Fn::Not": _misplaced,
    "Condition": _misplaced,
}
