"""Records as bytes: JSON with the members by name, and the version of the record's layout in front.

``[1,{"name":"alice","created":"2025-01-31T09:00:00+00:00",…}]``. The annotations of the dataclass say how each member
is written (:mod:`~sparekey.storage.forms`). What an annotation does not allow is refused when it is written, so that
every backend gives back what it was given.

A named tuple is written as a row, ``[1,["alice","2025-01-31T09:00:00+00:00",…]]``, in a fraction of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from json import JSONDecodeError, loads
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from sparekey.storage.compact_json import compact
from sparekey.storage.forms import Form, Mismatch, encode_moment, form_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sparekey.storage.interface import Kind

T = TypeVar("T")

_dumps = compact(encode_moment)


class UnreadableRecord(RuntimeError):
    """Stored bytes that are no record of their kind: written by a newer release, or damaged."""


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """Turns the records of one kind into bytes and back."""

    kind: Kind[T]
    _form: Form

    def encode(self, record: T) -> bytes:
        """The record as bytes.

        Raises:
            TypeError: a member is not what its annotation says.
        """
        try:
            return _dumps((1 + len(self.kind.upgrades), self._form.encode(record))).encode()
        except Mismatch as fault:
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
    if kind.upgrades and issubclass(kind.record, tuple):
        raise TypeError(f"a record of `{kind.name}` is a named tuple, which grows at its end alone")
    return Codec(kind, form_of(cast("Hashable", kind.record)))
