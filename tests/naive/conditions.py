"""Conditions: which of them a request fulfils.

A condition is true, false or ``BROKEN``: it holds an operand that AWS cannot evaluate. A statement with a broken
condition grants nothing if it is an Allow, and denies if it is a Deny.
"""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from tests.naive import ip, values
from tests.naive.language import (
    Lookup,
    Pattern,
    Value,
    arn_matches,
    glob,
    plain,
    segments,
    substitute,
    text_list,
    units,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

BROKEN: Final = "broken"
Answer = bool | str
Rational = Fraction | int

#: The operators, each with whether it is negated (``Not…``).
NEGATED: Mapping[str, bool] = {
    "StringEquals": False,
    "StringNotEquals": True,
    "StringEqualsIgnoreCase": False,
    "StringNotEqualsIgnoreCase": True,
    "StringLike": False,
    "StringNotLike": True,
    "NumericEquals": False,
    "NumericNotEquals": True,
    "NumericLessThan": False,
    "NumericLessThanEquals": False,
    "NumericGreaterThan": False,
    "NumericGreaterThanEquals": False,
    "DateEquals": False,
    "DateNotEquals": True,
    "DateLessThan": False,
    "DateLessThanEquals": False,
    "DateGreaterThan": False,
    "DateGreaterThanEquals": False,
    "Bool": False,
    "BinaryEquals": False,
    "IpAddress": False,
    "NotIpAddress": True,
    "ArnEquals": False,
    "ArnLike": False,
    "ArnNotEquals": True,
    "ArnNotLike": True,
}

#: The comparison an operator of numbers or dates ends in.
COMPARISON: Mapping[str, Callable[[Rational, Rational], bool]] = {
    "NotEquals": operator.eq,
    "Equals": operator.eq,
    "LessThanEquals": operator.le,
    "LessThan": operator.lt,
    "GreaterThanEquals": operator.ge,
    "GreaterThan": operator.gt,
}


def conditions_hold(block: Mapping[str, Mapping[str, object]], version: str, lookup: Lookup) -> Answer:
    """Whether all conditions of a statement hold; a false one settles it, then a broken one."""
    answers = [
        condition_holds(name, text_list(operands), lookup(key), version, lookup)
        for name, keys in block.items()
        for key, operands in keys.items()
    ]
    return every(answers)


def every(answers: Iterable[Answer]) -> Answer:
    """Combine answers of which all must be true."""
    answers = list(answers)
    return False if False in answers else BROKEN if BROKEN in answers else True


def condition_holds(name: str, operands: list[str], value: Value, version: str, lookup: Lookup) -> Answer:
    """Whether one ``operator: {key: operands}`` holds."""
    qualifier, colon, name = name.rpartition(":")
    absent = value is None or value == ()
    if name == "Null":
        return any(values.truth(operand) == absent for operand in operands)
    if_exists = name.endswith("IfExists")
    base = name.removesuffix("IfExists")
    if not colon:
        if absent:
            return if_exists or NEGATED[base]
        # A key that holds a set never matches an operator for single values.
        return isinstance(value, str) and value_matches(base, operands, value, version, lookup)
    if absent and if_exists:
        return True
    elements = [value] if isinstance(value, str) else list(value or ())
    # A set without elements, and one of nothing but empty texts, has nothing to look at.
    if not any(elements):
        return qualifier == "ForAllValues"
    # One after the other, as the operands are: a broken comparison ends it, unless it was settled before.
    for element in elements:
        answer = value_matches(base, operands, element, version, lookup)
        if answer is not (qualifier == "ForAllValues"):
            return answer
    return qualifier == "ForAllValues"


def value_matches(base: str, operands: list[str], value: str, version: str, lookup: Lookup) -> Answer:
    """Whether one value of the request matches an operator with its operands (ORed, or under ``Not…`` NORed)."""
    if base.startswith("Arn") and segments(units(value)) is None:
        return False
    if base.endswith("IpAddress") and ip.address(value) is None:
        return False
    negated = NEGATED[base]
    for operand in operands:
        answer = equals(base, operand, value, version, lookup)
        if answer == BROKEN:
            return BROKEN
        if answer:
            return not negated
    return negated


def equals(base: str, operand: str, value: str, version: str, lookup: Lookup) -> Answer:
    """Whether one value and one operand compare as the operator asks, before any negation."""
    if base.startswith("Numeric"):
        return compares(base.removeprefix("Numeric"), values.number(value), values.number(operand))
    if base.startswith("Date"):
        return compares(base.removeprefix("Date"), values.milliseconds(value), values.milliseconds(operand))
    if base.endswith("IpAddress"):
        given = ip.address(value)
        return given is not None and ip.in_network(given, operand)
    if base == "BinaryEquals":
        return operand == value and values.canonical_base64(operand)
    pattern = substitute(operand, version, lookup)
    if pattern is None:
        return False
    if base == "Bool":
        return values.truth(text_of(pattern)) == values.truth(value)
    if base.startswith("Arn"):
        return arn_matches(pattern, units(value)) if segments(pattern) is not None else BROKEN
    if base.endswith("Like"):
        return glob(pattern, units(value))
    if base.endswith("IgnoreCase"):
        return values.lower(text_of(pattern)) == values.lower(value)
    return text_of(pattern) == value


def compares(comparison: str, value: Rational | None, operand: Rational | None) -> bool:
    """Whether a number or date compares with another; what is none compares with nothing."""
    return value is not None and operand is not None and COMPARISON[comparison](value, operand)


def text_of(pattern: Pattern) -> str:
    """Write an operand as text: outside of the ``Like`` operators ``*`` and ``?`` are plain characters."""
    raw = b"".join(unit.to_bytes(2, "little") for unit in plain(pattern))
    return raw.decode("utf-16-le", "surrogatepass")
