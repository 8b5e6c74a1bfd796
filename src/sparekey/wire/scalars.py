"""Numbers, truth values, timestamps and blobs as AWS reads and prints them."""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import inf
from typing import Final

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,25}", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_DATE: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.ASCII,
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}

#: The least and greatest value of each type.
RANGES: Final = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}


def read_integer(text: str, kind: str = "integer") -> int:
    """A whole number: leading zeros and a sign are fine; spaces, a point or an exponent are not.

    Raises:
        ValueError: it is none, or the type does not hold it.
    """
    if not _INTEGER.fullmatch(text):
        raise ValueError(text)
    number = int(text)
    least, greatest = RANGES[kind]
    if not least <= number <= greatest:
        raise ValueError(text)
    return number


def read_decimal(text: str) -> float:
    """A number with a point or an exponent.

    Raises:
        ValueError: it is none.
    """
    number = float(text) if _DECIMAL.fullmatch(text) else inf
    if number in {inf, -inf}:
        raise ValueError(text)
    return number


def read_boolean(text: str) -> bool:
    """``true``, ``false``, ``1`` or ``0``, in that spelling.

    Raises:
        ValueError: it is none of these.
    """
    if text not in _TRUTH:
        raise ValueError(text)
    return _TRUTH[text]


def read_timestamp(text: str) -> datetime:
    """An ISO 8601 time (without zone: UTC), or seconds since 1970.

    Raises:
        ValueError: it is neither, or no year between 1 and 9999 holds it.
    """
    if not _DATE.fullmatch(text):
        return from_epoch(read_decimal(text))
    at = datetime.fromisoformat(text)
    try:
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error


def from_epoch(seconds: float) -> datetime:
    """Seconds since 1970 as a time, to the millisecond.

    Raises:
        ValueError: no year between 1 and 9999 holds it.
    """
    try:
        return _EPOCH + timedelta(milliseconds=round(seconds * 1000))
    except OverflowError as error:
        raise ValueError(str(seconds)) from error


def to_epoch(at: datetime) -> float | int:
    """A time as seconds since 1970, to the millisecond, without a fraction where there is none."""
    milliseconds = (_in_utc(at) - _EPOCH) // timedelta(milliseconds=1)
    return milliseconds // 1000 if milliseconds % 1000 == 0 else milliseconds / 1000


@lru_cache(maxsize=4096)  # what is shown was mostly shown before
def print_seconds(at: datetime) -> str:
    """``2026-01-02T03:04:05Z``."""
    return f"{_in_utc(at).isoformat()[:19]}Z"


def print_milliseconds(at: datetime) -> str:
    """``2026-01-02T03:04:05.678Z``."""
    return f"{_in_utc(at).isoformat(timespec='milliseconds')[:23]}Z"


def _in_utc(at: datetime) -> datetime:
    """A time in UTC.

    Raises:
        TypeError: it does not say in which zone it is.
    """
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise TypeError("a time without a zone")
    return at.astimezone(UTC)


def read_blob(text: str) -> bytes:
    """Base64, in the standard alphabet and padded.

    Raises:
        ValueError: it is none.
    """
    try:
        return a2b_base64(text.encode("ascii"), strict_mode=True)
    except (Base64Error, UnicodeEncodeError) as error:
        raise ValueError(text) from error


def print_blob(blob: bytes) -> str:
    """Bytes as base64."""
    return b2a_base64(blob, newline=False).decode("ascii")
