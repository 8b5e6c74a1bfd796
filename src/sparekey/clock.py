"""Time as an argument: nothing below the server asks the machine what time it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The time in UTC, aware of its zone."""
        ...


class MovableClock:
    """A clock that shows another clock's time, moved by what :meth:`move` was told; for tests that cannot wait."""

    def __init__(self, base: Clock) -> None:
        """Follow ``base`` until moved."""
        self._base = base
        self._offset: timedelta | None = None

    def now(self) -> datetime:
        """The time of the base clock, and all moves."""
        now = self._base.now()
        return now if self._offset is None else now + self._offset

    def unmoved(self) -> datetime:
        """The time of the base clock: what those go by who do not know of any moves."""
        return self._base.now()

    def move(self, by: timedelta) -> None:
        """Move the time shown by ``by``, from now on."""
        self._offset = by if self._offset is None else self._offset + by


class FixedClock:
    """A clock that stands still until it is set; for tests and recorded calls."""

    def __init__(self, at: datetime) -> None:
        """Stand at ``at``."""
        self.at = at

    def now(self) -> datetime:
        """The time the clock was set to."""
        return self.at
