"""The patterns of service models, which are Java regular expressions, as Python ones.

AWS matches the whole value. Java's ``\\w``, ``\\d`` and ``\\s`` know ASCII only, its ``.`` stops at five line
terminators, and it reads a surrogate pair of escapes as one character. A construct that has no translation here is
refused (:class:`UntranslatablePattern`); a test translates every pattern of every served model.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

#: ``\p{Z}``: space, line and paragraph separators.
_SEPARATORS: Final = "\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"

#: What Python's ``\\w`` stands for.
_LETTERS: Final = frozenset({"\\p{L}", "\\p{N}", "_"})

_ANYTHING_ON_A_LINE: Final = "[^\\n\\r\\u0085\\u2028\\u2029]"

#: STS writes the planes above the first as ``\u10000-\u10FFFF``, which Java would read as ``\u1000``, ``0-\u10FF``,
#: ``F``, ``F``. What is meant is taken (and is wider): XML's characters.
_MEANT: Final = {r"\u10000-\u10FFFF": "\\U00010000-\\U0010ffff"}

_PAIR: Final = re.compile(r"\\u(D[89AB][0-9A-F]{2})\\u(D[C-F][0-9A-F]{2})", re.IGNORECASE)
_PIECE: Final = re.compile(
    r"\\u[0-9A-Fa-f]{4}|\\U[0-9a-f]{8}|\\p\{[A-Za-z]+\}|\\.|\(\?[:=!<]?|&&|\[\^?|\]|[*+?}]\+|.", re.DOTALL
)


class UntranslatablePattern(ValueError):
    """A pattern with a construct whose meaning in Java has no translation here."""


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, to be used with ``fullmatch``.

    Raises:
        UntranslatablePattern: it uses what is not translated.
    """
    return re.compile(translate(pattern), re.UNICODE if "\\p{L}" in pattern else re.ASCII)


def translate(pattern: str) -> str:
    """A Java pattern as a Python pattern for ``str``; with ``\\p{L}`` for Unicode, else for ``re.ASCII``.

    Raises:
        UntranslatablePattern: it uses what is not translated.
    """
    text = pattern
    for written, meant in _MEANT.items():
        text = text.replace(written, meant)
    text = _PAIR.sub(_joined, text)
    everything = text.startswith("(?s)")
    letters = "\\p{L}" in text
    parts: list[str] = []
    members: list[str] | None = None  # the pieces of the class being read
    for piece in _PIECE.findall(text.removeprefix("(?s)")):
        _refuse_unknown(piece, pattern, letters=letters)
        if members is not None:
            members.append(piece)
            if piece == "]" and len(members) > 2:
                parts.extend(_class(members, pattern))
                members = None
        elif piece in {"[", "[^"}:
            members = [piece]
        elif piece == ".":
            parts.append("[\\s\\S]" if everything else _ANYTHING_ON_A_LINE)
        elif len(piece) == 2 and piece[0] in "*+?}":
            raise UntranslatablePattern(f"`{pattern}` uses the possessive `{piece}`")
        else:
            parts.append("\\Z" if piece == "$" else piece)
    if members is not None:
        raise UntranslatablePattern(f"`{pattern}` has an open class")
    return "".join(parts)


def _joined(pair: re.Match[str]) -> str:
    """A surrogate pair of escapes as the escape of one character."""
    high, low = int(pair[1], 16), int(pair[2], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def _class(members: list[str], pattern: str) -> list[str]:
    """A character class from its pieces. Python's ``\\w`` for text is ``\\p{L}``, ``\\p{N}`` and ``_`` together."""
    start, *rest = members
    if any(each in {"[", "[^", "&&"} for each in rest):
        raise UntranslatablePattern(f"`{pattern}` has a class within a class")
    if "\\p{L}" not in rest and "\\p{N}" not in rest:
        return [start, *(_SEPARATORS if each == "\\p{Z}" else each for each in rest)]
    if not set(rest) >= _LETTERS:
        raise UntranslatablePattern(f"`{pattern}` uses `\\p{{L}}` or `\\p{{N}}` without the other and `_`")
    return [start, "\\w", *(_SEPARATORS if each == "\\p{Z}" else each for each in rest if each not in _LETTERS)]


def _refuse_unknown(piece: str, pattern: str, *, letters: bool) -> None:
    """Refuse what Java and Python read differently.

    Raises:
        UntranslatablePattern: the piece is such.
    """
    known = True
    if piece.startswith("\\p"):
        known = piece in {"\\p{L}", "\\p{N}", "\\p{Z}"}
    elif piece[0] == "\\" and piece[1].isalnum():
        known = piece[1] in ("uUxntrf" if letters else "uUxntrfwdsWDSb")
    elif piece in {"(?", "(?<"}:
        known = False
    if not known:
        raise UntranslatablePattern(f"`{pattern}` uses `{piece}`")
