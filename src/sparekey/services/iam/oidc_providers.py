"""OpenID Connect providers.

Nothing is fetched from a provider's URL: its signing keys come with a record (``OidcProvider.keys``), or are given to
the server. Without thumbprints AWS asks the provider for its certificate; here the list then stays empty, and
thumbprints are kept but not compared with anything.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sparekey.errors import ValidationError
from sparekey.services.directory.providers import OIDC_PROVIDERS, OidcProvider
from sparekey.services.iam.errors import (
    EntityAlreadyExistsException,
    InvalidInputException,
    LimitExceededException,
    NoSuchEntityException,
)
from sparekey.services.iam.names import arn
from sparekey.services.iam.resources import nothing, removed_tags, request_tags
from sparekey.services.iam.tagging import listed_tags, retagged, tag_list, tag_member, tagged, untagged
from sparekey.services.operation import Target, operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparekey.services.operation import Call, Output, Tags

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
PROVIDERS: Final = 100
CLIENT_IDS: Final = 100
THUMBPRINTS: Final = 5

_SCHEME: Final = "https://"
_THUMBPRINT = re.compile(r"[0-9a-fA-F]{40}")


def provider(call: Call, *, open_id_connect_provider_arn: str, **_: object) -> Target:
    """The OpenID Connect provider a request names by its ARN."""
    found = call.records.get(OIDC_PROVIDERS, call.account, _url_in(open_id_connect_provider_arn))
    known = found is not None and found.arn == open_id_connect_provider_arn
    return Target(open_id_connect_provider_arn, call.account, tags=found.tags if found and known else {})


def new_provider(call: Call, *, url: str, **_: object) -> Target:
    """The OpenID Connect provider a request would make."""
    return Target(arn(call, f"oidc-provider/{url.removeprefix(_SCHEME)}"))


@operation("iam:CreateOpenIDConnectProvider", resource=new_provider, context=request_tags)
def create_open_id_connect_provider(
    call: Call,
    *,
    url: str,
    client_id_list: Sequence[str] | None = None,
    thumbprint_list: Sequence[str] | None = None,
    tags: Tags | None = None,
) -> Output:
    """Trust an OpenID Connect identity provider, known by its URL."""
    target = new_provider(call, url=url)
    if tags:
        call.authorize("iam:TagOpenIDConnectProvider", target, request_tags(call, tags=tags))
    made = OidcProvider(
        url=_checked_url(url),
        arn=target.arn,
        created=call.now,
        client_ids=_checked_clients(tuple(dict.fromkeys(client_id_list or ()))),
        thumbprints=_checked_thumbprints(thumbprint_list or ()),
        tags=tagged({}, tags),
    )
    if call.records.count(OIDC_PROVIDERS, call.account, limit=PROVIDERS) >= PROVIDERS:
        raise LimitExceededException(f"Cannot exceed quota for OpenIdConnectProvidersPerAccount: {PROVIDERS}")
    if not call.records.add(OIDC_PROVIDERS, (call.account, made.url), made):
        raise EntityAlreadyExistsException(f"Provider with url {url} already exists.")
    return {"OpenIDConnectProviderArn": made.arn, **tag_member(made.tags)}


@operation("iam:GetOpenIDConnectProvider", resource=provider)
def get_open_id_connect_provider(call: Call, *, open_id_connect_provider_arn: str) -> Output:
    """Read an OpenID Connect provider; its URL is shown without ``https://``."""
    found = _find(call, open_id_connect_provider_arn)
    return {
        "Url": found.url,
        "ClientIDList": list(found.client_ids),
        "ThumbprintList": list(found.thumbprints),
        "CreateDate": found.created,
        "Tags": tag_list(found.tags),
    }


@operation("iam:ListOpenIDConnectProviders", resource=nothing)
def list_open_id_connect_providers(call: Call) -> Output:
    """List the ARNs of the account's OpenID Connect providers."""
    found = [each for _, each in call.records.scan(OIDC_PROVIDERS, call.account)]
    return {"OpenIDConnectProviderList": [{"Arn": each.arn} for each in found]}


@operation("iam:UpdateOpenIDConnectProviderThumbprint", resource=provider)
def update_open_id_connect_provider_thumbprint(
    call: Call, *, open_id_connect_provider_arn: str, thumbprint_list: Sequence[str]
) -> None:
    """Replace the thumbprints of a provider's certificates."""
    found = _find(call, open_id_connect_provider_arn)
    _put(call, replace(found, thumbprints=_checked_thumbprints(thumbprint_list)))


@operation("iam:AddClientIDToOpenIDConnectProvider", resource=provider)
def add_client_id_to_open_id_connect_provider(call: Call, *, open_id_connect_provider_arn: str, client_id: str) -> None:
    """Take tokens that were made for one more client; one that is there already does not matter."""
    found = _find(call, open_id_connect_provider_arn)
    if client_id not in found.client_ids:
        _put(call, replace(found, client_ids=_checked_clients((*found.client_ids, client_id))))


