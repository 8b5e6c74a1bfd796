"""The text that is edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparekey.check.fixes._nodes import parents

if TYPE_CHECKING:
    from yaml.nodes import Node

    from sparekey.check.fixes._style import Style


class NotEditableError(Exception):
    """A value stands where it cannot be changed alone (behind an alias); the text says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Page:
    """The text that is edited, the value of it that holds all edits, and the style new text is written in."""

    text: str
    root: Node
    style: Style

    def parent(self, node: Node) -> Node:
        """Find the collection that a value is written in.

        Raises:
            NotEditableError: it is written elsewhere, and stands here only as an alias.
        """
        around = parents(self.root, node)
        if not around:
            raise NotEditableError("the value is written elsewhere and stands here as an alias")
        return around[-1]
