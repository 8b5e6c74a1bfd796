"""A template as a value: its sections by name, each with its nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.source import Place
    from sparekey.template._nodes import MappingNode, Node
    from sparekey.template._parameters import Parameter

LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"


@dataclass(frozen=True, slots=True, eq=False)
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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Template:
    """A CloudFormation template.

    ``text`` is what was read, without a byte order mark; ``format`` is ``yaml`` or ``json``. ``transforms`` names the
    transforms it declares; ``open_ended`` says that one of them, or a loop over a list that is not known, may make more
    than is seen.
    ``dependencies`` are the logical IDs each resource needs first, by ``DependsOn``, ``Ref``, ``Fn::GetAtt`` and
    ``Fn::Sub``, in any branch. ``loops`` tells whether ``Fn::ForEach`` makes sections: then :func:`expand` makes them
    anew for an environment, ``aliases`` whether YAML's are used. ``notes`` say in the open what is passed over.
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
    dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loops: bool = False
    aliases: bool = False
    open_ended: bool = False
    notes: tuple[str, ...] = ()

    @property
    def extended(self) -> bool:
        """Whether the language extensions (``Fn::ForEach``, ``Fn::Length``, …) are declared."""
        return LANGUAGE_EXTENSIONS in self.transforms
