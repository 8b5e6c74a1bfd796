"""X.509 signing certificates of users and of the root user.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_manage.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.certificates import SIGNING_CERTIFICATES, SIGNING_FINGERPRINTS, SigningCertificate
from sparekey.services.directory.identities import Reference
from sparekey.services.iam.access_keys import is_active, status_of
from sparekey.services.iam.errors import (
    DuplicateCertificateException,
    InvalidCertificateException,
    LimitExceededException,
)
from sparekey.services.iam.names import unique_id
from sparekey.services.iam.owners import Owner, not_found, owner_of
from sparekey.services.iam.paging import page
from sparekey.services.iam.resources import about, user
from sparekey.services.iam.x509 import read_certificate
from sparekey.services.operation import operation

if TYPE_CHECKING:
    from sparekey.services.operation import Call, Output

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
CERTIFICATES_PER_USER: Final = 2

#: Ids of signing certificates have no prefix that tells the kind.
_ID_LENGTH: Final = 32


@operation("iam:UploadSigningCertificate", **about(user))
def upload_signing_certificate(call: Call, *, certificate_body: str, user_name: str | None = None) -> Output:
    """Give a user a certificate that signs requests to services that want one."""
    from cryptography.hazmat.primitives.hashes import SHA256

    owner = owner_of(call, user_name)
    read = read_certificate(certificate_body)
    if read.not_valid_after_utc <= call.now:
        raise InvalidCertificateException("The certificate has expired.")
    fingerprint = read.fingerprint(SHA256()).hex()
    if call.records.get(SIGNING_FINGERPRINTS, call.account, fingerprint) is not None:
        raise DuplicateCertificateException("The certificate is already associated with a user of the account.")
    count = call.records.count(SIGNING_CERTIFICATES, call.account, owner.user_id, limit=CERTIFICATES_PER_USER)
    if count >= CERTIFICATES_PER_USER:
        raise LimitExceededException(f"Cannot exceed quota for SigningCertificatesPerUser: {CERTIFICATES_PER_USER}")
    made = SigningCertificate(
        unique_id(call, "", length=_ID_LENGTH), certificate_body.strip(), fingerprint, uploaded=call.now
    )
    call.records.put(SIGNING_CERTIFICATES, (call.account, owner.user_id, made.certificate_id), made)
    call.records.put(SIGNING_FINGERPRINTS, (call.account, fingerprint), Reference(made.certificate_id))
    return {"Certificate": _shown(owner, made)}


@operation("iam:ListSigningCertificates", **about(user))
def list_signing_certificates(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List a user's signing certificates."""
    owner = owner_of(call, user_name)
    found = page(call, SIGNING_CERTIFICATES, call.account, owner.user_id, marker=marker, max_items=max_items)
    return {"Certificates": [_shown(owner, each) for each in found.items], **found.members}


@operation("iam:UpdateSigningCertificate", **about(user))
def update_signing_certificate(call: Call, *, certificate_id: str, status: str, user_name: str | None = None) -> None:
    """Switch a signing certificate off or on again."""
    owner = owner_of(call, user_name)
    found = replace(_find(call, owner, certificate_id), active=is_active(status))
    call.records.put(SIGNING_CERTIFICATES, (call.account, owner.user_id, certificate_id), found)


@operation("iam:DeleteSigningCertificate", **about(user))
def delete_signing_certificate(call: Call, *, certificate_id: str, user_name: str | None = None) -> None:
    """Delete a signing certificate."""
    owner = owner_of(call, user_name)
    found = _find(call, owner, certificate_id)
    call.records.delete(SIGNING_CERTIFICATES, call.account, owner.user_id, certificate_id)
    call.records.delete(SIGNING_FINGERPRINTS, call.account, found.fingerprint)


def _find(call: Call, owner: Owner, certificate_id: str) -> SigningCertificate:
    found = call.records.get(SIGNING_CERTIFICATES, call.account, owner.user_id, certificate_id)
    if found is None:
        raise not_found("Certificate with id", certificate_id)
    return found


def _shown(owner: Owner, found: SigningCertificate) -> dict[str, object]:
    return {
        "UserName": owner.name,
        "CertificateId": found.certificate_id,
        "CertificateBody": found.body,
        "Status": status_of(found.active),
        "UploadDate": found.uploaded,
    }


OPERATIONS = (
    upload_signing_certificate,
    list_signing_certificates,
    update_signing_certificate,
    delete_signing_certificate,
)
