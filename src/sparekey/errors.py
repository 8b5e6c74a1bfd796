"""Errors that reach a user as one line, never as a traceback.

``SparekeyError``
 └── ``InputError``: something the user gave cannot be read; exit status 2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparekey.source import Place


class SparekeyError(Exception):
    """Base of the errors that are shown to a user in one line."""


class InputError(SparekeyError):
    """Input that cannot be read: a broken template, a policy that is no JSON, a wrong option.

    ``message`` is one lower-case sentence without a full stop; ``place`` tells where, as far as it is known.
    ``hint`` says what to change.
    """

    def __init__(self, message: str, place: Place | None = None, *, hint: str | None = None) -> None:
        """Take the sentence, where it applies, and what to do about it."""
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        """Render as ``file:line:column: message``."""
        return f"{self.place}: {self.message}" if self.place else self.message


def printable(text: str) -> str:
    """A text on one line, with everything a terminal would obey or could not show written as an escape (``\\x1b``)."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)
