"""Random bytes of the operating system, some of them drawn in advance."""

from __future__ import annotations

import os
from collections import deque
from typing import Final

#: Up to so many bytes (an identifier's) are drawn in advance, for so many calls at once. Secrets are longer.
SMALL: Final = 16
_CALLS: Final = 256


class Entropy:
    """Gives random bytes. Every call needs two identifiers, and a system call for each costs as much as the rest of it.

    INVARIANT: no two processes have the same one: it is made after a fork.
    """

    def __init__(self) -> None:
        """Have nothing in store."""
        self._drawn: deque[bytes] = deque()

    def __call__(self, size: int) -> bytes:
        """So many bytes, which nobody else gets."""
        if size > SMALL:
            return os.urandom(size)
        try:
            drawn = self._drawn.pop()
        except IndexError:
            block = os.urandom(SMALL * _CALLS)
            self._drawn.extend(block[start : start + SMALL] for start in range(SMALL, len(block), SMALL))
            drawn = block[:SMALL]
        return drawn[:size]
