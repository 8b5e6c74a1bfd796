"""Where a YAML or JSON value begins and ends in the text, and in which style it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from sparekey.check.fixes._text import column_of

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The short forms whose long form has no ``Fn::`` before it.
_BARE = ("Ref", "Condition")


def start_of(node: Node) -> int:
    """Find the first character of a value, its tag and anchor included."""
    return int(node.start_mark.index)


def content_start(text: str, node: Node) -> int:
    """Find the first character of a value behind its tag and anchor."""
    at = start_of(node)
    while text[at : at + 1] in ("!", "&"):
        while at < len(text) and not text[at].isspace():
            at += 1
        while at < len(text) and text[at].isspace():
            at += 1
    return at


def end_of(text: str, node: Node) -> int:
    """Find the end of a value: behind its last character, before comments and blank lines that follow it."""
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return len(text[: node.end_mark.index].rstrip())
    if not isinstance(node, CollectionNode) or is_flow(text, node):
        return int(node.end_mark.index)
    before, last = _last_two(node)
    if last is None or start_of(last) < (before.end_mark.index if before else start_of(node)):
        return _end_of_alias(text, int(node.end_mark.index))
    return end_of(text, last)


def is_flow(text: str, node: Node) -> bool:
    """Tell whether a collection is written in brackets or braces, as JSON writes all of them."""
    return text[content_start(text, node)] in "[{"


def is_collection(node: Node) -> bool:
    """Tell whether a value is a list or a mapping."""
    return isinstance(node, SequenceNode | MappingNode)


def function_of(node: Node) -> str | None:
    """Name the intrinsic function a value is a call of, in its long form; ``None`` for plain data."""
    if node.tag.startswith("!") and len(node.tag) > 1:
        name = node.tag[1:]
        return name if name in _BARE else f"Fn::{name}"
    if isinstance(node, MappingNode) and len(node.value) == 1:
        name = str(node.value[0][0].value)
        return name if name == "Ref" or name.startswith("Fn::") else None
    return None


def entry(mapping: Node | None, key: str) -> tuple[Node, Node] | None:
    """Find the key node and value node of a mapping's entry."""
    if isinstance(mapping, MappingNode) and function_of(mapping) is None:
        for key_node, value_node in mapping.value:
            if key_node.value == key:
                return key_node, value_node
    return None


def parents(root: Node, target: Node) -> tuple[Node, ...] | None:
    """Find the values around ``target``, outermost first; ``None`` where it is not written inside ``root``.

    A value that stands there only as an alias (``*name``) is not written there.
    """
    if root is target:
        return ()
    for child in children(root):
        if start_of(child) <= start_of(target) and target.end_mark.index <= child.end_mark.index:
            inner = parents(child, target)
            if inner is not None:
                return (root, *inner)
    return None


def children(node: Node) -> Iterator[Node]:
    """List the values directly inside a collection, as far as they are written there."""
    at = start_of(node)
    for child in _members(node):
        if start_of(child) >= at:
            at = int(child.end_mark.index)
            yield child


def walk(node: Node) -> Iterator[Node]:
    """List a value and all values inside it, in the order of the text."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))


def block_column(text: str, node: Node) -> int:
    """Tell the column of a block collection's keys or dashes."""
    return column_of(text, content_start(text, node))


def _members(node: Node) -> Iterator[Node]:
    if isinstance(node, SequenceNode):
        yield from node.value
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value


def _last_two(node: CollectionNode) -> tuple[Node | None, Node | None]:
    """Find the last value of a collection and the one written before it."""
    members = list(_members(node))[-2:]
    return (members[0] if len(members) > 1 else None, members[-1] if members else None)


def _end_of_alias(text: str, end: int) -> int:
    """Go back from the next token over blank lines and comments, to the end of an alias."""
    while True:
        end = len(text[:end].rstrip())
        start = end - column_of(text, end)
        comment = text.find(" #", start, end)
        if text[start:end].lstrip().startswith("#"):
            end = start
        elif comment >= 0:
            end = comment
        else:
            return end
