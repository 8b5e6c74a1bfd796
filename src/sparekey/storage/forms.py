"""How values of an annotation are written as JSON, and read back.

An annotation is read once, and becomes a :class:`Form`: two functions. What it does not allow is refused when it is
written. Moments are written in UTC, bytes in base64.
"""

from __future__ import annotations

import types
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, Union, cast, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence


class Mismatch(Exception):
    """A value that is not what its annotation says; ``where`` grows on the way out."""

    def __init__(self, expected: str, value: object) -> None:
        """Say what was expected, and of the value its type alone: it may be a secret."""
        super().__init__(expected)
        self.expected = expected
        self.got = type(value).__name__
        self.where = ""


@dataclass(frozen=True, slots=True)
class Form:
    """How values of one annotation are written as JSON and read back.

    ``python`` are the types of the values, ``json`` the types they are read as; ``plain`` values are the same as both.
    """

    name: str
    python: tuple[type, ...]
    json: tuple[type, ...]
    encode: Callable[[object], object]
    decode: Callable[[object], object]
    plain: bool = False


def encode_moment(value: object) -> str:
    """A moment as it is written, when the JSON encoder meets one in a row."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    raise Mismatch("an aware datetime", value)


def _same(value: object) -> object:
    return value


def _scalar(name: str, *python: type) -> Form:
    """The form of a type that JSON has."""

    def encode(value: object) -> object:
        if isinstance(value, python) and (bool in python or not isinstance(value, bool)):
            return value
        raise Mismatch(name, value)

    return Form(name, python, python, encode, _same, plain=True)


def _encode_float(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    raise Mismatch("a finite float", value)


def _encode_bytes(value: object) -> object:
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    raise Mismatch("bytes", value)


def _decode_bytes(value: object) -> object:
    return b64decode(cast("str", value), validate=True)


def _decode_datetime(value: object) -> object:
    return datetime.fromisoformat(cast("str", value))


_SCALARS: Mapping[object, Form] = {
    str: _scalar("str", str),
    int: _scalar("int", int),
    bool: _scalar("bool", bool),
    float: Form("float", (float, int), (float,), _encode_float, _same),
    bytes: Form("bytes", (bytes,), (str,), _encode_bytes, _decode_bytes),
    datetime: Form("datetime", (datetime,), (str,), encode_moment, _decode_datetime),
    type(None): _scalar("None", type(None)),
}


@cache
def form_of(annotation: Hashable) -> Form:
    """The form of an annotation."""
    if (scalar := _SCALARS.get(annotation)) is not None:
        return scalar
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType}:
        return _union(arguments)
    if origin is Literal:
        return _literal(arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _sequence(form_of(arguments[0]))
    if origin is tuple and arguments:
        return _fixed_tuple([form_of(each) for each in arguments])
    if origin in {dict, Mapping} and arguments[0] is str:
        return _mapping(form_of(arguments[1]))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return _enumeration(annotation)
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _record(annotation)
    if isinstance(annotation, type) and issubclass(annotation, tuple) and annotation is not tuple:
        return _row(annotation)
    raise TypeError(f"cannot store a member annotated as {annotation!r}")


def _enumeration(enumeration: type[StrEnum]) -> Form:
    def encode(value: object) -> object:
        if isinstance(value, enumeration):
            return value.value
        raise Mismatch(enumeration.__name__, value)

    return Form(enumeration.__name__, (enumeration,), (str,), encode, cast("Callable[[object], object]", enumeration))


def _literal(values: Sequence[object]) -> Form:
    kinds = tuple({type(each) for each in values})
    if not set(kinds) <= {str, int, bool}:
        raise TypeError(f"cannot store a literal of {values}")

    def encode(value: object) -> object:
        if value in values:
            return value
        raise Mismatch(f"one of {values}", value)

    return Form("Literal", kinds, kinds, encode, _same, plain=True)


def _sequence(element: Form) -> Form:
    name, encode_one, decode_one = f"tuple[{element.name}, ...]", element.encode, element.decode

    def encode(value: object) -> object:
        if not isinstance(value, tuple):
            raise Mismatch(name, value)
        return [encode_one(each) for each in value]

    def decode(value: object) -> object:
        found = cast("list[object]", value)
        return tuple(found) if element.plain else tuple([decode_one(each) for each in found])

    return Form(name, (tuple,), (list,), encode, decode)


def _fixed_tuple(elements: list[Form]) -> Form:
    name = f"tuple[{', '.join(each.name for each in elements)}]"

    def encode(value: object) -> object:
        if not isinstance(value, tuple) or len(value) != len(elements):
            raise Mismatch(name, value)
        return [form.encode(each) for form, each in zip(elements, value, strict=True)]

    def decode(value: object) -> object:
        return tuple(form.decode(each) for form, each in zip(elements, cast("list[object]", value), strict=True))

    return Form(name, (tuple,), (list,), encode, decode)


def _mapping(element: Form) -> Form:
    name, encode_one, decode_one = f"Mapping[str, {element.name}]", element.encode, element.decode

    def encode(value: object) -> object:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise Mismatch(name, value)
        return {key: encode_one(each) for key, each in value.items()}

    def decode(value: object) -> object:
        if element.plain:
            return value
        return {key: decode_one(each) for key, each in cast("dict[str, object]", value).items()}

    return Form(name, (Mapping,), (dict,), encode, decode)


def _union(members: Sequence[Hashable]) -> Form:
    """One of several forms, told apart by the type of the value and, when read, by the type JSON gave it."""
    forms = [form_of(each) for each in members]
    by_json = {json: form.decode for form in forms for json in form.json}
    if len(by_json) != sum(len(form.json) for form in forms):
        raise TypeError(f"cannot tell the members of {members} apart in JSON")
    name = " | ".join(form.name for form in forms)

    def encode(value: object) -> object:
        for form in forms:
            if isinstance(value, form.python) and (bool in form.python or not isinstance(value, bool)):
                return form.encode(value)
        raise Mismatch(name, value)

    def decode(value: object) -> object:
        return by_json[type(value)](value)

    python = tuple(each for form in forms for each in form.python)
    return Form(name, python, tuple(by_json), encode, decode, plain=all(form.plain for form in forms))


def _record(record: type) -> Form:
    """The form of a dataclass: an object of its members, those with the default included."""
    hints = get_type_hints(record)
    forms = {each.name: form_of(hints[each.name]) for each in fields(record)}
    encoders = [(name, attrgetter(name), form.encode) for name, form in forms.items()]
    decoders = [(name, form.decode) for name, form in forms.items() if not form.plain]

    def encode(value: object) -> object:
        if type(value) is not record:
            raise Mismatch(record.__name__, value)
        members: dict[str, object] = {}
        for name, member, encode_member in encoders:
            try:
                members[name] = encode_member(member(value))
            except Mismatch as fault:
                fault.where = f".{name}{fault.where}"
                raise
        return members

    def decode(value: object) -> object:
        members = cast("dict[str, object]", value)
        for name, decode_member in decoders:
            if name in members:
                members[name] = decode_member(members[name])
        return record(**members)

    return Form(record.__name__, (record,), (dict,), encode, decode)


#: How many combinations of types a kind of rows remembers as good.
_COMBINATIONS = 1024


def _row(record: type[tuple[object, ...]]) -> Form:
    """The form of a named tuple: a list of its members, which the JSON encoder writes without further ado.

    Types that were found good once in all members are good again; a moment's zone is looked at as it is written.
    """
    forms = [(name, form_of(hint)) for name, hint in get_type_hints(record).items()]
    if not all(set(form.json) <= {str, int, bool, type(None)} and bytes not in form.python for _, form in forms):
        raise TypeError(f"cannot store {record.__name__} as a row: its members must be plain")
    good: set[tuple[type, ...]] = set()
    decoders = [(index, form.decode) for index, (_, form) in enumerate(forms) if not form.plain]
    make = cast("Callable[..., object]", record)

    def encode(value: object) -> object:
        if type(value) is not record:
            raise Mismatch(record.__name__, value)
        types = tuple(map(type, value))
        if types not in good:
            for (name, form), member in zip(forms, value, strict=True):
                _check(name, form, member)
            if len(good) < _COMBINATIONS:
                good.add(types)
        return value

    def decode(value: object) -> object:
        members = cast("list[object]", value)
        for index, decode_member in decoders:
            if index < len(members):
                members[index] = decode_member(members[index])
        return make(*members)

    return Form(record.__name__, (record,), (list,), encode, decode)


def _check(name: str, form: Form, member: object) -> None:
    try:
        form.encode(member)
    except Mismatch as fault:
        fault.where = f".{name}{fault.where}"
        raise
