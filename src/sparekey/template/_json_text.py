"""Values as JSON text, and JSON text as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.source import Place
from sparekey.template._nodes import MappingNode, Node, ScalarNode, SequenceNode, place_of, scalar_value
from sparekey.template._values import Concrete, ListValue, MapValue, UnknownValue, to_plain
from sparekey.unknown import Unknown, join

if TYPE_CHECKING:
    from sparekey.template._values import Plain, Value

#: Stand for an unknown in a text; no template holds them.
_OPEN, _CLOSE = "\ue000", "\ue001"


def json_text(value: Value) -> str | Unknown:
    """A value as compact JSON, with what is not known left open."""
    import json

    unknowns: list[Unknown] = []
    text = json.dumps(_marked(to_plain(value), unknowns), separators=(",", ":"), ensure_ascii=False)
    parts: list[str | Unknown] = []
    for piece in text.split(_OPEN):
        number, closed, rest = piece.partition(_CLOSE)
        if not closed:
            parts.append(piece)
            continue
        unknown = unknowns[int(number)]
        if unknown.pieces != (None,):  # a text for sure, within its quotes
            parts.extend((join(_escaped(unknown)), rest))
            continue
        before = parts.pop()
        parts.extend((str(before).removesuffix('"'), unknown, rest.removeprefix('"')))
    return join(parts)


def _escaped(unknown: Unknown) -> list[str | Unknown]:
    """The pieces of a text as they stand within JSON's quotes."""
    import json

    hole = Unknown(unknown.hangs_on, fresh=unknown.fresh)
    return [hole if piece is None else json.dumps(piece, ensure_ascii=False)[1:-1] for piece in unknown.pieces]


def _marked(plain: Plain, unknowns: list[Unknown]) -> object:
    """The data with each unknown replaced by a text that names its number."""
    if isinstance(plain, Unknown):
        unknowns.append(plain)
        return f"{_OPEN}{len(unknowns) - 1}{_CLOSE}"
    if isinstance(plain, dict):
        return {key: _marked(item, unknowns) for key, item in plain.items()}
    if isinstance(plain, list):
        return [_marked(item, unknowns) for item in plain]
    return plain


def read_json_text(value: Value, source: str) -> Value | None:
    """The value that a text of JSON stands for, with the places of its parts; ``None`` for a value that is no text.

    ``source`` is the text of the template. In a literal block (``|``) the places are those in the file, elsewhere all
    parts stand where the text begins. What is unknown within a string of the JSON stays open there; an unknown anywhere
    else leaves the whole open.

    Raises:
        InputError: the text is no JSON.
    """
    if isinstance(value, Concrete) and isinstance(value.value, str):
        return _Reading(value, source, ()).read(value.value)
    if not isinstance(value, UnknownValue) or value.unknown.pieces == (None,):
        return None
    unknown = value.unknown
    holes: list[Unknown] = []
    text = ""
    for piece in unknown.pieces:
        if piece is None:
            text += f"{_OPEN}{len(holes)}{_CLOSE}"
            holes.append(Unknown(unknown.hangs_on, fresh=unknown.fresh))
        else:
            text += piece
    try:
        return _Reading(value, source, tuple(holes)).read(text)
    except InputError:
        return value


class _Reading:
    """Reads JSON that stands within a value of a template."""

    def __init__(self, value: Concrete | UnknownValue, source: str, holes: tuple[Unknown, ...]) -> None:
        self._place = value.place
        self._holes = holes
        self._line = value.node.start_mark.line
        # a literal block keeps its lines: its text begins on the line below the `|`, each line behind the indentation
        self._literal = isinstance(value.node, ScalarNode) and value.node.style == "|"
        lines = source.splitlines()[self._line + 1 : self._line + 2] if self._literal else []
        self._indentation = len(lines[0]) - len(lines[0].lstrip(" ")) if lines else 0

    def read(self, text: str) -> Value:
        """The value of the whole text."""
        from sparekey.template._json import JsonReader

        try:
            node = JsonReader(text, self._place.file, line=self._line + 1).read()
        except InputError as error:
            place = self._shifted(error.place) if error.place else self._place
            raise InputError(f"the text is no JSON: {error.message}", place, hint=error.hint) from None
        return self._convert(node)

    def _shifted(self, place: Place) -> Place:
        """The place in the file of a place in the text."""
        if not self._literal:
            return self._place
        return Place(place.file, place.line, place.column + self._indentation)

    def _convert(self, node: Node) -> Value:
        place = self._shifted(place_of(self._place.file, node))
        if isinstance(node, SequenceNode):
            return ListValue(tuple(self._convert(item) for item in node.value), place, node)
        if isinstance(node, MappingNode):
            items = {str(self._text(key.value)): self._convert(item) for key, item in node.value}
            places = {
                str(self._text(key.value)): self._shifted(place_of(self._place.file, key)) for key, _ in node.value
            }
            return MapValue(items, places, place, node)
        value = scalar_value(node)
        text = self._text(value) if isinstance(value, str) else None
        if isinstance(text, Unknown):
            return UnknownValue(text, place, node)
        return Concrete(value, place, node)

    def _text(self, text: str) -> str | Unknown:
        """A text with its holes opened again."""
        first, *rest = text.split(_OPEN)
        parts: list[str | Unknown] = [first]
        for piece in rest:
            number, _, after = piece.partition(_CLOSE)
            parts.extend((self._holes[int(number)], after))
        return join(parts)
