"""Reading the text of a policy document before its grammar is checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

#: The elements of a document and of a statement.
TOP_LEVEL: Final = frozenset(("Version", "Id", "Statement"))
ELEMENTS: Final = frozenset(
    ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
)
VERSIONS: Final = ("2012-10-17", "2008-10-17")


class Refused(Exception):
    """What AWS says of a document that it does not take: one sentence of its own."""


def load(text: str, otherwise: str) -> object:
    """Read JSON in which no key stands twice in an object.

    Raises:
        Refused: it is none, in the words of ``otherwise``.
    """
    duplicates = False

    def mapping(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal duplicates
        found = dict(pairs)
        duplicates |= len(found) != len(pairs)
        return found

    try:
        data: object = json.loads(text, object_pairs_hook=mapping, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Refused(otherwise) from None
    if duplicates:
        raise Refused(otherwise)
    return data


def _refuse(name: str) -> object:
    raise ValueError(name)


def listed(value: object) -> list[object]:
    """One value, or those of a list."""
    return value if isinstance(value, list) else [value]


def texts(statement: Mapping[str, object], *names: str) -> Iterator[str]:
    """The texts under some elements of a statement whose types were checked."""
    for name in names:
        if name in statement:
            for each in listed(statement[name]):
                yield str(each)
