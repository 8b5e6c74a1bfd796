"""What a comparison may come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sparekey.policy._request import Lookup
from sparekey.unknown import Unknown

# As bits: a value that is not told makes several possible at once.
YES: Final = 1
NO: Final = 2
INVALID: Final = 4  # the policy's value is malformed, so that the comparison cannot be made
UNREADABLE: Final = 8  # the request's value is malformed: neither the operator nor its negation matches
MAYBE: Final = YES | NO

#: Compares one value of the request; the lookup fills in policy variables.
Test = Callable[[str | Unknown, Lookup], int]
