"""The root key comes from the environment, a passphrase or a file, and only the right one opens a store."""

from __future__ import annotations

import os
import stat
from base64 import b64encode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sparekey.errors import InputError
from sparekey.storage.interface import Store
from sparekey.storage.memory import MemoryStore
from sparekey.storage.root_key import CHECKS, open_sealer, parse_root_key, read_root_key

KEY = bytes(range(224, 256))
OTHER = bytes(32)


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        KEY.hex().upper() + "\n",
        b64encode(KEY).decode(),
        urlsafe_b64encode(KEY).decode(),
        urlsafe_b64encode(KEY).decode().rstrip("="),
    ],
)
def test_a_root_key_is_read_in_hexadecimal_and_base64(text: str) -> None:
    assert parse_root_key(text) == KEY


@pytest.mark.parametrize("text", ["", "secret", KEY.hex()[2:], b64encode(KEY[1:]).decode(), "é" * 64])
def test_what_is_no_root_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(InputError, match="a root key has 32 bytes") as raised:
        parse_root_key(text)
    assert not text or text not in str(raised.value)


def test_a_missing_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "root.key"
    sealed = open_sealer(store := MemoryStore(), {}, file).seal(b"secret", "a")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    assert open_sealer(store, {}, file).unseal(sealed, "a") == b"secret"


def test_several_processes_that_make_the_file_get_one_key(tmp_path: Path) -> None:
    file = tmp_path / "root.key"
    with ThreadPoolExecutor(8) as pool:
        keys = {each.result() for each in [pool.submit(read_root_key, file, create=True) for _ in range(8)]}
    assert keys == {parse_root_key(file.read_text())}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "root.key"
    file.write_text(KEY.hex())
    file.chmod(mode)
    with pytest.raises(InputError, match="others can read it") as raised:
        open_sealer(MemoryStore(), {}, file)
    assert raised.value.hint == f"chmod 600 {file}"


def test_a_lost_file_is_not_replaced_by_a_new_key(tmp_path: Path) -> None:
    file = tmp_path / "root.key"
    open_sealer(store := MemoryStore(), {}, file)
    file.unlink()
    with pytest.raises(InputError, match="the root key of the store is missing"):
        open_sealer(store, {}, file)
    assert not file.exists()


def test_a_file_that_holds_no_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "root.key"
    for content in [b"", b"hello", b"\xff" * 32]:
        file.write_bytes(content)
        file.chmod(0o600)
        with pytest.raises(InputError, match="root key"):
            open_sealer(MemoryStore(), {}, file)


def test_a_file_that_cannot_be_made_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="root key"):
        open_sealer(MemoryStore(), {}, tmp_path / "missing" / "root.key")
    (tmp_path / "folder").mkdir(mode=0o700)
    with pytest.raises(InputError, match="cannot read the root key"):
        open_sealer(MemoryStore(), {}, tmp_path / "folder")


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "root.key"
    store = MemoryStore()
    sealed = open_sealer(store, {"SPAREKEY_ROOT_KEY": KEY.hex()}, file).seal(b"secret", "a")
    assert not file.exists()
    assert open_sealer(store, {"SPAREKEY_ROOT_KEY": KEY.hex()}).unseal(sealed, "a") == b"secret"


def test_another_root_key_is_refused_when_the_store_is_opened(store: Store) -> None:
    open_sealer(store, {"SPAREKEY_ROOT_KEY": KEY.hex()})
    with pytest.raises(InputError, match="is not the one the store was made with"):
        open_sealer(store, {"SPAREKEY_ROOT_KEY": OTHER.hex()})
    store.wipe()
    with pytest.raises(InputError, match="is not the one the store was made with"):
        open_sealer(store, {"SPAREKEY_ROOT_KEY": OTHER.hex()})
    open_sealer(store, {"SPAREKEY_ROOT_KEY": KEY.hex()})


def test_a_passphrase_opens_what_it_sealed() -> None:
    store = MemoryStore()
    environment = {"SPAREKEY_PASSPHRASE": "correct horse"}
    sealed = open_sealer(store, environment).seal(b"secret", "a")
    store.wipe()
    assert open_sealer(store, environment).unseal(sealed, "a") == b"secret"
    with pytest.raises(InputError, match="is not the one the store was made with"):
        open_sealer(store, {"SPAREKEY_PASSPHRASE": "another horse"})
    with pytest.raises(InputError, match="the store was made with a passphrase"):
        open_sealer(store, {"SPAREKEY_ROOT_KEY": KEY.hex()})


def test_two_stores_with_one_passphrase_have_different_keys() -> None:
    first, second = MemoryStore(), MemoryStore()
    sealed = open_sealer(first, {"SPAREKEY_PASSPHRASE": "correct horse"}).seal(b"secret", "a")
    with pytest.raises(ValueError, match="not sealed here"):
        open_sealer(second, {"SPAREKEY_PASSPHRASE": "correct horse"}).unseal(sealed, "a")


def test_a_passphrase_does_not_open_a_store_with_another_root_key() -> None:
    store = MemoryStore()
    open_sealer(store, {"SPAREKEY_ROOT_KEY": KEY.hex()})
    with pytest.raises(InputError, match="was not made with a passphrase"):
        open_sealer(store, {"SPAREKEY_PASSPHRASE": "correct horse"})


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(InputError, match="8 characters"):
        open_sealer(MemoryStore(), {"SPAREKEY_PASSPHRASE": "short"})


def test_a_root_key_must_come_from_one_place() -> None:
    with pytest.raises(InputError, match="both"):
        open_sealer(MemoryStore(), {"SPAREKEY_ROOT_KEY": KEY.hex(), "SPAREKEY_PASSPHRASE": "correct horse"})
    with pytest.raises(InputError, match="there is no root key"):
        open_sealer(MemoryStore(), {"SPAREKEY_ROOT_KEY": ""})


def test_the_store_holds_neither_the_root_key_nor_the_passphrase() -> None:
    store = MemoryStore()
    open_sealer(store, {"SPAREKEY_ROOT_KEY": KEY.hex()})
    check = store.read(lambda transaction: transaction.get(CHECKS, "root"))
    assert check is not None
    assert KEY not in check.sealed
