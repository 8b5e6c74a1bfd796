"""The text that is edited: the template itself, or a key policy that stands in it as JSON text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparekey.check.fixes._nodes import content_start, end_of, parents
from sparekey.check.fixes._text import Edit, apply_edits, indentation_of, newline_of, next_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yaml.nodes import Node, ScalarNode

    from sparekey.check.fixes._style import Style


class NotEditableError(Exception):
    """A value stands where it cannot be changed alone (behind an alias); the text says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Page:
    """The text that is edited, the value of it that holds all edits, and the style new text is written in.

    ``within`` is set where the text is itself the content of a scalar of another page.
    """

    text: str
    root: Node
    style: Style
    within: Frame | None = None

    def parent(self, node: Node) -> Node:
        """Find the collection that a value is written in.

        Raises:
            NotEditableError: it is written elsewhere, and stands here only as an alias.
        """
        around = parents(self.root, node)
        if not around:
            raise NotEditableError("the value is written elsewhere and stands here as an alias")
        return around[-1]

    def carried_out(self, edits: Iterable[Edit]) -> list[Edit]:
        """Turn edits of this page into edits of the file.

        Raises:
            NotEditableError: the text stands in the file in a form that cannot be kept.
        """
        return list(edits) if self.within is None else [self.within.edit(apply_edits(self.text, edits))]


@dataclass(frozen=True, slots=True)
class Frame:
    """The scalar of a template that a page's text is the content of."""

    text: str
    node: ScalarNode

    def edit(self, content: str) -> Edit:
        """Write new content into the scalar, in its own style."""
        start, end = content_start(self.text, self.node), end_of(self.text, self.node)
        if self.node.style == '"':
            return Edit(start, end, json.dumps(content, ensure_ascii=False))
        if self.node.style == "'" and "\n" not in content:
            return Edit(start, end, "'" + content.replace("'", "''") + "'")
        if self.node.style != "|":
            raise NotEditableError("the key policy is a text that is folded over lines")
        first = next_line(self.text, start)
        indent = indentation_of(self.text, first)
        lines = [indent + line if line else line for line in content.rstrip("\n").split("\n")]
        return Edit(first, end, newline_of(self.text).join(lines))
