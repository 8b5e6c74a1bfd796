"""Pages of lists: ``MaxItems`` and ``Marker`` in, ``IsTruncated`` and ``Marker`` out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from sparekey.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sparekey.services.operation import Call
    from sparekey.storage.interface import Key, Kind, Transaction

T = TypeVar("T")

#: How many items a page has unless the caller says otherwise; the model bounds ``MaxItems`` to 1000.
DEFAULT_ITEMS = 100

#: How many records are read at once where nobody knows how many are needed.
_MOST_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, and where the next page goes on (``None`` on the last)."""

    items: tuple[T, ...]
    marker: str | None = None

    @property
    def members(self) -> dict[str, object]:
        """``IsTruncated`` and, where there is more, ``Marker``: members of every List operation's output."""
        return {"IsTruncated": False} if self.marker is None else {"IsTruncated": True, "Marker": self.marker}


def page(
    call: Call,
    kind: Kind[T],
    *prefix: str,
    marker: str | None = None,
    max_items: int | None = None,
    keep: Callable[[T], bool] | None = None,
) -> Page[T]:
    """A page of the records whose keys begin with ``prefix`` (nearly always the account), in the order of their keys.

    Only records that ``keep`` holds for are in the list.

    Raises:
        ValidationError: the marker is none that an earlier page gave.
    """
    after = (*prefix, *read_marker(marker)) if marker else None
    pairs = walk(call.records, kind, *prefix, after=after, size=(max_items or DEFAULT_ITEMS) + 1)
    return paged(((key[len(prefix) :], each) for key, each in pairs if keep is None or keep(each)), max_items)


def walk(
    records: Transaction, kind: Kind[T], *prefix: str, after: Key | None = None, size: int = 32
) -> Iterator[tuple[Key, T]]:
    """The records of a scan, read from the store only as far as they are asked for: ``size`` at first, then more."""
    while True:
        some = list(records.scan(kind, *prefix, after=after, limit=size))
        yield from some
        if len(some) < size:
            return
        after, size = some[-1][0], min(size * 2, _MOST_AT_ONCE)


def paged(pairs: Iterable[tuple[Key, T]], max_items: int | None = None) -> Page[T]:
    """A page from the beginning of what comes; each item stands beside its place in the list."""
    limit = max_items or DEFAULT_ITEMS
    found: list[tuple[Key, T]] = []
    for pair in pairs:
        if len(found) == limit:
            return Page(tuple(each for _, each in found), write_marker(found[-1][0]))
        found.append(pair)
    return Page(tuple(each for _, each in found))


def listed(
    items: Iterable[T], key: Callable[[T], str], *, marker: str | None = None, max_items: int | None = None
) -> Page[T]:
    """A page of a short list in its given order; ``key`` tells its items apart.

    A list that no longer has the item its marker names goes on behind where that item stood.

    Raises:
        ValidationError: the marker is none that an earlier page gave.
    """
    rest = list(items)
    if marker:
        index, last = _position(marker)
        here = next((at for at, item in enumerate(rest) if _digest(key(item)) == last), None)
        rest_from = index if here is None else here + 1
    else:
        rest_from = 0
    end = rest_from + (max_items or DEFAULT_ITEMS)
    shown = tuple(rest[rest_from:end])
    return Page(shown, write_marker((str(end - 1), _digest(key(shown[-1])))) if end < len(rest) else None)


def _digest(text: str) -> str:
    """A tag key may be longer than a marker may be."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _position(marker: str) -> tuple[int, str]:
    segments = read_marker(marker)
    if len(segments) != 2 or not segments[0].isdecimal():
        raise ValidationError(_INVALID)
    return int(segments[0]), segments[1]


class Pathed(Protocol):
    """Whatever has a path."""

    @property
    def path(self) -> str:
        """The path."""
        ...


def below(path_prefix: str) -> Callable[[Pathed], bool] | None:
    """Whether something's path begins with a text, for the ``keep`` of :func:`page`; everything's does with ``/``."""
    if path_prefix == "/":
        return None
    return lambda each: each.path.startswith(path_prefix)


#: Not recorded: AWS's sentence for a marker it did not give.
_INVALID = "Invalid Marker."


def write_marker(segments: Sequence[str]) -> str:
    """An opaque marker that stands for a place in a list."""
    text = json.dumps(list(segments), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_marker(marker: str) -> tuple[str, ...]:
    """The place in a list that a marker stands for.

    Raises:
        ValidationError: the marker is none of ours.
    """
    try:
        padded = marker.encode("ascii") + b"=" * (-len(marker) % 4)
        segments = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise ValidationError(_INVALID) from error
    if not isinstance(segments, list) or not all(isinstance(each, str) for each in segments):
        raise ValidationError(_INVALID)
    return tuple(segments)
