"""What ``Transform: AWS::LanguageExtensions`` adds: loops, and functions over whole values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.template._calls import LOOP
from sparekey.template._nodes import STR, MappingNode, Node, ScalarNode, SequenceNode, plain_list, plain_text
from sparekey.template._values import Concrete, Conditional, ListValue, MapValue, NoValue, UnknownValue, Value
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.template._calls import Call
    from sparekey.template._document import Template
    from sparekey.template._environment import Environment
    from sparekey.template._resolve import Resolver
    from sparekey.template._sections import Entries


class _Loops:
    """Expands loops, and counts what they make."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._budget = resolver.budget
        self.place = resolver.place

    def expand(self, key: ScalarNode, content: Node) -> list[tuple[ScalarNode, Node]] | UnknownValue:
        """The entries a loop makes; what its list hangs on if that is not known."""
        identifier, collection, fragment = self._parts(key, content)
        items = self._resolver.resolve(collection)
        if isinstance(items, UnknownValue):
            return items
        if not isinstance(items, ListValue):
            raise InputError(f"`{key.value}` takes a list to run over", items.place)
        entries: list[tuple[ScalarNode, Node]] = []
        for item in items.items:
            self._budget.spend_nodes(1, items.place)
            if not isinstance(item, Concrete):
                return UnknownValue(self._resolver.unknown(item), item.place, item.node)
            for inner_key, inner in fragment.value:
                made_key = self._text(inner_key, identifier, item.text)
                made = self._substitute(inner, identifier, item.text)
                if made_key.value.startswith(LOOP):
                    nested = self.expand(made_key, made)
                    if isinstance(nested, UnknownValue):
                        return nested
                    entries.extend(nested)
                else:
                    entries.append((made_key, made))
        return entries

    def _parts(self, key: ScalarNode, content: Node) -> tuple[str, Node, MappingNode]:
        """The identifier, the list and the fragment of a loop."""
        parts = plain_list(content) or []
        identifier = plain_text(parts[0]) if len(parts) == 3 else None
        if identifier and isinstance(parts[2], MappingNode):
            return identifier, parts[1], parts[2]
        raise InputError(
            f"`{key.value}` takes a list of an identifier, a list to run over, and a mapping",
            self._resolver.place(content),
        )

    def _substitute(self, node: Node, name: str, text: str) -> Node:
        """A copy of a node with the identifier replaced; the node itself where nothing changes."""
        self._budget.spend_nodes(1, self.place(node))
        if _is_ref(node, name):
            return ScalarNode(STR, text, node.start_mark, node.end_mark, '"')
        if isinstance(node, ScalarNode):
            return self._text(node, name, text)
        if isinstance(node, SequenceNode):
            items = [self._substitute(item, name, text) for item in node.value]
            if all(new is old for new, old in zip(items, node.value, strict=True)):
                return node
            return SequenceNode(node.tag, items, node.start_mark, node.end_mark, node.flow_style)
        entries = [(self._text(k, name, text), self._substitute(v, name, text)) for k, v in node.value]
        if all(new[0] is old[0] and new[1] is old[1] for new, old in zip(entries, node.value, strict=True)):
            return node
        return MappingNode(node.tag, entries, node.start_mark, node.end_mark, node.flow_style)

    def _text(self, node: ScalarNode, name: str, text: str) -> ScalarNode:
        """A text with ``${identifier}``, and ``&{identifier}`` without what is not alphanumeric, replaced."""
        if "{" not in node.value:
            return node
        uses = node.value.count(f"${{{name}}}") + node.value.count(f"&{{{name}}}")
        self._budget.spend_text(len(node.value) + uses * len(text), self.place(node))
        replaced = node.value.replace(f"${{{name}}}", text)
        replaced = replaced.replace(f"&{{{name}}}", _NOT_ALPHANUMERIC.sub("", text))
        if replaced == node.value:
            return node
        return ScalarNode(node.tag, replaced, node.start_mark, node.end_mark, node.style)


_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")


def _is_ref(node: Node, name: str) -> bool:
    """Whether a node is a ``Ref`` of a loop's identifier."""
    if isinstance(node, ScalarNode):
        return node.tag == "!Ref" and node.value == name
    if isinstance(node, MappingNode) and len(node.value) == 1:
        key, argument = node.value[0]
        return key.value == "Ref" and isinstance(argument, ScalarNode) and argument.value == name
    return False


def expand_sections(
    outline: Template, environment: Environment, entries: dict[str, Entries], notes: list[str]
) -> tuple[dict[str, Entries], bool]:
    """Expand the loops among the entries of sections; whether all their lists are known.

    Raises:
        InputError: a loop is broken, makes too much, or makes two entries of one name.
    """
    from sparekey.template._resolve import Resolver

    loops = _Loops(Resolver(outline, environment))
    complete = True
    expanded: dict[str, Entries] = {}
    for name, section in entries.items():
        made: Entries = {}
        for key, content in section.values():
            pairs = loops.expand(key, content) if key.value.startswith(LOOP) else [(key, content)]
            if isinstance(pairs, UnknownValue):
                why = ", ".join(pairs.unknown.hangs_on)
                notes.append(f"`{key.value}` runs over a list that is not known ({why}): what it makes is not seen")
                complete = False
                continue
            for made_key, made_node in pairs:
                if made_key.value in made:
                    place = loops.place(made_key)
                    raise InputError(f"`{made_key.value}` is made twice in {name}", place)
                made[made_key.value] = made_key, made_node
        expanded[name] = made
    return expanded, complete


def expand_in_mapping(
    resolver: Resolver, key: ScalarNode, content: Node, items: dict[str, Value], keys: dict[str, Node]
) -> UnknownValue | None:
    """Put what a loop among the keys of a mapping makes into ``items``; what its list hangs on if that is not known."""
    pairs = _Loops(resolver).expand(key, content)
    if isinstance(pairs, UnknownValue):
        return pairs
    for made_key, made_node in pairs:
        value = resolver.resolve(made_node)
        if not isinstance(value, NoValue):
            items[made_key.value] = value
            keys[made_key.value] = made_key
    return None


def length(resolver: Resolver, call: Call) -> Value:
    """``Fn::Length``: how many elements a list has."""
    place = resolver.place(call.node)
    value = resolver.resolve(call.argument)
    match value:
        case ListValue():
            if any(isinstance(item, Conditional) for item in value.items):
                return UnknownValue(resolver.unknown(value), place, call.node)
            return Concrete(len(value.items), place, call.node)
        case UnknownValue() | Conditional():
            return UnknownValue(Unknown(value.unknown.hangs_on), place, call.node)
        case _:
            raise InputError("`Fn::Length` takes a list", place)


def to_json_string(resolver: Resolver, call: Call) -> Value:
    """``Fn::ToJsonString``: a list or mapping as JSON text."""
    from sparekey.template._json_text import json_text

    value = resolver.resolve(call.argument)
    if not isinstance(value, ListValue | MapValue | UnknownValue | Conditional):
        raise InputError("`Fn::ToJsonString` takes a list or a mapping", resolver.place(call.node))
    return resolver.value(json_text(value), call.node)
