"""Records as bytes: JSON with the members by name, and the version of the record's layout in front.

``[1,{"name":"alice","created":"2025-01-31T09:00:00+00:00",…}]``. The annotations of the dataclass say how each member
is written; they are read once a kind. Moments are written in UTC, bytes in base64. What an annotation does not allow
is refused when it is written, so that every backend gives back what it was given.
"""

from __future__ import annotations

import types
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from json import JSONDecodeError, JSONEncoder, loads
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from sparekey.storage.interface import Kind

T = TypeVar("T")

_dumps = JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode


class UnreadableRecord(RuntimeError):
    """Stored bytes that are no record of their kind: written by a newer release, or damaged."""


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """Turns the records of one kind into bytes and back."""

    kind: Kind[T]
    _form: _Form

    def encode(self, record: T) -> bytes:
        """The record as bytes.

        Raises:
            TypeError: a member is not what its annotation says.
        """
        try:
            return _dumps((1 + len(self.kind.upgrades), self._form.encode(record))).encode()
        except _Mismatch as fault:
            raise TypeError(f"{self.kind.name}{fault.where}: expected {fault.expected}, got {fault.got}") from None

    def decode(self, stored: bytes) -> T:
        """The record that :meth:`encode` made these bytes of, in this release or one before.

        Raises:
            UnreadableRecord: it has members that are not known, lacks one without a default, or is newer.
        """
        try:
            version, members = loads(stored)
            for upgrade in self.kind.upgrades[version - 1 :] if version > 0 else ():
                members = upgrade(members)
            if not 0 < version <= 1 + len(self.kind.upgrades):
                raise UnreadableRecord(f"a record of `{self.kind.name}` has layout {version}, which is not known here")
            return cast("T", self._form.decode(members))
        except (JSONDecodeError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as fault:
            raise UnreadableRecord(f"a record of `{self.kind.name}` cannot be read: {fault}") from fault


def codec_of(kind: Kind[T]) -> Codec[T]:
    """The codec of a kind, compiled when it is first asked for.

    Raises:
        TypeError: a member is annotated with something that cannot be stored.
    """
    return cast("Codec[T]", _compiled(kind))


@cache
def _compiled(kind: Kind[object]) -> Codec[object]:
    return Codec(kind, _form_of(cast("Hashable", kind.record)))


class _Mismatch(Exception):
    """A value that is not what its annotation says; ``where`` grows on the way out."""

    def __init__(self, expected: str, value: object) -> None:
        super().__init__(expected)
        self.expected = expected
        self.got = type(value).__name__
        self.where = ""


@dataclass(frozen=True, slots=True)
class _Form:
    """How values of one annotation are written as JSON and read back.

    ``python`` are the types of the values, ``json`` the types they are read as; ``plain`` values are the same as both.
    """

    name: str
    python: tuple[type, ...]
    json: tuple[type, ...]
    encode: Callable[[object], object]
    decode: Callable[[object], object]
    plain: bool = False


def _same(value: object) -> object:
    return value


def _scalar(name: str, *python: type) -> _Form:
    """The form of a type that JSON has."""

    def encode(value: object) -> object:
        if isinstance(value, python) and (bool in python or not isinstance(value, bool)):
            return value
        raise _Mismatch(name, value)

    return _Form(name, python, python, encode, _same, plain=True)


def _encode_float(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    raise _Mismatch("a finite float", value)


def _encode_bytes(value: object) -> object:
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    raise _Mismatch("bytes", value)


def _decode_bytes(value: object) -> object:
    return b64decode(cast("str", value), validate=True)


def _encode_datetime(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    raise _Mismatch("an aware datetime", value)


def _decode_datetime(value: object) -> object:
    return datetime.fromisoformat(cast("str", value))


_SCALARS: Mapping[object, _Form] = {
    str: _scalar("str", str),
    int: _scalar("int", int),
    bool: _scalar("bool", bool),
    float: _Form("float", (float, int), (float,), _encode_float, _same),
    bytes: _Form("bytes", (bytes,), (str,), _encode_bytes, _decode_bytes),
    datetime: _Form("datetime", (datetime,), (str,), _encode_datetime, _decode_datetime),
    type(None): _scalar("None", type(None)),
}


@cache
def _form_of(annotation: Hashable) -> _Form:
    """The form of an annotation."""
    if (scalar := _SCALARS.get(annotation)) is not None:
        return scalar
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType}:
        return _union(arguments)
    if origin is Literal:
        return _literal(arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _sequence(_form_of(arguments[0]))
    if origin is tuple and arguments:
        return _fixed_tuple([_form_of(each) for each in arguments])
    if origin in {dict, Mapping} and arguments[0] is str:
        return _mapping(_form_of(arguments[1]))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return _enumeration(annotation)
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _record(annotation)
    raise TypeError(f"cannot store a member annotated as {annotation!r}")


def _enumeration(enumeration: type[StrEnum]) -> _Form:
    def encode(value: object) -> object:
        if isinstance(value, enumeration):
            return value.value
        raise _Mismatch(enumeration.__name__, value)

    return _Form(enumeration.__name__, (enumeration,), (str,), encode, cast("Callable[[object], object]", enumeration))


def _literal(values: Sequence[object]) -> _Form:
    kinds = tuple({type(each) for each in values})
    if not set(kinds) <= {str, int, bool}:
        raise TypeError(f"cannot store a literal of {values}")

    def encode(value: object) -> object:
        if value in values:
            return value
        raise _Mismatch(f"one of {values}", value)

    return _Form("Literal", kinds, kinds, encode, _same, plain=True)


def _sequence(element: _Form) -> _Form:
    name, encode_one, decode_one = f"tuple[{element.name}, ...]", element.encode, element.decode

    def encode(value: object) -> object:
        if not isinstance(value, tuple):
            raise _Mismatch(name, value)
        return [encode_one(each) for each in value]

    def decode(value: object) -> object:
        found = cast("list[object]", value)
        return tuple(found) if element.plain else tuple([decode_one(each) for each in found])

    return _Form(name, (tuple,), (list,), encode, decode)


def _fixed_tuple(elements: list[_Form]) -> _Form:
    name = f"tuple[{', '.join(each.name for each in elements)}]"

    def encode(value: object) -> object:
        if not isinstance(value, tuple) or len(value) != len(elements):
            raise _Mismatch(name, value)
        return [form.encode(each) for form, each in zip(elements, value, strict=True)]

    def decode(value: object) -> object:
        return tuple(form.decode(each) for form, each in zip(elements, cast("list[object]", value), strict=True))

    return _Form(name, (tuple,), (list,), encode, decode)


def _mapping(element: _Form) -> _Form:
    name, encode_one, decode_one = f"Mapping[str, {element.name}]", element.encode, element.decode

    def encode(value: object) -> object:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise _Mismatch(name, value)
        return {key: encode_one(each) for key, each in value.items()}

    def decode(value: object) -> object:
        if element.plain:
            return value
        return {key: decode_one(each) for key, each in cast("dict[str, object]", value).items()}

    return _Form(name, (Mapping,), (dict,), encode, decode)


def _union(members: Sequence[Hashable]) -> _Form:
    """One of several forms, told apart by the type of the value and, when read, by the type JSON gave it."""
    forms = [_form_of(each) for each in members]
    by_json = {json: form.decode for form in forms for json in form.json}
    if len(by_json) != sum(len(form.json) for form in forms):
        raise TypeError(f"cannot tell the members of {members} apart in JSON")
    name = " | ".join(form.name for form in forms)

    def encode(value: object) -> object:
        for form in forms:
            if isinstance(value, form.python) and (bool in form.python or not isinstance(value, bool)):
                return form.encode(value)
        raise _Mismatch(name, value)

    def decode(value: object) -> object:
        return by_json[type(value)](value)

    python = tuple(each for form in forms for each in form.python)
    return _Form(name, python, tuple(by_json), encode, decode, plain=all(form.plain for form in forms))


def _record(record: type) -> _Form:
    """The form of a dataclass: an object of its members, those with the default included."""
    hints = get_type_hints(record)
    forms = {each.name: _form_of(hints[each.name]) for each in fields(record)}
    encoders = [(name, attrgetter(name), form.encode) for name, form in forms.items()]
    decoders = [(name, form.decode) for name, form in forms.items() if not form.plain]

    def encode(value: object) -> object:
        if type(value) is not record:
            raise _Mismatch(record.__name__, value)
        members: dict[str, object] = {}
        for name, member, encode_member in encoders:
            try:
                members[name] = encode_member(member(value))
            except _Mismatch as fault:
                fault.where = f".{name}{fault.where}"
                raise
        return members

    def decode(value: object) -> object:
        members = cast("dict[str, object]", value)
        for name, decode_member in decoders:
            if name in members:
                members[name] = decode_member(members[name])
        return record(**members)

    return _Form(record.__name__, (record,), (dict,), encode, decode)
