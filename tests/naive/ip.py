"""IP addresses and networks as AWS reads them in conditions."""

from __future__ import annotations

import re
from typing import NamedTuple

DECIMAL = re.compile(r"[0-9]+")
PREFIX = re.compile(r"[+]?[0-9]+")
GROUP = re.compile(r"[0-9A-Fa-f]{1,4}")


class Address(NamedTuple):
    """An address: its number of bits (32 or 128) and its value."""

    bits: int
    value: int


def address(text: str) -> Address | None:
    """Read the address of a request; one that is IPv4 mapped into IPv6 counts as IPv4."""
    if ":" not in text:
        return ipv4(text)
    found = ipv6(text)
    if found is not None and found.value >> 32 == 0xFFFF:
        return Address(32, found.value & 0xFFFFFFFF)
    return found


def ipv4(text: str) -> Address | None:
    """Read four decimal numbers; leading zeros are tolerated."""
    octets = text.split(".")
    if len(octets) != 4 or not all(DECIMAL.fullmatch(octet) and int(octet) < 256 for octet in octets):
        return None
    value = 0
    for octet in octets:
        value = value * 256 + int(octet)
    return Address(32, value)


def ipv6(text: str) -> Address | None:
    """Read an IPv6 address. One colon too many at the end or after a full group is tolerated, one in front is a zero.

    A dotted tail is understood behind the prefix of mapped addresses only.
    """
    if "." in text:
        return mapped(text)
    if "::::" in text or text.count(":::") > 1:
        return None
    text = text.replace(":::", "::")
    if text.endswith(":") and not text.endswith("::"):
        text = text[:-1]
    if text.startswith(":") and not text.startswith("::"):
        text = "0" + text
    if text.count("::") > 1:
        return None
    left, gap, right = text.partition("::")
    head = left.split(":") if left else []
    tail = right.split(":") if right else []
    missing = 8 - len(head) - len(tail)
    if missing < (1 if gap else 0) or (missing and not gap):
        return None
    groups = head + ["0"] * missing + tail
    if not all(GROUP.fullmatch(group) for group in groups):
        return None
    value = 0
    for group in groups:
        value = value * 65536 + int(group, 16)
    return Address(128, value)


def mapped(text: str) -> Address | None:
    """Read an address that is IPv4 mapped into IPv6: the one form that may end in dotted numbers."""
    prefix, _, dotted = text.rpartition(":")
    tail = ipv4(dotted)
    if tail is None:
        return None
    found = ipv6(f"{prefix}:{tail.value >> 16:x}:{tail.value & 0xFFFF:x}")
    return found if found is not None and found.value >> 32 == 0xFFFF else None


def in_network(given: Address, operand: str) -> bool:
    """Whether an operand (an address or a network) covers an address; one that cannot be read covers nothing.

    The host bits of an IPv4 network do not matter; an IPv6 network that has any covers nothing.
    """
    base, slash, length = operand.partition("/")
    network = ipv6(base) if ":" in base else ipv4(base)
    if network is None or network.bits != given.bits:
        return False
    if slash and not PREFIX.fullmatch(length):
        return False
    prefix = int(length) if slash else network.bits
    if prefix > network.bits:
        return False
    size = 1 << (network.bits - prefix)
    if network.bits == 128 and network.value % size:
        return False
    return given.value // size == network.value // size
