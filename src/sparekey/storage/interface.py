"""The store: typed records under ordered keys, in serializable transactions.

A record is a frozen dataclass or named tuple; a :class:`Kind` names a table of them. A key is one or more texts, and
records of one kind are ordered by key, segment by segment, by code point. Work is given as a function of a transaction,
because a store may have to run it again: it must do nothing but read and write through the transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

T = TypeVar("T")
R = TypeVar("R")

#: One or more texts; the first is by custom the account id.
Key = tuple[str, ...]

#: Kinds whose names begin so belong to the store itself: :meth:`Store.wipe` leaves them.
OWN: Final = "storage."

#: Turns the members of a stored record into those of the next version of its layout.
Upgrade = Callable[[dict[str, object]], dict[str, object]]


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[T]):
    """A table of records: its name (``iam.user``) and the frozen dataclass its records are.

    A new member with a default needs nothing more. Any other change of the dataclass appends to ``upgrades`` the
    function that turns the stored members (as JSON has them) of the layout before into those of the layout after.

    Records that are written at every call are named tuples of texts, numbers and moments, which are cheap to write:
    they grow at their end, by members with a default, and in no other way. If they are seldom read besides, the kind is
    a ``log``: its records are not kept in memory.
    """

    name: str
    record: type[T]
    upgrades: tuple[Upgrade, ...] = ()
    log: bool = False


class Transaction(Protocol):
    """A view of the store that does not change but by its own writes.

    Records are values: the same object may be handed out again and again and must not be changed.
    """

    def get(self, kind: Kind[T], *key: str) -> T | None:
        """The record under a key, or ``None``."""
        ...

    def scan(
        self, kind: Kind[T], *prefix: str, after: Key | None = None, limit: int | None = None
    ) -> Iterator[tuple[Key, T]]:
        """Keys and records whose key begins with the segments of ``prefix``, in key order.

        ``after`` is a whole key: only records behind it are given. The records are those at the time of the call.
        """
        ...

    def count(self, kind: Kind[T], *prefix: str, limit: int | None = None) -> int:
        """How many records :meth:`scan` would give; counting stops at ``limit``."""
        ...

    def put(self, kind: Kind[T], key: Key, record: T) -> None:
        """Write a record, over the one that is there.

        Raises:
            ReadOnlyTransaction: this transaction was opened by :meth:`Store.read`.
        """
        ...

    def add(self, kind: Kind[T], key: Key, record: T) -> bool:
        """Write a record unless one is there; whether it was written."""
        ...

    def delete(self, kind: Kind[T], *key: str) -> bool:
        """Remove a record; whether one was there."""
        ...

    def drop(self, kind: Kind[T], *prefix: str, after: Key) -> None:
        """Remove the records of a log that stand behind a key, without reading them.

        Those are meant that were there before this transaction, which may see them until it is over.
        """
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what the block wrote if it raises."""
        ...


class Store(Protocol):
    """A durable or passing home of records."""

    def read(self, work: Callable[[Transaction], R]) -> R:
        """Run ``work`` on a consistent view that may be as old as the store's staleness bound."""
        ...

    def write(self, work: Callable[[Transaction], R]) -> R:
        """Run ``work`` serializably; when this returns, what it wrote is durable. If ``work`` raises, nothing is.

        Raises:
            StoreUnavailable: the store could not be reached or the transaction kept colliding; nothing was written.
        """
        ...

    def append(self, kind: Kind[T], key: Key, record: T) -> None:
        """Write a record soon, together with others and without waiting; a crash may lose it.

        For what is not state: the decision record of reading calls, when a key was last used.
        """
        ...

    def later(self, work: Callable[[Transaction], object]) -> None:
        """Run ``work`` in a writing transaction soon, without waiting; a crash may lose it.

        What it raises is logged. Work that is running itself may ask for it.
        """
        ...

    def flush(self) -> None:
        """Return when everything appended so far is written, and what was left for later done."""
        ...

    def wipe(self) -> None:
        """Remove every record, but those of the store's :data:`OWN` kinds."""
        ...

    def close(self) -> None:
        """Flush, and let go of files and connections."""
        ...


class ReadOnlyTransaction(RuntimeError):
    """A write inside :meth:`Store.read`: a fault of the operation, which should say that it changes state."""


class StoreUnavailable(RuntimeError):
    """The store cannot be reached, is locked for too long, or kept colliding."""
