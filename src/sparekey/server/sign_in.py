"""The sign-in file: where a server is reached and, of an ephemeral one, the key pair of its root user.

It lies in the state's folder, readable by its owner only. A server that keeps its state leaves the file there, without
the secret, which is sealed in the store; an ephemeral one takes it away when it stops.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sparekey.errors import InputError, system_reason

if TYPE_CHECKING:
    from sparekey.services.operation import Sealer
    from sparekey.storage.interface import Store, Transaction

_NAME: Final = "sign-in.json"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the file holds; ``process`` is the id of the server's, the keys are empty unless it is ephemeral."""

    endpoint: str
    region: str
    account: str
    process: int
    access_key_id: str = ""
    secret_access_key: str = ""
    certificate: str = ""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value))
    return value


#: How each member is read; what is none raises ``TypeError`` or ``ValueError``.
_TYPES: Final = {name: int if name == "process" else _text for name in SignIn.__slots__}


def write_sign_in(folder: str, sign_in: SignIn) -> None:
    """Write the file, at once and whole.

    Raises:
        OSError: it cannot be written.
    """
    path = Path(folder, _NAME)
    new = path.with_name(f".{_NAME}.{os.getpid()}")
    new.unlink(missing_ok=True)
    number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        json.dump(asdict(sign_in), file, indent=2)
        file.write("\n")
    new.replace(path)


def read_sign_in(folder: str) -> SignIn | None:
    """Read the file; ``None`` if there is none.

    Raises:
        InputError: it is not what a server wrote.
    """
    path = Path(folder, _NAME)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        members: dict[str, Any] = {name: _TYPES[name](told[name]) for name in SignIn.__slots__}
        return SignIn(**members)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"cannot read `{path}`: {system_reason(error)}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(f"`{path}` is not what a server wrote", hint="remove it, and start the server again") from None


def remove_sign_in(folder: str, process: int) -> None:
    """Take the file away, if it is that of the server with this process id."""
    try:
        known = read_sign_in(folder)
    except InputError:
        return
    if known is not None and known.process == process:
        Path(folder, _NAME).unlink(missing_ok=True)


def root_key_of(store: Store, sealer: Sealer, account: str) -> tuple[str, str] | None:
    """The access key of an account's root user as (id, secret); ``None`` if it has none."""
    from sparekey.services.directory.credentials import ACCESS_KEY_SECRET, ACCESS_KEYS, KEYS_OF_USER

    def find(records: Transaction) -> tuple[str, str] | None:
        for _, reference in records.scan(KEYS_OF_USER, account, ""):
            key = records.get(ACCESS_KEYS, reference.name)
            if key is not None and key.active:
                return key.access_key_id, sealer.unseal(key.secret, ACCESS_KEY_SECRET).decode()
        return None

    return store.read(find)
