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
        self._uses.note(running.caller, running.service, running.circumstances.region, running.now)
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
            record = record_of(each, None)
            records.put(RECORDS, key_of(record), record)
            self._count(record, records)
        return output

    def _append(self, running: Running, error: ServiceError | None) -> None:
        for each in _all(running) if error is None else (running,):
            record = record_of(each, error)
            self._store.append(RECORDS, key_of(record), record)
            self._count(record, None)

    def _count(self, record: CallRecord, records: Transaction | None) -> None:
        """Every now and then, let old records go."""
        place = (record.account, record.region)
        written = self._written.get(place, 0) + 1
        if written >= BATCH:
            written = 0

            def work(transaction: Transaction) -> int:
                return trim(
                    transaction,
                    account=record.account,
                    region=record.region,
                    written=BATCH,
                    now=record.time,
                    request_id=record.event_id,
                )

            if records is None:
                self._store.write(work)
            else:
                work(records)
        self._written[place] = written


def _all(running: Running) -> Sequence[Running]:
    """A call, and the calls it made."""
    if not running.nested:
        return (running,)
    return [running, *(inner for each in running.nested for inner in _all(each))]
