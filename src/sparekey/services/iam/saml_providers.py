"""SAML providers.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.certificates import SAML_KEYS, SAML_PRIVATE_KEY, SamlPrivateKey
from sparekey.services.directory.providers import SAML_PROVIDERS, SamlProvider
from sparekey.services.iam.errors import (
    EntityAlreadyExistsException,
    InvalidInputException,
    LimitExceededException,
    MalformedCertificateException,
    NoSuchEntityException,
)
from sparekey.services.iam.names import arn, unique_id
from sparekey.services.iam.resources import nothing, removed_tags, request_tags
from sparekey.services.iam.saml_metadata import read_metadata
from sparekey.services.iam.tagging import listed_tags, retagged, tag_list, tag_member, tagged, untagged
from sparekey.services.iam.x509 import read_private_key
from sparekey.services.operation import Target, operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparekey.services.operation import Call, Output, Tags

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
PROVIDERS: Final = 100
#: The most private keys a provider has: the present one, and the next while keys are rotated.
PRIVATE_KEYS: Final = 2

_UUID_LENGTH: Final = 26


def provider(call: Call, *, saml_provider_arn: str, **_: object) -> Target:
    """The SAML provider a request names by its ARN."""
    found = call.records.get(SAML_PROVIDERS, call.account, _name_in(saml_provider_arn))
    known = found is not None and found.arn == saml_provider_arn
    return Target(saml_provider_arn, call.account, tags=found.tags if found and known else {})


def new_provider(call: Call, *, name: str, **_: object) -> Target:
    """The SAML provider a request would make."""
    return Target(arn(call, f"saml-provider/{name}"))


@operation("iam:CreateSAMLProvider", resource=new_provider, context=request_tags)
def create_saml_provider(
    call: Call,
    *,
    saml_metadata_document: str,
    name: str,
    tags: Tags | None = None,
    assertion_encryption_mode: str | None = None,
    add_private_key: str | None = None,
) -> Output:
    """Trust a SAML identity provider, described by its metadata document."""
    target = new_provider(call, name=name)
    if tags:
        call.authorize("iam:TagSAMLProvider", target, request_tags(call, tags=tags))
    metadata = read_metadata(saml_metadata_document, call.now)
    if call.records.get(SAML_PROVIDERS, call.account, name) is not None:
        raise EntityAlreadyExistsException(f"SAML Provider with name {name} already exists.")
    if call.records.count(SAML_PROVIDERS, call.account, limit=PROVIDERS) >= PROVIDERS:
        raise LimitExceededException(f"Cannot exceed quota for SAMLProvidersPerAccount: {PROVIDERS}")
    if assertion_encryption_mode == "Required" and add_private_key is None:
        raise InvalidInputException("A private key is required when the assertion encryption mode is Required.")
    made = SamlProvider(
        name=name,
        arn=target.arn,
        metadata=saml_metadata_document,
        created=call.now,
        valid_until=metadata.valid_until,
        uuid=unique_id(call, "", length=_UUID_LENGTH),
        encryption_mode=assertion_encryption_mode,
        tags=tagged({}, tags),
    )
    if add_private_key is not None:
        _add_key(call, made, add_private_key)
    call.records.put(SAML_PROVIDERS, (call.account, name), made)
    return {"SAMLProviderArn": made.arn, **tag_member(made.tags)}


@operation("iam:GetSAMLProvider", resource=provider)
def get_saml_provider(call: Call, *, saml_provider_arn: str) -> Output:
    """Read a SAML provider's metadata document."""
    found = _find(call, saml_provider_arn)
    keys = [each for _, each in call.records.scan(SAML_KEYS, call.account, found.name)]
    shown: dict[str, object] = {
        "SAMLProviderUUID": found.uuid,
        "SAMLMetadataDocument": found.metadata,
        "CreateDate": found.created,
        "ValidUntil": found.valid_until,
        "Tags": tag_list(found.tags),
        "PrivateKeyList": [{"KeyId": each.key_id, "Timestamp": each.added} for each in keys],
    }
    if found.encryption_mode:
        shown["AssertionEncryptionMode"] = found.encryption_mode
    return shown


@operation("iam:ListSAMLProviders", resource=nothing)
def list_saml_providers(call: Call) -> Output:
    """List the SAML providers of the account."""
    providers = [each for _, each in call.records.scan(SAML_PROVIDERS, call.account)]
    return {
        "SAMLProviderList": [
            {"Arn": each.arn, "ValidUntil": each.valid_until, "CreateDate": each.created} for each in providers
        ]
    }


