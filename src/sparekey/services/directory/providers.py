"""Identity providers that roles can trust."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sparekey.storage.interface import Kind

if TYPE_CHECKING:
    from sparekey.storage.interface import Transaction


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """A SAML provider: its metadata document (XML text) with the certificates its assertions are signed with."""

    name: str
    arn: str
    metadata: str
    created: datetime
    valid_until: datetime
    uuid: str = ""
    encryption_mode: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An OpenID Connect provider. ``url`` is without ``https://``; ``keys`` its JSON Web Key Set, given or loaded."""

    url: str
    arn: str
    created: datetime
    client_ids: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    keys: str | None = None


#: (account, name)
SAML_PROVIDERS = Kind("iam.saml-provider", SamlProvider)
#: (account, url)
OIDC_PROVIDERS = Kind("iam.oidc-provider", OidcProvider)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs an account's web identity tokens: the private key (PKCS #8) is sealed, the public one a JWK."""

    key_id: str
    algorithm: str
    private: bytes
    public: str
    created: datetime


#: the sealing purpose of :class:`SigningKey`
SIGNING_KEY = "sts.signing-key"

#: (account, algorithm): the keys of GetWebIdentityToken, RS256 and ES384
SIGNING_KEYS = Kind("sts.signing-key", SigningKey)


def published_keys(records: Transaction, account: str) -> dict[str, list[dict[str, str]]]:
    """The JSON Web Key Set with which an account's web identity tokens are checked, as its issuer publishes it."""
    return {"keys": [json.loads(key.public) for _, key in records.scan(SIGNING_KEYS, account)]}
