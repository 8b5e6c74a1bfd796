"""The scalars of a key policy as the template writes them: literals, references, and what is not told."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sparekey.template import Concrete, Conditional, ListValue, MapValue, UnknownValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView
    from sparekey.template import Value


@lru_cache(maxsize=1)
def scalars(view: KeyView) -> tuple[tuple[str, Concrete | UnknownValue], ...]:
    """List the scalars under Principal, NotPrincipal and Condition, each with the name of its element.

    A key policy that is written as JSON text has none. Kept for the last view asked about.
    """
    document = view.policy_value
    members = _members(document.items.get("Statement") if isinstance(document, MapValue) else None)
    return tuple(
        (element, scalar)
        for statement in members
        for element in ("Principal", "NotPrincipal", "Condition")
        if element in statement.items
        for scalar in _scalars(statement.items[element])
    )


def _members(value: Value | None) -> Iterator[MapValue]:
    match value:
        case MapValue():
            yield value
        case ListValue():
            for item in value.items:
                yield from _members(item)
        case Conditional():
            yield from _members(value.if_true)
            yield from _members(value.if_false)
        case _:
            pass


def _scalars(value: Value) -> Iterator[Concrete | UnknownValue]:
    match value:
        case Concrete() | UnknownValue():
            yield value
        case MapValue():
            for item in value.items.values():
                yield from _scalars(item)
        case ListValue():
            for item in value.items:
                yield from _scalars(item)
        case Conditional():
            yield from _scalars(value.if_true)
            yield from _scalars(value.if_false)
        case _:
            pass
