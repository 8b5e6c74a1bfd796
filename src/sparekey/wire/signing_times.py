"""When a request was signed: read, and checked against the clock.

X-Amz-Expires bounds a presigned URL of Amazon S3 only. STS is known to take one for 15 minutes whatever it says, and so
does every other service here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from sparekey.wire.errors import IncompleteSignature, RequestExpired, SignatureDoesNotMatch

#: How far the clocks of a client and of the server may differ.
SKEW: Final = timedelta(minutes=15)
_BASIC: Final = "%Y%m%dT%H%M%SZ"
_TIMESTAMP: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")


def read_timestamp(text: str) -> str:
    """A time in ISO 8601's basic format, of a header that has it so or (``Date``) as HTTP writes it.

    Raises:
        IncompleteSignature: it is written in neither way.
    """
    if _TIMESTAMP.fullmatch(text):
        return text
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).astimezone(UTC).strftime(_BASIC)
    except (ValueError, OverflowError):
        raise _not_basic(text) from None


def is_near(timestamp: str, now: datetime) -> bool:
    """Whether a time is about now, as far as clocks may differ."""
    return f"{now - SKEW:{_BASIC}}" <= timestamp <= f"{now + SKEW:{_BASIC}}"


def check_time(timestamp: str, now: datetime, lifetime: timedelta | None) -> None:
    """Check that a request was signed about now, or (a presigned URL with a lifetime) not longer ago than that.

    Raises:
        IncompleteSignature: there is no such time.
        SignatureDoesNotMatch: it is too far from now.
        RequestExpired: the lifetime is over.
    """
    try:
        signed = _moment(timestamp)
    except ValueError:
        raise _not_basic(timestamp) from None
    if signed - now > SKEW:
        raise SignatureDoesNotMatch(
            f"Signature not yet current: {timestamp} is still later than {now + SKEW:{_BASIC}}"
            f" ({now:{_BASIC}} + 15 min.)"
        )
    if lifetime is not None:
        if now - signed > lifetime:
            raise RequestExpired("Request has expired")
    elif now - signed > SKEW:
        raise SignatureDoesNotMatch(
            f"Signature expired: {timestamp} is now earlier than {now - SKEW:{_BASIC}} ({now:{_BASIC}} - 15 min.)"
        )


@lru_cache(maxsize=256)
def _moment(text: str) -> datetime:
    """The moment of a time in ISO 8601's basic format.

    Raises:
        ValueError: there is no such moment.
    """
    date, clock = text[:8], text[9:15]
    year, month, day = int(date[:4]), int(date[4:6]), int(date[6:])
    return datetime(year, month, day, int(clock[:2]), int(clock[2:4]), int(clock[4:]), tzinfo=UTC)


def _not_basic(text: str) -> IncompleteSignature:
    return IncompleteSignature(
        f"Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )
