"""What CloudFormation refuses in a template as a whole: names that are not there, circles, unknown functions, nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.errors import InputError
from sparekey.template._calls import ONLY_LONG, call_of
from sparekey.template._document import LANGUAGE_EXTENSIONS
from sparekey.template._graph import (
    circular_dependencies,
    dependencies_of,
    unconditional_references,
)
from sparekey.template._nodes import (
    NULL,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    member,
    place_of,
    plain_list,
    plain_text,
    refused,
)
from sparekey.template._references import PSEUDO_PARAMETERS, unresolved

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from sparekey.source import Place
    from sparekey.template._document import Resource, Template
    from sparekey.template._graph import Calls, Reference
    from sparekey.template._survey import Survey

_NO_NULLS = frozenset({"Parameters", "Mappings", "Conditions", "Rules", "Resources", "Outputs"})


def check_functions(survey: Survey, transforms: tuple[str, ...], file: str) -> None:
    """Refuse functions that CloudFormation does not know, unless a macro may.

    Raises:
        InputError: there is one.
    """
    macros = any(name != LANGUAGE_EXTENSIONS for name in transforms)
    if survey.unknown_functions and not macros:
        name, node = min(survey.unknown_functions, key=_index)
        long_name = "Fn::" + name[1:] if name[:1] == "!" else name
        hint = f"it has no short form: write `{long_name}:`" if long_name in ONLY_LONG else None
        raise InputError(f"`{name}` is no function that CloudFormation knows", place_of(file, node), hint=hint)
    if survey.extensions and LANGUAGE_EXTENSIONS not in transforms and not macros:
        name, node = min(survey.extensions, key=_index)
        hint = f"declare `Transform: {LANGUAGE_EXTENSIONS}`"
        raise InputError(f"`{name}` needs the language extensions", place_of(file, node), hint=hint)


def _index(item: tuple[str, Node]) -> int:
    index: int = item[1].start_mark.index
    return index


def check_nulls(root: MappingNode, file: str) -> None:
    """Refuse nulls, which no section but Metadata may hold.

    Raises:
        InputError: there is one; the first is told.
    """
    first: tuple[Node, _Step] | None = None
    stack: list[tuple[Node, _Step]] = [
        (value, _Step(key.value, None)) for key, value in root.value if key.value in _NO_NULLS and value.tag != NULL
    ]
    while stack:
        node, step = stack.pop()
        if isinstance(node, MappingNode):
            stack.extend((value, _Step(key.value, step)) for key, value in node.value if key.value != "Metadata")
        elif isinstance(node, SequenceNode):
            stack.extend((value, _Step(str(number), step)) for number, value in enumerate(node.value))
        elif node.tag == NULL and (first is None or node.start_mark.index < first[0].start_mark.index):
            first = node, step
    if first is not None:
        sentence = f"[{first[1].path()}] 'null' values are not allowed in templates"
        raise refused(sentence, place_of(file, first[0]))


class _Step(NamedTuple):
    """A key or index, and the way to what it stands in."""

    name: str
    before: _Step | None

    def path(self) -> str:
        """The whole way, with slashes."""
        return f"{self.before.path() if self.before else ''}/{self.name}"


def check_names(template: Template, calls_of: Callable[[Node], Calls], identifiers: Set[str]) -> None:
    """Insist that every name that is referred to is there; ``identifiers`` are those of loops.

    Raises:
        InputError: one is not.
    """
    known = PSEUDO_PARAMETERS | template.parameters.keys() | template.resources.keys() | identifiers
    for resource in template.resources.values():
        _check_calls(calls_of(resource.node), known, template, "Resources")
        _check_resource(resource, template)
    for output in template.outputs.values():
        _check_calls(calls_of(output), known, template, "Outputs")
        condition = member(output, "Condition")
        if isinstance(condition, ScalarNode) and condition.tag[0] != "!":
            _check_condition(condition.value, template, place_of(template.file, condition))
    for condition in template.conditions.values():
        _check_calls(calls_of(condition), known - template.resources.keys(), template, "Conditions")


def _check_calls(calls: Calls, known: Set[str], template: Template, block: str) -> None:
    """Check the names in some function calls; those that a loop makes of its identifier only when they are made."""
    for node, references in calls:
        for reference in references:
            if reference.name not in known and not (template.extended and "{" in reference.name):
                raise unresolved(reference.name, known, place_of(template.file, node), block)
        if node.tag == "!If" or (isinstance(node, MappingNode) and node.value and node.value[0][0].value == "Fn::If"):
            _check_if(node, template)


def _check_if(node: Node, template: Template) -> None:
    """Check the condition's name in ``Fn::If``."""
    call = call_of(node)
    arguments = (plain_list(call.argument) if call else None) or []
    name = plain_text(arguments[0]) if arguments else None
    if name is not None and name not in template.conditions and not (template.extended and "{" in name):
        sentence = f"Template error: unresolved condition dependency {name} in Fn::If"
        raise refused(sentence, place_of(template.file, arguments[0]))


