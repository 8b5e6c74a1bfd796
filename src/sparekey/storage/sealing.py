"""Sealing: what must not lie in the store, or travel in a token, in the clear."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION: Final = b"\x01"
_NONCE: Final = 12
_TAG: Final = 16


class RootSealer:
    """Seals with AES-256-GCM under keys derived (HKDF-SHA256) from one root key, one key a purpose.

    A sealed text is a version byte, a random nonce, and the ciphertext with its tag; the purpose is authenticated.
    """

    def __init__(self, root_key: bytes) -> None:
        """Take the 32 bytes of the root key.

        Raises:
            ValueError: they are not 32.
        """
        if len(root_key) != 32:
            raise ValueError("a root key has 32 bytes")
        self._root_key = root_key
        self._keys: dict[str, AESGCM] = {}

    def _key(self, purpose: str) -> AESGCM:
        known = self._keys.get(purpose)
        if known is None:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            from cryptography.hazmat.primitives.hashes import SHA256
            from cryptography.hazmat.primitives.kdf.hkdf import HKDF

            derived = HKDF(SHA256(), 32, b"sparekey", purpose.encode()).derive(self._root_key)
            known = self._keys[purpose] = AESGCM(derived)
        return known

    def seal(self, secret: bytes, purpose: str) -> bytes:
        """Encrypt and authenticate ``secret``; only the same ``purpose`` opens it."""
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._key(purpose).encrypt(nonce, secret, purpose.encode())

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt what :meth:`seal` made.

        Raises:
            ValueError: it was not made here, for this purpose, or it was changed.
        """
        from cryptography.exceptions import InvalidTag

        if sealed[:1] != _VERSION or len(sealed) < 1 + _NONCE + _TAG:
            raise ValueError("this was not sealed here")
        nonce, ciphertext = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return self._key(purpose).decrypt(nonce, ciphertext, purpose.encode())
        except InvalidTag:
            raise ValueError("this was not sealed here for this purpose, or it was changed") from None
