"""Collecting the faults of a document, each with its path and place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparekey.policy._document import Fault, FaultCode, Locate
from sparekey.policy._json_places import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sparekey.source import Path, Place

#: More faults than this say nothing new; a hostile document could have millions.
MOST_FAULTS = 200


@dataclass(frozen=True, slots=True)
class CharacterFault(Fault):
    """A character that the API does not take in a policy; it answers before the document is read."""


class Faults:
    """The faults found so far. Beyond the two hundredth they are only counted."""

    def __init__(self, locate: Locate) -> None:
        """Take what finds the place of a path."""
        self._locate = locate
        self._found: list[Fault] = []
        self._more = 0

    def add(
        self, code: FaultCode, message: str, path: Path, *, hint: str | None = None, place: Place | None = None
    ) -> None:
        """Note one fault; its place is looked up unless it is given."""
        self._keep(lambda: Fault(code, message, path, place or self._locate(path), hint))

    def strange_character(self, message: str, path: Path, *, hint: str | None, place: Place | None = None) -> None:
        """Note a character that the API does not take in a policy."""
        self._keep(lambda: CharacterFault(FaultCode.MALFORMED, message, path, place or self._locate(path), hint))

    def _keep(self, make: Callable[[], Fault]) -> None:
        if len(self._found) < MOST_FAULTS:
            self._found.append(make())
        else:
            self._more += 1

    def malformed(self, message: str, path: Path, *, hint: str | None = None, place: Place | None = None) -> None:
        """Note something the grammar does not know."""
        self.add(FaultCode.MALFORMED, message, path, hint=hint, place=place)

    def suspicious(self, message: str, path: Path, *, hint: str | None = None) -> None:
        """Note something that AWS accepts and that will not do what it looks like."""
        self.add(FaultCode.SUSPICIOUS, message, path, hint=hint)

    def nearest(self, word: str, known: Iterable[str]) -> str | None:
        """The known spelling a misspelt word comes nearest to, without regard to case; not for faults not listed."""
        if self._more:
            return None
        from difflib import get_close_matches

        by_lower = {name.lower(): name for name in known}
        close = get_close_matches(shown(word).lower(), by_lower, n=1, cutoff=0.7)
        return by_lower[close[0]] if close else None

    def all(self) -> tuple[Fault, ...]:
        """Every fault in the order found."""
        if not self._more:
            return tuple(self._found)
        rest = Fault(FaultCode.MALFORMED, f"{self._more} more faults are not listed", (), self._locate(()))
        return (*self._found, rest)


def named(path: Path) -> str:
    """How a message names a place in a document: ``statement 2`` or the element."""
    if len(path) > 1 and path[0] == "Statement" and isinstance(path[1], int):
        return f"statement {path[1] + 1}"
    return "the statement" if path[:1] == ("Statement",) else "the policy"
