"""What texts mean to the typed condition operators: numbers, dates, Booleans, base64 and IP addresses.

Each reading returns ``None`` for a text that is none of its kind; the operators decide what follows from that.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?")
_EPOCH = re.compile(r"[+-]?[0-9]{1,18}")
_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)
_PREFIX_LENGTH = re.compile(r"\+?0*([0-9]{1,3})")
_OCTET = re.compile(r"[0-9]{1,3}")
_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?")
_COMPLEMENT = str.maketrans("0123456789", "9876543210")
_MAPPED = 0xFFFF << 32

#: A number as something that sorts like it: sign, place of the leading digit, digits. Exact at any size.
Number = tuple[int, int, str]


def read_number(text: str) -> Number | None:
    """Read an exact decimal (``1``, ``+1``, ``1.``, ``.5``, ``1e1``); ``NaN``, ``Infinity`` and spaces are none."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, whole, fraction, exponent = match.group(1), match.group(2), match.group(3) or "", match.group(4) or "0"
    if not whole and not fraction:
        return None
    if len(exponent.lstrip("+-").lstrip("0")) > 9:
        return None
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return (0, 0, "")
    place = len(whole) + int(exponent) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if sign == "-":  # the greater the magnitude, the smaller the number: turn places and digits round
        return (-1, -place, digits.translate(_COMPLEMENT) + ":")
    return (1, place, digits)


@lru_cache(maxsize=256)
def read_moment(text: str) -> int | None:
    """Read a date as milliseconds since 1970: epoch seconds, or ISO 8601 in W3C's profile (without zone: UTC)."""
    if _EPOCH.fullmatch(text):
        return int(text) * 1000
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    hour, minute, second = int(match[4] or 0), int(match[5] or 0), int(match[6] or 0)
    offset = _zone_minutes(match[8])
    if not year or not 1 <= month <= 12 or not 1 <= day <= _month_length(year, month) or offset is None:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    milliseconds = int((match[7] or "")[:3].ljust(3, "0"))
    minutes = (_days(year, month, day) * 24 + hour) * 60 + minute - offset
    return (minutes * 60 + second) * 1000 + milliseconds


def _zone_minutes(zone: str | None) -> int | None:
    """Read ``Z`` or ``±hh:mm`` as minutes east of UTC; no zone is UTC."""
    if zone is None or zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 23 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if zone[0] == "-" else 1)


def _month_length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _days(year: int, month: int, day: int) -> int:
    """Count the days from 1970-01-01, with years that begin in March so that leap days come last."""
    year, month = (year - 1, month + 9) if month < 3 else (year, month - 3)
    return year * 365 + year // 4 - year // 100 + year // 400 + (month * 153 + 2) // 5 + day - 719469


def read_boolean(text: str) -> bool:
    """Only ``true``, in any letter case, is true; every other text is false."""
    return text.lower() == "true"


def is_base64(text: str) -> bool:
    """Whether this is base64 in its one canonical spelling, padding included."""
    return _BASE64.fullmatch(text) is not None


class Network(NamedTuple):
    """An address range: of which family, its first address, and how many low bits are free."""

    version: int
    first: int
    free_bits: int

    def contains(self, address: tuple[int, int]) -> bool:
        """Whether an address (family, value) of this very family lies in the range."""
        return address[0] == self.version and address[1] >> self.free_bits == self.first >> self.free_bits


@lru_cache(maxsize=256)
def read_address(text: str) -> tuple[int, int] | None:
    """Read a request's address as (4 or 6, value); an IPv4-mapped IPv6 address is its IPv4 address."""
    if ":" not in text:
        four = _read_ipv4(text)
        return None if four is None else (4, four)
    head, _, tail = text.rpartition(":")
    if "." in tail:
        four = _read_ipv4(tail)
        six = _read_ipv6(head + ":0:0")
        return (4, four) if four is not None and six == _MAPPED else None
    six = _read_ipv6(text)
    if six is None:
        return None
    return (4, six & 0xFFFFFFFF) if six >> 32 == 0xFFFF else (6, six)


def read_network(text: str) -> Network | None:
    """Read a policy's address or CIDR range.

    An IPv4 range with host bits is masked. An IPv6 range with host bits, or one that holds IPv4-mapped addresses in
    dotted form, is no range: it matches nothing.
    """
    address, slash, length = text.partition("/")
    bits: int | None = None
    if slash:
        match = _PREFIX_LENGTH.fullmatch(length)
        if match is None:
            return None
        bits = int(match[1])
    if ":" not in address:
        four = _read_ipv4(address)
        free = 32 - (32 if bits is None else bits)
        return None if four is None or free < 0 else Network(4, four, free)
    six = _read_ipv6(address)
    free = 128 - (128 if bits is None else bits)
    if six is None or free < 0 or six & ((1 << free) - 1):
        return None
    return Network(6, six, free)


def _read_ipv4(text: str) -> int | None:
    """Read four decimal octets; leading zeros are tolerated and do not mean octal."""
    octets = text.split(".")
    if len(octets) != 4:
        return None
    value = 0
    for octet in octets:
        if not _OCTET.fullmatch(octet) or int(octet) > 255:
            return None
        value = value << 8 | int(octet)
    return value


def _read_ipv6(text: str) -> int | None:
    """Read hexadecimal groups with at most one ``::``; one surplus colon beside a group, or at the end, counts nothing.

    The tolerance is AWS's: an empty group at the front of either half reads as zero, one at the end is passed over.
    """
    halves = text.split("::")
    if len(halves) > 2:
        return None
    groups = [_groups(half) for half in halves]
    if any(half is None for half in groups):
        return None
    front, back = groups[0] or [], (groups[1] or []) if len(groups) == 2 else []
    missing = 8 - len(front) - len(back)
    if missing < 0 or (missing == 0) is (len(halves) == 2):
        return None
    value = 0
    for group in (*front, *([0] * missing), *back):
        value = value << 16 | group
    return value


def _groups(text: str) -> list[int] | None:
    if not text:
        return []
    groups = text.split(":")
    if not groups[-1]:
        groups.pop()
        if groups == [""]:
            groups.pop()
    values = []
    for index, group in enumerate(groups):
        if not group and index == 0:
            values.append(0)
        elif _GROUP.fullmatch(group):
            values.append(int(group, 16))
        else:
            return None
    return values
