"""The condition keys of SAML federation.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html#saml-attribute-mapping
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sparekey.services.sts.saml_assertion import SamlAssertion

_EDU_PERSON: Final = "urn:oid:1.3.6.1.4.1.5923.1.1.1."
_EDU_ORG: Final = "urn:oid:1.3.6.1.4.1.5923.1.2.1."
_IDENTITY: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

#: Attributes that become a list of texts.
_LISTS: Final[Mapping[str, str]] = {
    f"{_EDU_PERSON}1": "edupersonaffiliation",
    f"{_EDU_PERSON}2": "edupersonnickname",
    f"{_EDU_PERSON}4": "edupersonorgunitdn",
    f"{_EDU_PERSON}7": "edupersonentitlement",
    f"{_EDU_PERSON}9": "edupersonscopedaffiliation",
    f"{_EDU_PERSON}10": "edupersontargetedid",
    f"{_EDU_PERSON}11": "edupersonassurance",
    f"{_EDU_ORG}2": "eduorghomepageuri",
    f"{_EDU_ORG}3": "eduorgidentityauthnpolicyuri",
    f"{_EDU_ORG}4": "eduorglegalname",
    f"{_EDU_ORG}5": "eduorgsuperioruri",
    f"{_EDU_ORG}6": "eduorgwhitepagesuri",
    "urn:oid:2.5.4.3": "cn",
}

#: Attributes that become one text.
_TEXTS: Final[Mapping[str, str]] = {
    f"{_EDU_PERSON}3": "edupersonorgdn",
    f"{_EDU_PERSON}5": "edupersonprimaryaffiliation",
    f"{_EDU_PERSON}6": "edupersonprincipalname",
    f"{_EDU_PERSON}8": "edupersonprimaryorgunitdn",
    f"{_IDENTITY}name": "name",
    "http://schemas.xmlsoap.org/claims/CommonName": "commonName",
    f"{_IDENTITY}givenname": "givenName",
    f"{_IDENTITY}surname": "surname",
    f"{_IDENTITY}emailaddress": "mail",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "uid",
    "2.5.4.3": "commonName",
    "2.5.4.4": "surname",
    "2.4.5.42": "givenName",
    "2.5.4.45": "x500UniqueIdentifier",
    "0.9.2342.19200300100.1.1": "uid",
    "0.9.2342.19200300100.1.3": "mail",
    "0.9.2342.19200300.100.1.45": "organizationStatus",
}

#: The keys that requests of the session carry afterwards.
LASTING: Final = ("saml:namequalifier", "saml:sub", "saml:sub_type")


def name_qualifier(issuer: str, account: str, provider_name: str) -> str:
    """What tells users of different identity providers apart.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
    """
    told = f"{issuer}{account}/{provider_name}".encode()
    return b64encode(hashlib.sha1(told, usedforsecurity=False).digest()).decode("ascii")


def saml_keys(assertion: SamlAssertion, account: str, provider_name: str) -> dict[str, str | tuple[str, ...]]:
    """The ``saml:…`` keys of a request with this assertion; ``account`` owns the provider."""
    keys: dict[str, str | tuple[str, ...]] = {}
    for name, values in assertion.attributes.items():
        if name in _LISTS:
            keys[f"saml:{_LISTS[name]}"] = values
        elif name in _TEXTS and values:
            keys[f"saml:{_TEXTS[name]}"] = values[0]
    keys["saml:aud"] = assertion.recipient
    keys["saml:doc"] = f"{account}/{provider_name}"
    keys["saml:iss"] = assertion.issuer
    keys["saml:namequalifier"] = name_qualifier(assertion.issuer, account, provider_name)
    keys["saml:sub"] = assertion.subject
    keys["saml:sub_type"] = assertion.subject_type
    return keys
