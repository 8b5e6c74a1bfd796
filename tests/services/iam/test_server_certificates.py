"""Server certificates."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sparekey.services.directory.certificates import SERVER_CERTIFICATES
from sparekey.storage.interface import Transaction
from tests.services.account import ACCOUNT, START, TestAccount, allow, an_account, refused
from tests.services.iam.certificates import UNTIL, certificate, private_key, rsa_key, saml_metadata

UNREADABLE = "Unable to parse certificate. Please ensure the certificate is in PEM format."


def upload(account: TestAccount, name: str = "web", **parameters: object) -> dict[str, object]:
    given = {"certificate_body": certificate("web"), "private_key": private_key(), **parameters}
    answer: dict[str, object] = account.root.iam.upload_server_certificate(server_certificate_name=name, **given)
    return answer


def test_a_certificate_is_uploaded_and_read_back_without_its_key() -> None:
    account = an_account()
    made = upload(account, path="/cloudfront/", tags=[{"Key": "a", "Value": "1"}])
    metadata = made["ServerCertificateMetadata"]
    assert isinstance(metadata, dict)
    assert metadata["Arn"] == f"arn:aws:iam::{ACCOUNT}:server-certificate/cloudfront/web"
    assert metadata["ServerCertificateId"].startswith("ASCA")
    assert (metadata["UploadDate"], metadata["Expiration"]) == (START, UNTIL)
    assert account.root.iam.get_server_certificate(server_certificate_name="WEB") == {
        "ServerCertificate": {
            "ServerCertificateMetadata": metadata,
            "CertificateBody": certificate_text(account),
            "Tags": [{"Key": "a", "Value": "1"}],
        }
    }


def certificate_text(account: TestAccount) -> str:
    found = account.cloud.store.read(lambda records: records.get(SERVER_CERTIFICATES, ACCOUNT, "web"))
    assert found is not None
    return found.body


def test_the_private_key_is_sealed() -> None:
    account = an_account()
    upload(account)

    def read(records: Transaction) -> bytes:
        found = records.get(SERVER_CERTIFICATES, ACCOUNT, "web")
        assert found is not None
        return found.private_key

    sealed = account.cloud.store.read(read)
    assert b"PRIVATE KEY" not in sealed
    assert account.cloud.sealer.unseal(sealed, "iam.server-certificate-key") == private_key().encode()


def test_a_chain_goes_from_signer_to_signer() -> None:
    account = an_account()
    leaf = certificate("leaf", key=1, issuer="middle", issuer_key=2)
    middle = certificate("middle", key=2, issuer="root", issuer_key=3)
    root = certificate("root", key=3)
    upload(account, certificate_body=leaf, private_key=private_key(1), certificate_chain=middle + root, name="chained")
    shown = account.root.iam.get_server_certificate(server_certificate_name="chained")["ServerCertificate"]
    assert shown["CertificateChain"].count("BEGIN CERTIFICATE") == 2


@pytest.mark.parametrize(
    ("chain", "index"),
    [
        ("root", -1),
        ("middle+other", 0),
        ("text+middle", -1),
        ("nothing", -1),
    ],
)
def test_a_chain_that_is_broken_is_refused(chain: str, index: int) -> None:
    leaf = certificate("leaf", key=1, issuer="middle", issuer_key=2)
    parts = {
        "middle": certificate("middle", key=2, issuer="root", issuer_key=3),
        "root": certificate("root", key=3),
        "other": certificate("root", key=4),
        "text": "Certificate:\n",
        "nothing": "none",
    }
    message = (
        "Unable to validate certificate chain. The certificate chain must start with the immediate signing "
        "certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate "
        f"is: {index}"
    )
    with refused("MalformedCertificateException", message):
        upload(
            an_account(),
            certificate_body=leaf,
            private_key=private_key(1),
            certificate_chain="".join(parts[each] for each in chain.split("+")),
        )


@pytest.mark.parametrize(
    "body", ["text", certificate("web") * 2, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_not_one_certificate_is_refused(body: str) -> None:
    with refused("MalformedCertificateException", UNREADABLE):
        upload(an_account(), certificate_body=body)


def test_a_private_key_must_be_readable_and_the_certificates_own() -> None:
    account = an_account()
    with refused("MalformedCertificateException"):
        upload(account, private_key="text")
    with refused("MalformedCertificateException", "Unable to parse key; the body is encrypted."):
        upload(account, private_key=private_key(password=b"secret"))
    with refused("KeyPairMismatchException"):
        upload(account, private_key=private_key(5))


def test_a_name_is_given_once_in_whatever_letter_case() -> None:
    account = an_account()
    upload(account)
    with refused("EntityAlreadyExistsException", "The Server Certificate with name WEB already exists."):
        upload(account, name="WEB")


def test_an_account_has_as_many_as_its_quota() -> None:
    account = an_account(ServerCertificates=1)
    upload(account)
    with refused("LimitExceededException"):
        upload(account, name="another")


def test_a_certificate_that_is_not_there() -> None:
    with refused("NoSuchEntityException", "The Server Certificate with name web cannot be found."):
        an_account().root.iam.get_server_certificate(server_certificate_name="web")


def test_a_list_shows_those_below_a_path() -> None:
    account = an_account()
    upload(account)
    upload(account, name="cdn", path="/cloudfront/")
    everything = account.root.iam.list_server_certificates()["ServerCertificateMetadataList"]
    assert [each["ServerCertificateName"] for each in everything] == ["cdn", "web"]
    below = account.root.iam.list_server_certificates(path_prefix="/cloudfront")["ServerCertificateMetadataList"]
    assert [each["ServerCertificateName"] for each in below] == ["cdn"]


def test_a_certificate_is_renamed_and_moved() -> None:
    account = an_account()
    upload(account)
    upload(account, name="other")
    with refused("EntityAlreadyExistsException"):
        account.root.iam.update_server_certificate(server_certificate_name="web", new_server_certificate_name="Other")
    account.root.iam.update_server_certificate(
        server_certificate_name="web", new_server_certificate_name="site", new_path="/new/"
    )
    shown = account.root.iam.get_server_certificate(server_certificate_name="site")["ServerCertificate"]
    assert shown["ServerCertificateMetadata"]["Arn"].endswith(":server-certificate/new/site")
    with refused("NoSuchEntityException"):
        account.root.iam.get_server_certificate(server_certificate_name="web")
    account.root.iam.update_server_certificate(server_certificate_name="site", new_server_certificate_name="SITE")
    account.root.iam.update_server_certificate(server_certificate_name="site")


def test_renaming_takes_permission_for_both_names() -> None:
    account = an_account()
    upload(account)
    ann = account.signed_in(
        "ann", allow("iam:UpdateServerCertificate", f"arn:aws:iam::{ACCOUNT}:server-certificate/w*")
    )
    ann.iam.update_server_certificate(server_certificate_name="web", new_server_certificate_name="www")
    with refused("AccessDenied"):
        ann.iam.update_server_certificate(server_certificate_name="www", new_server_certificate_name="site")


def test_a_deleted_certificate_is_gone() -> None:
    account = an_account()
    upload(account)
    account.root.iam.delete_server_certificate(server_certificate_name="web")
    with refused("NoSuchEntityException"):
        account.root.iam.delete_server_certificate(server_certificate_name="web")


def test_tags_are_listed_by_key() -> None:
    account = an_account()
    upload(account)
    account.root.iam.tag_server_certificate(
        server_certificate_name="web", tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
    )
    first = account.root.iam.list_server_certificate_tags(server_certificate_name="web", max_items=1)
    assert first["Tags"] == [{"Key": "a", "Value": "1"}]
    account.root.iam.untag_server_certificate(server_certificate_name="web", tag_keys=["a"])
    assert account.root.iam.list_server_certificate_tags(server_certificate_name="web") == {
        "Tags": [{"Key": "b", "Value": "2"}],
        "IsTruncated": False,
    }


def test_uploading_with_tags_takes_permission_to_tag() -> None:
    ann = an_account().signed_in("ann", allow("iam:UploadServerCertificate"))
    with refused("AccessDenied"):
        ann.iam.upload_server_certificate(
            server_certificate_name="web",
            certificate_body=certificate("web"),
            private_key=private_key(),
            tags=[{"Key": "a", "Value": "1"}],
        )


def test_a_chain_of_beginnings_without_an_end_is_refused_at_once() -> None:
    chain = "-----BEGIN CERTIFICATE-----\n" * 70_000
    account = an_account()
    with refused("MalformedCertificateException"):
        account.root.iam.upload_server_certificate(
            server_certificate_name="site",
            certificate_body=certificate("site"),
            private_key=private_key(),
            certificate_chain=chain,
        )


def test_a_certificate_of_another_version_is_refused() -> None:
    der = bytearray(base64.b64decode("".join(certificate("site").splitlines()[1:-1])))
    at = der.index(bytes.fromhex("a003020102"))
    der[at + 4] = 64
    body = f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(der).decode()}\n-----END CERTIFICATE-----"
    iam = an_account().root.iam
    with refused("MalformedCertificateException"):
        iam.upload_server_certificate(server_certificate_name="site", certificate_body=body, private_key=private_key())
    metadata = saml_metadata().replace("".join(certificate("idp").splitlines()[1:-1]), base64.b64encode(der).decode())
    with refused("InvalidInputException"):
        iam.create_saml_provider(name="Corp", saml_metadata_document=metadata)


def test_the_primes_of_a_giant_key_are_not_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """That takes many seconds; the key is the certificate's or is not, whatever its primes."""
    monkeypatch.setattr("sparekey.services.iam.x509._LARGEST_VALIDATED", 1024)
    wrong = rsa_key(3).private_numbers()
    numbers = RSAPrivateNumbers(wrong.p, wrong.q, wrong.d, wrong.dmp1 + 2, wrong.dmq1, wrong.iqmp, wrong.public_numbers)
    key = numbers.private_key(unsafe_skip_rsa_key_validation=True)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = an_account()
    with refused("KeyPairMismatchException"):
        account.root.iam.upload_server_certificate(
            server_certificate_name="site", certificate_body=certificate("site"), private_key=pem
        )
    monkeypatch.setattr("sparekey.services.iam.x509._LARGEST_VALIDATED", 4096)
    with refused("MalformedCertificateException"):
        account.root.iam.upload_server_certificate(
            server_certificate_name="site", certificate_body=certificate("site"), private_key=pem
        )
