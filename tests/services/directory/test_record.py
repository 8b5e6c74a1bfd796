"""The records of calls: their order, and how long they are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sparekey.services.directory import record as module
from sparekey.services.directory.record import (
    RECORDS,
    RETENTION,
    CallOutcome,
    CallRecord,
    age,
    home_region,
    key_of,
    newest,
    places,
    trim,
)
from sparekey.storage.interface import Transaction
from sparekey.storage.memory import MemoryStore

if TYPE_CHECKING:
    import pytest

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_record(
    at: datetime = NOW, account: str = "123456789012", region: str = "us-east-1", **members: object
) -> CallRecord:
    told: dict[str, object] = {"event_id": f"e-{at.isoformat()}", "outcome": CallOutcome.ALLOWED, **members}
    return CallRecord(
        time=at,
        account=account,
        region=region,
        service="iam",
        operation="GetUser",
        read_only=True,
        **told,  # type: ignore[arg-type]  # by name
    )


def keep(store: MemoryStore, *records: CallRecord) -> None:
    def work(transaction: Transaction) -> None:
        for each in records:
            transaction.put(RECORDS, key_of(each), each)

    store.write(work)


def test_the_newest_record_comes_first() -> None:
    store = MemoryStore()
    keep(store, *(a_record(NOW + timedelta(microseconds=number)) for number in range(3)))
    seen = store.read(lambda records: [each.time for each in newest(records, "123456789012", "us-east-1")])
    assert seen == [NOW + timedelta(microseconds=number) for number in (2, 1, 0)]


def test_records_are_read_up_to_a_moment_and_behind_a_record() -> None:
    store = MemoryStore()
    kept = [a_record(NOW + timedelta(seconds=number)) for number in range(4)]
    keep(store, *kept)

    def seen(**bounds: object) -> list[CallRecord]:
        return store.read(lambda records: list(newest(records, "123456789012", "us-east-1", **bounds)))  # type: ignore[arg-type]  # by name

    assert seen(until=NOW + timedelta(seconds=2)) == [kept[2], kept[1], kept[0]]
    assert seen(after=key_of(kept[2])) == [kept[1], kept[0]]
    assert seen(until=NOW, after=key_of(kept[3])) == [kept[0]]
    assert seen(until=NOW + timedelta(days=1), after=key_of(kept[1])) == [kept[0]]
    assert seen(limit=1) == [kept[3]]


def test_ages_have_one_width_and_count_down() -> None:
    moments = [datetime(1970, 1, 1, tzinfo=UTC), NOW, datetime(2999, 1, 1, tzinfo=UTC)]
    ages = [age(each) for each in moments]
    assert {len(each) for each in ages} == {17}
    assert ages == sorted(ages, reverse=True)


def test_the_places_that_have_records_are_known() -> None:
    store = MemoryStore()
    keep(
        store,
        a_record(region="us-east-1"),
        a_record(NOW + timedelta(seconds=1)),
        a_record(region="eu-west-1"),
        a_record(account="999988887777", region="eu-west-1"),
    )
    assert store.read(lambda records: list(places(records))) == [
        ("123456789012", "eu-west-1"),
        ("123456789012", "us-east-1"),
        ("999988887777", "eu-west-1"),
    ]


def test_global_services_are_recorded_at_home() -> None:
    assert home_region("iam", "eu-west-1") == "us-east-1"
    assert home_region("organizations", "") == "us-east-1"
    assert home_region("sts", "eu-west-1") == "eu-west-1"
    assert home_region("sts", "") == "us-east-1"
    assert home_region("iam", "cn-northwest-1", "aws-cn") == "cn-north-1"
    assert home_region("iam", "xx-east-1", "aws-xx") == "xx-east-1"


def trimmed(store: MemoryStore, now: datetime, written: int = 2, request_id: str = "r") -> int:
    """How many records are removed."""

    def work(records: Transaction) -> int:
        before = records.count(RECORDS)
        trim(records, account="123456789012", region="us-east-1", written=written, now=now, request_id=request_id)
        return before - records.count(RECORDS)

    return store.write(work)


def test_records_older_than_90_days_are_removed() -> None:
    store = MemoryStore()
    keep(store, a_record(NOW), a_record(NOW + timedelta(seconds=1)))
    assert trimmed(store, NOW + RETENTION) == 0
    assert trimmed(store, NOW + RETENTION + timedelta(microseconds=1), request_id="s") == 1
    assert store.read(lambda records: records.count(RECORDS)) == 1


def test_the_oldest_records_are_removed_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 4)
    store = MemoryStore()
    removed = []
    for batch in range(4):
        moments = [NOW + timedelta(minutes=batch, seconds=number) for number in range(2)]
        keep(store, *map(a_record, moments))
        removed.append(trimmed(store, moments[-1], request_id=str(batch)))
    assert removed == [0, 0, 1, 2]
    left = store.read(lambda records: [each.time.minute for each in newest(records, "123456789012", "us-east-1")])
    assert left == [3, 3, 2, 2, 1]
