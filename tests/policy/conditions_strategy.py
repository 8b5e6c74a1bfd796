"""Strategies for Condition elements and request contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.policy import alphabet
from tests.policy.draws import Source, chance, one_or_list, pick

if TYPE_CHECKING:
    from collections.abc import Sequence


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
LETTERS = Family(STRING_OPERATORS[-2:], alphabet.TEXT_KEYS, alphabet.LETTERS, alphabet.LETTERS)
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
OFTEN = (TEXT, TEXT, TEXT, LETTERS, NUMERIC, NUMERIC, DATE, TRUTH, ADDRESS, ADDRESS, ARN, ARN, BINARY)
#: Keys that follow from the principal: told by the engine, never by the context of a case.
PRINCIPAL_FAMILIES = (
    Family(("StringEquals", "StringNotEquals"), ("aws:PrincipalAccount",), (), (alphabet.HOME, alphabet.ABROAD)),
    Family(("StringEquals", "StringNotEquals"), ("aws:PrincipalType",), (), ("User", "Account", "AssumedRole")),
    Family(("StringLike", "StringNotLike"), ("aws:PrincipalArn",), (), ("*:user/*", "*:role/*", "*:root")),
    Family(("StringEquals",), ("kms:CallerAccount",), (), (alphabet.HOME, alphabet.ABROAD)),
)


def keys_in(value: object) -> set[str]:
    """The condition keys that some policies ask for, in lower case."""
    if isinstance(value, list):
        return {key for item in value for key in keys_in(item)}
    if not isinstance(value, dict):
        return set()
    block = value.get("Condition")
    found = {key.lower() for keys in block.values() for key in keys} if isinstance(block, dict) else set()
    return found.union(*(keys_in(item) for name, item in value.items() if name != "Condition"))


def draw_context(source: Source, policies: object) -> dict[str, object]:
    """Draw the context of a request: mostly the keys that its policies ask for, now and then told to be absent."""
    asked = keys_in(policies)
    if "${aws:principaltag/" in str(policies).lower():
        asked.add("aws:principaltag/team")
    context: dict[str, object] = {}
    for family in FAMILIES:
        for key in family.keys:
            likely = 85 if key.lower() in asked else 4
            if key == "aws:PrincipalArn" or not chance(source, likely):
                continue
            spelled = key.swapcase() if chance(source, 5) and "EncryptionContext" not in key else key
            letters = family is TEXT and "IgnoreCase" in str(policies) and chance(source, 70)
            values = LETTERS.values if letters else family.values
            context[spelled] = None if chance(source, 4) else pick(source, values)
    for key in alphabet.TAG_KEYS:
        if chance(source, 85 if key.lower() in asked else 15):
            context[key] = None if chance(source, 4) else list(pick(source, alphabet.SETS))
    return context


def condition_block(source: Source, most: int, *, session: bool = False, key_policy: bool = False) -> dict[str, object]:
    """Draw a Condition element with up to so many conditions."""
    block: dict[str, dict[str, object]] = {}
    for _ in range(1 + draw_count(source, most)):
        name, key, operands = draw_condition(source, session=session, key_policy=key_policy)
        block.setdefault(name, {})[key] = operands
    return dict(block)


def draw_count(source: Source, most: int) -> int:
    """Draw how many conditions there are beyond the first: mostly none."""
    return sum(chance(source, 30) for _ in range(most - 1))


def draw_condition(source: Source, *, session: bool, key_policy: bool) -> tuple[str, str, object]:
    """Draw one condition: operator, key and operands."""
    if chance(source, 9):
        family = pick(source, PRINCIPAL_FAMILIES)
        return pick(source, family.operators), pick(source, family.keys), one_or_list(source, family.operands)
    family = pick(source, OFTEN)
    if chance(source, 8):
        keys = (*family.keys, *alphabet.TAG_KEYS)
        return "Null", pick(source, keys), one_or_list(source, ("true", "false", "TRUE", True, "no"))
    name = pick(source, family.operators)
    several = chance(source, 25)
    key = pick(source, alphabet.TAG_KEYS if several else family.keys)
    if chance(source, 5):
        key = key.swapcase() if "EncryptionContext" not in key else key
    operands = (*family.operands, *family.malformed, *family.malformed) if session else family.operands
    if key_policy:
        operands = [operand for operand in operands if str(operand).isascii()]  # KMS takes Latin letters only
    if chance(source, 20):
        name += "IfExists"
    if chance(source, 80 if several else 6):
        qualifier = pick(source, ("ForAnyValue", "ForAllValues"))
        tag = "tag" in key.lower() or "encryptioncontext" in key.lower()
        if several or qualifier == "ForAnyValue" or not (key_policy and tag):
            name = f"{qualifier}:{name}"
    return name, key, one_or_list(source, operands, 3)
