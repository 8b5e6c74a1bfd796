"""AssumeRoleWithWebIdentity."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparekey.cloud import Cloud
from sparekey.errors import ServiceError
from sparekey.policy import Principal
from sparekey.services.directory.providers import OIDC_PROVIDERS
from sparekey.services.operation import Caller
from tests.services.account import ACCOUNT, START, Client, TestAccount, allow, an_account, refused
from tests.services.sts.identity_providers import OIDC_PROVIDER, URL, a_curve_key, a_key, an_id_token, key_set
from tests.services.sts.trusts import ROLES, a_role, trust

ROLE = f"{ROLES}Federated"
ACTIONS = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity")
NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
NO_JWT = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
NO_KEY = (
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
    "documentation for requirements"
)
BAD_SIGNATURE = "The web identity token that was passed could not be validated by AWS."
TAGS = "https://aws.amazon.com/tags"


def an_account_with_oidc(
    *,
    actions: tuple[str, ...] = ACTIONS,
    keys: str | None = None,
    url: str = URL,
    condition: Mapping[str, object] = MappingProxyType({}),
) -> TestAccount:
    account = an_account()
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{url}"
    account.root.iam.create_open_id_connect_provider(url=f"https://{url}", client_id_list=["client", "other"])
    give_keys(account, key_set("one", "two") if keys is None else keys, url)
    a_role(account, "Federated", trust({"Federated": provider}, *actions, **condition), allow("iam:ListUsers"))
    return account


def give_keys(account: TestAccount, keys: str | None, url: str = URL) -> None:
    """Keys come with the provider's record: no operation of IAM takes them."""

    def work(records: Any) -> None:
        provider = records.get(OIDC_PROVIDERS, ACCOUNT, url)
        records.put(OIDC_PROVIDERS, (ACCOUNT, url), replace(provider, keys=keys))

    account.cloud.store.write(work)


@pytest.fixture
def account() -> TestAccount:
    return an_account_with_oidc()


def federate(account: TestAccount, token: str | None = None, **more: Any) -> Any:
    nobody = Client(account, Caller(Principal.from_arn("*")))
    text = an_id_token() if token is None else token
    given = {"role_arn": ROLE, "role_session_name": "ann", "web_identity_token": text, **more}
    return nobody.sts.assume_role_with_web_identity(**given)


def test_a_signed_token_stands_for_credentials(account: TestAccount) -> None:
    answer = federate(account)
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Federated/ann"
    assert answer["SubjectFromWebIdentityToken"] == "user:ann"
    assert answer["Provider"] == OIDC_PROVIDER
    assert answer["Audience"] == "client"
    assert answer["Credentials"]["Expiration"] == START + timedelta(hours=1)
    account.with_session(answer["Credentials"]).iam.list_users()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (f"{URL}:aud", "client"),
        (f"{URL}:oaud", "client"),
        (f"{URL}:sub", "user:ann"),
        (f"{URL}:email", "ann@example.com"),
        ("sts:RoleSessionName", "ann"),
        ("aws:FederatedProvider", OIDC_PROVIDER),
        ("aws:RequestTag/team", "red"),
        ("sts:SourceIdentity", "ann"),
    ],
)
def test_the_trust_policy_sees_the_token(key: str, value: str) -> None:
    claims = {
        "email": "ann@example.com",
        "amr": ["mfa", "pwd"],
        TAGS: {"principal_tags": {"team": ["red"]}},
        "https://aws.amazon.com/source_identity": "ann",
    }
    any_value = {"ForAnyValue:StringEquals": {f"{URL}:amr": "mfa"}}
    token = an_id_token(claims)
    federate(an_account_with_oidc(condition={"StringEquals": {key: value}, **any_value}), token)
    with refused("AccessDenied", NOT_AUTHORIZED):
        federate(an_account_with_oidc(condition={"StringEquals": {key: "another"}}), token)


def test_claims_of_github_are_condition_keys() -> None:
    url = "token.actions.githubusercontent.com"
    condition = {f"{url}:repository": "team/app", f"{url}:ref": "refs/heads/main"}
    account = an_account_with_oidc(url=url, condition={"StringEquals": condition})
    claims = {"iss": f"https://{url}", "repository": "team/app"}
    federate(account, an_id_token({**claims, "ref": "refs/heads/main"}))
    with refused("AccessDenied", NOT_AUTHORIZED):
        federate(account, an_id_token({**claims, "ref": "refs/heads/other"}))


def test_requests_of_the_session_carry_what_the_token_said(account: TestAccount) -> None:
    condition = {f"{URL}:sub": "user:ann", f"{URL}:aud": "client", "aws:FederatedProvider": OIDC_PROVIDER}
    root = account.root.iam
    root.put_role_policy(
        role_name="Federated", policy_name="p", policy_document=allow("iam:ListRoles", StringEquals=condition)
    )
    account.with_session(federate(account)["Credentials"]).iam.list_roles()


