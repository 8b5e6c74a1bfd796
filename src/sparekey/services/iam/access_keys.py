"""Access keys of users and of the root user.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.credentials import (
    ACCESS_KEY_SECRET,
    ACCESS_KEYS,
    KEY_LAST_USED,
    KEYS_OF_USER,
    AccessKey,
)
from sparekey.services.directory.identifiers import LONG_TERM, access_key_id, secret_access_key
from sparekey.services.directory.identities import USERS, Reference
from sparekey.services.iam.errors import InvalidInputException, LimitExceededException
from sparekey.services.iam.names import arn
from sparekey.services.iam.owners import ROOT_NAME, Owner, not_found, owner_of
from sparekey.services.iam.paging import page
from sparekey.services.iam.resources import about, user
from sparekey.services.operation import Target, operation

if TYPE_CHECKING:
    from sparekey.services.operation import Call, Output

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
KEYS_PER_USER: Final = 2

#: What is said of a key that was never used.
_NEVER: Final = "N/A"


def key_owner(call: Call, *, access_key_id: str, **_: object) -> Target:
    """The user a key belongs to, wherever the user was moved since; the account's users for a key that is not there.

    Of another account's key nothing is told but the account, which the id tells itself.
    """
    key = call.records.get(ACCESS_KEYS, access_key_id)
    if key is None:
        return Target(arn(call, "user/*"))
    if key.account != call.account:
        return Target(f"arn:{call.partition}:iam::{key.account}:user/*", key.account)
    if key.user is None:
        return Target(f"arn:{call.partition}:iam::{key.account}:root", key.account)
    found = call.records.get(USERS, key.account, key.user.lower())
    if found is None:
        return Target(f"arn:{call.partition}:iam::{key.account}:user/{key.user}", key.account)
    return Target(found.arn, key.account, tags=found.tags)


@operation("iam:CreateAccessKey", **about(user))
def create_access_key(call: Call, *, user_name: str | None = None) -> Output:
    """Make an access key; its secret is shown this once."""
    owner = owner_of(call, user_name)
    if call.records.count(KEYS_OF_USER, call.account, owner.key, limit=KEYS_PER_USER) >= KEYS_PER_USER:
        raise LimitExceededException(f"Cannot exceed quota for AccessKeysPerUser: {KEYS_PER_USER}")
    secret = secret_access_key(call.entropy)
    key = AccessKey(
        access_key_id=access_key_id(LONG_TERM, call.account, call.entropy),
        account=call.account,
        user=owner.user.name if owner.user else None,
        secret=call.sealer.seal(secret.encode(), ACCESS_KEY_SECRET),
        created=call.now,
    )
    call.records.put(ACCESS_KEYS, (key.access_key_id,), key)
    call.records.put(KEYS_OF_USER, (call.account, owner.key, key.access_key_id), Reference(key.access_key_id))
    return {"AccessKey": {**_metadata(owner, key), "SecretAccessKey": secret}}


@operation("iam:ListAccessKeys", **about(user))
def list_access_keys(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List a user's access keys, without their secrets."""
    owner = owner_of(call, user_name)
    found = page(call, KEYS_OF_USER, call.account, owner.key, marker=marker, max_items=max_items)
    keys = (call.records.get(ACCESS_KEYS, each.name) for each in found.items)
    return {"AccessKeyMetadata": [_metadata(owner, key) for key in keys if key is not None], **found.members}


@operation("iam:UpdateAccessKey", **about(user))
def update_access_key(call: Call, *, access_key_id: str, status: str, user_name: str | None = None) -> None:
    """Switch an access key off or on again."""
    owner = owner_of(call, user_name)
    key = _find(call, owner, access_key_id)
    call.records.put(ACCESS_KEYS, (key.access_key_id,), replace(key, active=is_active(status)))


@operation("iam:DeleteAccessKey", **about(user))
def delete_access_key(call: Call, *, access_key_id: str, user_name: str | None = None) -> None:
    """Delete an access key: from now on it is refused."""
    owner = owner_of(call, user_name)
    key = _find(call, owner, access_key_id)
    call.records.delete(ACCESS_KEYS, key.access_key_id)
    call.records.delete(KEYS_OF_USER, call.account, owner.key, key.access_key_id)
    call.records.delete(KEY_LAST_USED, key.access_key_id)


@operation("iam:GetAccessKeyLastUsed", **about(key_owner))
def get_access_key_last_used(call: Call, *, access_key_id: str) -> Output:
    """Tell when, where and for what an access key was last used."""
    key = call.records.get(ACCESS_KEYS, access_key_id)
    if key is None:
        raise not_found("Access Key with id", access_key_id)
    used = call.records.get(KEY_LAST_USED, access_key_id)
    members: dict[str, object] = {"ServiceName": _NEVER, "Region": _NEVER}
    if used is not None:
        members = {"LastUsedDate": used.at, "ServiceName": used.service or _NEVER, "Region": used.region or _NEVER}
    return {"UserName": key.user or ROOT_NAME, "AccessKeyLastUsed": members}


def is_active(status: str) -> bool:
    """Whether a status to set is ``Active``.

    Raises:
        InvalidInputException: it is ``Expired``, which nobody can set.
    """
    if status not in ("Active", "Inactive"):
        raise InvalidInputException(f"Status {status} cannot be set.")
    return status == "Active"


def status_of(active: bool) -> str:
    """``Active`` or ``Inactive``."""
    return "Active" if active else "Inactive"


def _find(call: Call, owner: Owner, access_key_id: str) -> AccessKey:
    key = call.records.get(ACCESS_KEYS, access_key_id)
    if key is None or call.records.get(KEYS_OF_USER, call.account, owner.key, access_key_id) is None:
        raise not_found("Access Key with id", access_key_id)
    return key


def _metadata(owner: Owner, key: AccessKey) -> dict[str, object]:
    return {
        "UserName": owner.name,
        "AccessKeyId": key.access_key_id,
        "Status": status_of(key.active),
        "CreateDate": key.created,
    }


OPERATIONS = (create_access_key, list_access_keys, update_access_key, delete_access_key, get_access_key_last_used)
