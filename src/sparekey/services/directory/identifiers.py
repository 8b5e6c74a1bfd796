"""Identifiers in AWS's forms, made of random bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: The digits with which the fourth group of a random UUID begins.
_VARIANT: Final = "89ab"


def random_uuid(entropy: Callable[[int], bytes]) -> str:
    """A random UUID (version 4), as events, requests and jobs are named."""
    data = entropy(16)
    text = data.hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[data[8] >> 6]}{text[17:20]}-{text[20:]}"
