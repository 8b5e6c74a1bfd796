"""The layouts that databases have had, and the steps from each to the next.

The database keeps the version of its layout; opening it takes the steps that are missing, all or none. Layouts of
records (see :class:`~sparekey.storage.interface.Kind`) are another matter: they are brought up when they are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The SQL statements of one step, each ended by a semicolon.
Step = str

#: The first step makes version 1 of an empty database. A released step never changes; a new layout appends one.
SQLITE: Final[Sequence[Step]] = (
    """
    CREATE TABLE records (kind TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key))
    WITHOUT ROWID;
    CREATE TABLE changes (number INTEGER NOT NULL, kind TEXT NOT NULL, key BLOB NOT NULL,
    PRIMARY KEY (number, kind, key)) WITHOUT ROWID;
    CREATE TABLE head (number INTEGER NOT NULL, floor INTEGER NOT NULL);
    INSERT INTO head VALUES (0, 0);
    """,
)

#: The same for a schema of a PostgreSQL database, which is the search path. ``writer`` is locked by who writes.
POSTGRESQL: Final[Sequence[Step]] = (
    """
    CREATE TABLE records (kind text COLLATE "C" NOT NULL, key bytea NOT NULL, value bytea NOT NULL,
    PRIMARY KEY (kind, key));
    CREATE TABLE changes (number bigint NOT NULL, kind text COLLATE "C" NOT NULL, key bytea NOT NULL,
    PRIMARY KEY (number, kind, key));
    CREATE TABLE head (number bigint NOT NULL, floor bigint NOT NULL);
    CREATE TABLE writer ();
    INSERT INTO head VALUES (0, 0);
    """,
)


def statements(step: Step) -> list[str]:
    """The statements of a step."""
    return [" ".join(each.split()) for each in step.split(";") if each.strip()]


def missing(steps: Sequence[Step], version: int, where: str) -> Sequence[Step]:
    """The steps from ``version`` to the newest.

    Raises:
        InputError: the version is newer than the newest that is known.
    """
    if not 0 <= version <= len(steps):
        raise InputError(
            f"{where} was written by a newer release: its layout is {version}, this release knows {len(steps)}",
            hint="use that release, or another state",
        )
    return steps[version:]
