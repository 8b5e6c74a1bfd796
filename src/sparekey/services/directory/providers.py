"""Identity providers that roles can trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sparekey.storage.interface import Kind


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
