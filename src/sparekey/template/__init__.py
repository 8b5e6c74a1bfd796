"""CloudFormation templates: YAML and JSON to nodes with their places, and nodes to values.

:func:`load_template` reads a template; a :class:`Resolver` tells what its expressions come to in an
:class:`Environment`, over one lattice: :class:`Concrete`, :class:`MapValue`, :class:`ListValue`,
:class:`UnknownValue`, :class:`Conditional`, :class:`NoValue`.
"""

from __future__ import annotations

from sparekey.template._conditions import Scenario
from sparekey.template._document import Resource, Template
from sparekey.template._environment import Environment, partition_of
from sparekey.template._graph import Reference, circular_dependencies, references_of
from sparekey.template._json_text import read_json_text
from sparekey.template._load import expand, load_template
from sparekey.template._nodes import MappingNode, Node, ScalarNode, SequenceNode
from sparekey.template._parameters import Parameter
from sparekey.template._resolve import Resolver
from sparekey.template._values import (
    Concrete,
    Conditional,
    ListValue,
    MapValue,
    NoValue,
    UnknownValue,
    Value,
    to_document,
)

__all__ = [
    "Concrete",
    "Conditional",
    "Environment",
    "ListValue",
    "MapValue",
    "MappingNode",
    "NoValue",
    "Node",
    "Parameter",
    "Reference",
    "Resolver",
    "Resource",
    "ScalarNode",
    "Scenario",
    "SequenceNode",
    "Template",
    "UnknownValue",
    "Value",
    "circular_dependencies",
    "expand",
    "load_template",
    "partition_of",
    "read_json_text",
    "references_of",
    "to_document",
]
