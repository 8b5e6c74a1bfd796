"""The constraints of input shapes, and the sentences with which AWS refuses what breaks them.

All violations of a request are gathered, in the order of the model's members: what is missing, then each member's
pattern before its length (so STS answers). The length of a text counts characters, as Smithy's specification says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from sparekey.errors import ServiceError, ValidationError
from sparekey.wire.limits import MISSING, SILENT, Kind, constraints_of, position

if TYPE_CHECKING:
    from sparekey.wire.models import Reference, ServiceModel, Shape


class InvalidInputException(ServiceError):
    """How Organizations says that a request breaks its shape: ``Reason`` and a sentence for each kind."""


class Violation(NamedTuple):
    """A broken constraint: ``shown`` is ``Value 'x'``, ``Value null`` or ``Value``; ``alone`` is IAM's own sentence."""

    shown: str
    path: str
    constraint: str
    kind: Kind
    alone: str | None = None


#: Checks a value at a path of AWS's (``tags.1.member.key``) and adds what it breaks.
Check = Callable[[Any, str, list[Violation]], None]
_Checks = dict[str, "Check | None"]


def check_input(model: ServiceModel, shape: Shape, names: Mapping[str, str]) -> Callable[[Mapping[str, object]], None]:
    """A function that checks an operation's parameters, whose top-level members are called ``names[member]``.

    It raises :class:`~sparekey.errors.ValidationError`, with Organizations :class:`InvalidInputException`.
    """
    check = _structure(model, shape, {}, names)

    def checked(parameters: Mapping[str, object]) -> None:
        if check is None:
            return
        found: list[Violation] = []
        check(parameters, "", found)
        if found:
            _refuse(model.name, found)

    return checked


def _refuse(service: str, found: list[Violation]) -> NoReturn:
    """Raise what AWS answers to these violations."""
    if service == "organizations":
        kind = found[0].kind
        raise InvalidInputException(kind.sentence, Reason=kind.reason)
    framed = [each for each in found if each.alone is None]
    if not framed:
        raise ValidationError((found[0].alone or "").format(found[0].path))
    plural = "s" if len(framed) > 1 else ""
    sentences = "; ".join(
        f"{each.shown} at '{each.path}' failed to satisfy constraint: {each.constraint}" for each in framed
    )
    raise ValidationError(f"{len(framed)} validation error{plural} detected: {sentences}")


def _check(model: ServiceModel, reference: Reference, checks: _Checks) -> Check | None:
    """The check of a shape, ``None`` if it constrains nothing."""
    shape = model.shape(reference.shape)
    if shape.name in checks:
        return checks[shape.name]
    if shape.is_scalar:
        check = _own(model, shape)
    elif shape.type == "structure":
        return _structure(model, shape, checks, {})  # enters itself, before its members
    elif shape.type == "list":
        check = _list(model, shape, checks)
    else:
        check = _map(model, shape, checks)
    checks[shape.name] = check
    return check


def _own(model: ServiceModel, shape: Shape) -> Check | None:
    """The check of the constraints a shape itself has."""
    constraints = constraints_of(model.name, shape)
    if not constraints:
        return None
    silent = model.name in SILENT or shape.sensitive or shape.type == "blob" or _holds_structures(model, shape)

    def check(value: Any, path: str, found: list[Violation]) -> None:
        for constraint in constraints:
            if not constraint.holds(value):
                shown = "Value" if silent else f"Value '{_printed(value)}'"
                found.append(Violation(shown, path, constraint.words, constraint.kind, constraint.alone))

    return check


def _holds_structures(model: ServiceModel, shape: Shape) -> bool:
    """Whether it is a container of what is no text or number, which would not be shown as such."""
    if shape.type not in {"list", "map"}:
        return False
    reference = shape.element if shape.type == "list" else shape.value
    return not model.shape(reference.shape).is_scalar


def _structure(model: ServiceModel, shape: Shape, checks: _Checks, names: Mapping[str, str]) -> Check | None:
    """The check of a structure: its required members, and each member's own."""
    members: list[tuple[str, str, bool, Check | None]] = []

    def check(value: Any, path: str, found: list[Violation]) -> None:
        for name, step, required, member in members:
            item = value.get(name)
            if item is None:
                if required:
                    found.append(Violation("Value null", path + step, "Member must not be null", MISSING))
            elif member is not None:
                member(item, path + step, found)

    checks[shape.name] = lambda value, path, found: check(value, f"{path}.", found)
    for name, reference in shape.members.items():
        member, required = _check(model, reference, checks), name in shape.required
        if required or member is not None:
            members.append((names.get(name, name), name[:1].lower() + name[1:], required, member))
    if not members:
        checks[shape.name] = None
        return None
    return check if names else checks[shape.name]


def _list(model: ServiceModel, shape: Shape, checks: _Checks) -> Check | None:
    """The check of a list. What texts and numbers in it break, is said of the list."""
    own, element = _own(model, shape), model.shape(shape.element.shape)
    if element.is_scalar:
        inner = _elements(model, element, "Member must satisfy constraint")
        return _both(own, inner)
    member = _check(model, shape.element, checks)
    if member is None:
        return own

    def each(value: Any, path: str, found: list[Violation]) -> None:
        for number, item in enumerate(value, 1):
            member(item, f"{path}.{number}.member", found)

    return _both(own, each)


def _map(model: ServiceModel, shape: Shape, checks: _Checks) -> Check | None:
    """The check of a map: its size, its keys, its values."""
    keys = _elements(model, model.shape(shape.key.shape), "Map keys must satisfy constraint")
    element = model.shape(shape.value.shape)
    if element.is_scalar:
        values = _elements(model, element, "Map value must satisfy constraint", values=True)
    else:
        values = _map_values(_check(model, shape.value, checks))
    return _both(_both(_own(model, shape), keys), values)


def _map_values(member: Check | None) -> Check | None:
    """The check of values that are no texts or numbers; their path has the key."""
    if member is None:
        return None

    def each(value: Any, path: str, found: list[Violation]) -> None:
        for key, item in value.items():
            member(item, f"{path}.{key}.member", found)

    return each


def _elements(model: ServiceModel, shape: Shape, words: str, *, values: bool = False) -> Check | None:
    """The check of the texts or numbers in a list, or of a map's keys (or ``values``), said of the whole."""
    constraints = constraints_of(model.name, shape)
    if not constraints:
        return None
    silent = model.name in SILENT or shape.sensitive or shape.type == "blob"
    listed = ", ".join(each.words for each in sorted(constraints, key=position))

    def check(value: Any, path: str, found: list[Violation]) -> None:
        items = value.values() if values and isinstance(value, Mapping) else value
        for item in items:
            for constraint in constraints:
                if not constraint.holds(item):
                    shown = "Value" if silent else f"Value '{_printed(value)}'"
                    found.append(Violation(shown, path, f"{words}: [{listed}]", constraint.kind))
                    return

    return check


def _both(first: Check | None, second: Check | None) -> Check | None:
    """One check after the other."""
    if first is None or second is None:
        return first or second

    def check(value: Any, path: str, found: list[Violation]) -> None:
        first(value, path, found)
        second(value, path, found)

    return check


def _printed(value: object) -> str:
    """A value as AWS (Java) prints it."""
    match value:
        case list():
            return f"[{', '.join(_printed(each) for each in value)}]"
        case Mapping():
            return f"{{{', '.join(f'{key}={_printed(each)}' for key, each in value.items())}}}"
        case bool():
            return str(value).lower()
        case _:
            return str(value)