def test_a_role_that_does_not_trust_the_provider_is_refused(account: TestAccount) -> None:
    a_role(account, "Closed", trust(ACCOUNT, *ACTIONS))
    for name in ("Closed", "Missing"):
        with refused("AccessDenied", NOT_AUTHORIZED):
            federate(account, role_arn=f"{ROLES}{name}")


def test_a_role_that_trusts_everyone_trusts_whoever_has_a_token(account: TestAccount) -> None:
    a_role(account, "Open", trust({"AWS": "*"}, *ACTIONS))
    federate(account, role_arn=f"{ROLES}Open")


def test_a_token_of_no_provider_of_the_account_is_refused(account: TestAccount) -> None:
    for issuer in ("https://other.example.com", "http://id.example.com", URL):
        message = f"No OpenIDConnect provider found in your account for {issuer}"
        with refused("InvalidIdentityTokenException", message):
            federate(account, an_id_token({"iss": issuer}))


def test_access_tokens_of_other_providers_cannot_be_checked(account: TestAccount) -> None:
    with refused("IDPCommunicationErrorException"):
        federate(account, provider_id="www.amazon.com")


# signatures


def test_any_key_of_the_set_will_do(account: TestAccount) -> None:
    federate(account, an_id_token(key=a_key("two"), headers={"kid": "two"}))
    federate(account, an_id_token(key=a_key("two"), headers={}))


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_rsa_signatures_are_taken(account: TestAccount, algorithm: str) -> None:
    federate(account, an_id_token(algorithm=algorithm))


def test_elliptic_curve_signatures_are_taken() -> None:
    account = an_account_with_oidc(keys=key_set("one", curve=True))
    federate(account, an_id_token(key=a_curve_key("one"), algorithm="ES384"))


def test_a_token_that_somebody_else_signed_is_refused(account: TestAccount) -> None:
    for headers in ({"kid": "one"}, {}):
        with refused("InvalidIdentityTokenException", BAD_SIGNATURE):
            federate(account, an_id_token(key=a_key("somebody else"), headers=headers))


def test_a_token_of_an_unknown_key_is_refused(account: TestAccount) -> None:
    with refused("InvalidIdentityTokenException", NO_KEY):
        federate(account, an_id_token(headers={"kid": "three"}))


@pytest.mark.parametrize("keys", [None, "", "no json", "[]", '{"keys": "x"}', '{"keys": ["x"]}'])
def test_a_provider_without_readable_keys_verifies_nothing(account: TestAccount, keys: str | None) -> None:
    give_keys(account, keys)
    with refused("InvalidIdentityTokenException", NO_KEY):
        federate(account)


def test_keys_that_the_server_was_given_count_where_the_provider_has_none(account: TestAccount) -> None:
    give_keys(account, None)
    told = Cloud(
        account.cloud.store,
        sealer=account.cloud.sealer,
        clock=account.clock,
        entropy=account.cloud.entropy,
        oidc_keys={URL: key_set("one")},
    )
    answer = federate(replace(account, cloud=told))
    assert answer["Provider"] == OIDC_PROVIDER


def test_keys_for_encryption_and_broken_keys_do_not_count(account: TestAccount) -> None:
    good = json.loads(key_set("one"))["keys"][0]
    give_keys(account, json.dumps({"keys": [{**good, "use": "enc"}]}))
    with refused("InvalidIdentityTokenException", NO_KEY):
        federate(account)
    give_keys(account, json.dumps({"keys": [{"kty": "RSA", "kid": "one"}, {"kid": "one"}, {**good, "n": 7}]}))
    with refused("InvalidIdentityTokenException", BAD_SIGNATURE):
        federate(account)


def part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_that_is_not_signed_is_refused(account: TestAccount) -> None:
    payload = an_id_token().split(".")[1]
    for algorithm in ("none", "None", "NONE"):
        with refused("InvalidIdentityTokenException", NO_JWT):
            federate(account, f"{part({'alg': algorithm, 'typ': 'JWT'})}.{payload}.")


def test_a_token_signed_with_a_shared_secret_is_refused(account: TestAccount) -> None:
    """Not even with the public key as the secret."""
    with refused("InvalidIdentityTokenException", NO_JWT):
        federate(account, an_id_token(key="s" * 64, algorithm="HS256"))


def test_a_curve_s_algorithm_with_a_key_of_rsa_is_refused(account: TestAccount) -> None:
    with refused("InvalidIdentityTokenException", BAD_SIGNATURE):
        federate(account, an_id_token(key=a_curve_key("one"), algorithm="ES384"))


def test_critical_headers_are_refused(account: TestAccount) -> None:
    with refused("InvalidIdentityTokenException", NO_JWT):
        federate(account, an_id_token(headers={"kid": "one", "crit": ["exp"]}))


@pytest.mark.parametrize("token", ["text", "a.b.c", "....", "é.é.é", f"{part({})}.{part([])}.x"])
def test_what_is_no_token_is_refused(account: TestAccount, token: str) -> None:
    with refused("InvalidIdentityTokenException", NO_JWT):
        federate(account, token)


