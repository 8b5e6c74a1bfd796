"""The credentials of a user, as far as renaming and deleting it must look after them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.certificates import SIGNING_CERTIFICATES, SSH_KEYS
from sparekey.services.directory.credentials import (
    ACCESS_KEYS,
    DEVICES_OF_USER,
    KEYS_OF_USER,
    LOGIN_PROFILES,
    MFA_DEVICES,
    SERVICE_CREDENTIALS,
)
from sparekey.services.directory.identities import Reference

if TYPE_CHECKING:
    from sparekey.services.directory.identities import User
    from sparekey.services.operation import Call
    from sparekey.storage.interface import Kind


#: Kinds whose keys begin with the account and the lower-cased user name, and AWS's sentence when one is left.
_BY_NAME: Final[tuple[tuple[Kind[Reference], str], ...]] = (
    (KEYS_OF_USER, "Cannot delete entity, must delete access keys first."),
    (DEVICES_OF_USER, "Cannot delete entity, must delete MFA device first."),
)


def first_conflict(call: Call, user: User) -> str | None:
    """AWS's sentence about the first credential that keeps a user from being deleted, if there is one."""
    records, account = call.records, call.account
    for by_name, sentence in _BY_NAME:
        if records.count(by_name, account, user.name.lower(), limit=1):
            return sentence
    if records.get(LOGIN_PROFILES, account, user.user_id) is not None:
        return "Cannot delete entity, must delete login profile first."
    if records.count(SIGNING_CERTIFICATES, account, user.user_id, limit=1):
        return "Cannot delete entity, must delete signing certificates first."
    left = records.count(SSH_KEYS, account, user.user_id, limit=1)
    left += records.count(SERVICE_CREDENTIALS, account, user.user_id, limit=1)
    return "Cannot delete entity, must remove referenced objects first." if left else None


def move_credentials(call: Call, old: User, new: User) -> None:
    """Let the access keys and MFA devices of a renamed user follow it; all else is kept under its unique id."""
    for identifier in _moved(call, KEYS_OF_USER, old, new):
        key = call.records.get(ACCESS_KEYS, identifier)
        if key is not None:
            call.records.put(ACCESS_KEYS, (identifier,), replace(key, user=new.name))
    for identifier in _moved(call, DEVICES_OF_USER, old, new):
        device = call.records.get(MFA_DEVICES, call.account, identifier)
        if device is not None:
            call.records.put(MFA_DEVICES, (call.account, identifier), replace(device, user=new.name.lower()))


def _moved(call: Call, kind: Kind[Reference], old: User, new: User) -> list[str]:
    """Move references from the old name to the new one; what they lead to."""
    found = list(call.records.scan(kind, call.account, old.name.lower()))
    for key, reference in found:
        call.records.delete(kind, *key)
        call.records.put(kind, (call.account, new.name.lower(), *key[2:]), reference)
    return [key[2] for key, _ in found]
