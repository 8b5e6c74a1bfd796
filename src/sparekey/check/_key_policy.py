"""The key policy of a key: found among its properties, and parsed with the places of the template."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeGuard

from sparekey.policy import Policy, PolicyType, parse_policy
from sparekey.source import Path, Place
from sparekey.template import Concrete, MappingNode, MapValue, NoValue, ScalarNode, SequenceNode, Template, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparekey.template import Node

#: What stands in the provider schema's default for KeyPolicy: no valid policy, and the resource handler drops it.
_PLACEHOLDER = "arn:<partition>:iam::<account-id>:root"


def policy_value(properties: Value | None) -> Value | None:
    """Return the value of ``KeyPolicy``; ``None`` for none, for an empty text and for the schema's default."""
    value = properties.items.get("KeyPolicy") if isinstance(properties, MapValue) else None
    if value is None or isinstance(value, NoValue):
        return None
    if isinstance(value, Concrete):
        text = value.text
        return None if not text.strip() or _PLACEHOLDER in text else value
    return value


def name_of(logical_id: str) -> str:
    """How messages name the key policy of a key."""
    return f"the key policy of `{logical_id}`"


def is_text(value: Value) -> TypeGuard[Concrete]:
    """Whether a key policy is written as JSON text, not as a mapping."""
    return isinstance(value, Concrete) and isinstance(value.value, str)


def parse_text(value: Concrete, name: str, template: Template, partition: str) -> Policy:
    """Parse a key policy for use in ``partition`` that is written as JSON text.

    A place inside the text is found by parsing it once more on its own, and moved into the template.
    """
    text = value.text

    @cache
    def inside() -> tuple[Policy, Callable[[Place | None], Place]]:
        return parse_policy(text, type=PolicyType.KEY, name=name, file=template.file), _mover(value, template)

    def locate(path: Path) -> Place:
        inner, moved = inside()
        return moved(inner.locate(path))

    return parse_policy(text, type=PolicyType.KEY, name=name, file=template.file, locate=locate, partition=partition)


def _mover(value: Concrete, template: Template) -> Callable[[Place | None], Place]:
    """Move places of the text to the file: into the block scalar it stands in, else to where the text begins."""
    scalar = _scalar(value.node)
    if scalar is None or scalar.style != "|":
        return lambda _: value.place
    header = scalar.start_mark.line + 1
    lines = template.text.split("\n")[header:]
    indent = next((len(line) - len(line.lstrip()) for line in lines if line.strip()), 0)
    return lambda inner: Place(template.file, header + inner.line, indent + inner.column) if inner else value.place


def _scalar(node: Node) -> ScalarNode | None:
    """The text itself: the node, or the first argument of the `Fn::Sub` that it is."""
    if isinstance(node, MappingNode) and len(node.value) == 1:
        node = node.value[0][1]
    if isinstance(node, SequenceNode) and node.value:
        node = node.value[0]
    return node if isinstance(node, ScalarNode) else None
