"""One pass over every node of a template: what no template may hold, and the functions it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.template._calls import EXTENSION_NAMES, LOOP, NAMES, RULE_NAMES
from sparekey.template._nodes import (
    CORE,
    FLOAT,
    INT,
    NULL,
    STR,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    place_of,
    plain_list,
    plain_text,
    refused,
)
from sparekey.template._yaml import MAX_DEPTH

if TYPE_CHECKING:
    from sparekey.source import Place

#: The most nodes that a template may have once its aliases are written out.
MAX_NODES = 300_000
#: How many characters of a text count as one node.
CHARACTERS = 64

_SHORT = frozenset("!" + name.removeprefix("Fn::") for name in NAMES)
_TAGS = frozenset({"str", "seq", "map", "bool", "int", "float", "null", "timestamp", "value", "merge"})


def check_aliases(root: Node, file: str) -> bool:
    """Whether a template uses aliases.

    Raises:
        InputError: an alias stands within what it stands for, or the aliases stand for more than a template can hold.
    """
    sizes: dict[int, tuple[int, int]] = {}
    used = False

    def measure(node: Node, open_nodes: frozenset[int]) -> tuple[int, int]:
        nonlocal used
        if id(node) in open_nodes:
            raise InputError("a YAML alias stands within what it stands for", place_of(file, node))
        if id(node) in sizes:
            used = True
            return sizes[id(node)]
        size, height = 1, 0
        if isinstance(node, ScalarNode):
            size += len(node.value) // CHARACTERS
        for child in _children(node):
            inner, depth = measure(child, open_nodes | {id(node)})
            size, height = size + inner, max(height, depth)
        if (used and size > MAX_NODES) or height >= MAX_DEPTH:
            raise InputError("the YAML aliases stand for more than a template can hold", place_of(file, node))
        sizes[id(node)] = size, height + 1
        return sizes[id(node)]

    measure(root, frozenset())
    return used


def _children(node: Node) -> list[Node]:
    """The nodes right below a node."""
    if isinstance(node, MappingNode):
        return [child for entry in node.value for child in entry]
    return list(node.value) if isinstance(node, SequenceNode) else []


class Survey:
    """The pass over a template whose aliases are within bounds."""

    def __init__(self, file: str, *, aliases: bool = False) -> None:
        """Survey nodes of ``file``; with ``aliases``, a node may stand in several places."""
        self._file = file
        self._aliases = aliases
        self._faults: list[InputError] = []
        self.unknown_functions: list[tuple[str, Node]] = []
        self.extensions: list[tuple[str, Node]] = []
        self.identifiers: set[str] = set()
        self.macros: list[Node] = []
        self.nulls = False

    def calls(self, root: Node) -> list[Node]:
        """The nodes under ``root`` that are intrinsic functions, in no particular order."""
        calls: list[Node] = []
        stack = [root]
        shared: set[int] = set()
        while stack:
            node = stack.pop()
            if self._aliases:
                if id(node) in shared:
                    continue
                shared.add(id(node))
            tag: str = node.tag
            if tag == STR and isinstance(node, ScalarNode):
                continue
            if tag[0] == "!":
                calls.append(node)
                if tag not in _SHORT:
                    self.unknown_functions.append((tag, node))
            elif tag[:18] != CORE or tag[18:] not in _TAGS:
                self._fault(f"CloudFormation does not read the YAML tag `{tag.replace(CORE, '!!')}`", node)
            elif tag == NULL and isinstance(node, ScalarNode):
                self.nulls = True
            if isinstance(node, MappingNode):
                if self._is_call(node):
                    calls.append(node)
                stack.extend([value for _, value in node.value])
            elif isinstance(node, SequenceNode):
                stack.extend(node.value)
        return calls

    def keys(self, node: MappingNode) -> None:
        """Look at the keys of a mapping only."""
        self._is_call(node)

    def finish(self) -> None:
        """Raise the first fault met so far, by its place.

        Raises:
            InputError: a key stands twice or is no text, or a tag is none that CloudFormation reads.
        """
        if self._faults:
            raise min(self._faults, key=lambda fault: _line_and_column(fault.place))

    def _fault(self, message: str, node: Node) -> None:
        self._faults.append(InputError(message, place_of(self._file, node)))

    def _is_call(self, node: MappingNode) -> bool:
        """Check the keys of a mapping; whether it is an intrinsic function."""
        entries: list[tuple[Node, Node]] = node.value
        names: set[str] = set()
        for key, value in entries:
            if not isinstance(key, ScalarNode) or key.tag[0] == "!":
                self._fault("a key is not a plain text", key)
                return False
            name: str = key.value
            if name in names:
                self._duplicate(node, key)
            names.add(name)
            if key.tag in (INT, FLOAT):
                self._numeric_key(node, key)
            elif name[:4] == "Fn::":
                self._function(name, key, value, alone=len(entries) == 1)
        return len(entries) == 1 and (name == "Ref" or (name[:4] == "Fn::" and name[:13] != LOOP))

    def _function(self, name: str, key: ScalarNode, argument: Node, *, alone: bool) -> None:
        """Note what a function's name asks for."""
        if name.startswith(LOOP):
            self.extensions.append((LOOP[:-2], key))
            if (parts := plain_list(argument)) and (identifier := plain_text(parts[0])):
                self.identifiers.add(identifier)
        elif name == "Fn::Transform":
            self.macros.append(key)
        elif not alone:
            self._fault(f"`{name}` stands beside other keys", key)
        elif name in EXTENSION_NAMES:
            self.extensions.append((name, key))
        elif name not in NAMES and name not in RULE_NAMES:
            self.unknown_functions.append((name, key))

    def _duplicate(self, node: MappingNode, again: ScalarNode) -> None:
        """A key that stands twice in a mapping."""
        first = next(key for key, _ in node.value if key.value == again.value)
        at = place_of(self._file, first)
        self._fault(
            f"the key `{again.value}` stands here again; it is already at line {at.line}, column {at.column}", again
        )

    def _numeric_key(self, node: MappingNode, key: ScalarNode) -> None:
        """A key that YAML reads as a number."""
        del node
        sentence = f"Template format error: map keys must be strings; received numeric [{key.value}] instead"
        place = place_of(self._file, key)
        self._faults.append(refused(sentence, place, hint=f'put the key in quotes: `"{key.value}"`'))


def _line_and_column(place: Place | None) -> tuple[int, int]:
    return (place.line, place.column) if place else (0, 0)
