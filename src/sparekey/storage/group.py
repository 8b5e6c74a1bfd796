"""Group commit: concurrent writers' work runs one after another in one transaction, and becomes durable together.

Whoever finds nobody at work leads: it runs its own work and that of all who came meanwhile, commits once, and hands
over to the first of those who came too late. Everybody is answered after the commit, those whose work raised too:
what they saw may have been written by the others.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Final

from sparekey.storage.interface import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: How many pieces of work are committed together at most.
LARGEST: Final = 128


def _held() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class Ticket:
    """One writer's work and what became of it."""

    work: Callable[..., object]
    alone: bool = False
    result: object = None
    error: BaseException | None = None
    leads: bool = False
    done: bool = False
    wake: Lock = field(default_factory=_held)

    def outcome(self) -> object:
        """What the work returned, or raise what it raised."""
        if self.error is None:
            return self.result
        try:
            raise self.error
        finally:
            self.error = None  # a traceback that leads to itself would be kept until the collector comes


class Group:
    """The writers of one store in this process."""

    def __init__(self, lead: Callable[[Group], None]) -> None:
        """``lead`` runs the tickets that :meth:`take` gives, notes what became of each, and makes it durable."""
        self._lead = lead
        self._mutex = Lock()
        self._waiting: deque[Ticket] = deque()
        self._taken: list[Ticket] = []
        self._leader: int | None = None

    @property
    def is_mine(self) -> bool:
        """Whether this thread is running the work of writers."""
        return self._leader == get_ident()

    def submit(self, work: Callable[..., object], *, alone: bool = False) -> object:
        """Have ``work`` run, perhaps ``alone`` in its transaction, and return what it returns, once that is durable.

        Raises:
            RuntimeError: called by work that is running.
        """
        if self.is_mine:
            raise RuntimeError("a transaction inside a transaction: use a savepoint")
        ticket = Ticket(work, alone)
        with self._mutex:
            self._waiting.append(ticket)
            if self._leader is None:
                ticket.leads, self._leader = True, get_ident()
        if not ticket.leads:
            ticket.wake.acquire()
        if ticket.leads and not ticket.done:
            self._leader = get_ident()
            self._run()
        return ticket.outcome()

    def _run(self) -> None:
        """Lead once, answer everybody, and hand over."""
        try:
            self._lead(self)
        except BaseException as fault:
            self._taken += self._drain()
            for ticket in self._taken:
                ticket.error = StoreUnavailable(str(fault) or type(fault).__name__)
                ticket.error.__cause__ = fault
            if not isinstance(fault, Exception):
                raise
        finally:
            answered, self._taken = self._taken, []
            with self._mutex:
                follower = self._waiting[0] if self._waiting else None
                self._leader = None if follower is None else -1
            if follower is not None:
                follower.leads = True
                follower.wake.release()
            for ticket in answered:
                ticket.done = True
                if not ticket.leads:
                    ticket.wake.release()

    def take(self) -> Iterator[Ticket]:
        """The tickets to run together: again those that were taken before, then those that wait."""
        yield from list(self._taken)
        while len(self._taken) < LARGEST:
            with self._mutex:
                if not self._waiting or (self._taken and (self._taken[-1].alone or self._waiting[0].alone)):
                    return
                ticket = self._waiting.popleft()
            self._taken.append(ticket)
            yield ticket

    def _drain(self) -> list[Ticket]:
        """The tickets that wait; they share the fate of those taken, and need not find it out one by one."""
        with self._mutex:
            waiting = list(self._waiting)
            self._waiting.clear()
        return waiting
