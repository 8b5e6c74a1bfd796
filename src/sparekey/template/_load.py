"""Loading a template: reading it, checking its outline, expanding its loops."""

from __future__ import annotations

from dataclasses import replace

from sparekey.template._calls import LOOP
from sparekey.template._document import LANGUAGE_EXTENSIONS, Template
from sparekey.template._environment import Environment
from sparekey.template._graph import Calls, Reference, references_in
from sparekey.template._nodes import MappingNode, Node, ScalarNode, pairs, place_of, refused
from sparekey.template._parameters import read_parameter
from sparekey.template._read import read_root
from sparekey.template._sections import (
    check_top_level,
    has_macro,
    need_resources,
    read_definition,
    read_mapping,
    read_output,
    read_resource,
    section,
    transform_names,
)
from sparekey.template._survey import Survey, check_aliases
from sparekey.template._verify import check_conditions, check_functions, check_names, check_nulls, dependencies

_MOST_RESOURCES = 500


class _Source:
    """What was read, before its loops are expanded."""

    def __init__(self, data: bytes, file: str) -> None:
        """Read and survey a file."""
        self.file = file
        self.text, self.format, self.root = read_root(data, file)
        self.aliases = "&" in self.text and self.format == "yaml" and check_aliases(self.root, file)
        self.survey = Survey(file, aliases=self.aliases)
        self._calls = self._surveyed()
        self.sections = {key.value: (key, value) for key, value in pairs(self.root)}
        self.transforms = transform_names(self.sections.get("Transform"), file)
        # whether the template says everything: no transform that we do not run changes it
        self.closed = {*self.transforms} <= {LANGUAGE_EXTENSIONS} and not has_macro(self.sections)
        check_top_level(self.sections, self.root, file, closed=self.closed)
        need_resources(self.sections, self.root, file)
        check_functions(self.survey, self.transforms, file)
        if self.closed and self.survey.nulls:
            check_nulls(self.root, file)
        self.notes = _notes(self)

    def _surveyed(self) -> dict[int, Calls]:
        """The function calls of each resource, and of each other section, by their node."""
        calls: dict[int, Calls] = {}
        self.survey.keys(self.root)
        for key, node in self.root.value:
            if isinstance(key, ScalarNode) and key.value == "Resources" and isinstance(node, MappingNode):
                self.survey.keys(node)
                calls.update((id(resource), self._calls_in(resource)) for _, resource in node.value)
            else:
                calls[id(node)] = self._calls_in(node)
        self.survey.finish()
        return calls

    def _calls_in(self, node: Node) -> Calls:
        return [(call, references_in(call)) for call in self.survey.calls(node)]

    def calls_of(self, node: Node) -> Calls:
        """The function calls under a node."""
        calls = self._calls.get(id(node))
        return self._calls_in(node) if calls is None else calls

    def references_of(self, node: Node) -> list[Reference]:
        """The references under a node, in the order of the text."""
        found = [reference for _, references in self.calls_of(node) for reference in references]
        return sorted(found, key=lambda reference: reference.node.start_mark.index) if len(found) > 1 else found


def load_template(data: bytes, file: str) -> Template:
    """Read a template in YAML or JSON.

    Raises:
        InputError: the bytes are no text, the text is neither YAML nor JSON, or CloudFormation refuses the template
            whatever its parameters are; with its place.
    """
    return _build(_Source(data, file), Environment())


def expand(template: Template, environment: Environment) -> Template:
    """The template with the loops of its sections expanded for an environment.

    :func:`load_template` expands them with the parameters' defaults.

    Raises:
        InputError: a loop is broken, or makes two sections of one name.
    """
    if not template.loops:
        return template
    return _build(_Source(template.text.encode(), template.file), environment)


def _build(source: _Source, environment: Environment) -> Template:
    """Check each section, with its loops expanded, and how they refer to each other."""
    file, sections = source.file, source.sections
    outline = Template(
        file=file,
        text=source.text,
        format=source.format,
        root=source.root,
        resources={},
        parameters={n: read_parameter(k, v, file) for n, (k, v) in section(sections, "Parameters", file).items()},
        mappings={n: read_mapping(k, v, file) for n, (k, v) in section(sections, "Mappings", file).items()},
        rules={n: read_definition("Rules", k, v, file) for n, (k, v) in section(sections, "Rules", file).items()},
        metadata=sections["Metadata"][1] if "Metadata" in sections else None,
        transforms=source.transforms,
        open_ended=not source.closed,
        aliases=source.aliases,
    )
    entries = {name: section(sections, name, file) for name in ("Conditions", "Resources", "Outputs")}
    notes = list(source.notes)
    loops, complete = any(name.startswith(LOOP) for named in entries.values() for name in named), True
    if loops:
        from sparekey.template._language_extensions import expand_sections

        conditions = {name: node for name, (_, node) in entries["Conditions"].items() if not name.startswith(LOOP)}
        entries, complete = expand_sections(replace(outline, conditions=conditions), environment, entries, notes)
        if len(entries["Resources"]) > _MOST_RESOURCES:  # a few lines of loops can make any number
            count = (
                f"Number of resources, {len(entries['Resources'])}, is greater than maximum allowed, {_MOST_RESOURCES}"
            )
            raise refused(f"Template format error: {count}", place_of(file, sections["Resources"][0]))
    resources = {n: read_resource(k, v, file, closed=source.closed) for n, (k, v) in entries["Resources"].items()}
    template = replace(
        outline,
        resources=resources,
        conditions={name: node for name, (_, node) in entries["Conditions"].items()},
        outputs={name: read_output(k, v, file) for name, (k, v) in entries["Outputs"].items()},
        loops=loops,
        open_ended=not (source.closed and complete),
        notes=tuple(notes),
    )
    check_conditions(template)
    if not template.open_ended:
        check_names(template, source.calls_of, source.survey.identifiers)
    return replace(template, dependencies=dependencies(template, source.references_of))


def _notes(source: _Source) -> list[str]:
    """What is passed over, and what CloudFormation may refuse later."""
    notes = [
        f"the transform `{name}` is not run: what it adds or changes is not seen"
        for name in source.transforms
        if name != LANGUAGE_EXTENSIONS
    ]
    lines = sorted({node.start_mark.line + 1 for node in source.survey.macros})
    if lines:
        where = ", ".join(str(line) for line in lines[:5]) + (", …" if len(lines) > 5 else "")
        notes.append(f"`Fn::Transform` is not run: what it returns is unknown (line {where})")
    if source.aliases:
        notes.append(
            "YAML aliases are not allowed in CloudFormation templates; `aws cloudformation package` writes them out"
        )
    resources = source.sections.get("Resources")
    if resources and isinstance(resources[1], MappingNode) and len(resources[1].value) > _MOST_RESOURCES:
        notes.append(f"the template has {len(resources[1].value)} resources, CloudFormation takes {_MOST_RESOURCES}")
    return notes
