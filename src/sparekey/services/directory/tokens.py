"""Session tokens: sessions sealed into text that travels with the client.

Nothing of a session is stored: the token carries all of it, encrypted and authenticated, so it survives a restart and
opens on every server that shares the root key. Inside it is compact JSON, deflated; a token that must have a minimum
size is padded behind the deflated text.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.sessions import SESSION_TOKEN, Session, SessionKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.operation import Sealer

#: The first byte of what a token seals: JSON as it is or compressed; another layout takes another number.
_COMPRESSED: Final = b"\x01"
_PLAIN: Final = b"\x02"
#: What is no longer than this in bytes is not compressed: that would cost more than it saves.
_SHORT: Final = 1024

_TIMES: Final = frozenset(("issued", "expires", "mfa_at"))
_TUPLES: Final = frozenset(("policies", "policy_arns", "transitive"))

#: Members of a session and the short names they have in a token. Never reuse a short name.
_MEMBERS: Final[Mapping[str, str]] = {
    "kind": "k",
    "account": "a",
    "arn": "n",
    "user_id": "u",
    "access_key_id": "i",
    "secret_access_key": "s",
    "issued": "f",
    "expires": "e",
    "parent": "p",
    "parent_arn": "r",
    "policies": "d",
    "policy_arns": "m",
    "tags": "t",
    "transitive": "v",
    "mfa_at": "o",
    "source_identity": "y",
    "chained": "c",
    "federated_provider": "g",
    "context": "x",
    "task_policy": "q",
}


def seal_session(sealer: Sealer, session: Session, *, minimum_size: int = 0) -> str:
    """The session token of a session: at least ``minimum_size`` characters of base64.

    Times are kept to the second.
    """
    text = json.dumps(_as_json(session), separators=(",", ":")).encode()
    packed = _PLAIN + text if len(text) <= _SHORT else _COMPRESSED + zlib.compress(text, 6)
    token = b64encode(sealer.seal(packed, SESSION_TOKEN))
    missing = minimum_size - len(token)
    if missing > 0:
        token = b64encode(sealer.seal(packed + b" " * (missing * 3 // 4 + 3), SESSION_TOKEN))
    return token.decode("ascii")


def open_session(sealer: Sealer, token: str) -> Session:
    """The session that a token was made of; the caller compares :attr:`Session.expires` with the time.

    Raises:
        ValueError: the token was not made here, or it was changed.
    """
    packed = sealer.unseal(b64decode(token, validate=True), SESSION_TOKEN)
    layout, text = packed[:1], packed[1:]
    if layout == _COMPRESSED:
        text = zlib.decompressobj().decompress(text)
    elif layout != _PLAIN:
        raise ValueError("the token has a layout of another release")
    return _from_json(json.loads(text))


def _as_json(session: Session) -> dict[str, object]:
    """The members of a session that say something, under their short names."""
    told: dict[str, object] = {}
    for member, short in _MEMBERS.items():
        value = getattr(session, member)
        if isinstance(value, datetime):
            value = int(value.timestamp())
        if value:
            told[short] = dict(value) if member in ("tags", "context") else value
    return told


def _from_json(told: Mapping[str, object]) -> Session:
    """The session that :func:`_as_json` wrote down."""
    members: dict[str, object] = {}
    for member, short in _MEMBERS.items():
        value = told.get(short)
        if value is None:
            continue
        if member in _TIMES and isinstance(value, int):
            value = datetime.fromtimestamp(value, UTC)
        elif member in _TUPLES and isinstance(value, list):
            value = tuple(value)
        elif member == "context" and isinstance(value, dict):
            value = {key: tuple(each) if isinstance(each, list) else each for key, each in value.items()}
        members[member] = value
    members["kind"] = SessionKind(str(members["kind"]))
    return Session(**members)  # type: ignore[arg-type]  # typed by _as_json, authenticated by the seal
