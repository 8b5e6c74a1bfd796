"""Values that the input does not tell: what is missing, and what is known about it all the same.

A template's ``!ImportValue Admin``, a context key of a request that has not happened yet, a deployer's identity
policies that nobody gave us: each is an :class:`Unknown`. It is never treated as a match and never as a mismatch
unless the part that *is* known already decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value the input does not tell.

    ``hangs_on`` names, in the user's words, what would tell it (``parameter `AdminRole```). ``pieces`` is its text as
    far as it is known: literal strings, with ``None`` for each stretch of any text (also empty). The default knows
    nothing. ``fresh`` says that the value is made by this very deployment (the ARN of a role that the same template
    makes, without a name of its own), so that it equals no value that exists before.
    """

    hangs_on: tuple[str, ...]
    pieces: tuple[str | None, ...] = (None,)
    fresh: bool = False

    def __str__(self) -> str:
        """Render the known text, with ``<what is missing>`` for the rest."""
        missing = iter(self.hangs_on)
        return "".join(f"<{next(missing, '…')}>" if piece is None else piece for piece in self.pieces)


def join(parts: Iterable[str | Unknown]) -> str | Unknown:
    """Concatenate texts of which some are unknown; the result is a plain string if none is."""
    pieces: list[str | None] = []
    literal: list[str] = []
    hangs_on: dict[str, None] = {}
    fresh = False
    for part in parts:
        if isinstance(part, Unknown):
            hangs_on.update(dict.fromkeys(part.hangs_on))
            fresh = fresh or part.fresh
        for piece in part.pieces if isinstance(part, Unknown) else (part,):
            if piece is not None:
                literal.append(piece)
                continue
            if text := "".join(literal):
                pieces.append(text)
            literal.clear()
            if not pieces or pieces[-1] is not None:
                pieces.append(None)
    text = "".join(literal)
    if not hangs_on and None not in pieces:
        return text
    return Unknown(tuple(hangs_on), (*pieces, text) if text else tuple(pieces), fresh)
