"""AWS Query: parameters read by their shapes. (``query_xml`` writes the answers.)

Each shape is compiled once into a function; an operation's members that are texts or numbers take one look-up each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sparekey.wire import scalars
from sparekey.wire.constraints import check_input
from sparekey.wire.errors import MalformedInput
from sparekey.wire.forms import tree_of
from sparekey.wire.models import snake_case
from sparekey.wire.unknown_members import refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sparekey.wire.forms import Node
    from sparekey.wire.models import Reference, ServiceModel, Shape

    #: Makes a value of a parameter's text or of the tree below its name.
    Read = Callable[[Node], Any]
    Readers = dict[str, Read]

#: Parameters of the protocol, not of an operation.
_PROTOCOL: Final = frozenset({"Action", "Version"})
_SIGNING: Final = "X-Amz-"

# What AWS says where a parameter's name has not the form of its shape.
_NOT_SCALAR: Final = "Start of list found where not expected"
_NOT_STRUCTURE: Final = "Unexpected complex element termination"
_NOT_LIST: Final = "Unexpected list element termination"
_NO_MEMBER: Final = "Top level element may not be treated as a list"


def compile_input(model: ServiceModel, operation: str, input_shape: str | None) -> Callable[..., dict[str, object]]:
    """A function from the parameters of a form to those of an operation: snake case, typed, checked.

    It raises :class:`~sparekey.wire.errors.MalformedInput`, and what the constraints say.
    """
    shape = model.shape(input_shape) if input_shape else None
    references = shape.members if shape else {}
    names = {member: snake_case(member) for member in references}
    readers: Readers = {}
    members: dict[str, tuple[str, Read]] = {}
    for member, reference in references.items():
        for name, make in _named_readers(model, member, reference, readers):
            members[name] = (names[member], make)
    check = check_input(model, shape, names) if shape else None
    title = f"{model.name}:{operation}"

    def read(form: Mapping[str, str]) -> dict[str, object]:
        parameters: dict[str, object] = {}
        below: dict[str, str] = {}
        for name, value in form.items():
            if name in members:
                member, make = members[name]
                parameters[member] = make(value)
            elif name not in _PROTOCOL and not name.startswith(_SIGNING):
                below[name] = value
        if below:
            for step, node in tree_of(below).items():
                if step not in members:
                    refuse_unknown(step, title)
                member, make = members[step]
                if member in parameters:
                    raise MalformedInput(f"The parameter {step} has a value, and others below it.")
                parameters[member] = make(node)
        if check is not None:
            check(parameters)
        return parameters

    return read


def _named_readers(
    model: ServiceModel, member: str, reference: Reference, readers: Readers
) -> Iterator[tuple[str, Read]]:
    """How a structure's member is called, and read. A flattened list goes by its elements' name, unless it is empty."""
    shape = model.shape(reference.shape)
    name = reference.location_name or member
    if shape.type == "list" and (reference.flattened or shape.flattened) and shape.element.location_name:
        yield name, _empty_list
        name = shape.element.location_name
    yield name, _reader(model, reference, readers)


def _empty_list(node: Node) -> list[object]:
    """A list without elements."""
    if node != "":
        raise MalformedInput(_NOT_LIST)
    return []


def _reader(model: ServiceModel, reference: Reference, readers: Readers) -> Read:
    """The function that reads a shape, made once a shape and way of writing it."""
    shape = model.shape(reference.shape)
    flattened = reference.flattened or shape.flattened
    key = f"{shape.name} flattened" if flattened else shape.name
    if key in readers:
        return readers[key]
    if shape.type == "structure":
        return _structure(model, shape, readers)  # enters itself, before its members
    if shape.type == "list":
        read = _list(model, shape, readers, flattened=flattened)
    elif shape.type == "map":
        read = _map(model, shape, readers, flattened=flattened)
    else:
        read = _scalar(shape)
    readers[key] = read
    return read


def _scalar(shape: Shape) -> Read:
    """Texts as they are, all else parsed."""
    if shape.type in {"string", "character"}:

        def text(node: Node) -> str:
            if isinstance(node, str):
                return node
            raise MalformedInput(_NOT_SCALAR)

        return text
    parse: Callable[[str], object] = {
        "integer": scalars.read_integer,
        "long": lambda written: scalars.read_integer(written, "long"),
        "float": scalars.read_decimal,
        "double": scalars.read_decimal,
        "boolean": scalars.read_boolean,
        "timestamp": scalars.read_timestamp,
        "blob": scalars.read_blob,
    }[shape.type]

    def parsed(node: Node) -> object:
        if not isinstance(node, str):
            raise MalformedInput(_NOT_SCALAR)
        try:
            return parse(node)
        except ValueError as error:
            raise MalformedInput(f"'{node}' is not a valid {shape.type}.") from error

    return parsed


def _structure(model: ServiceModel, shape: Shape, readers: Readers) -> Read:
    """A structure's members, below its name; of a union, exactly one."""
    members: dict[str, tuple[str, Read]] = {}

    def read(node: Node) -> dict[str, object]:
        if isinstance(node, str):
            if node:
                raise MalformedInput(_NOT_STRUCTURE)
            return {}
        values: dict[str, object] = {}
        for step, below in node.items():
            if step not in members:
                refuse_unknown(step, shape.name)
            member, make = members[step]
            values[member] = make(below)
        if shape.union and len(values) != 1:
            raise MalformedInput(f"{shape.name} must have exactly one member.")
        return values

    readers[shape.name] = read
    for member, reference in shape.members.items():
        for name, make in _named_readers(model, member, reference, readers):
            members[name] = (member, make)
    return read


