"""Strategies for Condition elements and request contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.policy import alphabet
from tests.policy.draws import chance, one_or_list, pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis import strategies as st


class Family(NamedTuple):
    """Condition keys of one type: their operators, what a request holds for them, what policies compare with."""

    operators: Sequence[str]
    keys: Sequence[str]
    values: Sequence[str]
    operands: Sequence[str | bool | int]
    malformed: Sequence[str] = ()


STRING_OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
)
NUMERIC_OPERATORS = (
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
)
DATE_OPERATORS = tuple(name.replace("Numeric", "Date") for name in NUMERIC_OPERATORS)
ARN_OPERATORS = ("ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals")

TEXT = Family(STRING_OPERATORS, alphabet.TEXT_KEYS, alphabet.TEXTS, alphabet.TEXT_OPERANDS)
NUMERIC = Family(
    NUMERIC_OPERATORS,
    ("kms:RotationPeriodInDays", "s3:max-keys"),
    alphabet.NUMBERS,
    (*alphabet.NUMBER_OPERANDS, 1, 10),
    alphabet.MALFORMED_NUMBERS,
)
DATE = Family(
    DATE_OPERATORS,
    ("aws:CurrentTime", "aws:TokenIssueTime"),
    alphabet.DATES,
    alphabet.DATE_OPERANDS,
    alphabet.MALFORMED_DATES,
)
TRUTH = Family(
    ("Bool",),
    ("aws:MultiFactorAuthPresent", "aws:SecureTransport"),
    alphabet.TRUTHS,
    alphabet.TRUTH_OPERANDS,
)
ADDRESS = Family(
    ("IpAddress", "NotIpAddress"),
    ("aws:SourceIp",),
    alphabet.ADDRESSES,
    alphabet.NETWORKS,
    alphabet.MALFORMED_NETWORKS,
)
ARN = Family(
    ARN_OPERATORS,
    ("aws:SourceArn", "aws:PrincipalArn"),
    alphabet.ARNS,
    alphabet.ARN_OPERANDS,
    alphabet.MALFORMED_ARNS,
)
BINARY = Family(("BinaryEquals",), ("aws:RequestTag/binary",), alphabet.BINARIES, alphabet.BINARY_OPERANDS)
FAMILIES = (TEXT, NUMERIC, DATE, TRUTH, ADDRESS, ARN, BINARY)
#: Keys that follow from the principal: told by the engine, never by the context of a case.
PRINCIPAL_FAMILIES = (
    Family(("StringEquals", "StringNotEquals"), ("aws:PrincipalAccount",), (), (alphabet.HOME, alphabet.ABROAD)),
    Family(("StringEquals", "StringNotEquals"), ("aws:PrincipalType",), (), ("User", "Account", "AssumedRole")),
    Family(("StringLike", "StringNotLike"), ("aws:PrincipalArn",), (), ("*:user/*", "*:role/*", "*:root")),
    Family(("StringEquals",), ("kms:CallerAccount",), (), (alphabet.HOME, alphabet.ABROAD)),
)


def draw_context(draw: st.DrawFn, percent: int) -> dict[str, object]:
    """Draw the context of a request: each key with so much a chance, now and then told to be absent."""
    context: dict[str, object] = {}
    for family in FAMILIES:
        for key in family.keys:
            if key != "aws:PrincipalArn" and chance(draw, percent):
                spelled = key.upper() if chance(draw, 5) and "EncryptionContext" not in key else key
                context[spelled] = None if chance(draw, 5) else pick(draw, family.values)
    for key in alphabet.TAG_KEYS:
        if chance(draw, percent):
            context[key] = None if chance(draw, 5) else list(pick(draw, alphabet.SETS))
    return context


def condition_block(
    draw: st.DrawFn, most: int, *, session: bool = False, key_policy: bool = False
) -> dict[str, object]:
    """Draw a Condition element with up to so many conditions."""
    block: dict[str, dict[str, object]] = {}
    for _ in range(1 + draw_count(draw, most)):
        name, key, operands = draw_condition(draw, session=session, key_policy=key_policy)
        block.setdefault(name, {})[key] = operands
    return dict(block)


def draw_count(draw: st.DrawFn, most: int) -> int:
    """Draw how many conditions there are beyond the first: mostly none."""
    return sum(chance(draw, 30) for _ in range(most - 1))


def draw_condition(draw: st.DrawFn, *, session: bool, key_policy: bool) -> tuple[str, str, object]:
    """Draw one condition: operator, key and operands."""
    if chance(draw, 12):
        family = pick(draw, PRINCIPAL_FAMILIES)
        return pick(draw, family.operators), pick(draw, family.keys), one_or_list(draw, family.operands)
    family = pick(draw, FAMILIES)
    if chance(draw, 8):
        keys = (*family.keys, *alphabet.TAG_KEYS)
        return "Null", pick(draw, keys), one_or_list(draw, ("true", "false", "TRUE", True, "no"))
    name = pick(draw, family.operators)
    several = chance(draw, 25)
    key = pick(draw, alphabet.TAG_KEYS if several else family.keys)
    if chance(draw, 5):
        key = key.swapcase() if "EncryptionContext" not in key else key
    operands = (*family.operands, *family.malformed) if session else family.operands
    if chance(draw, 20):
        name += "IfExists"
    if chance(draw, 80 if several else 6):
        qualifier = pick(draw, ("ForAnyValue", "ForAllValues"))
        tag = "tag" in key.lower() or "encryptioncontext" in key.lower()
        if several or qualifier == "ForAnyValue" or not (key_policy and tag):
            name = f"{qualifier}:{name}"
    return name, key, one_or_list(draw, operands, 3)
