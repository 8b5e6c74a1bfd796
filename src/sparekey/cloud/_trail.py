"""Running a call against the store, and writing down what came of it.

A call that changed state is recorded in its own transaction, so that there is no change without its record. The record
of any other call (reading, refused, failed) follows within moments and may be lost in a crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.arn import Arn
from sparekey.cloud._uses import Uses
from sparekey.errors import InternalFailure, ServiceError
from sparekey.services.directory.record import BATCH, RECORDS, CallRecord, key_of, record_of, redacted, trim
from sparekey.wire import sensitive_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sparekey.cloud._running import Running
    from sparekey.services.operation import Output, Target
    from sparekey.storage.interface import Store, Transaction


class Trail:
    """Writes the decision record."""

    def __init__(self, store: Store, entropy: Callable[[int], bytes]) -> None:
        """Write to ``store``; event ids come from ``entropy``."""
        self._store = store
        self._entropy = entropy
        self._uses = Uses(store)
        self._written: dict[tuple[str, str], int] = {}

    def keep(self, running: Running, store: Store) -> Output:
        """Run a call and record it.

        Raises:
            ServiceError: what the call answered.
        """
        self._uses.note(running.caller, running.service, running.circumstances.region, running.now)
        try:
            if running.changes:
                return store.write(lambda records: self._run_and_record(running, records))
            output = store.read(running.run)
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
            record = self._record(each, None)
            records.put(RECORDS, key_of(record), record)
            self._count(record, records)
        return output

    def _append(self, running: Running, error: ServiceError | None) -> None:
        for each in _all(running) if error is None else (running,):
            record = self._record(each, error)
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

    def _record(self, running: Running, error: ServiceError | None) -> CallRecord:
        asked, circumstances = running.asked, running.circumstances
        changes = running.changes
        return record_of(
            caller=running.caller,
            account=running.account or _owner(asked.target),
            region=circumstances.region,
            service=running.service,
            operation=running.name,
            read_only=not changes,
            now=running.now,
            request_id=circumstances.request_id,
            entropy=self._entropy,
            action=asked.action,
            resource=asked.target.arn if asked.action else "",
            decision=asked.decision,
            error_code=error.code or type(error).__name__ if error else "",
            error_message=error.message if error else "",
            parameters=_shown(running, running.parameters),
            response=_shown(running, running.output) if changes and error is None and running.output else None,
            source_ip=circumstances.source_ip,
            user_agent=circumstances.user_agent,
            secure=circumstances.secure,
            invoked_by=circumstances.called_via[-1] if circumstances.called_via else "",
        )


def _all(running: Running) -> list[Running]:
    """A call, and the calls it made."""
    return [running, *(inner for each in running.nested for inner in _all(each))]


def _owner(target: Target) -> str:
    """Whose trail a call without an account of its own goes to: that of the resource (the role it assumes)."""
    if target.account or target.arn == "*":
        return target.account
    return Arn.parse(target.arn).account


def _shown(running: Running, members: Mapping[str, object]) -> Mapping[str, object]:
    return redacted(running.service, running.name, members, sensitive_names(running.service)) if members else members
