"""X.509 signing certificates of users."""

from __future__ import annotations

from datetime import timedelta

from tests.services.account import START, TestAccount, an_account, refused
from tests.services.iam.certificates import certificate


def with_user() -> TestAccount:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    return account


def test_a_certificate_is_uploaded_listed_switched_off_and_deleted() -> None:
    account = with_user()
    body = certificate("ann")
    made = account.root.iam.upload_signing_certificate(user_name="ann", certificate_body=body)["Certificate"]
    assert made["UserName"] == "ann"
    assert made["CertificateBody"] == body.strip()
    assert (made["Status"], made["UploadDate"]) == ("Active", START)
    assert len(made["CertificateId"]) == 32
    account.root.iam.update_signing_certificate(
        user_name="ann", certificate_id=made["CertificateId"], status="Inactive"
    )
    (listed,) = account.root.iam.list_signing_certificates(user_name="ann")["Certificates"]
    assert listed == {**made, "Status": "Inactive"}
    account.root.iam.delete_signing_certificate(user_name="ann", certificate_id=made["CertificateId"])
    assert account.root.iam.list_signing_certificates(user_name="ann")["Certificates"] == []
    account.root.iam.upload_signing_certificate(user_name="ann", certificate_body=body)


def test_the_root_user_has_certificates_of_its_own() -> None:
    account = an_account()
    account.root.iam.upload_signing_certificate(certificate_body=certificate("root"))
    assert account.root.iam.get_account_summary()["SummaryMap"]["AccountSigningCertificatesPresent"] == 1


def test_a_user_has_two_certificates_at_most() -> None:
    account = with_user()
    for key in range(2):
        account.root.iam.upload_signing_certificate(user_name="ann", certificate_body=certificate("ann", key=key))
    with refused("LimitExceededException", "Cannot exceed quota for SigningCertificatesPerUser: 2"):
        account.root.iam.upload_signing_certificate(user_name="ann", certificate_body=certificate("ann", key=2))


def test_a_certificate_belongs_to_one_user() -> None:
    account = with_user()
    account.root.iam.create_user(user_name="bob")
    body = certificate("shared")
    account.root.iam.upload_signing_certificate(user_name="ann", certificate_body=body)
    with refused("DuplicateCertificateException"):
        account.root.iam.upload_signing_certificate(user_name="bob", certificate_body=body)


def test_a_certificate_must_be_readable_and_valid() -> None:
    account = with_user()
    with refused("MalformedCertificateException"):
        account.root.iam.upload_signing_certificate(user_name="ann", certificate_body="text")
    expired = certificate("ann", until=START - timedelta(days=1))
    with refused("InvalidCertificateException"):
        account.root.iam.upload_signing_certificate(user_name="ann", certificate_body=expired)


def test_a_certificate_that_is_not_there() -> None:
    account = with_user()
    with refused("NoSuchEntityException"):
        account.root.iam.delete_signing_certificate(user_name="ann", certificate_id="A" * 32)


def test_a_user_with_a_certificate_cannot_be_deleted() -> None:
    account = with_user()
    account.root.iam.upload_signing_certificate(user_name="ann", certificate_body=certificate("ann"))
    with refused("DeleteConflictException", "Cannot delete entity, must delete signing certificates first."):
        account.root.iam.delete_user(user_name="ann")
