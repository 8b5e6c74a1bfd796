"""Which store a place means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sparekey.errors import InputError

if TYPE_CHECKING:
    from sparekey.storage.interface import Store


def open_store(where: str | Path) -> Store:
    """The store at a URL (``postgresql://user:password@host/database``), or in an SQLite file at a path.

    A store that is not there is made; one of an earlier release is brought up to this one's layout.

    Raises:
        InputError: it is another application's, a newer release's, damaged or out of reach.
    """
    text = str(where)
    if isinstance(where, str) and re.match(r"postgres(ql)?://", text):
        from sparekey.storage.postgresql import PostgresqlStore

        return PostgresqlStore(text)
    if isinstance(where, str) and (scheme := re.match(r"([a-z][a-z0-9+.-]+)://", text)):
        raise InputError(f"there is no store for `{scheme[1]}` URLs", hint="use postgresql://… or a path")
    from sparekey.storage.sqlite import SqliteStore

    return SqliteStore(Path(text))
