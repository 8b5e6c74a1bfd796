"""Sealed secrets open under the same root key, for the same purpose, and unchanged; and not otherwise."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from sparekey.storage.sealing import RootSealer

KEY = bytes(range(32))


@given(secret=st.binary(max_size=200), purpose=st.text(st.characters(codec="utf-8"), max_size=20))
def test_a_sealed_secret_opens_for_its_purpose(secret: bytes, purpose: str) -> None:
    assert RootSealer(KEY).unseal(RootSealer(KEY).seal(secret, purpose), purpose) == secret


def test_the_key_of_a_purpose_is_made_by_hkdf() -> None:
    derived = HKDF(SHA256(), 32, salt=None, info=b"sparekey seal a purpose").derive(KEY)
    sealed = RootSealer(KEY).seal(b"secret", "a purpose")
    assert sealed[:1] == b"\x01"
    assert AESGCM(derived).decrypt(sealed[1:13], sealed[13:], b"\x01") == b"secret"


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    sealer = RootSealer(KEY)
    assert sealer.seal(b"secret", "a") != sealer.seal(b"secret", "a")


def test_another_purpose_or_root_key_does_not_open() -> None:
    sealed = RootSealer(KEY).seal(b"secret", "a")
    with pytest.raises(ValueError, match="purpose"):
        RootSealer(KEY).unseal(sealed, "b")
    with pytest.raises(ValueError, match="purpose"):
        RootSealer(bytes(32)).unseal(sealed, "a")


def test_a_text_with_any_bit_changed_does_not_open() -> None:
    sealer = RootSealer(KEY)
    sealed = sealer.seal(b"secret", "a")
    for place in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(ValueError, match="seal"):
            sealer.unseal(bytes(changed), "a")


def test_a_shortened_text_does_not_open() -> None:
    sealer = RootSealer(KEY)
    sealed = sealer.seal(b"secret", "a")
    for length in range(len(sealed)):
        with pytest.raises(ValueError, match="seal"):
            sealer.unseal(sealed[:length], "a")


def test_a_root_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 16"):
        RootSealer(bytes(16))
