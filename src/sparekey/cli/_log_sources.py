"""Where ``sparekey log`` reads the decision record: a state's own store, or a server that keeps it in memory.

A server with a store is not asked: the store is read as another process reads it, whether a server runs or not, and
shows every account and Region. A server without one is asked for ``cloudtrail:LookupEvents``, as any client would; it
shows the calling account and one Region.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from sparekey.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparekey.services.directory.record import CallRecord
    from sparekey.storage.interface import Key, Store, Transaction


@dataclass(frozen=True, slots=True)
class Line:
    """One call, as it is printed; ``--json`` prints the members by their names."""

    time: datetime
    account: str
    region: str
    principal: str
    action: str
    resource: str
    outcome: str
    event_id: str
    operation: str
    policy_type: str = ""
    policy: str = ""
    statement: str = ""
    nearest: str = ""
    error_code: str = ""
    error_message: str = ""
    source_ip: str = ""
    request_id: str = ""

    @property
    def denied(self) -> bool:
        """Whether authorization refused the call."""
        return self.outcome in ("explicit_deny", "implicit_deny")


class Source(Protocol):
    """A place to read the record from."""

    def newest(self, since: datetime | None, most: int, keep: Callable[[Line], bool]) -> list[Line]:
        """The newest ``most`` calls that ``keep`` holds for, of those since a moment, in the order of time.

        Raises:
            InputError: the record cannot be read.
        """
        ...


#: The most records of an account and Region that one look goes through.
_FARTHEST: Final = 100_000
#: How many records are read at first; then four times as many each time.
_FIRST: Final = 128


@dataclass(frozen=True, slots=True)
class StoreSource:
    """The record in a store."""

    store: Store

    def newest(self, since: datetime | None, most: int, keep: Callable[[Line], bool]) -> list[Line]:
        """See :meth:`Source.newest`."""
        from sparekey.services.directory.record import places
        from sparekey.storage.interface import StoreUnavailable

        def work(records: Transaction) -> list[Line]:
            found: list[Line] = []
            for account, region in list(places(records)):
                found += _of_place(records, account, region, since, most, keep)
            return found

        try:
            found = self.store.read(work)
        except StoreUnavailable as error:
            raise InputError(f"cannot read the state: {error}") from None
        return sorted(found, key=lambda line: line.time)[-most:]


def _of_place(
    records: Transaction,
    account: str,
    region: str,
    since: datetime | None,
    most: int,
    keep: Callable[[Line], bool],
) -> list[Line]:
    from sparekey.services.directory.record import key_of, newest

    found: list[Line] = []
    after: Key | None = None
    looked, size = 0, _FIRST
    while looked < _FARTHEST:
        chunk = list(newest(records, account, region, after=after, limit=size))
        for record in chunk:
            if len(found) == most or (since is not None and record.time < since):
                return found
            line = line_of(record)
            if keep(line):
                found.append(line)
        if len(chunk) < size:
            break
        after, looked, size = key_of(chunk[-1]), looked + size, size * 4
    return found


def line_of(record: CallRecord) -> Line:
    """A record as it is printed."""
    return Line(
        time=record.time,
        account=record.account,
        region=record.region,
        principal=record.principal or "anonymous",
        action=record.action or f"{record.service}:{record.operation}",
        resource=record.resource,
        outcome=record.outcome.value,
        event_id=record.event_id,
        operation=f"{record.service}:{record.operation}",
        policy_type=record.policy_type,
        policy=record.policy,
        statement=record.statement,
        nearest=record.nearest,
        error_code=record.error_code,
        error_message=record.error_message,
        source_ip=record.source_ip,
        request_id=record.request_id,
    )


#: How late a record may come: writers flush together, and times are those of the calls' beginnings.
LATE: Final = timedelta(seconds=3)


class Follower:
    """Finds what is new in a source, again and again, each call once."""

    def __init__(self, source: Source, keep: Callable[[Line], bool]) -> None:
        """Follow ``source``."""
        self._source = source
        self._keep = keep
        self._seen: dict[str, datetime] = {}
        self._latest: datetime | None = None

    def begin(self, most: int) -> list[Line]:
        """The newest calls that are there already, ``most`` of them."""
        latest = self._source.newest(None, 1, lambda _line: True)
        if latest:
            self._mark(self._source.newest(latest[-1].time - LATE, _FARTHEST, lambda _line: True))
        shown = self._source.newest(None, most, self._keep) if most else []
        self._mark(shown)
        return shown

    def more(self) -> list[Line]:
        """The calls that came since the last look."""
        since = None if self._latest is None else self._latest - LATE
        found = self._source.newest(since, _FARTHEST, lambda _line: True)
        new = [line for line in found if line.event_id not in self._seen]
        self._mark(new)
        return [line for line in new if self._keep(line)]

    def _mark(self, lines: list[Line]) -> None:
        for line in lines:
            self._seen[line.event_id] = line.time
            self._latest = line.time if self._latest is None else max(self._latest, line.time)
        if self._latest is not None:
            horizon = self._latest - 2 * LATE
            self._seen = {event_id: time for event_id, time in self._seen.items() if time >= horizon}
