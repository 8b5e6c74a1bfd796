"""Identifiers in AWS's forms, and secrets, made of random bytes."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: how access key ids begin: those of users and root users, those of temporary credentials
LONG_TERM: Final = "AKIA"
TEMPORARY: Final = "ASIA"

#: The digits with which the fourth group of a random UUID begins.
_VARIANT: Final = "89ab"


def random_uuid(entropy: Callable[[int], bytes]) -> str:
    """A random UUID (version 4), as events, requests and jobs are named."""
    data = entropy(16)
    text = data.hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[data[8] >> 6]}{text[17:20]}-{text[20:]}"


_ACCOUNT_BITS: Final = 40
_RANDOM_BITS: Final = 39


def access_key_id(prefix: str, account: str, entropy: Callable[[int], bytes]) -> str:
    """A new access key id of an account.

    Behind the prefix stand 80 bits in base32: a one, the account id in 40 bits, and 39 random bits. So have AWS's ids
    been made since 2019, which is how an account can be told from a key id.
    https://awsteele.com/blog/2020/09/26/aws-access-key-format.html
    """
    random = int.from_bytes(entropy(5)) >> 1
    bits = 1 << (_ACCOUNT_BITS + _RANDOM_BITS) | int(account) << _RANDOM_BITS | random
    return prefix + base64.b32encode(bits.to_bytes(10)).decode()


def account_of(access_key_id: str) -> str | None:
    """The account an access key id was made for; ``None`` for ids that do not tell (those from before 2019)."""
    try:
        bits = int.from_bytes(base64.b32decode(access_key_id[4:]))
    except (binascii.Error, ValueError):
        return None
    account = bits >> _RANDOM_BITS & (1 << _ACCOUNT_BITS) - 1
    if len(access_key_id) != 20 or not bits >> (_ACCOUNT_BITS + _RANDOM_BITS) or account >= 10**12:
        return None
    return f"{account:012d}"


def secret_access_key(entropy: Callable[[int], bytes]) -> str:
    """A new secret access key: 40 characters of base64."""
    return base64.b64encode(entropy(30)).decode()
