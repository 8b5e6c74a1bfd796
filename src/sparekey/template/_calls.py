"""Telling an intrinsic function from plain data, in its long and its short form."""

from __future__ import annotations

from typing import NamedTuple

from sparekey.template._nodes import MAP, SEQ, STR, MappingNode, Node, ScalarNode, SequenceNode

#: Functions whose value is asked for in properties, outputs and conditions.
NAMES = frozenset(
    {
        "Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Split", "Fn::Select", "Fn::FindInMap", "Fn::Base64",
        "Fn::Cidr", "Fn::GetAZs", "Fn::ImportValue", "Fn::GetStackOutput", "Fn::If", "Fn::Equals", "Fn::And",
        "Fn::Or", "Fn::Not", "Fn::Transform", "Condition",
    }
)  # fmt: skip
#: Functions that ``Transform: AWS::LanguageExtensions`` adds; they have no short form.
EXTENSION_NAMES = frozenset({"Fn::Length", "Fn::ToJsonString"})
#: Functions that only the Rules section knows; they have no short form.
RULE_NAMES = frozenset(
    {"Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"}
)
LOOP = "Fn::ForEach::"
#: What exists, but not as a short form.
ONLY_LONG = EXTENSION_NAMES | RULE_NAMES | {"Fn::ForEach"}

_SHORT = {"!" + name.removeprefix("Fn::"): name for name in NAMES}


class Call(NamedTuple):
    """A function and its argument. ``node`` is the whole expression."""

    name: str
    argument: Node
    node: Node


def call_of(node: Node) -> Call | None:
    """The call a node stands for; ``None`` for plain data.

    ``{"Condition": name}`` is plain data here: a policy statement has such a key too.
    """
    tag: str = node.tag
    if tag[:1] == "!":
        return Call(_SHORT.get(tag, "Fn::" + tag[1:]), _untagged(node), node)
    if isinstance(node, MappingNode) and len(node.value) == 1:
        key, argument = node.value[0]
        name: str = key.value
        if name == "Ref" or (name.startswith("Fn::") and not name.startswith(LOOP)):
            return Call(name, argument, node)
    return None


def _untagged(node: Node) -> Node:
    """The argument of a short form: the same node without its tag."""
    if isinstance(node, ScalarNode):
        return ScalarNode(STR, node.value, node.start_mark, node.end_mark, node.style or "'")
    if isinstance(node, SequenceNode):
        return SequenceNode(SEQ, node.value, node.start_mark, node.end_mark, node.flow_style)
    return MappingNode(MAP, node.value, node.start_mark, node.end_mark, node.flow_style)
