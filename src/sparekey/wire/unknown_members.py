"""Members that a service model does not have.

AWS ignores them in silence, with both protocols. Here they are refused by name, because nothing a client says is
ignored: what botocore sends is never unknown, and a client with a newer model learns what it can not rely on.
This is the only place that decides it.
"""

from __future__ import annotations

from typing import Final, NoReturn

from sparekey.errors import NotImplementedHere

#: What some clients send beside an object's members and no model has; it says nothing, and AWS skips it.
HARMLESS: Final = frozenset({"__type"})


def refuse_unknown(member: str, of: str) -> NoReturn:
    """Refuse the member ``member`` of a shape or operation.

    Raises:
        NotImplementedHere: always.
    """
    raise NotImplementedHere(f"sparekey does not know the member {member} of {of}.")
