"""Compact JSON, written by the standard library's encoder, which is made once and not at every call."""

from __future__ import annotations

from json import JSONEncoder, encoder
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def compact(default: Callable[[object], object]) -> Callable[[object], str]:
    """A function that writes values as JSON without spaces, in ASCII; ``default`` gives others for those JSON has not.

    The function raises ``ValueError`` for numbers that are none, and whatever ``default`` raises.
    """
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False, default=default).encode
    string = encoder.encode_basestring_ascii
    write = cast(
        "Callable[[object, int], Iterable[str]]", make(None, default, string, None, ":", ",", False, False, False)
    )
    return lambda value: "".join(write(value, 0))
