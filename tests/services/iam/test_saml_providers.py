"""SAML providers and their metadata documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sparekey.services.iam.errors import InvalidInputException
from sparekey.services.iam.saml_metadata import read_metadata
from tests.services.account import ACCOUNT, START, TestAccount, allow, an_account, refused
from tests.services.iam.certificates import private_key, saml_metadata

ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"


def with_provider(**parameters: object) -> TestAccount:
    account = an_account()
    given = {"name": "idp", "saml_metadata_document": saml_metadata(), **parameters}
    assert account.root.iam.create_saml_provider(**given)["SAMLProviderArn"] == ARN
    return account


def test_a_provider_is_made_and_read() -> None:
    account = with_provider(tags=[{"Key": "a", "Value": "1"}])
    shown = account.root.iam.get_saml_provider(saml_provider_arn=ARN)
    assert shown["SAMLMetadataDocument"] == saml_metadata()
    assert shown["CreateDate"] == START
    assert shown["ValidUntil"] == START + timedelta(days=36525)
    assert shown["Tags"] == [{"Key": "a", "Value": "1"}]
    assert "AssertionEncryptionMode" not in shown
    listed = account.root.iam.list_saml_providers()["SAMLProviderList"]
    assert listed == [{"Arn": ARN, "ValidUntil": shown["ValidUntil"], "CreateDate": START}]


def test_a_provider_is_valid_as_long_as_its_metadata_say() -> None:
    account = with_provider(saml_metadata_document=saml_metadata(valid_until="2027-01-01T00:00:00Z"))
    shown = account.root.iam.get_saml_provider(saml_provider_arn=ARN)
    assert shown["ValidUntil"] == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_name_is_given_once() -> None:
    account = with_provider()
    with refused("EntityAlreadyExistsException"):
        account.root.iam.create_saml_provider(name="idp", saml_metadata_document=saml_metadata())


def test_an_account_has_a_hundred_providers_at_most() -> None:
    account = an_account()
    for number in range(100):
        account.root.iam.create_saml_provider(name=f"idp{number}", saml_metadata_document=saml_metadata())
    with refused("LimitExceededException"):
        account.root.iam.create_saml_provider(name="one-more", saml_metadata_document=saml_metadata())


def test_metadata_are_replaced() -> None:
    account = with_provider()
    other = saml_metadata(entity_id="https://other.example.com", valid_until="2028-01-01T00:00:00")
    assert account.root.iam.update_saml_provider(saml_provider_arn=ARN, saml_metadata_document=other) == {
        "SAMLProviderArn": ARN
    }
    shown = account.root.iam.get_saml_provider(saml_provider_arn=ARN)
    assert shown["SAMLMetadataDocument"] == other
    assert shown["ValidUntil"] == datetime(2028, 1, 1, tzinfo=UTC)


def test_private_keys_are_rotated_and_never_shown() -> None:
    account = with_provider(assertion_encryption_mode="Required", add_private_key=private_key())
    (first,) = account.root.iam.get_saml_provider(saml_provider_arn=ARN)["PrivateKeyList"]
    assert first["Timestamp"] == START
    account.root.iam.update_saml_provider(saml_provider_arn=ARN, add_private_key=private_key(1))
    with refused("LimitExceededException"):
        account.root.iam.update_saml_provider(saml_provider_arn=ARN, add_private_key=private_key(2))
    account.root.iam.update_saml_provider(saml_provider_arn=ARN, remove_private_key=first["KeyId"])
    with refused("NoSuchEntityException"):
        account.root.iam.update_saml_provider(saml_provider_arn=ARN, remove_private_key=first["KeyId"])
    (second,) = account.root.iam.get_saml_provider(saml_provider_arn=ARN)["PrivateKeyList"]
    with refused("InvalidInputException"):
        account.root.iam.update_saml_provider(saml_provider_arn=ARN, remove_private_key=second["KeyId"])
    account.root.iam.update_saml_provider(
        saml_provider_arn=ARN, assertion_encryption_mode="Allowed", remove_private_key=second["KeyId"]
    )
    assert account.root.iam.get_saml_provider(saml_provider_arn=ARN)["AssertionEncryptionMode"] == "Allowed"


def test_encrypted_assertions_take_a_readable_key() -> None:
    with refused("InvalidInputException"):
        with_provider(assertion_encryption_mode="Required")
    with refused("InvalidInputException"):
        with_provider(add_private_key="text")


def test_a_deleted_provider_is_gone_with_its_keys() -> None:
    account = with_provider(add_private_key=private_key())
    account.root.iam.delete_saml_provider(saml_provider_arn=ARN)
    with refused("NoSuchEntityException", f"Manifest not found for arn {ARN}"):
        account.root.iam.get_saml_provider(saml_provider_arn=ARN)
    account.root.iam.create_saml_provider(name="idp", saml_metadata_document=saml_metadata())
    assert account.root.iam.get_saml_provider(saml_provider_arn=ARN)["PrivateKeyList"] == []


def test_an_arn_of_something_else_is_refused() -> None:
    with refused("InvalidInputException"):
        an_account().root.iam.get_saml_provider(saml_provider_arn=f"arn:aws:iam::{ACCOUNT}:user/idp")


def test_tags_are_put_on_and_taken_off() -> None:
    account = with_provider()
    account.root.iam.tag_saml_provider(
        saml_provider_arn=ARN, tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
    )
    account.root.iam.untag_saml_provider(saml_provider_arn=ARN, tag_keys=["b"])
    assert account.root.iam.list_saml_provider_tags(saml_provider_arn=ARN)["Tags"] == [{"Key": "a", "Value": "1"}]


def test_a_provider_is_authorized_on_its_arn_and_tags() -> None:
    account = with_provider(tags=[{"Key": "team", "Value": "red"}])
    ann = account.signed_in("ann", allow("iam:GetSAMLProvider", ARN, StringEquals={"aws:ResourceTag/team": "red"}))
    ann.iam.get_saml_provider(saml_provider_arn=ARN)
    account.root.iam.untag_saml_provider(saml_provider_arn=ARN, tag_keys=["team"])
    with refused("AccessDenied"):
        ann.iam.get_saml_provider(saml_provider_arn=ARN)


def test_making_a_provider_with_tags_takes_permission_to_tag() -> None:
    ann = an_account().signed_in("ann", allow("iam:CreateSAMLProvider"))
    with refused("AccessDenied"):
        ann.iam.create_saml_provider(
            name="idp", saml_metadata_document=saml_metadata(), tags=[{"Key": "a", "Value": "1"}]
        )


ENTITY = saml_metadata().partition("\n")[2].partition("<!--")[0]
LIST = '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{}</md:EntitiesDescriptor>'


def test_metadata_may_stand_in_a_list_of_one() -> None:
    read = read_metadata(LIST.format(ENTITY), START)
    assert read.entity_id == "https://idp.example.com"
    assert len(read.certificates) == 1


def test_certificates_for_encryption_are_left_out() -> None:
    both = ENTITY.replace("<md:SingleSignOnService", '<md:KeyDescriptor use="encryption"/><md:SingleSignOnService')
    assert len(read_metadata(both, START).certificates) == 1


@pytest.mark.parametrize(
    "document",
    [
        "text",
        "<a/>",
        LIST.format(ENTITY * 2),
        ENTITY.replace("entityID", "id"),
        ENTITY.replace("IDPSSODescriptor", "SPSSODescriptor"),
        saml_metadata(body=""),
        ENTITY.replace("X509Certificate>MII", "X509Certificate>AAA"),
        ENTITY.replace("X509Certificate>MII", "X509Certificate>!"),
        saml_metadata(valid_until="tomorrow"),
        '<!DOCTYPE a [<!ENTITY b "c">]>' + ENTITY,
    ],
)
def test_other_documents_are_refused(document: str) -> None:
    with pytest.raises(InvalidInputException, match="Could not parse metadata"):
        read_metadata(document, START)


def test_more_elements_than_metadata_have_are_not_read() -> None:
    for document in ("<a>" * 60_000, f"<a>{'<b/>' * 60_000}</a>"):
        with refused("InvalidInputException", "Could not parse metadata"):
            an_account().root.iam.create_saml_provider(name="Corp", saml_metadata_document=document)
