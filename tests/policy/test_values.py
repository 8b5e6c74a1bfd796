from __future__ import annotations

import base64
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.policy._values import is_base64, read_address, read_boolean, read_moment, read_network, read_number

if TYPE_CHECKING:
    from decimal import Decimal


@pytest.mark.parametrize("text", ["1", "01", "+1", "1.0", "1e0", "1.", "10e-1", "0.1E+1", "1e0000000000000"])
def test_one_has_many_spellings(text: str) -> None:
    assert read_number(text) == read_number("1")


@pytest.mark.parametrize(
    "text", ["", ".", "+", "e1", "1e", "1e+", " 1", "1 ", "--1", "0x1", "NaN", "Infinity", "10abc"]
)
def test_some_texts_are_no_numbers(text: str) -> None:
    assert read_number(text) is None


def test_an_exponent_beyond_all_measure_is_no_number() -> None:
    assert read_number("1e99999999999999999999") is None
    assert read_number("1e1000000000") is None
    assert read_number("1e999999999") is not None
    assert read_number("1" * 100_000) is not None


def test_zero_has_no_sign() -> None:
    assert read_number("-0") == read_number("0.00") == read_number("+0e5")


@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_numbers_sort_as_exact_decimals_do(left: Decimal, right: Decimal) -> None:
    one, other = read_number(str(left)), read_number(str(right))
    assert one is not None
    assert other is not None
    assert (one < other, one == other) == (left < right, left == right)


@pytest.mark.parametrize(
    "text",
    [
        *("2030-01-01", "2030-01", "2030-01-01T00:00Z", "2030-01-01T00:00:00", "2030-01-01T00:00:00Z"),
        *("2030-01-01T01:00:00+01:00", "2029-12-31T19:30:00-0430", "1893456000", "+1893456000"),
        *("2030-01-01T00:00:00.0001Z", "2030-01-01T00:00:00.000999"),
    ],
)
def test_one_moment_has_many_spellings(text: str) -> None:
    assert read_moment(text) == 1893456000000


def test_a_date_is_read_to_the_millisecond() -> None:
    assert read_moment("2030-01-01T00:00:00.1231Z") == read_moment("2030-01-01T00:00:00.1239Z") == 1893456000123
    assert read_moment("2030-01-01T00:00:00.5Z") == 1893456000500


def test_four_digits_are_epoch_seconds() -> None:
    assert read_moment("2030") == 2030000
    assert read_moment("-1") == -1000


@pytest.mark.parametrize(
    "text",
    [
        *("", "not-a-date", "2030-1-1", "2030-13-01", "2030-00-01", "2023-02-29", "2030-04-31", "0000-01-01"),
        *("2030-01-01T24:00Z", "2030-01-01T00:60Z", "2030-01-01T00:00:60Z", "2030-01-01T00:00:00.Z"),
        *("2030-01-01T00Z", "2030-01-01 00:00:00", "2030-01-01T00:00+24:00", "2030-01-01T00:00+00:60", "1.5"),
    ],
)
def test_some_texts_are_no_dates(text: str) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize("year", [1900, 2000, 2023, 2024])
def test_every_month_has_the_days_of_the_calendar(year: int) -> None:
    for month in range(1, 13):
        days = monthrange(year, month)[1]
        last = datetime(year, month, days, tzinfo=UTC)
        assert read_moment(f"{year}-{month:02}-{days}") == int(last.timestamp()) * 1000
        assert read_moment(f"{year}-{month:02}-{days + 1}") is None


def test_a_zone_is_less_than_a_day_from_utc() -> None:
    assert read_moment("2030-02-01T23:59+23:59") == read_moment("2030-02-01")
    assert read_moment("2030-02-01T00:01-23:59") == read_moment("2030-02-02")
    assert read_moment("2030-02-02T00:00-00:00") == read_moment("2030-02-02")
    assert read_moment("2030-02-01T23:59+24:00") is None
    assert read_moment("2030-02-01T23:59-00:60") is None


@given(st.datetimes())
def test_dates_are_read_as_the_calendar_has_them(moment: datetime) -> None:
    since = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    assert read_moment(f"{moment.isoformat()}Z") == since // timedelta(milliseconds=1)


def test_only_true_in_any_case_is_true() -> None:
    assert [read_boolean(text) for text in ("true", "TRUE", "True", "yes", "1", "", " true", "false")] == (
        [True, True, True, False, False, False, False, False]
    )


