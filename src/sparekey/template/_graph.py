"""Which resources a part of a template refers to, and in which order they depend on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.template._calls import call_of
from sparekey.template._nodes import MappingNode, Node, ScalarNode, plain_list, plain_text
from sparekey.template._sub import NAME, VARIABLE, sub_arguments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sparekey.template._document import Resource
    from sparekey.template._resolve import Resolver


class Reference(NamedTuple):
    """A reference to a parameter, pseudo parameter or resource (``attribute`` is ``None`` for ``Ref``)."""

    name: str
    attribute: str | None
    node: Node


#: Function calls, each with the references that it makes by itself.
Calls = list[tuple[Node, list[Reference]]]


def references_in(node: Node) -> list[Reference]:
    """The references that one function makes by itself, not those of the functions in its arguments."""
    call = call_of(node)
    if call is None:
        return []
    argument = call.argument
    if call.name == "Ref":
        name = plain_text(argument)
        return [] if name is None else [Reference(name, None, node)]
    if call.name == "Fn::GetAtt":
        return _of_get_att(argument, node)
    if call.name == "Fn::Sub" and (arguments := sub_arguments(argument)):
        text, variables = arguments
        names = [name for name in dict.fromkeys(VARIABLE.findall(text)) if NAME.match(name) and name not in variables]
        parts = [name.partition(".") for name in names]
        return [Reference(logical_id, attribute or None, node) for logical_id, _, attribute in parts]
    return []


def _of_get_att(argument: Node, node: Node) -> list[Reference]:
    """The reference of ``Fn::GetAtt``, unless its resource is computed."""
    text = plain_text(argument)
    if text is not None:
        logical_id, _, attribute = text.partition(".")
        return [Reference(logical_id, attribute, node)]
    names = [plain_text(item) for item in plain_list(argument) or []]
    if names and names[0] is not None:
        return [Reference(names[0], ".".join(name or "" for name in names[1:]), node)]
    return []


def references_of(node: Node, resolver: Resolver | None = None) -> tuple[Reference, ...]:
    """Every reference in a part of a template, as it stands there.

    With a ``resolver``, branches of ``Fn::If`` that are not taken are left out.
    """
    found: list[Reference] = []
    stack = [node]
    while stack:
        current = stack.pop()
        found.extend(references_in(current))
        stack.extend(reversed(_below(current, resolver)))
    return tuple(found)


def _below(node: Node, resolver: Resolver | None) -> list[Node]:
    """The nodes right below one, without a branch that is not taken."""
    if isinstance(node, ScalarNode):
        return []
    call = call_of(node) if resolver is not None else None
    if call is not None and call.name == "Fn::If" and resolver is not None:
        branches = plain_list(call.argument) or []
        name = plain_text(branches[0]) if len(branches) == 3 else None
        holds = resolver.condition(name) if name is not None else None
        if isinstance(holds, bool):
            return [branches[1] if holds else branches[2]]
    return [value for _, value in node.value] if isinstance(node, MappingNode) else list(node.value)


def unconditional_references(node: Node) -> tuple[str, ...]:
    """The names a part of a template refers to outside any ``Fn::If``."""
    names: dict[str, None] = {}
    stack = [node]
    while stack:
        current = stack.pop()
        call = call_of(current)
        if call is not None and call.name == "Fn::If":
            continue
        names.update((reference.name, None) for reference in references_in(current))
        stack.extend(_below(current, None))
    return tuple(names)


def dependencies_of(
    resource: Resource, references: Iterable[Reference], known: Mapping[str, Resource]
) -> tuple[str, ...]:
    """The logical IDs a resource needs first: those it names under DependsOn, and those it refers to."""
    names = dict.fromkeys(resource.depends_on)
    names.update((reference.name, None) for reference in references if reference.name in known)
    return tuple(names)


def circular_dependencies(edges: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The resources that depend on each other in a circle, and those between two circles; none in a sound template."""
    left = {name: {needed for needed in needs if needed in edges} for name, needs in edges.items()}
    for _ in range(2):  # strip what leads out of the circles, then, turned around, what leads into them
        ready = [name for name, needs in left.items() if not needs]
        needed_by: dict[str, list[str]] = {name: [] for name in left}
        for name, needs in left.items():
            for needed in needs:
                needed_by[needed].append(name)
        while ready:
            name = ready.pop()
            del left[name]
            for other in needed_by[name]:
                left[other].discard(name)
                if not left[other]:
                    ready.append(other)
        turned: dict[str, set[str]] = {name: set() for name in left}
        for name, needs in left.items():
            for needed in needs:
                turned[needed].add(name)
        left = turned
    return tuple(name for name in edges if name in left)
