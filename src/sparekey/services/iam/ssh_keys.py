"""SSH public keys of users, with which they sign in to CodeCommit.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.certificates import SSH_KEYS, SshPublicKey
from sparekey.services.iam.access_keys import is_active, status_of
from sparekey.services.iam.errors import (
    DuplicateSSHPublicKeyException,
    InvalidPublicKeyException,
    LimitExceededException,
    UnrecognizedPublicKeyEncodingException,
)
from sparekey.services.iam.names import find_user, unique_id
from sparekey.services.iam.owners import Owner, not_found, owner_of
from sparekey.services.iam.paging import page
from sparekey.services.iam.resources import about, user
from sparekey.services.operation import operation

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from sparekey.services.operation import Call, Output

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
KEYS_PER_USER: Final = 5

#: "The minimum bit-length of the public key is 2048 bits."
_SMALLEST: Final = 2048
_SSH_RSA: Final = "ssh-rsa"
_PEM: Final = "-----BEGIN "


@operation("iam:UploadSSHPublicKey", **about(user))
def upload_ssh_public_key(call: Call, *, user_name: str, ssh_public_key_body: str) -> Output:
    """Give a user an SSH public key: RSA, in OpenSSH's encoding or PEM."""
    owner = Owner(find_user(call, user_name))
    read = _read(ssh_public_key_body)
    fingerprint = _fingerprint(read)
    keys = [each for _, each in call.records.scan(SSH_KEYS, call.account, owner.user_id)]
    if any(each.fingerprint == fingerprint for each in keys):
        raise DuplicateSSHPublicKeyException("The SSH public key is already associated with the user.")
    if len(keys) >= KEYS_PER_USER:
        raise LimitExceededException(f"Cannot exceed quota for SSHPublicKeysPerUser: {KEYS_PER_USER}")
    made = SshPublicKey(unique_id(call, "APKA"), ssh_public_key_body.strip(), fingerprint, uploaded=call.now)
    call.records.put(SSH_KEYS, (call.account, owner.user_id, made.key_id), made)
    return {"SSHPublicKey": _shown(owner, made, made.body)}


@operation("iam:GetSSHPublicKey", **about(user))
def get_ssh_public_key(call: Call, *, user_name: str, ssh_public_key_id: str, encoding: str) -> Output:
    """Read an SSH public key, in OpenSSH's encoding (``SSH``) or as PEM."""
    owner = Owner(find_user(call, user_name))
    found = _find(call, owner, ssh_public_key_id)
    return {"SSHPublicKey": _shown(owner, found, _encoded(found.body, encoding))}


@operation("iam:ListSSHPublicKeys", **about(user))
def list_ssh_public_keys(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List a user's SSH public keys, without their bodies."""
    owner = owner_of(call, user_name)
    found = page(call, SSH_KEYS, call.account, owner.user_id, marker=marker, max_items=max_items)
    return {"SSHPublicKeys": [_metadata(owner, each) for each in found.items], **found.members}


@operation("iam:UpdateSSHPublicKey", **about(user))
def update_ssh_public_key(call: Call, *, user_name: str, ssh_public_key_id: str, status: str) -> None:
    """Switch an SSH public key off or on again."""
    owner = Owner(find_user(call, user_name))
    found = replace(_find(call, owner, ssh_public_key_id), active=is_active(status))
    call.records.put(SSH_KEYS, (call.account, owner.user_id, ssh_public_key_id), found)


@operation("iam:DeleteSSHPublicKey", **about(user))
def delete_ssh_public_key(call: Call, *, user_name: str, ssh_public_key_id: str) -> None:
    """Delete an SSH public key."""
    owner = Owner(find_user(call, user_name))
    _find(call, owner, ssh_public_key_id)
    call.records.delete(SSH_KEYS, call.account, owner.user_id, ssh_public_key_id)


def _read(body: str) -> RSAPublicKey:
    """The RSA key in an uploaded text.

    Raises:
        UnrecognizedPublicKeyEncodingException: it is neither OpenSSH's encoding nor PEM.
        InvalidPublicKeyException: it is malformed, no RSA key, or too short.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key, load_ssh_public_key

    text = body.strip()
    if not text.startswith((_SSH_RSA, _PEM)):
        raise UnrecognizedPublicKeyEncodingException("The public key encoding format is not supported.")
    load = load_pem_public_key if text.startswith(_PEM) else load_ssh_public_key
    try:
        key = load(text.encode("latin-1"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidPublicKeyException("The public key is malformed.") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _SMALLEST:
        raise InvalidPublicKeyException(f"The public key must be an RSA key of at least {_SMALLEST} bits.")
    return key


def _fingerprint(key: RSAPublicKey) -> str:
    """MD5 of the public key as DER, in pairs of digits: AWS shows 16 bytes with colons between."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.md5(der, usedforsecurity=False).hexdigest()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def _encoded(body: str, encoding: str) -> str:
    """A stored key in the encoding asked for; one stored in that encoding comes back as it was uploaded."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if body.startswith(_PEM) == (encoding == "PEM"):
        return body
    key = _read(body)
    if encoding == "PEM":
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode().strip()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def _find(call: Call, owner: Owner, key_id: str) -> SshPublicKey:
    found = call.records.get(SSH_KEYS, call.account, owner.user_id, key_id)
    if found is None:
        raise not_found("Public Key with id", key_id)
    return found


def _metadata(owner: Owner, found: SshPublicKey) -> dict[str, object]:
    return {
        "UserName": owner.name,
        "SSHPublicKeyId": found.key_id,
        "Status": status_of(found.active),
        "UploadDate": found.uploaded,
    }


def _shown(owner: Owner, found: SshPublicKey, body: str) -> dict[str, object]:
    return {**_metadata(owner, found), "Fingerprint": found.fingerprint, "SSHPublicKeyBody": body}


OPERATIONS = (
    upload_ssh_public_key,
    get_ssh_public_key,
    list_ssh_public_keys,
    update_ssh_public_key,
    delete_ssh_public_key,
)
