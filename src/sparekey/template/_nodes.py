"""The nodes of a template: what the YAML composer and our JSON reader both make, each with its marks.

A node is one of PyYAML's three: a scalar, a sequence or a mapping, with ``start_mark`` and ``end_mark`` (``index``,
``line`` and ``column`` counted from 0) into the text of the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from sparekey.errors import InputError
from sparekey.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "BOOL", "CORE", "FLOAT", "INT", "MAP", "MERGE", "NULL", "SEQ", "STR", "TEXT_TAGS", "MappingNode", "Node", "Scalar",
    "ScalarNode", "SequenceNode", "is_alphanumeric", "is_text", "member", "pairs", "place_of", "plain_list",
    "plain_text", "reads_as", "refused", "scalar_value",
]  # fmt: skip

Node = ScalarNode | SequenceNode | MappingNode

#: What a scalar is read as.
Scalar = str | int | float | bool | None

CORE = "tag:yaml.org,2002:"
STR = "tag:yaml.org,2002:str"
SEQ = "tag:yaml.org,2002:seq"
MAP = "tag:yaml.org,2002:map"
BOOL = "tag:yaml.org,2002:bool"
INT = "tag:yaml.org,2002:int"
FLOAT = "tag:yaml.org,2002:float"
NULL = "tag:yaml.org,2002:null"
MERGE = "tag:yaml.org,2002:merge"
#: Read as text: CloudFormation knows no dates, and ``=`` is no value of its own.
TEXT_TAGS = frozenset({STR, "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value", MERGE})

_TRUE = frozenset({"true", "yes", "on"})
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_FRACTION = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+\Z")


def place_of(file: str, node: Node) -> Place:
    """Where a node begins."""
    mark = node.start_mark
    return Place(file, mark.line + 1, mark.column + 1)


def scalar_value(node: ScalarNode) -> Scalar:
    """Read a scalar as CloudFormation does: ``yes`` is true, ``2012-10-17`` is text, ``12`` is a number.

    A number in a notation of its own (``0653``, ``1_000``, ``0x1F``, ``1:30``) stays the text that is written.
    """
    tag, text = node.tag, str(node.value)
    if tag == BOOL:
        return text.lower() in _TRUE
    if tag == NULL:
        return None
    if tag == INT and _DECIMAL.match(text) and len(text) < 40:
        return int(text)
    if tag == FLOAT and _FRACTION.match(text) and len(text) < 40:
        number = float(text)
        return number if abs(number) != float("inf") else text
    return text


def reads_as(node: Node) -> int | None:
    """The number CloudFormation reads where an unquoted text with leading zeros is meant (an account id), if any."""
    if isinstance(node, ScalarNode) and not node.style and _LEADING_ZERO.match(node.value) and len(node.value) < 40:
        return int(node.value)
    return None


def is_alphanumeric(name: str) -> bool:
    """Whether a name is made of ASCII letters and digits, as CloudFormation wants logical IDs."""
    return name.isascii() and name.isalnum()


def is_text(node: Node) -> bool:
    """Whether a node is a scalar that stands for a text."""
    return isinstance(node, ScalarNode) and node.tag in TEXT_TAGS


def plain_list(node: Node | None) -> list[Node] | None:
    """The items of a node that is a list, and no function; ``None`` for any other."""
    if isinstance(node, SequenceNode) and node.tag[0] != "!":
        items: list[Node] = node.value
        return items
    return None


def plain_text(node: Node | None) -> str | None:
    """The text of a node that is a scalar, and no function; ``None`` for any other."""
    if isinstance(node, ScalarNode) and node.tag[0] != "!":
        return str(node.value)
    return None


def pairs(node: MappingNode) -> Iterable[tuple[ScalarNode, Node]]:
    """The entries of a mapping, with the mappings merged in by ``<<`` after its own keys."""
    entries: list[tuple[ScalarNode, Node]] = node.value
    for key, _ in entries:
        if key.tag == MERGE:
            return _merged(entries)
    return entries


def _merged(entries: list[tuple[ScalarNode, Node]]) -> Iterator[tuple[ScalarNode, Node]]:
    """The entries of a mapping with ``<<`` among them."""
    seen: set[str] = set()
    for key, value in entries:
        if key.tag != MERGE:
            seen.add(key.value)
            yield key, value
    for key, value in entries:
        if key.tag == MERGE:
            for source in value.value if isinstance(value, SequenceNode) else (value,):
                for merged, content in pairs(source) if isinstance(source, MappingNode) else ():
                    if merged.value not in seen:
                        seen.add(merged.value)
                        yield merged, content


def member(node: MappingNode, name: str) -> Node | None:
    """The value under a key of a mapping, if there is one."""
    for key, value in pairs(node):
        if key.value == name:
            return value
    return None


def refused(sentence: str, place: Place, *, hint: str | None = None) -> InputError:
    """The error for a template that CloudFormation does not take, in CloudFormation's own words."""
    return InputError(f"CloudFormation refuses this template: {sentence}", place, hint=hint)
