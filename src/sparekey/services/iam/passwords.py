"""Passwords: what an account's password policy says of them, and how they are kept.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Final

from sparekey.policy import Policy, PolicyType, PrincipalKind
from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.carried import parsed
from sparekey.services.directory.credentials import LOGIN_PASSWORD
from sparekey.services.directory.settings import PASSWORD_POLICIES
from sparekey.services.iam.errors import PasswordPolicyViolationException

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sparekey.services.directory.settings import PasswordPolicy
    from sparekey.services.operation import Call

#: What AWS counts as symbols.
SYMBOLS: Final = frozenset("!@#$%^&*()_+-=[]{}|'")

#: How many earlier passwords are kept: as many as a policy may forbid to reuse.
REMEMBERED: Final = 24

#: Of an account without its own policy: the length, and how many of the four sorts of characters there must be.
_DEFAULT_LENGTH: Final = 8
_DEFAULT_SORTS: Final = 3

_SALT_SIZE: Final = 16
# Cheap on purpose: what protects a stored password is the seal around its hash.
_SCRYPT_COST: Final = 1024


def _has_upper(password: str) -> bool:
    return any("A" <= each <= "Z" for each in password)


def _has_lower(password: str) -> bool:
    return any("a" <= each <= "z" for each in password)


def _has_number(password: str) -> bool:
    return any("0" <= each <= "9" for each in password)


def _has_symbol(password: str) -> bool:
    return not SYMBOLS.isdisjoint(password)


_SORTS: Final[tuple[Callable[[str], bool], ...]] = (_has_upper, _has_lower, _has_number, _has_symbol)


def granted_to_users(call: Call, action: str) -> Policy | None:
    """What ``AllowUsersToChangePassword`` grants a user that calls, as a policy on what it acts on.

    IAM applies these permissions for the account as a whole: no policy of the user's need grant them, but one may
    deny them.
    """
    if call.caller.principal.kind is not PrincipalKind.IAM_USER:
        return None
    policy = call.records.get(PASSWORD_POLICIES, call.account)
    if policy is None or not policy.allow_change:
        return None
    arn = call.caller.principal.arn
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": action, "Resource": "*"}
    text = json.dumps({"Version": "2008-10-17", "Statement": statement})
    return parsed(text, PolicyType.RESOURCE, "the account's password policy")


def check_password(call: Call, password: str, earlier: Sequence[bytes] = ()) -> None:
    """Hold a new password to the account's password policy, or without one to AWS's default.

    ``earlier`` are the sealed passwords the user had, newest first, the present one among them.

    Raises:
        PasswordPolicyViolationException: the password breaks the policy.
    """
    policy = call.records.get(PASSWORD_POLICIES, call.account)
    if policy is None:
        _check_default(call, password)
        return
    _check_characters(password, policy)
    if any(matches(call, password, sealed) for sealed in earlier[: policy.reuse_prevention]):
        raise PasswordPolicyViolationException("Password cannot be the same as a previous password")


def _check_default(call: Call, password: str) -> None:
    account = call.records.get(ACCOUNTS, call.account)
    names = {account.name.lower(), account.email.lower()} - {""} if account else frozenset[str]()
    if len(password) < _DEFAULT_LENGTH:
        raise PasswordPolicyViolationException(f"Password should have a minimum length of {_DEFAULT_LENGTH}")
    if sum(has(password) for has in _SORTS) < _DEFAULT_SORTS:
        raise PasswordPolicyViolationException(
            "Password should have at least three of these: uppercase letters, lowercase letters, numbers, symbols"
        )
    if password.lower() in names:
        raise PasswordPolicyViolationException("Password should not be the account's name or email address")


def _check_characters(password: str, policy: PasswordPolicy) -> None:
    if len(password) < policy.minimum_length:
        raise PasswordPolicyViolationException(f"Password should have a minimum length of {policy.minimum_length}")
    for required, has, what in (
        (policy.require_uppercase, _has_upper, "uppercase letter"),
        (policy.require_lowercase, _has_lower, "lowercase letter"),
        (policy.require_numbers, _has_number, "number"),
        (policy.require_symbols, _has_symbol, "symbol"),
    ):
        if required and not has(password):
            raise PasswordPolicyViolationException(f"Password should have at least one {what}")


def seal_password(call: Call, password: str) -> bytes:
    """A password as it is stored: salted, hashed, and sealed."""
    salt = call.entropy(_SALT_SIZE)
    return call.sealer.seal(salt + _hash(password, salt), LOGIN_PASSWORD)


def matches(call: Call, password: str, sealed: bytes) -> bool:
    """Whether this is the password that was stored."""
    stored = call.sealer.unseal(sealed, LOGIN_PASSWORD)
    return hmac.compare_digest(_hash(password, stored[:_SALT_SIZE]), stored[_SALT_SIZE:])


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_SCRYPT_COST, r=8, p=1, dklen=32)
