"""YAML text to plain data with the place of every value, of which only what JSON has too is more than text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import yaml
from yaml import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from sparekey.errors import InputError
from sparekey.policy._json_values import JsonNumber
from sparekey.source import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yaml import Event

    from sparekey.source import Path

#: Nobody nests a case this deeply.
DEEPEST = 100

#: How many values a text may hold once its aliases are written out.
MOST_VALUES = 500_000

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class _Node(NamedTuple):
    """A value: its data, where it stands, the values in it, and how many these are in all."""

    data: object
    place: Place
    children: dict[str | int, _Node]
    size: int


def read_yaml(text: str, file: str) -> tuple[object, Callable[[Path], Place | None]]:
    """Read the one document of a YAML text.

    Raises:
        InputError: the text is no YAML, or holds what no case has (tags, several documents, exploding aliases).
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = _Builder(yaml.parse(text, Loader=loader), file).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        raise InputError(f"the text is no YAML: {problem}", place) from None

    def locate(path: Path) -> Place:
        node = root
        for step in path:
            inner = node.children.get(step)
            if inner is None:
                break
            node = inner
        return node.place

    return root.data, locate


class _Builder:
    """Builds values from the events of a YAML text."""

    def __init__(self, events: Iterator[Event], file: str) -> None:
        self._events = events
        self._file = file
        self._anchors: dict[str, _Node] = {}
        self._depth = 0

    def document(self) -> _Node:
        event = next(self._events)
        while isinstance(event, StreamStartEvent | DocumentStartEvent):
            event = next(self._events)
        if isinstance(event, StreamEndEvent):
            raise InputError("the file is empty", Place(self._file, 1, 1))
        node = self._node(event)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, StreamEndEvent):
            hint = "write the cases as one list"
            raise InputError("the file holds several YAML documents", self._place(after), hint=hint)
        return node

    def _node(self, event: Event) -> _Node:
        anchor = event.anchor if isinstance(event, NodeEvent) else None
        if isinstance(event, AliasEvent):
            return self._alias(event)
        if isinstance(event, ScalarEvent):
            self._check_tag(event, event.tag)
            node = _Node(_scalar(event), self._place(event), {}, 1)
        else:
            self._depth += 1
            if self._depth > DEEPEST:
                raise self._wrong(f"the text nests deeper than {DEEPEST} levels", event)
            node = self._mapping(event) if isinstance(event, MappingStartEvent) else self._sequence(event)
            self._depth -= 1
        if node.size > MOST_VALUES:
            raise self._wrong("its aliases stand for more values than any case has", event)
        if anchor:
            self._anchors[anchor] = node
        return node

    def _alias(self, event: AliasEvent) -> _Node:
        node = self._anchors.get(str(event.anchor))
        if node is None:
            raise self._wrong(f"the alias `*{event.anchor}` stands for nothing before it", event)
        return node

    def _check_tag(self, event: Event, tag: str | None) -> None:
        if tag is not None and tag != "!" and not tag.startswith("tag:yaml.org,2002:"):
            raise self._wrong(f"a case has no tags such as `{tag}`", event)

    def _sequence(self, start: Event) -> _Node:
        if isinstance(start, SequenceStartEvent):
            self._check_tag(start, start.tag)
        children: dict[str | int, _Node] = {}
        event = next(self._events)
        while not isinstance(event, SequenceEndEvent):
            children[len(children)] = self._node(event)
            event = next(self._events)
        return _Node([child.data for child in children.values()], self._place(start), children, _size(children))

    def _mapping(self, start: MappingStartEvent) -> _Node:
        self._check_tag(start, start.tag)
        children: dict[str | int, _Node] = {}
        event = next(self._events)
        while not isinstance(event, MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise self._wrong("a key must be a text", event)
            if event.value in children:
                raise self._wrong(f"the key `{event.value}` stands twice in one mapping", event)
            children[event.value] = self._node(next(self._events))
            event = next(self._events)
        data = {str(key): child.data for key, child in children.items()}
        return _Node(data, self._place(start), children, _size(children))

    def _place(self, event: Event) -> Place:
        mark = event.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1) if mark else Place(self._file, 1, 1)

    def _wrong(self, message: str, event: Event) -> InputError:
        return InputError(message, self._place(event))


def _size(children: dict[str | int, _Node]) -> int:
    return 1 + sum(child.size for child in children.values())


def _scalar(event: ScalarEvent) -> object:
    """What a scalar stands for: quoted and odd ones are text, and so are dates, ``yes`` and ``012345678901``."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    return JsonNumber(text) if _NUMBER.fullmatch(text) else text
