"""What can be told about values that are not known: whether they can be equal, and what they hang on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.template._calls import call_of
from sparekey.template._nodes import Node, ScalarNode, SequenceNode
from sparekey.template._values import Conditional, ListValue, MapValue, UnknownValue, Value

if TYPE_CHECKING:
    from sparekey.unknown import Unknown


def could_be(unknown: Unknown, text: str) -> bool:
    """Whether a text that is known in part could be ``text``."""
    if unknown.fresh:
        return False
    first, last = unknown.pieces[0], unknown.pieces[-1]
    position = 0
    for piece in unknown.pieces:
        if piece is None:
            continue
        position = text.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    known = sum(len(piece) for piece in unknown.pieces if piece)
    return text.startswith(first or "") and text.endswith(last or "") and known <= len(text)


def rendered(node: Node) -> str:
    """An expression as text, the same for the same expression in long and short form."""
    call = call_of(node)
    if call is not None:
        return f"{{{call.name}: {rendered(call.argument)}}}"
    if isinstance(node, ScalarNode):
        return repr(node.value)
    if isinstance(node, SequenceNode):
        return f"[{', '.join(rendered(item) for item in node.value)}]"
    return f"{{{', '.join(f'{key.value!r}: {rendered(value)}' for key, value in node.value)}}}"


def is_open(value: Value) -> bool:
    """Whether any part of a value is not known."""
    match value:
        case UnknownValue() | Conditional():
            return True
        case ListValue():
            return any(is_open(item) for item in value.items)
        case MapValue():
            return any(is_open(item) for item in value.items.values())
        case _:
            return False


def hangs_on(value: Value) -> tuple[str, ...]:
    """What a value hangs on, in any part of it."""
    match value:
        case UnknownValue() | Conditional():
            return value.unknown.hangs_on
        case ListValue():
            return tuple(name for item in value.items for name in hangs_on(item))
        case MapValue():
            return tuple(name for item in value.items.values() for name in hangs_on(item))
        case _:
            return ()
