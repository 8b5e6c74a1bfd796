"""Compact JSON, written by the standard library's encoder, which is made once and not at every call."""

from __future__ import annotations

from json import JSONEncoder, encoder
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def compact(
    default: Callable[[object], object], *, ascii_only: bool = True, allow_nan: bool = False
) -> Callable[[object], str]:
    """A function that writes values as JSON without spaces; ``default`` gives others for those that JSON has not.

    The function raises what ``default`` raises and, unless ``allow_nan``, ``ValueError`` for numbers that are none.
    """
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return JSONEncoder(
            separators=(",", ":"),
            ensure_ascii=ascii_only,
            allow_nan=allow_nan,
            check_circular=False,
            default=default,
        ).encode
    string = encoder.encode_basestring_ascii if ascii_only else encoder.encode_basestring
    write = cast(
        "Callable[[object, int], Iterable[str]]", make(None, default, string, None, ":", ",", False, False, allow_nan)
    )
    return lambda value: "".join(write(value, 0))
