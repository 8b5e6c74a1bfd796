"""The key policy of a key: found among its properties, and parsed with the places of the template."""

from __future__ import annotations

from typing import TypeGuard

from sparekey.policy import Policy, PolicyType, parse_policy
from sparekey.source import Path, Place
from sparekey.template import Concrete, MapValue, NoValue, ScalarNode, Template, Value

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

    def locate(path: Path) -> Place:
        inner = parse_policy(text, type=PolicyType.KEY, name=name, file=template.file).locate(path)
        return _moved(value, inner, template)

    return parse_policy(text, type=PolicyType.KEY, name=name, file=template.file, locate=locate, partition=partition)


def _moved(value: Concrete, inner: Place | None, template: Template) -> Place:
    """Move a place of the text to the file: into the block scalar it stands in, else to where the text begins."""
    node = value.node
    if inner is None or not (isinstance(node, ScalarNode) and node.style == "|"):
        return value.place
    lines = template.text.split("\n")[value.place.line :]
    indent = next((len(line) - len(line.lstrip()) for line in lines if line.strip()), 0)
    return Place(template.file, value.place.line + inner.line, indent + inner.column)
