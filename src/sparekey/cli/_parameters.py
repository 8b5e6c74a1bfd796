"""Values given on the command line and in parameter files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.errors import InputError
from sparekey.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from yaml.nodes import SequenceNode

    from sparekey.template._nodes import Node


def pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    """Read ``NAME=VALUE`` texts; also the AWS CLI's ``ParameterKey=NAME,ParameterValue=VALUE`` and ``Key=…,Value=…``.

    Raises:
        InputError: a text has no ``=``, or a name is given twice with different values.
    """
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = _pair(text)
        if not equals or not name:
            hint = f"write `{option} NAME=VALUE`; templates stand before the options, or after `--`"
            raise InputError(f"`{option} {text}`: this is no `NAME=VALUE`", hint=hint)
        if values.setdefault(name, value) != value:
            raise InputError(f"`{option} {name}` is given twice with different values")
    return values


def _pair(text: str) -> tuple[str, str, str]:
    for key, value in (("ParameterKey=", ",ParameterValue="), ("Key=", ",Value=")):
        if text.startswith(key) and value in text:
            return text[len(key) :].partition(value)
    return text.partition("=")


class ParameterFile(NamedTuple):
    """What a parameter file holds: parameters, and the stack's tags (a CodePipeline configuration has them)."""

    parameters: Mapping[str, str]
    tags: Mapping[str, str]


def read_parameter_file(file: str, data: bytes) -> ParameterFile:
    """Read a parameter file, in JSON or YAML: as the AWS CLI takes it, as CodePipeline does, or a plain mapping.

    Every scalar counts as it is written: an account id stays its twelve digits.

    Raises:
        InputError: it is none of these, with its place.
    """
    from yaml.nodes import MappingNode, SequenceNode

    from sparekey.template._nodes import NULL

    reading = _Reading(file)
    root = _root(file, data)
    if isinstance(root, SequenceNode):
        return ParameterFile(reading.entries(root, "ParameterKey", "ParameterValue"), {})
    if not isinstance(root, MappingNode):
        message = "a parameter file holds a mapping, or a list of `ParameterKey` and `ParameterValue`"
        raise InputError(message, Place(file, 1, 1))
    members = reading.members(root)
    inner, tags = members.get("Parameters"), members.get("Tags")
    if not isinstance(inner, MappingNode | SequenceNode):
        return ParameterFile(reading.texts(members), {})
    return ParameterFile(
        reading.named(inner, "ParameterKey", "ParameterValue"),
        reading.named(tags, "Key", "Value") if tags is not None and tags.tag != NULL else {},
    )


def _root(file: str, data: bytes) -> Node | None:
    """The root node of a file, whose aliases are within bounds."""
    start = Place(file, 1, 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("this is not text in UTF-8", start) from None
    from sparekey.template._json import JsonReader
    from sparekey.template._survey import check_aliases
    from sparekey.template._yaml import compose_yaml

    broken: InputError | None = None
    if text.lstrip()[:1] in ("{", "["):
        try:
            return JsonReader(text, file).read()
        except InputError as error:  # YAML's flow style begins so, too
            broken = error
    try:
        root = compose_yaml(text, file)
    except InputError as error:
        told = broken or error
        raise InputError(f"this is neither JSON nor YAML: {told.message}", told.place, hint=told.hint) from None
    if root is not None:
        check_aliases(root, file)
    return root


class _Reading:
    """Reads the nodes of one file."""

    def __init__(self, file: str) -> None:
        self._file = file

    def named(self, node: Node, key: str, value: str) -> dict[str, str]:
        """Read names and texts: a list of keys and values, or a mapping."""
        from yaml.nodes import SequenceNode

        if isinstance(node, SequenceNode):
            return self.entries(node, key, value)
        return self.texts(self.members(node))

    def entries(self, node: SequenceNode, key: str, value: str) -> dict[str, str]:
        """Read a list of keys and values; an entry without a value (``UsePreviousValue``) tells nothing."""
        from yaml.nodes import MappingNode, ScalarNode

        found: dict[str, Node] = {}
        for entry in node.value:
            members = self.members(entry) if isinstance(entry, MappingNode) else {}
            name = members.get(key)
            if not isinstance(name, ScalarNode):
                raise self._wrong(f"an entry has no `{key}`", entry)
            if name.value in found:
                raise self._wrong(f"`{name.value}` stands twice in one file", name)
            if value in members:
                found[name.value] = members[value]
        return self.texts(found)

    def members(self, node: Node) -> dict[str, Node]:
        """Read a mapping, in which a key stands once."""
        from yaml.nodes import MappingNode, ScalarNode

        if not isinstance(node, MappingNode):
            raise self._wrong("parameters and tags are mappings of names to values", node)
        members: dict[str, Node] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise self._wrong("a key is not a plain text", key)
            if key.value in members:
                raise self._wrong(f"`{key.value}` stands twice in one mapping", key)
            members[key.value] = value
        return members

    def texts(self, nodes: Mapping[str, Node]) -> dict[str, str]:
        """Turn values into the texts CloudFormation takes: a list is separated by commas."""
        from yaml.nodes import ScalarNode, SequenceNode

        values: dict[str, str] = {}
        for name, node in nodes.items():
            items = node.value if isinstance(node, SequenceNode) else [node]
            texts = [item.value for item in items if isinstance(item, ScalarNode) and item.tag[0] != "!"]
            if len(texts) < len(items) or node.tag[0] == "!":
                raise self._wrong(f"the value of `{name}` is neither text nor a list of texts", node)
            values[name] = ",".join(texts)
        return values

    def _wrong(self, message: str, node: Node) -> InputError:
        mark = node.start_mark
        return InputError(message, Place(self._file, mark.line + 1, mark.column + 1))
