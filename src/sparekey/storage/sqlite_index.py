"""The index of SQLite's write-ahead log: its header changes with each commit, and is read without a system call.

The index is a file that SQLite maps into the memory of every process that has the database open. A commit is over when
it has written the first copy of the header: what is the same as before is so since before.
https://www.sqlite.org/walformat.html#the_wal_index_header
"""

from __future__ import annotations

import os
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

#: The bytes of the header.
_HEADER: Final = 48


class _Mapping:
    """A file mapped into memory, and by how many stores of this process it is used."""

    def __init__(self, file: int) -> None:
        self.file = file
        self.header = mmap(file, _HEADER, access=ACCESS_READ)
        self.users = 0

    def close(self) -> None:
        self.header.close()
        os.close(self.file)


#: The mappings of this process by device and inode. SQLite holds POSIX locks on these files, and closing any descriptor
#: of a file lets go of all locks that the process has on it: they are closed when no store has the database open.
_mappings: dict[tuple[int, int], _Mapping] = {}
_mutex: Final = Lock()


class LogIndex:
    """The header of the index of one database's log."""

    def __init__(self, database: Path) -> None:
        """Map it, if it is a file; the database is open, and closed before this."""
        self._key: tuple[int, int] | None = None
        self._header: mmap | None = None
        with suppress(OSError, ValueError), _mutex:
            path = f"{database}-shm"
            found = os.stat(path)  # noqa: PTH116 - by the name that SQLite gives it
            key = (found.st_dev, found.st_ino)
            if key not in _mappings:
                _mappings[key] = _Mapping(os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)))
            mapping = _mappings[key]
            mapping.users += 1
            self._key, self._header = key, mapping.header

    def read(self) -> bytes | None:
        """The header as it is now; ``None`` if it cannot be read."""
        header = self._header
        try:
            return None if header is None else header[:_HEADER]
        except ValueError:  # closed meanwhile
            return None

    def close(self) -> None:
        """Let go of the file, once no other store of this process has it open."""
        with _mutex:
            key, self._key, self._header = self._key, None, None
            if key is not None:
                _mappings[key].users -= 1
                if not _mappings[key].users:
                    _mappings.pop(key).close()
