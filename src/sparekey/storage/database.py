"""What :class:`~sparekey.storage.cached.CachedStore` needs of an SQL database, and how SQLite and PostgreSQL agree.

Every commit has a number, one more than the commit before. The database keeps the number of the last commit, the
records, and for the last :data:`KEPT` commits which keys they wrote. All readings tell the number they were made at,
so that what is cached can be held against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from sparekey.storage.keys import Range

#: For how many commits the database remembers what they wrote; who is further behind forgets everything cached.
KEPT: Final = 2000

#: After how many commits the oldest changes are forgotten.
FORGETTING: Final = 100


class Change(NamedTuple):
    """A key that a commit wrote; without a key, perhaps all of the kind; without a kind, perhaps all there are."""

    number: int
    kind: str
    key: bytes


class Changes(NamedTuple):
    """What was written up to commit ``number``; ``None`` if nobody knows any more."""

    number: int
    changes: Sequence[Change] | None


def changes_of(rows: Sequence[tuple[Any, ...]], since: int) -> Changes:
    """What was written after commit ``since``, of rows that each begin with the last commit and the first kept one."""
    number, floor = rows[0][:2]
    if since < floor:
        return Changes(number, None)
    return Changes(number, [Change(*row[2:]) for row in rows if row[2] is not None])


class Write(NamedTuple):
    """A record to put under a key, or ``None`` to remove what is there."""

    kind: str
    key: bytes
    value: bytes | None


class Drop(NamedTuple):
    """Records to remove, all of a kind in a range."""

    kind: str
    within: Range


class Source(Protocol):
    """Reads records as they are at one moment, and says after which commit that is."""

    def get(self, kind: str, key: bytes) -> tuple[int, bytes | None]:
        """The number of the last commit, and the record under a key."""
        ...

    def scan(self, kind: str, within: Range, limit: int) -> tuple[int, Sequence[tuple[bytes, bytes]]]:
        """The number of the last commit, and at most ``limit`` keys and records in the order of keys."""
        ...

    def count(self, kind: str, within: Range, limit: int | None) -> tuple[int, int]:
        """The number of the last commit, and how many records there are; counting stops at ``limit``."""
        ...

    def changes(self, since: int) -> Changes:
        """What was written after commit ``since``."""
        ...


class Writer(Source, Protocol):
    """The one transaction, of all processes, that may write; it reads what was there before it."""

    def commit(
        self,
        number: int,
        writes: Sequence[Write],
        changed: Sequence[tuple[str, bytes]],
        dropped: Sequence[Drop] = (),
    ) -> None:
        """Remove what is ``dropped`` and make ``writes`` durable, as commit ``number``, which changed kinds and keys.

        Raises:
            StoreUnavailable: they are not durable.
            Collision: they are not durable, and running the work again may help.
        """
        ...

    def wipe(self, number: int, spare: str) -> None:
        """Remove all records but those of kinds whose name begins with ``spare``, as commit ``number``."""
        ...


class Database(Source, Protocol):
    """An SQL database; reading it directly means reading its latest state."""

    def is_behind(self, number: int) -> bool:
        """Whether a later commit than ``number`` may have to be seen by what begins now."""
        ...

    def pinned(self) -> AbstractContextManager[Source]:
        """A source whose readings are all of one moment."""
        ...

    def writing(self, since: int) -> AbstractContextManager[tuple[Writer, Changes]]:
        """Wait until no other process writes, and keep it so inside the block; what was not committed is undone.

        Gives what was written after commit ``since`` besides.

        Raises:
            StoreUnavailable: it took too long, or the database cannot be reached.
            Collision: running the work again may help.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class Collision(BaseException):
    """The transaction is undone and its work has to run again; not an ``Exception``, so that no work catches it."""
