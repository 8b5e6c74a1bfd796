"""SSH public keys of users."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.services.account import START, TestAccount, an_account, refused
from tests.services.iam.certificates import pem_key, rsa_key, ssh_key


def with_user() -> TestAccount:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    return account


def upload(account: TestAccount, body: str) -> dict[str, object]:
    answer = account.root.iam.upload_ssh_public_key(user_name="ann", ssh_public_key_body=body)
    key: dict[str, object] = answer["SSHPublicKey"]
    return key


def test_a_key_is_uploaded_with_the_fingerprint_of_its_der_encoding() -> None:
    made = upload(with_user(), ssh_key())
    der = rsa_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.md5(der, usedforsecurity=False).hexdigest()
    assert str(made["Fingerprint"]).replace(":", "") == digest
    assert str(made["SSHPublicKeyId"]).startswith("APKA")
    assert (made["UserName"], made["Status"], made["UploadDate"]) == ("ann", "Active", START)


@pytest.mark.parametrize("encoding", ["SSH", "PEM"])
def test_a_key_is_read_in_either_encoding(encoding: str) -> None:
    account = with_user()
    body = f"{ssh_key()} ann@example.com" if encoding == "SSH" else pem_key()
    key_id = upload(account, body)["SSHPublicKeyId"]

    def read(encoding: str) -> str:
        answer = account.root.iam.get_ssh_public_key(user_name="ann", ssh_public_key_id=key_id, encoding=encoding)
        text: str = answer["SSHPublicKey"]["SSHPublicKeyBody"]
        return text

    assert read("PEM") == pem_key().strip()
    assert read("SSH").startswith(ssh_key())


def test_a_key_is_listed_switched_off_and_deleted() -> None:
    account = with_user()
    key_id = upload(account, ssh_key())["SSHPublicKeyId"]
    account.root.iam.update_ssh_public_key(user_name="ann", ssh_public_key_id=key_id, status="Inactive")
    assert account.root.iam.list_ssh_public_keys(user_name="ann")["SSHPublicKeys"] == [
        {"UserName": "ann", "SSHPublicKeyId": key_id, "Status": "Inactive", "UploadDate": START}
    ]
    account.root.iam.delete_ssh_public_key(user_name="ann", ssh_public_key_id=key_id)
    assert account.root.iam.list_ssh_public_keys(user_name="ann")["SSHPublicKeys"] == []
    with refused("NoSuchEntityException"):
        account.root.iam.delete_ssh_public_key(user_name="ann", ssh_public_key_id=key_id)


def test_the_same_key_is_uploaded_once_in_whatever_encoding() -> None:
    account = with_user()
    upload(account, ssh_key())
    with refused("DuplicateSSHPublicKeyException"):
        upload(account, pem_key())


def test_a_user_has_five_keys_at_most() -> None:
    account = with_user()
    for number in range(5):
        upload(account, ssh_key(number))
    with refused("LimitExceededException", "Cannot exceed quota for SSHPublicKeysPerUser: 5"):
        upload(account, ssh_key(5))


def test_only_rsa_keys_of_enough_bits_are_taken() -> None:
    account = with_user()
    public = Ed25519PrivateKey.generate().public_key()
    with refused("UnrecognizedPublicKeyEncodingException"):
        upload(account, public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())
    with refused("InvalidPublicKeyException"):
        upload(account, public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())
    with refused("InvalidPublicKeyException"):
        upload(account, ssh_key(0, 1024))
    with refused("InvalidPublicKeyException"):
        upload(account, "ssh-rsa AAAA")


def test_a_user_with_a_key_cannot_be_deleted() -> None:
    account = with_user()
    upload(account, ssh_key())
    with refused("DeleteConflictException", "Cannot delete entity, must remove referenced objects first."):
        account.root.iam.delete_user(user_name="ann")
