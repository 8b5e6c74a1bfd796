"""What condition values mean: numbers, dates, truth, binary text, text without regard to case."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction

NUMBER = re.compile(r"([+-]?)([0-9]*)(\.?)([0-9]*)(?:[eE]([+-]?[0-9]+))?")
DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?)?)?"
)
EPOCH_SECONDS = re.compile(r"[+-]?[0-9]+")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def number(text: str) -> Fraction | None:
    """Read a number exactly; ``None`` for what is none: empty, ``NaN``, ``Infinity``, ``10abc``."""
    found = NUMBER.fullmatch(text)
    if found is None or not (found[2] or found[4]):
        return None
    digits = Fraction(int(found[2] + found[4]), 10 ** len(found[4]))
    value = digits * Fraction(10) ** int(found[5] or "0")
    return -value if found[1] == "-" else value


def milliseconds(text: str) -> int | None:
    """Read a date as milliseconds since 1970; what is finer is cut off; without a zone it is UTC."""
    if EPOCH_SECONDS.fullmatch(text):
        return int(text) * 1000
    found = DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3] or "1")
    hour, minute, second = (int(found[group] or "0") for group in range(4, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    zone = found[8]
    minutes = int(zone[1:3]) * 60 + int(zone[4:6]) if zone and zone != "Z" else 0
    east = minutes if zone and zone[0] == "+" else -minutes
    return (moment - EPOCH) // timedelta(milliseconds=1) - east * 60_000 + int(((found[7] or "") + "000")[:3])


def truth(text: str) -> bool:
    """Read a truth value: ``true`` in any case is true, any other text is false."""
    return text.lower() == "true"


def canonical_base64(text: str) -> bool:
    """Whether a text is base64 as an encoder writes it: padded, and nothing left over in the last character."""
    if len(text) % 4:
        return False
    body = text.rstrip("=")
    padding = len(text) - len(body)
    if padding > 2 or any(character not in BASE64 for character in body):
        return False
    spare = {0: 1, 1: 4, 2: 16}[padding]
    return not body or BASE64.index(body[-1]) % spare == 0


def lower(text: str) -> str:
    """Lower-case a text as AWS does: with the Greek final sigma, and without characters above U+FFFF."""
    # Without the dotted capital I, whose lower case has two characters, the whole keeps its length: that tells
    # which of its sigmas are final.
    whole = text.replace("\u0130", "I").lower()
    return "".join(
        character if character > "\uffff" else whole[index] if character == "\u03a3" else character.lower()
        for index, character in enumerate(text)
    )
