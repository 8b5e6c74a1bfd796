"""What the decision record may hold of a call's parameters and answer: CloudTrail's names, and no secrets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

#: Members whose keys are the caller's own words, in lower case without underscores.
_FREE: Final = frozenset(("encryptioncontext", "encryptioncontextequals", "encryptioncontextsubset"))

#: What stands in place of a secret.
HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"

#: What CloudTrail shows of members that tell who somebody is, by service, in lower case without underscores.
STARS: Final = "****"
_PERSONAL: Final[Mapping[str, frozenset[str]]] = {"organizations": frozenset(("email", "accountname"))}

#: Members that hold secrets or plaintext whatever a model says of them, in lower case without underscores.
_SECRET: Final = frozenset(
    (
        *("password", "newpassword", "oldpassword", "privatekey", "secretaccesskey", "sessiontoken", "servicepassword"),
        *("servicecredentialsecret", "samlassertion", "webidentitytoken", "tokencode", "authenticationcode1"),
        *("authenticationcode2", "base32stringseed", "qrcodepng", "samlprivatekey", "addprivatekey", "plaintext"),
        *("encryptedkeymaterial", "importtoken", "privatekeyplaintext", "sharedsecret", "message", "digest", "mac"),
        *("assertionencryptionkey", "decodedmessage", "tradeintoken", "token", "secretstring", "secretbinary"),
    )
)


#: The members whose Python names do not tell where AWS writes capitals.
_IRREGULAR: Final[Mapping[str, str]] = {
    "administration_role_arn": "administrationRoleARN",
    "aws_service_name": "aWSServiceName",
    "client_id": "clientID",
    "client_id_list": "clientIDList",
    "open_id_connect_provider_arn": "openIDConnectProviderArn",
    "saml_assertion": "sAMLAssertion",
    "saml_metadata_document": "sAMLMetadataDocument",
    "saml_provider_arn": "sAMLProviderArn",
    "ssh_public_key_body": "sSHPublicKeyBody",
    "ssh_public_key_id": "sSHPublicKeyId",
    "stack_policy_url": "stackPolicyURL",
    "template_url": "templateURL",
    "virtual_mfa_device_name": "virtualMFADeviceName",
}


def redacted(
    service: str, members: Mapping[str, object], sensitive_names: frozenset[str] = frozenset()
) -> Mapping[str, object]:
    """Parameters or an answer as the record may hold them: CloudTrail's names, and no secrets, whatever the operation.

    ``sensitive_names`` are the members the service model marks as sensitive, as the model or as Python spells them;
    a list of well-known secrets is hidden besides, and so is every blob. Members without a value are left out.
    """
    personal = _PERSONAL.get(service, frozenset())
    sensitive = _all_secret(sensitive_names)
    return {
        recorded_name(name): _shown(name, value, sensitive, personal)
        for name, value in members.items()
        if value is not None
    }


@lru_cache(maxsize=64)
def _all_secret(sensitive_names: frozenset[str]) -> frozenset[str]:
    return _SECRET.union(map(_plain, sensitive_names))


@lru_cache(maxsize=4096)
def recorded_name(name: str) -> str:
    """A member's name in a record: AWS's own (or Python's, ``user_name``), beginning in lower case."""
    if name in _IRREGULAR:
        return _IRREGULAR[name]
    if "_" not in name:
        return name[:1].lower() + name[1:]
    first, *rest = name.split("_")
    return first.lower() + "".join(word[:1].upper() + word[1:] for word in rest)


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _shown(name: str, value: object, sensitive: frozenset[str], personal: frozenset[str]) -> object:
    if isinstance(value, (bytes, bytearray, memoryview)) or _plain(name) in sensitive:
        return HIDDEN
    if isinstance(value, str):
        return STARS if _plain(name) in personal else value
    if isinstance(value, Mapping):
        if {"Key", "Value"} == value.keys():
            return {"key": value["Key"], "value": _shown(str(value["Key"]), value["Value"], sensitive, personal)}
        named = str if _plain(name) in _FREE else recorded_name
        return {named(str(key)): _shown(str(key), each, sensitive, personal) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown("", each, sensitive, personal) for each in value]
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value
