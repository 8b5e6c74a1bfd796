"""Where the parts of one key's policy are written in the template."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from yaml.nodes import MappingNode, ScalarNode

from sparekey.check.fixes._nodes import function_of
from sparekey.check.fixes._page import Frame, NotEditableError, Page
from sparekey.check.fixes._style import read_style
from sparekey.errors import InputError
from sparekey.template import Concrete, ListValue, MapValue
from sparekey.template._json import JsonReader

if TYPE_CHECKING:
    from yaml.nodes import Node

    from sparekey.check._view import KeyView
    from sparekey.source import Path
    from sparekey.template import Value


@dataclass(frozen=True, slots=True)
class Site:
    """The page a key's policy is written on, and the policy's value, whose parts know their nodes."""

    view: KeyView
    page: Page
    value: Value

    def value_at(self, path: Path) -> Value | None:
        """Find the value at a path of the policy document.

        A list of one may be written without brackets: an index then leads to the value itself.
        """
        value: Value | None = self.value
        for step in path:
            if isinstance(step, str):
                value = value.items.get(step) if isinstance(value, MapValue) else None
            elif isinstance(value, ListValue):
                value = value.items[step] if -1 <= step < len(value.items) and value.items else None
            elif step > 0:
                return None
        return value

    def node(self, path: Path) -> Node | None:
        """Find the node at a path of the policy document."""
        value = self.value_at(path)
        return value.node if value is not None else None

    def at(self, path: Path) -> Node:
        """Return the node at a path of the policy document.

        Raises:
            NotEditableError: nothing is written there in so many words.
        """
        node = self.node(path)
        if node is None:
            raise NotEditableError("the value is not written there in so many words")
        return node

    def mapping_at(self, path: Path) -> MappingNode:
        """Return the mapping at a path of the policy document.

        Raises:
            NotEditableError: it is written as the result of a function.
        """
        node = self.at(path)
        if not isinstance(node, MappingNode):
            raise NotEditableError("the mapping is the result of a function")
        return node


def site_of(view: KeyView) -> Site | None:
    """Find where a key policy is written; ``None`` where the template has none, or only a text it does not tell."""
    value, template = view.policy_value, view.template
    if isinstance(value, MapValue):
        style = read_style(template.text, template.root, value.node, json=template.format == "json")
        return Site(view, Page(template.text, view.resource.node, style), value)
    if isinstance(value, Concrete):
        return _site_in_text(view, value.node)
    return None


def _site_in_text(view: KeyView, node: Node) -> Site | None:
    """Find the parts of a key policy that is a JSON text in the template."""
    substituted = function_of(node) == "Fn::Sub"
    if substituted and not isinstance(node, ScalarNode):
        node = node.value[0][1]
    if not isinstance(node, ScalarNode) or (function_of(node) and not substituted):
        return None
    try:
        root = JsonReader(node.value, view.template.file).read()
    except InputError:
        return None
    if not isinstance(root, MappingNode):
        return None
    value = view.resolver.resolve(root)
    style = read_style(node.value, root, json=True)
    uses_partition = substituted and "AWS::Partition" in view.template.text
    style = replace(style, account=substituted, partition=uses_partition, substituted=substituted)
    frame = Frame(view.template.text, node)
    return Site(view, Page(node.value, root, style, frame), value) if isinstance(value, MapValue) else None
