"""How much a template may make: functions and loops of a few lines can stand for more than any memory holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.errors import InputError

if TYPE_CHECKING:
    from sparekey.source import Place

#: The longest text that a function may make; a whole template is not larger.
MOST_TEXT = 1024 * 1024
#: The most characters that all functions together may make, and those a list element or an open name counts for.
MOST_TEXTS = 16 * 1024 * 1024
ELEMENT = 64
#: Texts up to this length are free: there are no more of them than functions, and they cost little more.
FREE_TEXT = 2048
#: The most nodes that all loops together may make.
MOST_NODES = 300_000
#: The most ways to decide the open conditions, times these conditions, that may be tried.
MOST_TRIES = 2_000_000


#: The most steps that matching one text with an AllowedPattern may take, and those of all of a template.
MOST_STEPS = 1_000_000
MOST_STEPS_IN_ALL = 3_000_000


class Effort:
    """What the patterns of a template may still cost."""

    def __init__(self) -> None:
        """Begin with everything."""
        self._left = MOST_STEPS_IN_ALL

    def take(self, steps: int) -> bool:
        """Take what a match costs; false, and nothing taken, if that is too much."""
        if steps > min(self._left, MOST_STEPS):
            return False
        self._left -= steps
        return True


class Budget:
    """What one check of a template may still make, in all branches of its conditions together."""

    def __init__(self, *, shared: bool = False) -> None:
        """Begin with everything; ``shared`` tells that one value may stand in many places, by an alias or a loop."""
        self.effort = Effort()
        self._shared = shared
        self._texts = MOST_TEXTS
        self._nodes = MOST_NODES
        self._tries = MOST_TRIES

    @property
    def multiplied(self) -> bool:
        """Whether a function made a long text, and one value may stand in many places."""
        return self._shared and self._texts < MOST_TEXTS

    def spend_text(self, length: int, place: Place) -> None:
        """Take the length of a text that a function is about to make, as far as it is not written in the template.

        Each element of a list counts ``ELEMENT``.

        Raises:
            InputError: it is too long, or all of them are.
        """
        if length <= FREE_TEXT:
            return
        self._texts -= length
        if length > MOST_TEXT or self._texts < 0:
            raise InputError("the functions make more text than a template can hold", place)

    def spend_nodes(self, count: int, place: Place) -> None:
        """Take nodes that a loop is about to make.

        Raises:
            InputError: the loops make too many.
        """
        self._nodes -= count
        if self._nodes < 0:
            raise InputError("the loops make more than a template can hold", place)

    def try_ways(self, count: int) -> bool:
        """Take the ways to decide conditions that are about to be tried; false, and none taken, if too many."""
        if count > self._tries:
            return False
        self._tries -= count
        return True
