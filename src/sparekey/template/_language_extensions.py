"""What ``Transform: AWS::LanguageExtensions`` adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.errors import InputError

if TYPE_CHECKING:
    from sparekey.source import Place
    from sparekey.template._nodes import Node, ScalarNode
    from sparekey.template._resolve import Resolver
    from sparekey.template._values import Value


def expand_in_mapping(
    resolver: Resolver, key: ScalarNode, content: Node, items: dict[str, Value], places: dict[str, Place]
) -> None:
    """Put what a loop among the keys of a mapping makes into the mapping."""
    del content, items, places
    raise InputError(f"`{key.value}` is not expanded here", resolver.place(key))
