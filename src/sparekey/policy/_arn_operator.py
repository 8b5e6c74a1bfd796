"""The comparison of ARNs: by segments, in order, and with a third answer for malformed values of the policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.policy._decision import Match
from sparekey.policy._glob import Matcher, Pieces, Wild, matcher, normalized, text_pieces
from sparekey.policy._outcomes import INVALID, MAYBE, NO, UNREADABLE, YES, Test
from sparekey.policy._pattern import Operand, arn_pieces, fits, read_operand
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sparekey.policy._document import Text
    from sparekey.policy._request import Lookup


def compile_arn(values: tuple[Text, ...], variables: bool) -> Test:
    """Compare ARNs by segments, one of the policy's values after the other; a malformed one ends the comparison."""
    operands = [read_operand(value, wildcards=True, variables=variables) for value in values]
    if all(operand.literal and _is_arn_pattern(operand.literal_pieces) for operand in operands):
        literals = [_arn_matcher(operand.literal_pieces) for operand in operands]
    else:
        literals = None

    def test(value: str | Unknown, lookup: Lookup) -> int:
        if isinstance(value, Unknown):
            text = text_pieces(value)
            readable = _reads_as_arn(text)
            if readable == UNREADABLE:
                return UNREADABLE
            return readable & UNREADABLE | _in_order(_against_arn(op, text, lookup, value.fresh) for op in operands)
        if not (value.startswith("arn:") and value.count(":") >= 5):
            return UNREADABLE
        if literals is not None:
            return YES if any(matches(value) for matches in literals) else NO
        return _in_order(_against_arn(operand, (value,), lookup, False) for operand in operands)

    return test


def _in_order(outcomes: Iterable[int]) -> int:
    """Weigh comparisons that are made one after the other until one matches or cannot be made."""
    result = 0
    for outcome in outcomes:
        result |= outcome & ~NO
        if not outcome & NO:
            return result
    return result | NO


_BITS = {Match.YES: YES, Match.NO: NO, Match.UNKNOWN: MAYBE}


def _against_arn(operand: Operand, text: Pieces, lookup: Lookup, fresh_text: bool) -> int:
    pieces = operand.pieces(lookup)
    if pieces is None:
        return NO
    well_formed, open_ended = _is_arn_pattern(pieces), Wild.HOLE in pieces
    if not well_formed and not open_ended:
        return INVALID
    if operand.fresh and Wild.HOLE not in text:
        return NO if well_formed else NO | INVALID
    outcome = _BITS[fits(arn_pieces(pieces), text, fresh=fresh_text)]
    return outcome if well_formed else outcome | NO | INVALID


def _is_arn_pattern(pieces: Pieces) -> bool:
    """Whether a pattern surely has an ARN's six segments, the first of them `arn` or a wildcard."""
    first = pieces[0] if pieces else ""
    begins = first.startswith("arn:") if isinstance(first, str) else first is not Wild.HOLE
    return begins and sum(piece.count(":") for piece in pieces if isinstance(piece, str)) >= 5


def _reads_as_arn(text: Pieces) -> int:
    """Whether a text that is known in part is an ARN: YES, UNREADABLE (it is not), or both where it may be."""
    first = text[0] if isinstance(text[0], str) else ""
    if not first.startswith("arn:"[: len(first)]):
        return UNREADABLE
    if len(first) >= 4 and sum(piece.count(":") for piece in text if isinstance(piece, str)) >= 5:
        return YES
    return YES | UNREADABLE


def _arn_matcher(pieces: Pieces) -> Matcher:
    """Match a known ARN against a literal pattern, segment by segment where wildcards need it."""
    first = pieces[0]
    if isinstance(first, str) and first.count(":") >= 5:
        return matcher(pieces)
    segments: list[list[str | Wild]] = [[]]
    for piece in pieces:
        if not isinstance(piece, str):
            segments[-1].append(piece)
            continue
        here, *following = piece.split(":", 6 - len(segments))
        segments[-1].append(here)
        segments.extend([part] for part in following)
    tests = [
        (index, matcher(normalized(segment))) for index, segment in enumerate(segments) if segment != ["", Wild.ANY, ""]
    ]

    def matches(text: str) -> bool:
        parts = text.split(":", 5)
        return all(test(parts[index]) for index, test in tests)

    return matches
