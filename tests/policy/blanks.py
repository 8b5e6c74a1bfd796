"""Blanks: parts of a decision case replaced by ``{"unknown": …}``, as a template or a snapshot leaves them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.policy.draws import Source, chance, pick

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.policy.strategies import Case

Path = tuple[str | int, ...]

#: Elements of a document that are no unknown values: a template always tells them.
TOLD = frozenset({"Version", "Sid"})
DOCUMENT_LISTS = ("identity", "session")
LEVELS = ("scp", "rcp")


def blank_paths(source: Source, case: Case, most: int = 4) -> list[Path]:
    """Draw a few places of a case to leave open."""
    places = sorted(places_of(case), key=str)
    if not places:
        return []
    # Whole policies first: without that, the many small places crowd them out.
    large = [path for path in places if path[0] == "context" or len(path) <= 3]
    return [pick(source, large if large and chance(source, 35) else places) for _ in range(1 + source.number(most))]


def places_of(case: Case) -> Iterator[Path]:
    """Every place of a case that may be left open."""
    context, policies = case["context"], case["policies"]
    assert isinstance(context, dict)
    assert isinstance(policies, dict)
    for key in context:
        yield ("context", key)
    for name, value in policies.items():
        yield ("policies", name)
        if name in DOCUMENT_LISTS:
            for index, document in enumerate(value):
                yield from inside(document, ("policies", name, index))
        elif name in LEVELS:
            for level, documents in enumerate(value):
                for index, document in enumerate(documents):
                    yield from inside(document, ("policies", name, level, index))
        else:
            yield from inside(value, ("policies", name))


def inside(value: object, path: Path) -> Iterator[Path]:
    """A place and every place within."""
    if len(path) > 2:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in TOLD:
                yield from inside(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from inside(item, (*path, index))


def copied(case: Case) -> Case:
    """A copy of a case in which nothing is shared, as a document that stands in two places is."""
    copy: Case = json.loads(json.dumps(case))
    return copy


def blanked(case: Case, paths: Sequence[Path], pieces: Sequence[bool] = ()) -> Case:
    """Leave places of a case open; where ``pieces`` says so, the beginning of a text stays known."""
    blank = copied(case)
    # Inner places first, so that none is gone when its turn comes.
    for index, path in sorted(enumerate(paths), key=lambda entry: -len(entry[1])):
        holder: object = blank
        for step in path[:-1]:
            holder = holder[step] if isinstance(holder, (dict, list)) else None  # type: ignore[index]  # any of the two
        replace(holder, path[-1], known=index < len(pieces) and pieces[index])
    return blank


def replace(holder: object, step: str | int, *, known: bool) -> None:
    """Put an unknown value in the place of what is there, unless that is one already."""
    assert isinstance(holder, (dict, list))
    value = holder[step]  # type: ignore[index]  # a key for a mapping, an index for a list
    if isinstance(value, dict) and "unknown" in value:
        return
    unknown: dict[str, object] = {"unknown": f"what stands at {step}"}
    if known and isinstance(value, str) and len(value) > 3:
        unknown["pieces"] = [value[: len(value) // 2], None]
    holder[step] = unknown  # type: ignore[index]  # as above
