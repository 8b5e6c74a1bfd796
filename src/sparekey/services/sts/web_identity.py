"""AssumeRoleWithWebIdentity: an OpenID Connect provider's token in place of credentials.

OAuth 2.0 access tokens of Login with Amazon and Facebook (``ProviderId``) can only be checked by asking those: they
are refused as AWS does when it cannot reach them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.providers import OIDC_PROVIDERS
from sparekey.services.operation import operation
from sparekey.services.sts.errors import IDPCommunicationErrorException, InvalidIdentityTokenException
from sparekey.services.sts.federated_sessions import Asked, Presented, assume_for_provider
from sparekey.services.sts.json_web_token import IdToken, check_id_token, read_id_token
from sparekey.services.sts.trusting_roles import account_of_role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.services.directory.providers import OidcProvider
    from sparekey.services.operation import Call, Output

_ACTION: Final = "sts:AssumeRoleWithWebIdentity"
_CLAIMS: Final = "https://aws.amazon.com/"
_SCHEME: Final = "https://"
_UNREACHABLE: Final = "The identity provider could not be reached to verify the incoming identity token."
_BAD_TAGS: Final = "The session tags of the token are not of the required form."  # our own words

#: Further claims that are condition keys, by the provider whose they are.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
_FURTHER: Final[Mapping[str, tuple[str, ...]]] = {
    "token.actions.githubusercontent.com": (
        "actor",
        "actor_id",
        "enterprise_id",
        "environment",
        "job_workflow_ref",
        "ref",
        "repository",
        "repository_id",
        "workflow",
    ),
}


@operation("sts:AssumeRoleWithWebIdentity", authorized=False, anonymous=True, changes=False)
def assume_role_with_web_identity(  # noqa: PLR0913 - the members of the API
    call: Call,
    *,
    role_arn: str,
    role_session_name: str,
    web_identity_token: str,
    provider_id: str | None = None,
    policy_arns: Sequence[Mapping[str, str]] = (),
    policy: str | None = None,
    duration_seconds: int = 3600,
    minimum_session_token_size: int = 0,
) -> Output:
    """Give temporary credentials of a role that trusts the identity provider whose token this is."""
    account = account_of_role(role_arn)
    if provider_id is not None:
        raise IDPCommunicationErrorException(_UNREACHABLE)
    token = read_id_token(web_identity_token)
    provider = _find_provider(call, account, token)
    check_id_token(token, provider, call.now)
    keys = web_identity_keys(token, provider.url)
    tags, transitive = _tags(token)
    presented = Presented(
        provider=provider.arn,
        session_name=role_session_name,
        keys=keys,
        lasting=keys,
        tags=tags,
        transitive=transitive,
        source_identity=_source_identity(token),
    )
    asked = Asked(duration_seconds, policy, policy_arns, minimum_session_token_size)
    return {
        **assume_for_provider(call, _ACTION, role_arn, presented, asked),
        "SubjectFromWebIdentityToken": token.claim("sub"),
        "Provider": provider.arn,
        "Audience": token.party or token.audience[0],
    }


def _find_provider(call: Call, account: str, token: IdToken) -> OidcProvider:
    """The provider of the role's account that a token says to be of, with the keys that are known of it.

    Raises:
        InvalidIdentityTokenException: there is none.
    """
    issuer = token.claim("iss")
    provider = call.records.get(OIDC_PROVIDERS, account, issuer.removeprefix(_SCHEME))
    if provider is None or not issuer.startswith(_SCHEME):
        raise InvalidIdentityTokenException(f"No OpenIDConnect provider found in your account for {issuer}")
    return provider if provider.keys else replace(provider, keys=call.oidc_keys.get(provider.url))


def web_identity_keys(token: IdToken, url: str) -> dict[str, str | tuple[str, ...]]:
    """The condition keys of a token, such as ``accounts.google.com:aud``: they begin with the provider's URL.

    ``aud`` is the authorized party, if the token names one, and ``oaud`` what it calls the audience.
    """
    audience = token.audience
    keys: dict[str, str | tuple[str, ...]] = {
        f"{url}:aud": token.party or (audience[0] if len(audience) == 1 else audience),
        f"{url}:oaud": audience[0] if len(audience) == 1 else audience,
        f"{url}:sub": token.claim("sub"),
    }
    methods = token.claims.get("amr")
    if isinstance(methods, list) and all(isinstance(each, str) for each in methods):
        keys[f"{url}:amr"] = tuple(methods)
    for name in ("email", *_FURTHER.get(url, ())):
        value = token.claims.get(name)
        if isinstance(value, str):
            keys[f"{url}:{name}"] = value
    return keys


def _tags(token: IdToken) -> tuple[list[dict[str, str]], list[str]]:
    """The session tags of a token and the keys of the transitive ones, nested in one claim or each in its own.

    Raises:
        InvalidIdentityTokenException: they are not of the required form.
    """
    nested = token.claims.get(f"{_CLAIMS}tags", {})
    if not isinstance(nested, dict):
        raise InvalidIdentityTokenException(_BAD_TAGS)
    flat = f"{_CLAIMS}tags/principal_tags/"
    found = {name.removeprefix(flat): value for name, value in token.claims.items() if name.startswith(flat)}
    principal_tags = nested.get("principal_tags", {})
    if not isinstance(principal_tags, dict):
        raise InvalidIdentityTokenException(_BAD_TAGS)
    transitive = nested.get("transitive_tag_keys", token.claims.get(f"{_CLAIMS}tags/transitive_tag_keys", []))
    if not isinstance(transitive, list) or not all(isinstance(each, str) for each in transitive):
        raise InvalidIdentityTokenException(_BAD_TAGS)
    tags = [{"Key": key, "Value": _value(value)} for key, value in {**principal_tags, **found}.items()]
    return tags, transitive


def _value(value: object) -> str:
    """A tag's value: a text, or a list of one."""
    single = value[0] if isinstance(value, list) and len(value) == 1 else value
    if not isinstance(single, str):
        raise InvalidIdentityTokenException(_BAD_TAGS)
    return single


def _source_identity(token: IdToken) -> str | None:
    value = token.claims.get(f"{_CLAIMS}source_identity")
    return None if value is None else str(value)
