"""Condition elements: compiled once, asked often, and explained.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sparekey.policy._decision import Match
from sparekey.policy._operators import OPERATORS
from sparekey.policy._outcomes import INVALID, MAYBE, NO, UNREADABLE, YES, Test
from sparekey.policy._pattern import WITH_VARIABLES, Variable, read_operand
from sparekey.policy._request import ABSENT, ContextValue, Lookup
from sparekey.policy._values import read_boolean
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.policy._document import Condition, Text

#: One condition, compiled: which outcomes are possible (a set of bits).
Check = Callable[[Lookup], int]

_ANYTHING: Final = YES | NO | INVALID

# What a comparison's outcomes mean for the operator and for its negation.
_POSITIVE: Final = tuple((bits & (YES | NO | INVALID)) | (NO if bits & UNREADABLE else 0) for bits in range(16))
_NEGATED: Final = tuple(
    (YES if bits & NO else 0) | (NO if bits & (YES | UNREADABLE) else 0) | (bits & INVALID) for bits in range(16)
)

# How many values a sentence shows, and how much of each.
_SHOWN: Final = 3
_LONGEST: Final = 120

_MATCHES: Final = {YES: Match.YES, NO: Match.NO, INVALID: Match.INVALID}


def compile_conditions(conditions: tuple[Condition, ...], version: str) -> Callable[[Lookup], Match]:
    """Compile the Condition element of a statement; every condition in it must hold.

    A condition that is false for sure decides. Else one that is not told leaves the answer open, and one that cannot
    be evaluated (a malformed ARN in the policy) makes it ``Match.INVALID``.
    """
    if not conditions:
        return lambda _lookup: Match.YES
    checks = tuple(compile_condition(condition, version) for condition in conditions)
    if len(checks) == 1:
        check = checks[0]
        return lambda lookup: _MATCHES.get(check(lookup), Match.UNKNOWN)

    def match(lookup: Lookup) -> Match:
        result = Match.YES
        for check in checks:
            outcome = check(lookup)
            if outcome == NO:
                return Match.NO
            if outcome == INVALID:
                result = Match.INVALID if result is Match.YES else result
            elif outcome != YES:
                result = Match.UNKNOWN
        return result

    return match


def compile_condition(condition: Condition, version: str) -> Check:
    """Compile one condition into a check for the outcomes that are possible."""
    if isinstance(condition.key, Unknown):
        return lambda _lookup: _ANYTHING
    key = condition.key.lower()
    if condition.operator == "Null":
        return _null(key, condition)
    operator = OPERATORS[condition.operator]
    test = operator.compile(condition.values, version == WITH_VARIABLES)
    readings = _NEGATED if operator.negated else _POSITIVE
    if condition.qualifier == "ForAllValues":
        return _for_all_values(key, test, readings)
    if condition.qualifier == "ForAnyValue":
        return _for_any_value(key, test, readings, YES if condition.if_exists else NO)
    return _plain(key, test, readings, YES if condition.if_exists or operator.negated else NO)


def _null(key: str, condition: Condition) -> Check:
    wanted = {read_boolean(value) for value in condition.values if isinstance(value, str)}
    otherwise = MAYBE if any(isinstance(value, Unknown) for value in condition.values) else NO
    present = YES if False in wanted else otherwise
    absent = YES if True in wanted else otherwise

    def check(lookup: Lookup) -> int:
        value = lookup(key)
        if isinstance(value, Unknown) and not _present(value):
            return present | absent
        return absent if value is ABSENT or value == () else present

    return check


def _present(value: Unknown) -> bool:
    """Whether a value that is not told is known to be there, as one text: some of the text is known."""
    return any(value.pieces)


def _plain(key: str, test: Test, readings: tuple[int, ...], absent: int) -> Check:
    """Compare a single value. A multivalued key that is present never matches a plain operator, negated or not."""

    def check(lookup: Lookup) -> int:
        value = lookup(key)
        if isinstance(value, str):
            return readings[test(value, lookup)]
        if value is ABSENT:
            return absent
        if isinstance(value, Unknown):
            outcome = readings[test(value, lookup)]
            return outcome if _present(value) else outcome | absent | NO
        return NO if value else absent

    return check


def _elements(value: ContextValue) -> tuple[str, ...]:
    """The values a set operator looks at; none where they come to nothing but empty texts."""
    if isinstance(value, tuple):
        return value if any(value) else ()
    return (value,) if isinstance(value, str) and value else ()


def _for_all_values(key: str, test: Test, readings: tuple[int, ...]) -> Check:
    def check(lookup: Lookup) -> int:
        value = lookup(key)
        if isinstance(value, Unknown):
            outcome = readings[test(value, lookup)]
            return outcome if _present(value) else outcome | YES
        return _until((readings[test(element, lookup)] for element in _elements(value)), goes_on=YES)

    return check


def _for_any_value(key: str, test: Test, readings: tuple[int, ...], absent: int) -> Check:
    def check(lookup: Lookup) -> int:
        value = lookup(key)
        if isinstance(value, Unknown):
            outcome = readings[test(value, lookup)]
            return outcome if _present(value) else outcome | absent | NO
        if value is ABSENT or value == ():
            return absent
        return _until((readings[test(element, lookup)] for element in _elements(value)), goes_on=NO)

    return check


def _until(outcomes: Iterable[int], *, goes_on: int) -> int:
    """Weigh elements one after the other: the first that does not go on decides."""
    result = 0
    for outcome in outcomes:
        result |= outcome & ~goes_on
        if not outcome & goes_on:
            return result
    return result | goes_on


def explain_conditions(
    conditions: tuple[Condition, ...], version: str, lookup: Lookup
) -> tuple[Match, str, tuple[str, ...]]:
    """Match the conditions, and say in one sentence why: the first that decides, with both values.

    The third value names what an undecided answer hangs on.
    """
    outcomes = [(condition, compile_condition(condition, version)(lookup)) for condition in conditions]
    for condition, outcome in outcomes:
        if outcome == NO:
            return Match.NO, _why_not(condition, lookup), ()
    undecided = [condition for condition, outcome in outcomes if outcome not in (YES, INVALID)]
    if undecided:
        hangs_on = tuple(dict.fromkeys(name for c in undecided for name in _hangs_on(c, version, lookup)))
        return Match.UNKNOWN, f"{_needs(undecided[0])}, and {_what_is_there(undecided[0], lookup)}", hangs_on
    for condition, outcome in outcomes:
        if outcome == INVALID:
            reason = f"{_name(condition)} on `{condition.key}` cannot be evaluated: {_list(condition.values)} is no ARN"
            return Match.INVALID, reason, ()
    return Match.YES, "every condition holds" if conditions else "there is no condition", ()


def _why_not(condition: Condition, lookup: Lookup) -> str:
    value = lookup(str(condition.key).lower())
    if isinstance(value, tuple) and value and condition.qualifier is None and condition.operator != "Null":
        return f"`{condition.key}` is multivalued, and {_name(condition)} never matches that without a set operator"
    return f"{_needs(condition)}, but {_what_is_there(condition, lookup)}"


def _needs(condition: Condition) -> str:
    if condition.operator == "Null":
        wanted = " or ".join(
            f"<{value}>" if isinstance(value, Unknown) else "absent" if read_boolean(value) else "present"
            for value in condition.values[:_SHOWN]
        )
        return f"`Null` needs `{condition.key}` to be {wanted or 'neither absent nor present'}"
    negated = OPERATORS[condition.operator].negated
    verb = "not to match" if negated else "to match"
    return f"{_name(condition)} needs `{condition.key}` {verb} {_list(condition.values)}"


def _what_is_there(condition: Condition, lookup: Lookup) -> str:
    if isinstance(condition.key, Unknown):
        return "which key that is is not told"
    value = lookup(condition.key.lower())
    if value is ABSENT or value == ():
        return "the request does not have it"
    if isinstance(value, Unknown):
        return f"the request has `{value}`" if _present(value) else "the request's value is not told"
    values = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
    return f"the request has {_list(values)}"


def _hangs_on(condition: Condition, version: str, lookup: Lookup) -> Iterator[str]:
    """Name what is not told: the key's value, the policy's values, and the variables in them."""
    if isinstance(condition.key, Unknown):
        yield from condition.key.hangs_on
        return
    value = lookup(condition.key.lower())
    if isinstance(value, Unknown):
        yield from value.hangs_on
    operator = OPERATORS.get(condition.operator)
    variables = operator is not None and operator.variables and version == WITH_VARIABLES
    for text in condition.values:
        if isinstance(text, Unknown):
            yield from text.hangs_on
        for part in read_operand(text, wildcards=False, variables=variables).parts:
            filled = lookup(part.key) if isinstance(part, Variable) else None
            if isinstance(filled, Unknown):
                yield from filled.hangs_on


def _name(condition: Condition) -> str:
    qualifier = f"{condition.qualifier}:" if condition.qualifier else ""
    return f"`{qualifier}{condition.operator}{'IfExists' if condition.if_exists else ''}`"


def _list(values: tuple[Text, ...]) -> str:
    shown = [f"`{_short(str(value))}`" for value in values[:_SHOWN]]
    if len(values) > _SHOWN:
        shown.append(f"{len(values) - _SHOWN} more")
    return " or ".join(shown) or "any of no values"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
