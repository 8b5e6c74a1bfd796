"""Pages of lists: ``MaxResults`` and ``NextToken``."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, TypeVar

from sparekey.services.organizations.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")

#: How many items a page has unless the caller asks for fewer; also the most it may ask for.
DEFAULT = 20

_INVALID = (
    "You specified an invalid value for nextToken. You must get the value from the response to a previous call to the "
    "API."
)


def page(
    member: str,
    items: Iterable[T],
    name: Callable[[T], str],
    shape: Callable[[T], object],
    *,
    next_token: str | None,
    max_results: int | None,
) -> dict[str, object]:
    """One page of ``items``, which are in the order of ``name``, under ``member``, and where the next one begins.

    Raises:
        InvalidInputException: the token is none that an earlier page gave.
    """
    after = _read(next_token) if next_token else ""
    limit = max_results or DEFAULT
    shown: list[object] = []
    last = ""
    for item in items:
        position = name(item)
        if position <= after:
            continue
        if len(shown) == limit:
            return {member: shown, "NextToken": base64.urlsafe_b64encode(last.encode()).decode()}
        shown.append(shape(item))
        last = position
    return {member: shown}


def _read(token: str) -> str:
    try:
        return base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise invalid("INVALID_NEXT_TOKEN", _INVALID) from error
