"""The root key, under which everything secret in a store is sealed, and which is kept outside of it.

It comes from the environment (``SPAREKEY_ROOT_KEY``: 32 bytes in base64 or hexadecimal), from a passphrase there
(``SPAREKEY_PASSPHRASE``), or from a file that only its owner can read and that is made if it is missing. The store
keeps a text sealed under the key, so that a wrong key is refused when the store is opened.
"""

from __future__ import annotations

import binascii
import hashlib
import os
import stat
import tempfile
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sparekey.errors import InputError, printable
from sparekey.storage.interface import OWN, Kind
from sparekey.storage.sealing import KEY_BYTES, RootSealer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sparekey.storage.interface import Store

#: The variables that hold the root key, or the passphrase it is made of.
KEY_VARIABLE: Final = "SPAREKEY_ROOT_KEY"
PASSPHRASE_VARIABLE: Final = "SPAREKEY_PASSPHRASE"  # noqa: S105 - the name of a variable

_SHORTEST_PASSPHRASE: Final = 8
_PURPOSE: Final = "storage.root-key"
_SEALED: Final = b"sparekey"

#: scrypt's cost: 32 MiB and about a tenth of a second.
_COST: Final = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024, "dklen": KEY_BYTES}


@dataclass(frozen=True, slots=True)
class RootKeyCheck:
    """A text sealed under the root key; ``salt`` is the passphrase's, and empty if there is none."""

    sealed: bytes
    salt: bytes = b""


#: ("root",)
CHECKS: Final = Kind(OWN + "root-key", RootKeyCheck)


def open_sealer(store: Store, environment: Mapping[str, str], file: Path | None = None) -> RootSealer:
    """The sealer of a store, with the root key from the environment or else from ``file``.

    Raises:
        InputError: there is no root key, it cannot be read, or it is not the one the store was made with.
    """
    key, passphrase = environment.get(KEY_VARIABLE), environment.get(PASSPHRASE_VARIABLE)
    if key and passphrase:
        raise InputError(f"both `{KEY_VARIABLE}` and `{PASSPHRASE_VARIABLE}` are set", hint="set one of them")
    check = _check_of(store)
    if passphrase:
        return _with_passphrase(store, check, passphrase)
    if check is not None and check.salt:
        raise InputError("the store was made with a passphrase", hint=f"set `{PASSPHRASE_VARIABLE}`")
    if key:
        return _checked(store, check, lambda: parse_root_key(key), f"`{KEY_VARIABLE}`")
    if file is None:
        raise InputError(
            "there is no root key to seal secrets with", hint=f"set `{KEY_VARIABLE}` or `{PASSPHRASE_VARIABLE}`"
        )
    return _checked(store, check, lambda: read_root_key(file, create=check is None), printable(str(file)))


def parse_root_key(text: str) -> bytes:
    """A root key written in hexadecimal or base64.

    Raises:
        InputError: it is not 32 bytes.
    """
    text = text.strip()
    for decoded in (bytes.fromhex, _from_base64):
        with suppress(ValueError):
            key = decoded(text)
            if len(key) == KEY_BYTES:
                return key
    raise InputError(
        f"a root key has {KEY_BYTES} bytes, in base64 or hexadecimal", hint="make one: openssl rand -hex 32"
    )


def read_root_key(file: Path, *, create: bool) -> bytes:
    """The root key in a file; if there is no file, ``create`` one with a new key.

    Raises:
        InputError: the file cannot be read or made, or others than its owner can read it.
    """
    where = printable(str(file))
    try:
        if create and not file.exists():
            _create(file)
        mode = file.stat().st_mode
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise InputError(f"{where} holds the root key and others can read it", hint=f"chmod 600 {where}")
        return parse_root_key(file.read_text("ascii"))
    except FileNotFoundError:
        raise InputError(f"the root key of the store is missing: {where}", hint="restore the file") from None
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"cannot read the root key {where}: {printable(str(fault))}") from fault


def derive_root_key(passphrase: str, salt: bytes) -> bytes:
    """The root key a passphrase stands for.

    Raises:
        InputError: the passphrase is too short.
    """
    if len(passphrase) < _SHORTEST_PASSPHRASE:
        raise InputError(f"`{PASSPHRASE_VARIABLE}` needs {_SHORTEST_PASSPHRASE} characters or more")
    return hashlib.scrypt(passphrase.encode("utf-8", "surrogateescape"), salt=salt, **_COST)


def _check_of(store: Store) -> RootKeyCheck | None:
    return store.write(lambda transaction: transaction.get(CHECKS, "root"))


def _checked(store: Store, check: RootKeyCheck | None, key: Callable[[], bytes], where: str) -> RootSealer:
    """The sealer of a key, which is the store's: by its check, or because there was none."""
    sealer = RootSealer(key())
    if check is None:
        made = RootKeyCheck(sealer.seal(_SEALED, _PURPOSE))
        store.write(lambda transaction: transaction.add(CHECKS, ("root",), made))
        check = _check_of(store)
    _verify(sealer, check, where)
    return sealer


def _with_passphrase(store: Store, check: RootKeyCheck | None, passphrase: str) -> RootSealer:
    if check is None:
        salt = os.urandom(16)
        made = RootKeyCheck(RootSealer(derive_root_key(passphrase, salt)).seal(_SEALED, _PURPOSE), salt)
        store.write(lambda transaction: transaction.add(CHECKS, ("root",), made))
        check = _check_of(store)
    if check is None or not check.salt:
        raise InputError("the store was not made with a passphrase", hint=f"unset `{PASSPHRASE_VARIABLE}`")
    sealer = RootSealer(derive_root_key(passphrase, check.salt))
    _verify(sealer, check, f"`{PASSPHRASE_VARIABLE}`")
    return sealer


def _verify(sealer: RootSealer, check: RootKeyCheck | None, where: str) -> None:
    try:
        if check is not None and sealer.unseal(check.sealed, _PURPOSE) == _SEALED:
            return
    except ValueError:
        pass
    raise InputError(f"the root key ({where}) is not the one the store was made with")


def _from_base64(text: str) -> bytes:
    try:
        return b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as fault:
        raise ValueError(str(fault)) from fault


def _create(file: Path) -> None:
    """Write a new key; of several processes that do, one wins. It is on the disk before anything is sealed with it."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as made:
            made.write(b64encode(os.urandom(KEY_BYTES)) + b"\n")
            made.flush()
            os.fsync(made.fileno())
        with suppress(FileExistsError):
            Path(file).hardlink_to(name)
    finally:
        Path(name).unlink()
    if os.name == "posix":
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
