"""Keys as bytes that databases order as the interface orders keys: segment by segment, by code point.

Each segment is UTF-8 behind a separator lower than anything in a segment; the three lowest characters are escaped, so
that any text is a segment and no key reads as another.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from sparekey.storage.interface import Key

_SEPARATOR: Final = "\x01"
_ESCAPED: Final = {0: "\x02\x02", 1: "\x02\x03", 2: "\x02\x04"}
_ESCAPE: Final = re.compile("\x02([\x02-\x04])")


class Range(NamedTuple):
    """Encoded keys from ``low`` on, up to but not including ``high``."""

    low: bytes
    high: bytes


def encode_key(key: Key) -> bytes:
    """The key as bytes; the empty key as no bytes."""
    if not "".join(key).isprintable():
        key = tuple([segment.translate(_ESCAPED) for segment in key])
    return "".join([_SEPARATOR + segment for segment in key]).encode("utf-8", "surrogatepass")


def decode_key(encoded: bytes) -> Key:
    """The key that :func:`encode_key` made these bytes of."""
    segments = encoded.decode("utf-8", "surrogatepass").split(_SEPARATOR)[1:]
    if b"\x02" in encoded:
        segments = [_ESCAPE.sub(lambda found: chr(ord(found[1]) - 2), segment) for segment in segments]
    return tuple(segments)


def range_of(prefix: Key, after: Key | None = None) -> Range:
    """Where the keys stand that begin with the segments of ``prefix``, and come behind the whole key ``after``."""
    start = encode_key(prefix)
    low = start if after is None else max(start, encode_key(after) + b"\x01")
    return Range(low, start + b"\x02")
