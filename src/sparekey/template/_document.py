"""Reading a template: bytes to a ``Template``, whose sections are checked and whose values are still nodes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.source import Place
from sparekey.template._nodes import MAP, MappingNode, Node, ScalarNode, SequenceNode, is_text, pairs, place_of, refused
from sparekey.template._parameters import Parameter, read_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

#: CloudFormation takes 1 MiB from S3; a text four times as large is no template.
MAX_BYTES = 4 * 1024 * 1024

_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+\Z")
LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a template. ``node`` is the whole of it; ``place`` is the place of its logical ID."""

    logical_id: str
    type: str
    properties: Node | None
    condition: str | None
    metadata: Node | None
    place: Place
    node: MappingNode
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A CloudFormation template: its sections by name, each with its nodes.

    ``text`` is what was read, without a byte order mark; ``format`` is ``yaml`` or ``json``. ``transforms`` names the
    transforms it declares. ``loops`` are ``Fn::ForEach`` sections that are not expanded yet. ``notes`` say in the
    open what is passed over.
    """

    file: str
    text: str
    format: str
    root: MappingNode
    resources: Mapping[str, Resource]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    mappings: Mapping[str, MappingNode] = field(default_factory=dict)
    conditions: Mapping[str, Node] = field(default_factory=dict)
    rules: Mapping[str, MappingNode] = field(default_factory=dict)
    outputs: Mapping[str, MappingNode] = field(default_factory=dict)
    metadata: Node | None = None
    transforms: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def extended(self) -> bool:
        """Whether the language extensions (``Fn::ForEach``, ``Fn::Length``, …) are declared."""
        return LANGUAGE_EXTENSIONS in self.transforms

    @property
    def transformed(self) -> bool:
        """Whether a transform that we do not run (a macro, SAM, an include) may change the template."""
        return any(name != LANGUAGE_EXTENSIONS for name in self.transforms)


def load_template(data: bytes, file: str) -> Template:
    """Read a template in YAML or JSON.

    Raises:
        InputError: the bytes are no text, the text is neither YAML nor JSON, or its sections are not those of a
            template; with its place.
    """
    text = _decode(data, file)
    is_json = text.lstrip()[:1] == "{"
    root = _compose(text, file, is_json=is_json)
    sections = {key.value: (key, value) for key, value in pairs(root)}

    def section(name: str) -> dict[str, tuple[ScalarNode, Node]]:
        return _section(sections, name, file)

    resources = {
        name: _resource(name, key, value, file) for name, (key, value) in _resource_nodes(sections, root, file).items()
    }
    metadata = sections.get("Metadata")
    return Template(
        file=file,
        text=text,
        format="json" if is_json else "yaml",
        root=root,
        resources=resources,
        parameters={name: read_parameter(key, value, file) for name, (key, value) in section("Parameters").items()},
        mappings={name: _mapping(name, key, value, file) for name, (key, value) in section("Mappings").items()},
        conditions={name: value for name, (_, value) in section("Conditions").items()},
        rules={name: _of_mappings("Rules", name, value, file) for name, (_, value) in section("Rules").items()},
        outputs={name: _output(value, file) for name, (_, value) in section("Outputs").items()},
        metadata=metadata[1] if metadata else None,
        transforms=_transforms(sections.get("Transform"), file),
    )


def _decode(data: bytes, file: str) -> str:
    """The text of a file, without a byte order mark."""
    start = Place(file, 1, 1)
    if len(data) > MAX_BYTES:
        raise InputError(f"the file is larger than a template can be ({len(data):,} bytes)", start)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("the file is UTF-16; CloudFormation reads UTF-8", start, hint="save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("the file is no UTF-8 text", _place_at(data[: error.start].decode(), file)) from None
    if "\0" in text:
        raise InputError("the file is binary: it holds a NUL character", _place_at(text[: text.index("\0")], file))
    return text


def _place_at(before: str, file: str) -> Place:
    """The place right after a stretch of text."""
    return Place(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def _compose(text: str, file: str, *, is_json: bool) -> MappingNode:
    """The root of a template."""
    from sparekey.template._yaml import compose_yaml

    del is_json
    root = compose_yaml(text, file)
    if root is None:
        raise InputError("the file is empty", Place(file, 1, 1))
    if not isinstance(root, MappingNode) or root.tag != MAP:
        raise refused("Template format error: unsupported structure.", place_of(file, root))
    return root


def _section(
    sections: Mapping[str, tuple[ScalarNode, Node]], name: str, file: str
) -> dict[str, tuple[ScalarNode, Node]]:
    """The entries of a section that maps names to definitions; none if it is missing or empty."""
    if name not in sections:
        return {}
    node = sections[name][1]
    if isinstance(node, ScalarNode) and not node.value:
        return {}
    if not isinstance(node, MappingNode):
        raise refused(f"Template format error: Any {name} member must be an object.", place_of(file, node))
    return {key.value: (key, value) for key, value in pairs(node)}


def _resource_nodes(
    sections: Mapping[str, tuple[ScalarNode, Node]], root: MappingNode, file: str
) -> dict[str, tuple[ScalarNode, Node]]:
    """The entries of the Resources section, which a template must have."""
    entries = _section(sections, "Resources", file)
    if not entries:
        place = place_of(file, sections["Resources"][0] if "Resources" in sections else root)
        raise refused("Template format error: At least one Resources member must be defined.", place)
    return entries


def _resource(name: str, key: ScalarNode, node: Node, file: str) -> Resource:
    """Check the outline of one resource."""
    place = place_of(file, key)
    if not _ALPHANUMERIC.match(name):
        raise refused(f"Template format error: Resource name {name} is non alphanumeric.", place)
    if not isinstance(node, MappingNode):
        raise refused("Template format error: Any Resources member must be an object.", place)
    members = {key.value: value for key, value in pairs(node)}
    if "Type" not in members:
        raise refused(
            f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member.", place
        )
    type_, condition = members["Type"], members.get("Condition")
    if not is_text(type_):
        raise InputError(f"the Type of resource `{name}` is not text", place_of(file, type_))
    if condition is not None and not is_text(condition):
        raise InputError(
            f"the Condition of resource `{name}` is not the name of a condition", place_of(file, condition)
        )
    properties = members.get("Properties")
    if isinstance(properties, ScalarNode):
        if properties.value:
            raise InputError(f"the Properties of resource `{name}` are not a mapping", place_of(file, properties))
        properties = None
    return Resource(
        logical_id=name,
        type=type_.value,
        properties=properties,
        condition=condition.value if condition else None,
        metadata=members.get("Metadata"),
        place=place,
        node=node,
        depends_on=_depends_on(name, members.get("DependsOn"), file),
    )


def _depends_on(name: str, node: Node | None, file: str) -> tuple[str, ...]:
    """The logical IDs under DependsOn: one, or a list."""
    if node is None:
        return ()
    names = node.value if isinstance(node, SequenceNode) else [node]
    for item in names:
        if not is_text(item):
            raise InputError(f"DependsOn of resource `{name}` takes logical IDs", place_of(file, item))
    return tuple(item.value for item in names)


def _mapping(name: str, key: ScalarNode, node: Node, file: str) -> MappingNode:
    """Check one mapping: two levels of keys, then a string or a list."""
    if not isinstance(node, MappingNode):
        raise refused(f"Template format error: Every Mappings member {name} must be a map", place_of(file, key))
    for top, inner in pairs(node):
        if not isinstance(inner, MappingNode):
            raise refused(
                f"Template format error: Every Mappings member {top.value} must be a map", place_of(file, top)
            )
        for second, value in pairs(inner):
            if isinstance(value, MappingNode) or value.tag[:1] == "!":
                raise refused(
                    "Template format error: Every Mappings attribute must be a String or a List.",
                    place_of(file, second),
                )
    return node


def _of_mappings(section: str, name: str, node: Node, file: str) -> MappingNode:
    """A definition that must be a mapping."""
    if not isinstance(node, MappingNode):
        raise InputError(f"`{name}` in {section} is not a mapping", place_of(file, node))
    return node


def _output(node: Node, file: str) -> MappingNode:
    """Check the outline of one output."""
    if not isinstance(node, MappingNode) or not any(key.value == "Value" for key, _ in pairs(node)):
        raise refused("Template format error: Every Outputs member must contain a Value object", place_of(file, node))
    return node


def _transforms(entry: tuple[ScalarNode, Node] | None, file: str) -> tuple[str, ...]:
    """The names under Transform: one, a list, or mappings with Name and Parameters."""
    if entry is None:
        return ()
    node = entry[1]
    names: list[str] = []
    for item in node.value if isinstance(node, SequenceNode) else [node]:
        name = item
        if isinstance(item, MappingNode):
            name = next((value for key, value in pairs(item) if key.value == "Name"), item)
        if not is_text(name):
            raise refused("Key Name of transform definition must be a string.", place_of(file, item))
        names.append(name.value)
    return tuple(names)
