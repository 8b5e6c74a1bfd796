from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sparekey.wire import scalars

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(("text", "number"), [("5", 5), ("+5", 5), ("-5", -5), ("007", 7), ("2147483647", 2**31 - 1)])
def test_integers(text: str, number: int) -> None:
    assert scalars.read_integer(text) == number


@pytest.mark.parametrize("text", ["", " 5", "5 ", "1.0", "1e0", "2147483648", "5_0", "\u0665", "+", "1" * 5000, "0x1"])
def test_no_integers(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        scalars.read_integer(text)


def test_longs_hold_more() -> None:
    assert scalars.read_integer("9223372036854775807", "long") == 2**63 - 1
    with pytest.raises(ValueError, match="9223372036854775808"):
        scalars.read_integer("9223372036854775808", "long")


def test_truth_values_are_spelled_in_four_ways() -> None:
    assert [scalars.read_boolean(text) for text in ("true", "1", "false", "0")] == [True, True, False, False]
    for text in ("True", "TRUE", "yes", "", " true"):
        with pytest.raises(ValueError, match=r"^"):
            scalars.read_boolean(text)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05", "2026-01-02T05:04:05+02:00"),
        *("2026-01-02T05:04:05+0200", "1767323045", "+1767323045.0", "1.767323045e9"),
    ],
)
def test_times(text: str) -> None:
    assert scalars.read_timestamp(text) == AT


def test_times_may_have_fractions_or_be_dates() -> None:
    assert scalars.read_timestamp("2026-01-02T03:04:05.678901234Z") == AT + timedelta(microseconds=678901)
    assert scalars.read_timestamp("2026-01-02") == datetime(2026, 1, 2, tzinfo=UTC)
    assert scalars.read_timestamp("1767323045.678") == AT + timedelta(milliseconds=678)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-13-01",
        "2026-W01-1",
        "1e99",
        "1e999",
        "nan",
        "0001-01-01T00:00:00+02:00",
        "2026-01-02 03:04:05",
    ],
)
def test_no_times(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        scalars.read_timestamp(text)


def test_times_are_printed_in_utc_and_cut_to_their_precision() -> None:
    at = (AT + timedelta(microseconds=678999)).astimezone(timezone(timedelta(hours=5)))
    assert scalars.print_seconds(at) == "2026-01-02T03:04:05Z"
    assert scalars.print_milliseconds(at) == "2026-01-02T03:04:05.678Z"
    assert scalars.to_epoch(at) == 1767323045.678
    assert repr(scalars.to_epoch(AT)) == "1767323045"


def test_a_time_without_a_zone_is_not_printed() -> None:
    for show in (scalars.print_seconds, scalars.print_milliseconds, scalars.to_epoch):
        with pytest.raises(TypeError, match="without a zone"):
            show(AT.replace(tzinfo=None))


def test_blobs_are_strict_base64() -> None:
    assert scalars.read_blob("YQ==") == b"a"
    assert scalars.print_blob(b"a" * 100).isascii()
    for text in ("YQ", "Y Q==", "YQ==\n", "*", "é"):
        with pytest.raises(ValueError, match=r"^"):
            scalars.read_blob(text)
