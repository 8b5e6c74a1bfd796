"""An excerpt of a large template: one key, what is no key, and a few others for their style.

A search reads a text again for each edit that it tries; of a template with hundreds of keys it needs one at a time.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparekey.check._settings import KEY_TYPES
from sparekey.check.fixes._nodes import entry, is_flow, start_of
from sparekey.check.fixes._text import Edit, line_start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sparekey.template import Template

#: Other keys that stay in an excerpt. A template with fewer is searched as it is.
_STAY = 8


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text with stretches cut out of it; ``cuts`` are their starts and ends in the whole text."""

    text: str
    cuts: tuple[tuple[int, int], ...]

    def in_whole(self, edit: Edit) -> Edit:
        """Move an edit of the excerpt to its place in the whole text."""
        return Edit(self._whole(edit.start), self._whole(edit.end), edit.text)

    def _whole(self, offset: int) -> int:
        for start, end in self.cuts:
            if offset <= start:
                break
            offset += end - start
        return offset


def excerpt(template: Template, logical_id: str) -> Excerpt | None:
    """Cut most of the other keys out of a template; ``None`` if it has only a few.

    The last resource stays, so that no comma is left behind the one before it.
    """
    others = [
        name for name, resource in template.resources.items() if resource.type in KEY_TYPES and name != logical_id
    ]
    resources = entry(template.root, "Resources")
    if len(others) <= _STAY or resources is None:
        return None
    flow = is_flow(template.text, resources[1])
    starts = [
        (str(key.value), start_of(key) if flow else line_start(template.text, start_of(key)))
        for key, _ in resources[1].value
    ]
    away = frozenset(others[_STAY:])
    cuts = tuple((start, end) for (name, start), (_, end) in itertools.pairwise(starts) if name in away)
    pieces, at = [], 0
    for start, end in cuts:
        pieces.append(template.text[at:start])
        at = end
    return Excerpt("".join((*pieces, template.text[at:])), cuts)


def from_the_start(steps: Iterable[Iterable[Edit]]) -> list[Edit]:
    """Tell the edits that were made one step after the other as edits of the text before the first step.

    Raises:
        ValueError: a step changes what an earlier one wrote.
    """
    done: list[list[Edit]] = []
    edits: list[Edit] = []
    for step in steps:
        edits += [Edit(_before(edit.start, done), _before(edit.end, done), edit.text) for edit in step]
        done.append(sorted(step))
    return edits


def _before(offset: int, steps: list[list[Edit]]) -> int:
    """Find where a place of the text stood before the steps."""
    for step in reversed(steps):
        moved = 0  # how much further the text stands after the edits so far
        for edit in step:
            start = edit.start + moved
            if offset <= start:
                break
            if offset < start + len(edit.text):
                raise ValueError("a step changes what an earlier one wrote")
            moved += len(edit.text) - (edit.end - edit.start)
        offset -= moved
    return offset
