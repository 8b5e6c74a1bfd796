"""AWS CloudTrail: the event history of an account, read from the decision record.

Trails, event data stores and Insights keep nothing that an account's own calls change, and are not built: every other
operation of CloudTrail is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sparekey.services.cloudtrail.lookup import lookup_events
from sparekey.services.operation import Operation, table

__all__ = ["OPERATIONS"]

OPERATIONS: Final[Mapping[str, Operation]] = table(lookup_events)
