"""The condition operators: what each compares, and how a request's value fares against a policy's values.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import operator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sparekey.policy._arn_operator import compile_arn
from sparekey.policy._decision import Match
from sparekey.policy._glob import Automaton, Pieces, Wild, any_matcher, matcher, normalized, text_pieces
from sparekey.policy._outcomes import MAYBE, NO, UNREADABLE, YES, Test
from sparekey.policy._pattern import Operand, fits, read_operand
from sparekey.policy._values import is_base64, read_address, read_boolean, read_moment, read_network, read_number
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sparekey.policy._document import Text
    from sparekey.policy._request import Lookup

Reading = TypeVar("Reading")

_SIGMAS = frozenset("Σσς")


class Operator(NamedTuple):
    """A condition operator: how its comparison is compiled, and whether its outcome is negated.

    ``compile`` takes the policy's values and whether policy variables are to be filled in. ``kind`` says what the
    values must be: ``text``, ``number``, ``date``, ``boolean``, ``base64``, ``address`` or ``arn``.
    """

    compile: Callable[[tuple[Text, ...], bool], Test]
    kind: str = "text"
    negated: bool = False

    @property
    def variables(self) -> bool:
        """Whether its values may hold policy variables."""
        return self.kind in ("text", "arn", "boolean")


def compile_text(
    values: tuple[Text, ...], variables: bool, *, wildcards: bool = False, fold: Callable[[str], str] | None = None
) -> Test:
    """Compare texts: exactly, with wildcards, or folded (``StringEqualsIgnoreCase``)."""
    operands = [read_operand(value, wildcards=wildcards, variables=variables) for value in values]
    others = [operand for operand in operands if not operand.literal]
    literals = [_folded(operand.literal_pieces, fold) for operand in operands if operand.literal]
    listed = any_matcher(literals) or _nothing

    def against_unknown(value: Unknown, lookup: Lookup) -> int:
        text = _folded(text_pieces(value), fold)
        filled = (operand.pieces(lookup) for operand in others)
        patterns = (*literals, *(_folded(pieces, fold) for pieces in filled if pieces is not None))
        return _best(fits(pattern, text, fresh=value.fresh) for pattern in patterns)

    if not others and fold is None:  # the common case, as short as can be
        return lambda value, lookup: (
            (YES if listed(value) else NO) if isinstance(value, str) else against_unknown(value, lookup)
        )

    def test(value: str | Unknown, lookup: Lookup) -> int:
        if isinstance(value, Unknown):
            return against_unknown(value, lookup)
        text = value if fold is None else fold(value)
        return YES if listed(text) else _best(_with_known(operand, text, lookup, fold) for operand in others)

    return test


def _nothing(_text: str) -> bool:
    return False


def _best(outcomes: Iterable[Match]) -> int:
    result = NO
    for outcome in outcomes:
        if outcome is Match.YES:
            return YES
        if outcome is Match.UNKNOWN:
            result = MAYBE
    return result


def _with_known(operand: Operand, text: str, lookup: Lookup, fold: Callable[[str], str] | None) -> Match:
    pieces = None if operand.fresh else operand.pieces(lookup)
    if pieces is None:
        return Match.NO
    pieces = _folded(pieces, fold)
    if Wild.HOLE in pieces:
        return Match.UNKNOWN if Automaton(pieces).matches(text) else Match.NO
    return Match.YES if matcher(pieces)(text) else Match.NO


def _folded(pieces: Pieces, fold: Callable[[str], str] | None) -> Pieces:
    """Fold the known text. A sigma beside a hole folds one way or the other: then nothing is known."""
    if fold is None:
        return pieces
    if Wild.HOLE in pieces and any(_SIGMAS.intersection(piece) for piece in pieces if isinstance(piece, str)):
        return (Wild.HOLE,)
    return normalized(fold(piece) if isinstance(piece, str) else piece for piece in pieces)


def lower_case(text: str) -> str:
    """Lower-case as AWS compares without case: aware of the final sigma, and blind above U+FFFF."""
    if text.isascii():
        return text.lower()
    # U+0130 alone becomes two characters; an I in its place keeps the lengths equal
    lowered = text.replace("\u0130", "I").lower()
    return "".join(
        original if original > "\uffff" else "i\u0307" if original == "\u0130" else lower
        for original, lower in zip(text, lowered, strict=True)
    )


def compile_readings(
    values: tuple[Text, ...],
    _variables: bool,
    *,
    read: Callable[[str], Reading | None],
    compare: Callable[[Reading, Reading], bool],
) -> Test:
    """Compare numbers or dates. What is none compares to nothing, on either side."""
    readings = [reading for value in values if isinstance(value, str) and (reading := read(value)) is not None]
    otherwise = MAYBE if any(isinstance(value, Unknown) for value in values) else NO
    of_unknown = MAYBE if values else NO

    def test(value: str | Unknown, _lookup: Lookup) -> int:
        if isinstance(value, Unknown):
            return of_unknown
        asked = read(value)
        if asked is None:
            return NO
        return YES if any(compare(asked, reading) for reading in readings) else otherwise

    return test


def compile_boolean(values: tuple[Text, ...], variables: bool) -> Test:
    """Compare Booleans: any text has a reading."""
    operands = [read_operand(value, wildcards=False, variables=variables) for value in values]
    wanted = {read_boolean("".join(map(str, operand.literal_pieces))) for operand in operands if operand.literal}
    others = [operand for operand in operands if not operand.literal]

    def test(value: str | Unknown, lookup: Lookup) -> int:
        if isinstance(value, Unknown):
            return YES if len(wanted) == 2 else MAYBE if values else NO
        asked = read_boolean(value)
        if asked in wanted:
            return YES
        filled = [pieces for operand in others if (pieces := operand.pieces(lookup)) is not None]
        if any(Wild.HOLE not in pieces and read_boolean("".join(map(str, pieces))) is asked for pieces in filled):
            return YES
        return MAYBE if any(Wild.HOLE in pieces for pieces in filled) else NO

    return test


def compile_binary(values: tuple[Text, ...], _variables: bool) -> Test:
    """Compare base64 texts, each in its one canonical spelling."""
    wanted = frozenset(value for value in values if isinstance(value, str) and is_base64(value))
    otherwise = MAYBE if any(isinstance(value, Unknown) for value in values) else NO
    of_unknown = MAYBE if values else NO

    def test(value: str | Unknown, _lookup: Lookup) -> int:
        if isinstance(value, Unknown):
            return of_unknown
        return YES if value in wanted else otherwise

    return test


def compile_address(values: tuple[Text, ...], _variables: bool) -> Test:
    """Find a request's address in the policy's ranges; a range that cannot be read holds no address."""
    networks = [network for value in values if isinstance(value, str) and (network := read_network(value))]
    otherwise = MAYBE if any(isinstance(value, Unknown) for value in values) else NO
    of_unknown = (MAYBE if values else NO) | UNREADABLE

    def test(value: str | Unknown, _lookup: Lookup) -> int:
        if isinstance(value, Unknown):
            return of_unknown
        address = read_address(value)
        if address is None:
            return UNREADABLE
        return YES if any(network.contains(address) for network in networks) else otherwise

    return test


_number = partial(partial, compile_readings, read=read_number)
_date = partial(partial, compile_readings, read=read_moment)
_ignoring_case = partial(compile_text, fold=lower_case)
_like = partial(compile_text, wildcards=True)

#: Every operator but ``Null``, which asks for a key and not for its value.
OPERATORS: Mapping[str, Operator] = {
    "StringEquals": Operator(compile_text),
    "StringNotEquals": Operator(compile_text, negated=True),
    "StringEqualsIgnoreCase": Operator(_ignoring_case),
    "StringNotEqualsIgnoreCase": Operator(_ignoring_case, negated=True),
    "StringLike": Operator(_like),
    "StringNotLike": Operator(_like, negated=True),
    "NumericEquals": Operator(_number(compare=operator.eq), "number"),
    "NumericNotEquals": Operator(_number(compare=operator.eq), "number", negated=True),
    "NumericLessThan": Operator(_number(compare=operator.lt), "number"),
    "NumericLessThanEquals": Operator(_number(compare=operator.le), "number"),
    "NumericGreaterThan": Operator(_number(compare=operator.gt), "number"),
    "NumericGreaterThanEquals": Operator(_number(compare=operator.ge), "number"),
    "DateEquals": Operator(_date(compare=operator.eq), "date"),
    "DateNotEquals": Operator(_date(compare=operator.eq), "date", negated=True),
    "DateLessThan": Operator(_date(compare=operator.lt), "date"),
    "DateLessThanEquals": Operator(_date(compare=operator.le), "date"),
    "DateGreaterThan": Operator(_date(compare=operator.gt), "date"),
    "DateGreaterThanEquals": Operator(_date(compare=operator.ge), "date"),
    "Bool": Operator(compile_boolean, "boolean"),
    "BinaryEquals": Operator(compile_binary, "base64"),
    "IpAddress": Operator(compile_address, "address"),
    "NotIpAddress": Operator(compile_address, "address", negated=True),
    "ArnEquals": Operator(compile_arn, "arn"),
    "ArnLike": Operator(compile_arn, "arn"),
    "ArnNotEquals": Operator(compile_arn, "arn", negated=True),
    "ArnNotLike": Operator(compile_arn, "arn", negated=True),
}
