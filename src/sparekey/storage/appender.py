"""Records to write and work to do soon: gathered, and written together by a thread of their own."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from threading import Condition, Lock, Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.storage.interface import StoreUnavailable, Transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparekey.storage.interface import Key, Kind

#: How long a record waits for others, in seconds, and how many are written together.
PATIENCE: Final = 0.3
BATCH: Final = 2_000
#: With more than this waiting, who appends has to write first.
BOUND: Final = 20_000

_log = logging.getLogger(__name__)


class Appended(NamedTuple):
    """A record on its way, already encoded."""

    kind: Kind[object]
    key: Key
    record: object
    value: bytes


#: Work to do in a transaction.
Work = Callable[[Transaction], object]


class Appender:
    """A queue of records and of work, and the thread that empties it."""

    def __init__(self, write: Callable[[Sequence[Appended | Work]], None]) -> None:
        """``write`` writes records durably and does work, in order."""
        self._write = write
        self._waiting: deque[Appended | Work] = deque()
        self._changed = Condition()
        self._writing = Lock()
        self._thread: Thread | None = None
        self._closed = False

    def append(self, appended: Appended | Work) -> bool:
        """Queue a record, or work; whether there is room for more."""
        with self._changed:
            self._waiting.append(appended)
            waiting = len(self._waiting)
            if self._thread is None and not self._closed:
                self._thread = Thread(target=self._run, name="sparekey-append", daemon=True)
                self._thread.start()
            elif waiting in {1, BATCH}:
                self._changed.notify()
        return waiting < BOUND

    def flush(self) -> None:
        """Write what is queued.

        Raises:
            StoreUnavailable: it stays queued.
        """
        with self._writing:
            while batch := self._take():
                try:
                    self._write(batch)
                except BaseException:
                    with self._changed:
                        self._waiting.extendleft(reversed(batch))
                    raise

    def clear(self) -> None:
        """Forget what is queued."""
        with self._writing, self._changed:
            self._waiting.clear()

    def close(self) -> None:
        """Write what is queued, and let the thread end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def _take(self) -> Sequence[Appended | Work]:
        with self._changed:
            return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]

    def _run(self) -> None:
        """Write again and again, until closed."""
        while not self._closed:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                self._changed.wait_for(lambda: len(self._waiting) >= BATCH or self._closed, timeout=PATIENCE)
            try:
                self.flush()
            except StoreUnavailable as fault:
                _log.warning("records wait to be appended: %s", fault)