SHARED = an_account_with_oidc()


@settings(max_examples=60)
@given(at=st.integers(0, 2000), character=st.characters(codec="ascii"))
def test_no_change_of_a_character_gives_another_session(at: int, character: str) -> None:
    token = an_id_token()
    at %= len(token)
    try:
        answer = federate(SHARED, token[:at] + character + token[at + 1 :])
    except ServiceError:
        return
    assert answer["SubjectFromWebIdentityToken"] == "user:ann"


# claims


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat"])
def test_claims_that_aws_needs_must_be_there(account: TestAccount, claim: str) -> None:
    with refused("InvalidIdentityTokenException", f"Missing a required claim: {claim}"):
        federate(account, an_id_token(without=claim))


@pytest.mark.parametrize(
    ("claims", "claim"), [({"exp": True}, "exp"), ({"iat": True}, "iat"), ({"aud": []}, "aud"), ({"aud": [7]}, "aud")]
)
def test_claims_that_aws_needs_must_be_of_their_kind(account: TestAccount, claims: dict[str, Any], claim: str) -> None:
    with refused("InvalidIdentityTokenException", f"Missing a required claim: {claim}"):
        federate(account, an_id_token(claims))


def test_a_token_ends_by_the_clock(account: TestAccount) -> None:
    token = an_id_token()
    account.later(seconds=599)
    federate(account, token)
    account.later(seconds=1)
    now = int(START.timestamp()) + 600
    message = f"Token expired: current date/time {now} must be before the expiration date/time {now}"
    with refused("ExpiredTokenException", message):
        federate(account, token)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_of_the_future_is_refused(account: TestAccount, claim: str) -> None:
    soon = int(START.timestamp()) + 300
    federate(account, an_id_token({claim: soon}))
    with refused("InvalidIdentityTokenException", "Token is not yet valid"):
        federate(account, an_id_token({claim: soon + 1}))


def test_the_audience_must_be_a_client_of_the_provider(account: TestAccount) -> None:
    with refused("InvalidIdentityTokenException", "Incorrect token audience"):
        federate(account, an_id_token({"aud": "stranger"}))
    assert federate(account, an_id_token({"aud": ["stranger", "other"]}))["Audience"] == "stranger"


def test_the_authorized_party_takes_the_audience_s_place() -> None:
    condition = {"StringEquals": {f"{URL}:aud": "client", f"{URL}:oaud": "stranger"}}
    account = an_account_with_oidc(condition=condition)
    assert federate(account, an_id_token({"aud": "stranger", "azp": "client"}))["Audience"] == "client"
    with refused("InvalidIdentityTokenException", "Incorrect token audience"):
        federate(account, an_id_token({"aud": "client", "azp": "stranger"}))


# tags and source identity


@pytest.mark.parametrize(
    "claims",
    [
        {TAGS: {"principal_tags": {"team": ["red"]}, "transitive_tag_keys": ["team"]}},
        {TAGS: {"principal_tags": {"team": "red"}, "transitive_tag_keys": ["team"]}},
        {f"{TAGS}/principal_tags/team": "red", f"{TAGS}/transitive_tag_keys": ["team"]},
    ],
)
def test_tags_come_as_claims_and_may_be_transitive(account: TestAccount, claims: dict[str, Any]) -> None:
    session = account.with_session(federate(account, an_id_token(claims))["Credentials"]).caller.session
    assert session is not None
    assert session.tags == {"team": "red"}
    assert session.transitive == ("team",)


@pytest.mark.parametrize(
    "claims",
    [
        {TAGS: "team"},
        {TAGS: {"principal_tags": ["team"]}},
        {TAGS: {"principal_tags": {"team": ["red", "blue"]}}},
        {TAGS: {"principal_tags": {"team": 7}}},
        {TAGS: {"transitive_tag_keys": "team"}},
    ],
)
def test_tags_of_another_form_are_refused(account: TestAccount, claims: dict[str, Any]) -> None:
    with refused("InvalidIdentityTokenException"):
        federate(account, an_id_token(claims))


@pytest.mark.parametrize(
    ("claims", "action"),
    [
        ({f"{TAGS}/principal_tags/team": "red"}, "sts:TagSession"),
        ({"https://aws.amazon.com/source_identity": "ann"}, "sts:SetSourceIdentity"),
    ],
)
def test_tags_and_source_identity_need_the_trust_policy_s_permission(claims: dict[str, Any], action: str) -> None:
    account = an_account_with_oidc(actions=("sts:AssumeRoleWithWebIdentity",))
    federate(account)
    with refused("AccessDenied", f"Not authorized to perform {action}"):
        federate(account, an_id_token(claims))


def test_the_source_identity_is_answered(account: TestAccount) -> None:
    answer = federate(account, an_id_token({"https://aws.amazon.com/source_identity": "ann"}))
    assert answer["SourceIdentity"] == "ann"
