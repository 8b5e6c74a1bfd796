"""Ids and ARNs of an organization's resources, in AWS's forms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sparekey.arn import is_account_id
from sparekey.services.directory.accounts import ACCOUNTS, Organization

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparekey.services.operation import Call

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"

#: The rules for e-mail addresses: the local name, then a domain name with a dot.
#: https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
_EMAIL: Final = re.compile(
    r"""[^.\s"'()<>\[\]:;,\\|%&@][^\s"'()<>\[\]:;,\\|%&@]*@(?=.*\.)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"""
)


def random_id(entropy: Callable[[int], bytes], prefix: str, length: int) -> str:
    """An id of lower-case letters and digits: ``o-``, ten of them."""
    number = int.from_bytes(entropy(length), "big")
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return prefix + "".join(letters)


def new_account_id(call: Call) -> str:
    """A twelve-digit account id that no account has."""
    while True:
        found = f"{int.from_bytes(call.entropy(8), 'big') % 900_000_000_000 + 100_000_000_000}"
        if call.records.get(ACCOUNTS, found) is None:
            return found


def is_email(text: str) -> bool:
    """Whether an account can have this e-mail address."""
    return text.isascii() and 6 <= len(text) <= 64 and _EMAIL.fullmatch(text) is not None


def organization_arn(partition: str, management: str, organization: str) -> str:
    """The ARN of an organization."""
    return f"arn:{partition}:organizations::{management}:organization/{organization}"


def _arn(organization: Organization, kind: str, name: str) -> str:
    prefix = organization.arn.partition(":organization/")[0]
    return f"{prefix}:{kind}/{organization.organization_id}/{name}"


def account_arn(organization: Organization, account: str) -> str:
    """The ARN of a member (or the management) account."""
    return _arn(organization, "account", account)


def root_arn(organization: Organization) -> str:
    """The ARN of the root."""
    return _arn(organization, "root", organization.root_id)


def unit_arn(organization: Organization, unit: str) -> str:
    """The ARN of an organizational unit."""
    return _arn(organization, "ou", unit)


def target_arn(organization: Organization, target: str) -> str:
    """The ARN of the root, unit or account of an id."""
    if is_account_id(target):
        return account_arn(organization, target)
    return unit_arn(organization, target) if target.startswith("ou-") else _arn(organization, "root", target)


def policy_arn(organization: Organization, policy_type: str, policy_id: str) -> str:
    """The ARN of a policy of the organization's own."""
    return _arn(organization, "policy", f"{policy_type.lower()}/{policy_id}")


def handshake_arn(organization: Organization, action: str, handshake_id: str) -> str:
    """The ARN of a handshake."""
    return _arn(organization, "handshake", f"{action.lower()}/{handshake_id}")


def resource_policy_arn(organization: Organization, policy_id: str) -> str:
    """The ARN of the organization's resource policy."""
    return _arn(organization, "resourcepolicy", policy_id)
