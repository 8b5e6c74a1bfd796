"""What ``serve``, ``env`` and ``log`` share: where the state is, and the Region clients are in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.server.settings import DEFAULT_REGION

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def add_place_options(group: argparse._ArgumentGroup | argparse.ArgumentParser) -> None:
    """Add ``--state`` and ``--database``."""
    group.add_argument(
        "--state", metavar="DIR", type=_folder, help="the folder of the state (default: $SPAREKEY_STATE or ~/.sparekey)"
    )
    group.add_argument("--database", metavar="URL", help="keep the state in this PostgreSQL (postgresql://…)")


def _folder(text: str) -> str:
    """A folder that is named: an empty text is most likely a variable that is not set, and means no other folder.

    Raises:
        InputError: it is empty.
    """
    if not text:
        raise InputError("`--state` names no folder")
    return text


def default_state(environment: Mapping[str, str]) -> str:
    """The folder of the state, unless an option names it."""
    return environment.get("SPAREKEY_STATE") or os.path.expanduser("~/.sparekey")  # noqa: PTH111 - text is wanted


def default_region(environment: Mapping[str, str]) -> str:
    """The Region that clients are in, unless an option names it."""
    return environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
