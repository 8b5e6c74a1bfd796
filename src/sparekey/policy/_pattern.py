"""Patterns of Action, Resource and Condition elements: wildcards, policy variables, ARN segments.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sparekey.policy._decision import Match
from sparekey.policy._glob import (
    Automaton,
    Matcher,
    Piece,
    Pieces,
    Wild,
    any_matcher,
    matcher,
    normalized,
    split_wildcards,
    text_pieces,
)
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sparekey.policy._document import Text
    from sparekey.policy._request import Lookup

#: No value of a request is longer; a variable that stands in a text many times could make it so.
_LONGEST = 1024 * 1024

#: The Version whose policies may use variables; in older ones ``${…}`` is plain text.
WITH_VARIABLES = "2012-10-17"


class Variable(NamedTuple):
    """``${key}`` or ``${key, 'default'}``; the key is lower-cased."""

    key: str
    default: str | None = None


class Operand(NamedTuple):
    """A text of a policy, ready to be compared: pieces with variables in between.

    ``fresh`` says that it contains a value this deployment makes, and no wildcard that could reach beyond it.
    """

    parts: tuple[Piece | Variable, ...]
    text: Text
    fresh: bool = False

    @property
    def literal(self) -> bool:
        """Whether it neither hangs on the request nor on anything that is not told."""
        return not any(isinstance(part, Variable) or part is Wild.HOLE for part in self.parts)

    @property
    def literal_pieces(self) -> Pieces:
        """The pieces of an operand that is known in full."""
        return normalized(part for part in self.parts if not isinstance(part, Variable))

    def pieces(self, lookup: Lookup) -> Pieces | None:
        """Put the request's values in place of the variables, as plain text; ``None`` where one has no value.

        A variable has no value if its key is absent (and it has no default) or multivalued. A value that is not told
        becomes a hole. Nor is there a text if it were longer than any that a request holds.
        """
        pieces: list[Piece] = []
        length = 0
        for part in self.parts:
            if not isinstance(part, Variable):
                pieces.append(part)
                continue
            value = lookup(part.key)
            if isinstance(value, str):
                length += len(value)
                if length > _LONGEST:
                    return None
                pieces.append(value)
            elif isinstance(value, Unknown):
                pieces.extend(text_pieces(value))
            elif (isinstance(value, tuple) and value) or part.default is None:
                return None
            else:
                pieces.append(part.default)
        return normalized(pieces)


def read_operand(text: Text, *, wildcards: bool, variables: bool) -> Operand:
    """Read a text of a policy; ``wildcards`` and ``variables`` say which of the two its place knows."""
    if isinstance(text, str):
        if variables and "${" in text:
            return Operand(tuple(_with_variables(text, wildcards=wildcards)), text)
        return Operand(split_wildcards(text) if wildcards else normalized((text,)), text)
    parts: list[Piece | Variable] = []
    for piece in text.pieces:
        if piece is None:
            parts.append(Wild.HOLE)
            continue
        opened = _unclosed(piece) if variables else -1
        known = piece if opened < 0 else piece[:opened]
        parts.extend(_with_variables(known, wildcards=wildcards) if variables else _plain(known, wildcards))
        if opened >= 0:  # a variable whose name is not told: from here on anything may follow
            parts.append(Wild.HOLE)
            break
    bounded = not any(isinstance(part, Wild) and part is not Wild.HOLE for part in parts)
    return Operand(tuple(parts), text, text.fresh and bounded)


def _plain(text: str, wildcards: bool) -> Pieces:
    return split_wildcards(text) if wildcards else normalized((text,))


def _unclosed(text: str) -> int:
    """Where a ``${`` (or a ``$`` at the end) stands that this text does not close, or -1."""
    opened = text.rfind("${")
    if opened >= 0 and text.find("}", opened) < 0:
        return opened
    return len(text) - 1 if text.endswith("$") else -1


def _with_variables(text: str, *, wildcards: bool) -> Iterable[Piece | Variable]:
    position = 0
    while True:
        opened = text.find("${", position)
        closed = text.find("}", opened) if opened >= 0 else -1
        if closed < 0:
            yield from _plain(text[position:], wildcards)
            return
        yield from _plain(text[position:opened], wildcards)
        body = text[opened + 2 : closed]
        yield body if body in ("*", "?", "$") else _read_variable(body)
        position = closed + 1


def _read_variable(body: str) -> Variable:
    quote = body.find("'")
    if quote < len(body) - 1 and body.endswith("'"):
        key = body[:quote].rstrip()
        if key.endswith(","):
            return Variable(key[:-1].strip().lower(), body[quote + 1 : -1])
    return Variable(body.strip().lower())


def compile_glob(pattern: str, *, ignore_case: bool = False) -> Matcher:
    """Compile a pattern of ``*`` and ``?``; with ``ignore_case`` letters compare without case."""
    if not ignore_case:
        return matcher(split_wildcards(pattern))
    matches = matcher(split_wildcards(pattern.lower()))
    return lambda text: matches(text.lower())


@lru_cache(maxsize=1024)  # the key policies of one template tend to list the same actions
def compile_actions(patterns: tuple[Text, ...]) -> Callable[[str], Match]:
    """Compile an Action (or NotAction) list; the test takes a lower-cased action.

    Only ASCII letters are compared without case, so that a look-alike such as the Kelvin sign never stands for a ``k``.
    A text without a colon is no action, unless it is ``*``.
    """
    actions = [text for text in patterns if isinstance(text, Unknown) or ":" in text or (text and not text.strip("*"))]
    known: list[Pieces] = []
    operands: list[Operand] = []
    for text in actions:
        pieces = _plain_action(text)
        if pieces is None:
            operands.append(read_operand(_lowered(text), wildcards=True, variables=False))
        else:
            known.append(pieces)
    listed = any_matcher([*known, *(operand.literal_pieces for operand in operands if operand.literal)])
    unknown = [Automaton(operand.literal_pieces) for operand in operands if not operand.literal]
    if not unknown:
        if listed is None:
            return lambda _action: Match.NO
        return lambda action: Match.YES if listed(action) else Match.NO

    def matches(action: str) -> Match:
        if listed is not None and listed(action):
            return Match.YES
        return Match.UNKNOWN if any(pattern.matches(action) for pattern in unknown) else Match.NO

    return matches


def _plain_action(text: Text) -> Pieces | None:
    """The pieces of an action without wildcards, or with one ``*`` at its end: nearly all of thousands."""
    if isinstance(text, Unknown) or "?" in text or not text.isascii():
        return None
    star = text.find("*")
    if star < 0:
        return (text.lower(),)
    return (text[:-1].lower(), Wild.ANY) if 0 < star == len(text) - 1 else None


def _lowered(text: Text) -> Text:
    if isinstance(text, str):
        return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)
    pieces = tuple(None if piece is None else piece.translate(_ASCII_LOWER) for piece in text.pieces)
    return Unknown(text.hangs_on, pieces, text.fresh)


_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def compile_resources(
    patterns: tuple[Text, ...], version: str, *, complete: bool = False
) -> Callable[[str | Unknown, Lookup], Match]:
    """Compile a Resource (or NotResource) list; the test takes the request's resource and its context.

    A request on ``*`` (an action without a resource) is covered by a literal ``*`` only. A pattern whose variable
    has no value matches nothing. ``complete`` adds ``*`` for the segments an ARN lacks, as identity-based policies do.
    """
    if any(isinstance(text, str) and text and not text.strip("*") for text in patterns):
        return lambda _resource, _lookup: Match.YES
    variables = version == WITH_VARIABLES
    operands = [operand for text in patterns for operand in _read_resource(text, variables, complete)]
    literals = [resource_pieces(operand.literal_pieces) for operand in operands if operand.literal]
    listed = any_matcher(literals)
    others = [operand for operand in operands if not operand.literal]

    def matches(resource: str | Unknown, lookup: Lookup) -> Match:
        if isinstance(resource, str) and resource != "*":
            if listed is not None and listed(resource):
                return Match.YES
            return _any_resource(others, resource, lookup) if others else Match.NO
        if isinstance(resource, str):
            whole = any(isinstance(operand.text, Unknown) and _could_be_star(operand) for operand in others)
            return Match.UNKNOWN if whole else Match.NO
        return _any_unknown(literals, others, resource, lookup)

    return matches


def _could_be_star(operand: Operand) -> bool:
    return not operand.fresh and all(part is Wild.HOLE or part is Wild.ANY for part in operand.parts)


def _any_resource(operands: list[Operand], resource: str, lookup: Lookup) -> Match:
    result = Match.NO
    for operand in operands:
        pieces = None if operand.fresh else operand.pieces(lookup)
        if pieces is None:
            continue
        if Wild.HOLE in pieces:
            if result is Match.NO and Automaton(resource_pieces(pieces)).matches(resource):
                result = Match.UNKNOWN
        elif matcher(resource_pieces(pieces))(resource):
            return Match.YES
    return result


def _any_unknown(literals: list[Pieces], others: list[Operand], resource: Unknown, lookup: Lookup) -> Match:
    """Ask about a resource that is known in part: an ARN whose end this deployment will tell, say."""
    text = text_pieces(resource)
    patterns = [*literals]
    for operand in others:
        pieces = operand.pieces(lookup)
        if pieces is not None:
            patterns.append(resource_pieces(pieces))
    result = Match.NO
    for pattern in patterns:
        fit = fits(pattern, text, fresh=resource.fresh)
        if fit is Match.YES:
            return Match.YES
        if fit is Match.UNKNOWN:
            result = Match.UNKNOWN
    return result


def fits(pattern: Pieces, text: Pieces, *, fresh: bool) -> Match:
    """Whether a pattern matches a text with holes: for sure, in no case, or as the case may be.

    A ``fresh`` text equals nothing that is written out: only a wildcard (or another hole) can match it.
    """
    if fresh and all(isinstance(piece, str) for piece in pattern):
        return Match.NO
    automaton = Automaton(pattern)
    if not automaton.could_match(text):
        return Match.NO
    return Match.YES if automaton.must_match(text) else Match.UNKNOWN


def _read_resource(text: Text, variables: bool, complete: bool) -> Iterator[Operand]:
    operand = read_operand(text, wildcards=True, variables=variables)
    known = text if isinstance(text, str) else "".join(piece for piece in text.pieces if piece)
    missing = 5 - known.count(":") if complete else 0
    if isinstance(text, Unknown) and missing > 0:
        yield operand._replace(parts=(*operand.parts, Wild.ANY))
        return
    yield operand
    if missing > 0 and known.startswith("arn:") and operand.literal:
        yield read_operand(known + ":*" * missing, wildcards=True, variables=variables)


def resource_pieces(pieces: Pieces) -> Pieces:
    """Keep wildcards of the first five segments of an ARN inside them, but let a ``*`` that ends a segment run on."""
    return _in_segments(pieces, runs_on=True)


def arn_pieces(pieces: Pieces) -> Pieces:
    """Keep wildcards of the first five segments of an ARN inside them."""
    return _in_segments(pieces, runs_on=False)


_INSIDE = {Wild.ANY: Wild.ANY_IN_SEGMENT, Wild.ONE: Wild.ONE_IN_SEGMENT}


def _in_segments(pieces: Pieces, *, runs_on: bool) -> Pieces:
    colons = 0
    result: list[Piece] = []
    for index, piece in enumerate(pieces):
        if isinstance(piece, str):
            colons += piece.count(":")
            result.append(piece)
        elif piece is Wild.HOLE:
            colons = 5  # the hole may hold colons: from here on a wildcard may cross them
            result.append(piece)
        elif colons >= 5 or (runs_on and piece is Wild.ANY and _ends_segment(pieces, index)):
            result.append(piece)
        else:
            result.append(_INSIDE[piece])
    return tuple(result)


def _ends_segment(pieces: Pieces, index: int) -> bool:
    following = pieces[index + 1] if index + 1 < len(pieces) else ":"
    return isinstance(following, str) and following.startswith(":")
