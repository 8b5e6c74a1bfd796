"""What transactions that only read have in common: they refuse to write."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from sparekey.storage.interface import ReadOnlyTransaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.storage.interface import Key, Kind

T = TypeVar("T")


class ReadOnly:
    """The half of a :class:`~sparekey.storage.interface.Transaction` that writes, refused."""

    def put(self, kind: Kind[T], key: Key, record: T) -> None:
        """Refuse to write."""
        self.add(kind, key, record)

    def add(self, kind: Kind[T], key: Key, record: T) -> bool:
        """Refuse to write."""
        del record  # not said: it may hold secrets
        return self.delete(kind, *key)

    def delete(self, kind: Kind[T], *key: str) -> bool:
        """Refuse to write."""
        raise ReadOnlyTransaction(f"{kind.name} {'/'.join(key)}")

    def drop(self, kind: Kind[T], *prefix: str, after: Key) -> None:
        """Refuse to write."""
        del after
        self.delete(kind, *prefix)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Nothing can be written that would have to be undone."""
        yield
