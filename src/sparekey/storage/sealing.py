"""Sealing: what must not lie in a store, or travel in a token, in the clear.

A sealed text is a version byte, a random nonce and what AES-256-GCM makes of the secret, under a key derived from the
root key for one purpose (HKDF-SHA256, RFC 5869). With random nonces a purpose is good for 2**32 secrets.
"""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

#: The bytes of a root key.
KEY_BYTES: Final = 32

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_SHORTEST: Final = len(_VERSION) + _NONCE_BYTES + _TAG_BYTES


class RootSealer:
    """Seals under keys derived from one root key; see :class:`~sparekey.services.operation.Sealer`."""

    def __init__(self, root_key: bytes) -> None:
        """Take the root key.

        Raises:
            ValueError: it has not 32 bytes.
        """
        if len(root_key) != KEY_BYTES:
            raise ValueError(f"a root key has {KEY_BYTES} bytes, not {len(root_key)}")
        self._extracted = hmac.digest(bytes(KEY_BYTES), root_key, "sha256")
        self._ciphers: dict[str, AESGCM] = {}
        self._invalid_tag: type[Exception] = ValueError  # the library's own, once it is imported

    def seal(self, secret: bytes, purpose: str) -> bytes:
        """Encrypt and authenticate ``secret``; only the same ``purpose`` opens it."""
        cipher = self._ciphers.get(purpose) or self._cipher(purpose)
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + cipher.encrypt(nonce, secret, _VERSION)

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt what :meth:`seal` made.

        Raises:
            ValueError: it was not made under this root key, for this purpose, or it was changed.
        """
        if len(sealed) < _SHORTEST or sealed[:1] != _VERSION:
            raise ValueError("not a sealed text")
        cipher = self._ciphers.get(purpose) or self._cipher(purpose)
        try:
            return cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], _VERSION)
        except self._invalid_tag:
            raise ValueError("not sealed here for this purpose, or changed") from None

    def _cipher(self, purpose: str) -> AESGCM:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._invalid_tag = InvalidTag
        key = hmac.digest(self._extracted, b"sparekey seal " + purpose.encode() + b"\x01", "sha256")
        return self._ciphers.setdefault(purpose, AESGCM(key))