def _list(model: ServiceModel, shape: Shape, readers: Readers, *, flattened: bool) -> Read:
    """``.member.1``, ``.member.2``, …; ``.1``, ``.2``, … when flattened. An empty text is an empty list."""
    make = _reader(model, shape.element, readers)
    name = None if flattened else shape.element.location_name or "member"

    def read(node: Node) -> list[object]:
        if node == "":
            return []
        return [make(each) for each in _numbered(node, name)]

    return read


def _map(model: ServiceModel, shape: Shape, readers: Readers, *, flattened: bool) -> Read:
    """``.entry.1.key`` and ``.entry.1.value``, …; without ``entry`` when flattened."""
    make_key, make_value = _reader(model, shape.key, readers), _reader(model, shape.value, readers)
    key, value = shape.key.location_name or "key", shape.value.location_name or "value"
    name = None if flattened else "entry"

    def read(node: Node) -> dict[str, object]:
        values: dict[str, object] = {}
        for entry in _numbered(node, name) if node != "" else ():
            if isinstance(entry, str) or entry.keys() != {key, value}:
                raise MalformedInput(f"An entry of a map must have {key} and {value}.")
            text = str(make_key(entry[key]))
            if text in values:
                raise MalformedInput(f"The key {text} is given more than once.")
            values[text] = make_value(entry[value])
        return values

    return read


def _numbered(node: Node, name: str | None) -> list[Node]:
    """What stands below the numbers of a list, in their order; ``name`` must come between.

    Numbers may leave gaps, which close.

    Raises:
        MalformedInput: it is no list.
    """
    if isinstance(node, str):
        raise MalformedInput(_NOT_LIST)
    if name is not None:
        below = node.get(name)
        if below is None or len(node) != 1:
            raise MalformedInput(_NO_MEMBER)
        node = below
        if isinstance(node, str):
            raise MalformedInput(_NOT_LIST)
    numbers: dict[int, Node] = {}
    for step, each in node.items():
        if not (step.isascii() and step.isdecimal() and len(step) < 10) or int(step) in numbers:
            raise MalformedInput(_NO_MEMBER)
        numbers[int(step)] = each
    return [numbers[number] for number in sorted(numbers)]
