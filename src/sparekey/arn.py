"""Amazon Resource Names."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


def is_account_id(text: str) -> bool:
    """Whether a text is the id of an account: twelve digits."""
    return len(text) == 12 and text.isascii() and text.isdecimal()


class Arn(NamedTuple):
    """``arn:partition:service:region:account:resource``; the resource may hold further colons and slashes."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    @lru_cache(maxsize=256)  # each rule looks at the principals of a key policy in turn
    def parse(cls, text: str) -> Arn:
        """Split an ARN into its six segments.

        Raises:
            ValueError: the text has fewer than six segments or does not begin with ``arn``.
        """
        segments = text.split(":", 5)
        if len(segments) != 6 or segments[0] != "arn":
            raise ValueError(f"`{text}` is not an ARN: it needs `arn:partition:service:region:account:resource`")
        return cls(*segments[1:])

    def __str__(self) -> str:
        """Render the ARN as AWS writes it."""
        return ":".join(("arn", *self))