@operation("iam:RemoveClientIDFromOpenIDConnectProvider", resource=provider)
def remove_client_id_from_open_id_connect_provider(
    call: Call, *, open_id_connect_provider_arn: str, client_id: str
) -> None:
    """Take no more tokens that were made for a client; one that is not there does not matter."""
    found = _find(call, open_id_connect_provider_arn)
    _put(call, replace(found, client_ids=tuple(each for each in found.client_ids if each != client_id)))


@operation("iam:DeleteOpenIDConnectProvider", resource=provider)
def delete_open_id_connect_provider(call: Call, *, open_id_connect_provider_arn: str) -> None:
    """Trust a provider no longer; one that is not there does not matter. Roles that name it stay."""
    _check_arn(open_id_connect_provider_arn)
    found = call.records.get(OIDC_PROVIDERS, call.account, _url_in(open_id_connect_provider_arn))
    if found is not None and found.arn == open_id_connect_provider_arn:
        call.records.delete(OIDC_PROVIDERS, call.account, found.url)


@operation("iam:ListOpenIDConnectProviderTags", resource=provider)
def list_open_id_connect_provider_tags(
    call: Call, *, open_id_connect_provider_arn: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the tags of an OpenID Connect provider, by key."""
    return listed_tags(_find(call, open_id_connect_provider_arn).tags, marker, max_items)


@operation("iam:TagOpenIDConnectProvider", resource=provider, context=request_tags)
def tag_open_id_connect_provider(call: Call, *, open_id_connect_provider_arn: str, tags: Tags) -> None:
    """Put tags on an OpenID Connect provider."""
    found = _find(call, open_id_connect_provider_arn)
    _put(call, replace(found, tags=retagged(found.tags, tags)))


@operation("iam:UntagOpenIDConnectProvider", resource=provider, context=removed_tags)
def untag_open_id_connect_provider(call: Call, *, open_id_connect_provider_arn: str, tag_keys: Sequence[str]) -> None:
    """Take tags off an OpenID Connect provider."""
    found = _find(call, open_id_connect_provider_arn)
    _put(call, replace(found, tags=untagged(found.tags, tag_keys)))


def _checked_url(url: str) -> str:
    """The URL without its scheme.

    Raises:
        ValidationError: it is no ``https://`` URL, or has a port, a query or a fragment.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValidationError("Invalid Open ID Connect Provider URL") from error
    plain = url.startswith(_SCHEME) and parts.hostname and url.isascii() and url.isprintable() and " " not in url
    if not plain or port is not None or "?" in url or "#" in url or "@" in parts.netloc:
        raise ValidationError("Invalid Open ID Connect Provider URL")
    return url.removeprefix(_SCHEME)


def _checked_clients(client_ids: tuple[str, ...]) -> tuple[str, ...]:
    if len(client_ids) > CLIENT_IDS:
        raise LimitExceededException(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {CLIENT_IDS}")
    return client_ids


def _checked_thumbprints(thumbprints: Sequence[str]) -> tuple[str, ...]:
    if len(thumbprints) > THUMBPRINTS:
        raise InvalidInputException("Thumbprint list must contain fewer than 5 entries.")
    if not all(_THUMBPRINT.fullmatch(each) for each in thumbprints):
        raise InvalidInputException("Thumbprints must consist of 40 hexadecimal digits.")
    return tuple(each.lower() for each in thumbprints)


def _put(call: Call, changed: OidcProvider) -> None:
    call.records.put(OIDC_PROVIDERS, (call.account, changed.url), changed)


def _url_in(arn_of_provider: str) -> str:
    return arn_of_provider.partition(":oidc-provider/")[2] or arn_of_provider


def _check_arn(arn_of_provider: str) -> None:
    if ":oidc-provider/" not in arn_of_provider:
        raise InvalidInputException(f"Invalid ARN: {arn_of_provider}")


def _find(call: Call, arn_of_provider: str) -> OidcProvider:
    _check_arn(arn_of_provider)
    found = call.records.get(OIDC_PROVIDERS, call.account, _url_in(arn_of_provider))
    if found is None or found.arn != arn_of_provider:
        raise NoSuchEntityException(f"OpenIDConnect Provider not found for arn {arn_of_provider}")
    return found


OPERATIONS = (
    create_open_id_connect_provider,
    get_open_id_connect_provider,
    list_open_id_connect_providers,
    update_open_id_connect_provider_thumbprint,
    add_client_id_to_open_id_connect_provider,
    remove_client_id_from_open_id_connect_provider,
    delete_open_id_connect_provider,
    list_open_id_connect_provider_tags,
    tag_open_id_connect_provider,
    untag_open_id_connect_provider,
)
