"""Records in one SQLite file, which several processes of a machine may use at the same time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from sparekey.storage import migrations
from sparekey.storage.cached import CACHE, CachedStore
from sparekey.storage.sqlite_database import SqliteDatabase

#: How long to wait for other processes, in seconds.
PATIENCE: Final = 10.0


class SqliteStore(CachedStore):
    """A store in one file, in SQLite's WAL mode.

    ``synchronous=FULL``: a commit returns when the log is on the disk. SQLite's usual choice for WAL (``NORMAL``) syncs
    at checkpoints only, so a power cut loses what was acknowledged since. What that costs is shared by all who commit
    together.

    What other processes wrote is seen by everything that begins after it: each read looks at the header of the log's
    index, which lies in memory that SQLite shares, and if that has changed at the number of the last commit.
    """

    def __init__(self, path: Path | str, *, cache: int = CACHE, patience: float = PATIENCE) -> None:
        """Open the file, or make it with mode 0600; wait for others ``patience`` seconds at most.

        Raises:
            InputError: it is no store, was written by a newer release, or cannot be opened.
        """
        super().__init__(SqliteDatabase(Path(os.path.realpath(path)), patience, migrations.SQLITE), cache=cache)