@operation("iam:UpdateSAMLProvider", resource=provider)
def update_saml_provider(
    call: Call,
    *,
    saml_provider_arn: str,
    saml_metadata_document: str | None = None,
    assertion_encryption_mode: str | None = None,
    add_private_key: str | None = None,
    remove_private_key: str | None = None,
) -> Output:
    """Replace a SAML provider's metadata document, or its encryption mode and private keys."""
    found = _find(call, saml_provider_arn)
    if saml_metadata_document is not None:
        valid_until = read_metadata(saml_metadata_document, call.now).valid_until
        found = replace(found, metadata=saml_metadata_document, valid_until=valid_until)
    if remove_private_key is not None and not call.records.delete(
        SAML_KEYS, call.account, found.name, remove_private_key
    ):
        raise NoSuchEntityException(f"Private key with id {remove_private_key} cannot be found.")
    if add_private_key is not None:
        _add_key(call, found, add_private_key)
    if assertion_encryption_mode is not None:
        found = replace(found, encryption_mode=assertion_encryption_mode)
    if found.encryption_mode == "Required" and not call.records.count(SAML_KEYS, call.account, found.name, limit=1):
        raise InvalidInputException("A private key is required when the assertion encryption mode is Required.")
    call.records.put(SAML_PROVIDERS, (call.account, found.name), found)
    return {"SAMLProviderArn": found.arn}


@operation("iam:DeleteSAMLProvider", resource=provider)
def delete_saml_provider(call: Call, *, saml_provider_arn: str) -> None:
    """Trust a SAML provider no longer; roles that name it stay, and cannot be assumed through it."""
    found = _find(call, saml_provider_arn)
    for key, _ in list(call.records.scan(SAML_KEYS, call.account, found.name)):
        call.records.delete(SAML_KEYS, *key)
    call.records.delete(SAML_PROVIDERS, call.account, found.name)


@operation("iam:ListSAMLProviderTags", resource=provider)
def list_saml_provider_tags(
    call: Call, *, saml_provider_arn: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the tags of a SAML provider, by key."""
    return listed_tags(_find(call, saml_provider_arn).tags, marker, max_items)


@operation("iam:TagSAMLProvider", resource=provider, context=request_tags)
def tag_saml_provider(call: Call, *, saml_provider_arn: str, tags: Tags) -> None:
    """Put tags on a SAML provider."""
    found = _find(call, saml_provider_arn)
    changed = replace(found, tags=retagged(found.tags, tags))
    call.records.put(SAML_PROVIDERS, (call.account, found.name), changed)


@operation("iam:UntagSAMLProvider", resource=provider, context=removed_tags)
def untag_saml_provider(call: Call, *, saml_provider_arn: str, tag_keys: Sequence[str]) -> None:
    """Take tags off a SAML provider."""
    found = _find(call, saml_provider_arn)
    changed = replace(found, tags=untagged(found.tags, tag_keys))
    call.records.put(SAML_PROVIDERS, (call.account, found.name), changed)


def _add_key(call: Call, found: SamlProvider, pem: str) -> None:
    if call.records.count(SAML_KEYS, call.account, found.name, limit=PRIVATE_KEYS) >= PRIVATE_KEYS:
        raise LimitExceededException(f"Cannot exceed quota for PrivateKeysPerSAMLProvider: {PRIVATE_KEYS}")
    try:
        read_private_key(pem)
    except MalformedCertificateException as error:
        raise InvalidInputException(error.message) from error
    key_id = unique_id(call, "", length=_UUID_LENGTH)
    sealed = call.sealer.seal(pem.encode(), SAML_PRIVATE_KEY)
    call.records.put(SAML_KEYS, (call.account, found.name, key_id), SamlPrivateKey(key_id, sealed, call.now))


def _name_in(arn_of_provider: str) -> str:
    return arn_of_provider.rpartition(":saml-provider/")[2]


def _find(call: Call, arn_of_provider: str) -> SamlProvider:
    if ":saml-provider/" not in arn_of_provider:
        raise InvalidInputException(f"Invalid ARN: {arn_of_provider}")
    found = call.records.get(SAML_PROVIDERS, call.account, _name_in(arn_of_provider))
    if found is None or found.arn != arn_of_provider:
        raise NoSuchEntityException(f"Manifest not found for arn {arn_of_provider}")
    return found


OPERATIONS = (
    create_saml_provider,
    get_saml_provider,
    list_saml_providers,
    update_saml_provider,
    delete_saml_provider,
    list_saml_provider_tags,
    tag_saml_provider,
    untag_saml_provider,
)
