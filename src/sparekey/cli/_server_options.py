"""What ``serve``, ``env`` and others share: where the state is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def add_place_options(group: argparse._ArgumentGroup | argparse.ArgumentParser) -> None:
    """Add ``--state`` and ``--database``."""
    group.add_argument(
        "--state", metavar="DIR", help="the folder of the state (default: $SPAREKEY_STATE or ~/.sparekey)"
    )
    group.add_argument("--database", metavar="URL", help="keep the state in this PostgreSQL (postgresql://…)")


def default_state(environment: Mapping[str, str]) -> str:
    """The folder of the state, unless an option names it."""
    return environment.get("SPAREKEY_STATE") or os.path.expanduser("~/.sparekey")  # noqa: PTH111 - text is wanted


def is_account(text: str) -> bool:
    """Whether a text is an account id."""
    return len(text) == 12 and text.isascii() and text.isdigit()