def _check_resource(resource: Resource, template: Template) -> None:
    """Check the names under DependsOn and Condition of a resource."""
    for name in resource.depends_on:
        if name not in template.resources:
            node = member(resource.node, "DependsOn") or resource.node
            raise unresolved(name, template.resources.keys(), place_of(template.file, node))
    if resource.condition is not None:
        node = member(resource.node, "Condition") or resource.node
        _check_condition(resource.condition, template, place_of(template.file, node))


def _check_condition(name: str, template: Template, place: Place) -> None:
    if name not in template.conditions:
        raise InputError(f"the template has no condition `{name}`", place)


def dependencies(template: Template, references_of: Callable[[Node], list[Reference]]) -> dict[str, tuple[str, ...]]:
    """What each resource needs first.

    Raises:
        InputError: resources depend on each other in a circle, whatever the conditions say.
    """
    edges = {
        name: dependencies_of(resource, references_of(resource.node), template.resources)
        for name, resource in template.resources.items()
    }
    if circular_dependencies(edges):
        _check_circles(template, references_of)
    return edges


def _check_circles(template: Template, references_of: Callable[[Node], list[Reference]]) -> None:
    """Refuse resources that depend on each other outside ``Fn::If`` and without a Condition."""
    edges = {
        name: () if resource.condition else (*resource.depends_on, *unconditional_references(resource.node))
        for name, resource in template.resources.items()
    }
    circle = circular_dependencies(edges)
    if not circle:
        return
    resource = template.resources[circle[0]]
    places = [place_of(template.file, one.node) for one in references_of(resource.node) if one.name in circle]
    hint = None
    if len(circle) == 1:
        hint = f'`{circle[0]}` refers to itself; in a key policy, `Resource: "*"` stands for the key'
    sentence = f"Circular dependency between resources: [{', '.join(circle)}]"
    raise refused(sentence, places[0] if places else resource.place, hint=hint)


def check_conditions(template: Template) -> None:
    """Refuse conditions that hang on each other in a circle.

    Raises:
        InputError: some do.
    """
    edges = {name: _conditions_in(node) for name, node in template.conditions.items()}
    circle = circular_dependencies(edges)
    if circle:
        names = ", ".join(f"`{name}`" for name in circle)
        place = place_of(template.file, template.conditions[circle[0]])
        what = f"conditions {names} hang on each other" if len(circle) > 1 else f"condition {names} hangs on itself"
        raise InputError(what, place)


def _conditions_in(node: Node) -> tuple[str, ...]:
    """The conditions that a condition names."""
    found: list[str] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, MappingNode):
            for key, child in current.value:
                if key.value == "Condition" and isinstance(child, ScalarNode):
                    found.append(child.value)
                stack.append(child)
        elif isinstance(current, SequenceNode):
            stack.extend(current.value)
        elif current.tag == "!Condition":
            found.append(current.value)
    return tuple(found)
