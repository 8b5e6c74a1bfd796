"""YAML text to nodes: PyYAML's composer, with a limit on nesting and errors that name their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yaml import MarkedYAMLError, YAMLError

from sparekey.errors import InputError
from sparekey.source import Place
from sparekey.template._nodes import MAP, SEQ, STR, MappingNode, ScalarNode

if TYPE_CHECKING:
    from yaml import CSafeLoader as Loader

    from sparekey.template._nodes import Node
else:
    try:
        from yaml import CSafeLoader as Loader
    except ImportError:  # pragma: no cover - a PyYAML built without libyaml: slower, same nodes
        from yaml import SafeLoader as Loader

#: Nobody nests a template this deeply; a text that does is refused before it exhausts the stack.
MAX_DEPTH = 100
_QUOTES = re.compile("[\u201c-\u201f\u00ab\u00bb\u300c\u300d\uff02]")


class _TooDeepError(YAMLError):
    """The text nests deeper than MAX_DEPTH."""


class _Composer(Loader):
    """Composes one document, and counts how deep it is."""

    def __init__(self, text: str) -> None:
        """Read from ``text``."""
        super().__init__(text)
        self.depth = 0

    def resolve(self, kind: type[Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag of a node that has none; for plain scalars by their first character, as PyYAML does."""
        if kind is not ScalarNode:
            return MAP if kind is MappingNode else SEQ
        forms: list[tuple[str, re.Pattern[str]]] = self.yaml_implicit_resolvers.get(value[:1], [])
        for tag, form in forms if implicit[0] else ():
            if form.match(value):
                return tag
        return STR

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """Count one level more; libyaml's composer calls itself for each."""
        del current_node, current_index
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeepError

    def ascend_resolver(self) -> None:
        """Count one level less."""
        self.depth -= 1


def compose_yaml(text: str, file: str) -> Node | None:
    """Compose the one document in ``text``; ``None`` if there is none.

    Raises:
        InputError: the text is no YAML, holds several documents, or nests too deeply.
    """
    try:
        composer = _Composer(text)
        try:
            node = composer.get_single_node()
        finally:
            composer.dispose()
    except _TooDeepError:
        raise InputError(f"the template nests deeper than {MAX_DEPTH} levels", Place(file, 1, 1)) from None
    except YAMLError as error:
        raise _not_well_formed(error, text, file) from None
    return node  # type: ignore[return-value]  # the composer makes these three kinds only


def _not_well_formed(error: YAMLError, text: str, file: str) -> InputError:
    """Say what is wrong with a YAML text, where, and the cause if it is one we know."""
    problem, mark = "the text is no YAML", None
    if isinstance(error, MarkedYAMLError):
        problem, mark = error.problem or problem, error.problem_mark or error.context_mark
        if problem == "found unexpected end of stream" and "quoted scalar" in (error.context or ""):
            problem, mark = "the quoted text that begins here does not end", error.context_mark
    elif getattr(error, "reason", None):
        return _unreadable_character(error, text, file)
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
    if "another document" in problem:
        return InputError("the file holds several YAML documents, a template is one", place)
    lines = text.splitlines()
    first = getattr(error, "context_mark", None)
    for number in range(first.line if first else place.line - 1, min(place.line, len(lines))):
        offset = typographic_quote(lines[number]) if lines[number].count('"') % 2 else None
        if offset is not None:
            problem = f'the typographic quotation mark `{lines[number][offset]}` stands where `"` is needed'
            return InputError(f"YAML not well-formed: {problem}", Place(file, number + 1, offset + 1))
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    hint = "YAML indents with spaces, not with tabs" if re.match(r" *\t", line) else None
    return InputError(f"YAML not well-formed: {problem}", place, hint=hint)


def typographic_quote(text: str) -> int | None:
    """Where the first typographic quotation mark stands in a text."""
    found = _QUOTES.search(text)
    return found.start() if found else None


def _unreadable_character(error: YAMLError, text: str, file: str) -> InputError:
    """Name a character that YAML does not allow."""
    position = min(int(getattr(error, "position", 0) or 0), len(text))
    before = text[:position]
    place = Place(file, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)
    return InputError(f"YAML not well-formed: {getattr(error, 'reason', 'unreadable')}", place)
