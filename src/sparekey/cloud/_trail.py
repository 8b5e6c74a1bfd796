"""Running a call against the store, and writing down what came of it.

A call that changed state is recorded in its own transaction, so that there is no change without its record. The record
of any other call (reading, refused, failed) follows within moments and may be lost in a crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.cloud._record import record_of
from sparekey.cloud._uses import Uses
from sparekey.errors import InternalFailure, ServiceError
from sparekey.services.directory.record import BATCH, RECORDS, CallRecord, key_of, trim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparekey.cloud._running import Running
    from sparekey.services.operation import Output
    from sparekey.storage.interface import Store, Transaction


class Trail:
    """Writes the decision record."""

    def __init__(self, store: Store) -> None:
        """Write to ``store``."""
        self._store = store
        self._uses = Uses(store)
        self._written: dict[tuple[str, str], int] = {}

    def keep(self, running: Running) -> Output:
        """Run a call and record it.

        Raises:
            ServiceError: what the call answered.
        """
        try:
            if running.changes:
                return self._store.write(lambda records: self._run_and_record(running, records))
            output = self._store.read(running.run)
        except ServiceError as error:
            self._append(running, error)
            raise
        except Exception:
            self._append(running, InternalFailure("An internal error has occurred"))
            raise
        self._append(running, None)
        return output

    def _run_and_record(self, running: Running, records: Transaction) -> Output:
        output = running.run(records)
        for each in _all(running):
            self._note(each)
            record = record_of(each, None)
            records.put(RECORDS, key_of(record), record)
            self._count(record)
        return output

    def _append(self, running: Running, error: ServiceError | None) -> None:
        for each in _all(running) if error is None else (running,):
            self._note(each)
            record = record_of(each, error)
            self._store.append(RECORDS, key_of(record), record)
            self._count(record)

    def _note(self, running: Running) -> None:
        self._uses.note(running.caller, running.service, running.name, running.circumstances.region, running.now)

    def _count(self, record: CallRecord) -> None:
        """Every now and then, let old records go."""
        place = (record.account, record.region)
        written = self._written.get(place, 0) + 1
        self._written[place] = written % BATCH
        if written < BATCH:
            return
        account, region, now, name = record.account, record.region, record.time, record.event_id
        self._store.later(
            lambda records: trim(records, account=account, region=region, written=BATCH, now=now, request_id=name)
        )


def _all(running: Running) -> Sequence[Running]:
    """A call, and the calls it made."""
    if not running.nested:
        return (running,)
    return [running, *(inner for each in running.nested for inner in _all(each))]
