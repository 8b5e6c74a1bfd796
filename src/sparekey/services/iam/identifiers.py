"""Random identifiers without a prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from sparekey.services.operation import Call


def uuid(call: Call) -> str:
    """A new UUID, as jobs and requests are named."""
    return str(UUID(bytes=call.entropy(16), version=4))