@pytest.mark.parametrize("text", ["YQ", "YR==", "no-binary", " YQ== ", "YWJ=", "=", "YQ=", "YQ==YQ=="])
def test_base64_has_one_spelling(text: str) -> None:
    assert not is_base64(text)


@given(st.binary())
def test_encoded_bytes_are_base64(data: bytes) -> None:
    assert is_base64(base64.b64encode(data).decode())


# Addresses


@given(st.ip_addresses())
def test_addresses_are_read_in_their_usual_spelling(address: object) -> None:
    parsed = ip_address(str(address))
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    expected = (4, int(mapped)) if mapped else (parsed.version, int(parsed))
    assert read_address(str(address)) == expected
    exploded = parsed.exploded
    assert read_address(exploded) == expected
    assert read_address(exploded.upper()) == expected


@pytest.mark.parametrize("text", ["192.000.002.1", "::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1"])
def test_one_address_has_many_spellings(text: str) -> None:
    assert read_address(text) == read_address("192.0.2.1")


@pytest.mark.parametrize("text", ["2001:db8:::1", "2001:db8::1:", "2001:0DB8:0:0:0:0:0:1"])
def test_one_surplus_colon_is_tolerated(text: str) -> None:
    assert read_address(text) == read_address("2001:db8::1")
    assert read_network(f"{text}/128") == read_network("2001:db8::1")


def test_a_colon_in_front_reads_as_a_group_of_zero() -> None:
    assert read_address(":::") == read_address("::") == (6, 0)
    assert read_address("1:2:3:4:5:6:7:::") == read_address("1:2:3:4:5:6:7:0")
    assert read_address(":2001:db8::1") == read_address("0:2001:db8::1")


@pytest.mark.parametrize(
    "text",
    [
        *("", "no", "192.0.513", "3221225985", "1.2.3.256", "1.2.3.4.5", "1.2.3.", "0x1.2.3.4", "192.0.2.1/32"),
        *("2001:db8::::1", "2001::db8::1", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2:3:4:5:6:7:8", "g::"),
        *(
            "1:2:3:4:5:6:7:8::1::2",
            "12345::",
            ":",
            "::192.0.2.1",
            "2001:db8::192.0.2.1",
            "::ffff:::192.0.2.1",
            "::ffff:1.2.3",
            "fe80::1%eth0",
        ),
    ],
)
def test_some_texts_are_no_addresses(text: str) -> None:
    assert read_address(text) is None


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
        ("192.0.2.5/24", "192.0.2.1", "192.0.3.0"),
        ("192.0.2.0/+24", "192.0.2.1", "192.0.3.0"),
        ("192.000.002.0/024", "192.0.2.1", "192.0.3.0"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("0.0.0.0/0", "203.0.113.1", "2001:db8::1"),
        ("2001:DB8::/064", "2001:db8::ffff", "2001:db8:0:1::"),
        ("2001:db8::4/127", "2001:db8::5", "2001:db8::6"),
        ("::/0", "2001:db8::1", "::ffff:192.0.2.1"),
    ],
)
def test_a_range_holds_its_own_family_only(network: str, inside: str, outside: str) -> None:
    parsed, here, there = read_network(network), read_address(inside), read_address(outside)
    assert parsed is not None
    assert here is not None
    assert there is not None
    assert parsed.contains(here)
    assert not parsed.contains(there)


@pytest.mark.parametrize(
    "text",
    [
        *("no", "", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/24/1", "192.0.2.0/ 24"),
        *(
            "2001:db8::/129",
            "2001:db8::5/64",
            "2001:db8::2/64",
            "2001:db8::1/0",
            "::ffff:192.0.2.1",
            "::ffff:192.0.2.0/120",
        ),
    ],
)
def test_some_texts_are_no_ranges(text: str) -> None:
    assert read_network(text) is None


def test_a_mapped_range_in_hexadecimal_holds_nothing() -> None:
    network, address = read_network("::ffff:c000:200/120"), read_address("::ffff:c000:201")
    assert network is not None
    assert address is not None
    assert not network.contains(address)


@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4))
def test_ipv4_ranges_agree_with_the_standard_library(network: object, length: int, address: object) -> None:
    parsed, asked = read_network(f"{network}/{length}"), read_address(str(address))
    assert parsed is not None
    assert asked is not None
    assert parsed.contains(asked) == (address in ip_network(f"{network}/{length}", strict=False))
