"""The sections of a template: what each must look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.template._document import Resource
from sparekey.template._nodes import (
    NULL,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    is_alphanumeric,
    is_text,
    member,
    pairs,
    place_of,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Entries of a section: the key and what stands under it, by name.
Entries = dict[str, tuple[ScalarNode, Node]]

SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions",
        "Transform", "Resources", "Outputs", "Hooks", "Fn::Transform",
    }
)  # fmt: skip
_ATTRIBUTES = frozenset(
    {
        "Type", "Properties", "Condition", "DependsOn", "Metadata", "DeletionPolicy", "UpdateReplacePolicy",
        "UpdatePolicy", "CreationPolicy", "Description", "Version", "<<", "Fn::Transform",
    }
)  # fmt: skip
MACRO = "Fn::Transform"


def check_top_level(sections: Entries, root: MappingNode, file: str, *, closed: bool) -> None:
    """Refuse what is no template; ``closed`` refuses sections that CloudFormation does not know."""
    foreign = [name for name in sections if name not in SECTIONS]
    if "Resources" not in sections and {"Type", "Properties"} & sections.keys():
        raise refused(
            "Template format error: At least one Resources member must be defined.",
            place_of(file, root),
            hint="this looks like a single resource: put it under `Resources:`, below a name of its own",
        )
    if "Resources" in sections and foreign and closed:
        sentence = f"Invalid template property or properties [{', '.join(foreign)}]"
        raise refused(sentence, place_of(file, sections[foreign[0]][0]))


def section(sections: Mapping[str, tuple[ScalarNode, Node]], name: str, file: str) -> Entries:
    """The entries of a section that maps names to definitions; none if it is missing or empty.

    ``Fn::Transform`` beside them is passed over.
    """
    if name not in sections:
        return {}
    node = sections[name][1]
    if node.tag == NULL:
        return {}
    if not isinstance(node, MappingNode) or node.tag[0] == "!":
        raise InputError(f"the section {name} is not a mapping", place_of(file, node))
    return {key.value: (key, value) for key, value in pairs(node) if key.value != MACRO}


def need_resources(sections: Mapping[str, tuple[ScalarNode, Node]], root: MappingNode, file: str) -> None:
    """Insist that the template has resources."""
    if not section(sections, "Resources", file) and not has_macro(sections):
        place = place_of(file, sections["Resources"][0] if "Resources" in sections else root)
        raise refused("Template format error: At least one Resources member must be defined.", place)


def has_macro(sections: Mapping[str, tuple[ScalarNode, Node]]) -> bool:
    """Whether ``Fn::Transform`` stands among the sections, or among the entries of one."""
    nodes = [node for _, node in sections.values()]
    return MACRO in sections or any(isinstance(node, MappingNode) and member(node, MACRO) for node in nodes)


def read_resource(key: ScalarNode, node: Node, file: str, *, closed: bool) -> Resource:
    """Check the outline of one resource; ``closed`` refuses attributes that CloudFormation does not know."""
    name: str = key.value
    place = place_of(file, key)
    if not is_alphanumeric(name):
        raise refused(f"Template format error: Resource name {name} is non alphanumeric.", place)
    if not isinstance(node, MappingNode) or node.tag[0] == "!":
        raise refused("Template format error: Any Resources member must be an object.", place)
    members = {key.value: value for key, value in pairs(node)}
    if "Type" not in members and MACRO in members:
        return Resource(name, "", None, None, None, place, node)
    if "Type" not in members:
        sentence = f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
        raise refused(sentence, place)
    foreign = [inner for inner, _ in node.value if inner.value not in _ATTRIBUTES]
    if foreign and closed:
        raise refused(f"Invalid template resource property '{foreign[0].value}'", place_of(file, foreign[0]))
    type_, condition = members["Type"], members.get("Condition")
    if not is_text(type_):
        raise InputError(f"the Type of resource `{name}` is not a text", place_of(file, type_))
    if condition is not None and not is_text(condition):
        raise InputError(
            f"the Condition of resource `{name}` is not the name of a condition", place_of(file, condition)
        )
    return Resource(
        logical_id=name,
        type=type_.value,
        properties=_properties(name, members.get("Properties"), file),
        condition=condition.value if condition else None,
        metadata=members.get("Metadata"),
        place=place,
        node=node,
        depends_on=_depends_on(name, members.get("DependsOn"), file),
    )


def _properties(name: str, node: Node | None, file: str) -> Node | None:
    """The properties of a resource: a mapping, if there are any."""
    if node is None or node.tag == NULL:
        return None
    if not isinstance(node, MappingNode):
        raise InputError(f"the Properties of resource `{name}` are not a mapping", place_of(file, node))
    return node


def _depends_on(name: str, node: Node | None, file: str) -> tuple[str, ...]:
    """The logical IDs under DependsOn: one, or a list."""
    if node is None:
        return ()
    names = node.value if isinstance(node, SequenceNode) else [node]
    for item in names:
        if not is_text(item):
            raise InputError(f"DependsOn of resource `{name}` takes logical IDs", place_of(file, item))
    return tuple(item.value for item in names)


def read_mapping(key: ScalarNode, node: Node, file: str) -> MappingNode:
    """Check one mapping: two levels of keys, then a string or a list."""
    if not isinstance(node, MappingNode):
        raise refused(f"Template format error: Every Mappings member {key.value} must be a map", place_of(file, key))
    for top, inner in pairs(node):
        if top.value == MACRO:
            continue
        if not isinstance(inner, MappingNode):
            sentence = f"Template format error: Every Mappings member {top.value} must be a map"
            raise refused(sentence, place_of(file, top))
        for second, value in pairs(inner):
            if second.value != MACRO and (isinstance(value, MappingNode) or value.tag[0] == "!"):
                sentence = "Template format error: Every Mappings attribute must be a String or a List."
                raise refused(sentence, place_of(file, second))
    return node


def read_definition(name: str, key: ScalarNode, node: Node, file: str) -> MappingNode:
    """A definition of the section ``name`` that must be a mapping."""
    if not isinstance(node, MappingNode):
        raise InputError(f"`{key.value}` in {name} is not a mapping", place_of(file, node))
    return node


def read_output(key: ScalarNode, node: Node, file: str) -> MappingNode:
    """Check the outline of one output."""
    value = member(node, "Value") if isinstance(node, MappingNode) else None
    if not isinstance(node, MappingNode) or value is None:
        raise refused("Template format error: Every Outputs member must contain a Value object", place_of(file, key))
    if value.tag == NULL:
        sentence = f"[/Outputs/{key.value}/Value] 'null' values are not allowed in templates"
        raise refused(sentence, place_of(file, value))
    return node


def transform_names(entry: tuple[ScalarNode, Node] | None, file: str) -> tuple[str, ...]:
    """The names under Transform: one, a list, or mappings with Name and Parameters."""
    if entry is None or entry[1].tag == NULL:
        return ()
    node = entry[1]
    names: list[str] = []
    for item in node.value if isinstance(node, SequenceNode) else [node]:
        name = (member(item, "Name") or item) if isinstance(item, MappingNode) else item
        if not is_text(name):
            raise refused("Key Name of transform definition must be a string.", place_of(file, item))
        names.append(name.value)
    return tuple(names)
