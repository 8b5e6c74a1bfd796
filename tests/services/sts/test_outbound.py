"""GetWebIdentityToken."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest

from sparekey.services.directory.providers import SIGNING_KEYS, published_keys
from sparekey.services.directory.settings import OUTBOUND_FEDERATION, OutboundFederation
from tests.services.account import ACCOUNT, START, Client, TestAccount, allow, an_account, deny, refused
from tests.services.sts.trusts import a_role, in_role, trust

ISSUER = "https://abc.tokens.sts.global.api.aws"
EVERYTHING = allow(["sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"])


@pytest.fixture
def account() -> TestAccount:
    account = an_account()
    enable(account)
    return account


def enable(account: TestAccount, *, enabled: bool = True) -> None:
    record = OutboundFederation(ISSUER, enabled)
    account.cloud.store.write(lambda records: records.put(OUTBOUND_FEDERATION, (ACCOUNT,), record))


def ask(client: Client, *audience: str, algorithm: str = "ES384", **more: Any) -> Any:
    return client.sts.get_web_identity_token(
        audience=list(audience or ("https://api.example.com",)), signing_algorithm=algorithm, **more
    )


def claims_of(account: TestAccount, answer: Any) -> dict[str, Any]:
    """The claims of a token, checked with the published keys."""
    keys = jwt.PyJWKSet.from_dict(account.cloud.store.read(lambda records: published_keys(records, ACCOUNT)))
    token = answer["WebIdentityToken"]
    key = keys[jwt.get_unverified_header(token)["kid"]]
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    return jwt.decode(token, key, options=options)


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_a_token_says_who_calls_and_verifies_with_the_published_keys(account: TestAccount, algorithm: str) -> None:
    ann = account.signed_in("ann", EVERYTHING)
    answer = ask(ann, algorithm=algorithm)
    assert answer["Expiration"] == START + timedelta(minutes=5)
    claims = claims_of(account, answer)
    assert claims["iss"] == ISSUER
    assert claims["aud"] == "https://api.example.com"
    assert claims["sub"] == ann.arn
    assert claims["exp"] - claims["iat"] == 300
    own = claims["https://sts.amazonaws.com/"]
    assert own == {"aws_account": ACCOUNT, "source_region": "us-east-1", "principal_id": ann.arn}


def test_a_key_is_made_once_and_kept_sealed(account: TestAccount) -> None:
    ann = account.signed_in("ann", EVERYTHING)
    first, second = ask(ann)["WebIdentityToken"], ask(ann)["WebIdentityToken"]
    assert jwt.get_unverified_header(first) == jwt.get_unverified_header(second)
    (key,) = (key for _, key in account.cloud.store.read(lambda records: list(records.scan(SIGNING_KEYS, ACCOUNT))))
    assert "d" not in json.loads(key.public)
    assert not key.private.startswith(b"0")


def test_a_session_s_token_is_about_its_role(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    role = a_role(
        account,
        "Deploy",
        trust(ann.arn, "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"),
        EVERYTHING,
        path="/team/",
    )
    session = in_role(ann, role, tags=[{"Key": "team", "Value": "red"}], source_identity="ann")
    claims = claims_of(account, ask(session, "a", "b", tags=[{"Key": "job", "Value": "7"}]))
    assert claims["sub"] == role
    assert claims["aud"] == ["a", "b"]
    own = claims["https://sts.amazonaws.com/"]
    assert own["principal_id"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/session"
    assert own["principal_tags"] == {"team": "red"}
    assert own["request_tags"] == {"job": "7"}
    assert own["source_identity"] == "ann"
    assert own["original_session_exp"] == "2026-11-23T13:00:00Z"


def test_a_token_may_not_outlive_the_session(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    session = in_role(ann, a_role(account, "R", trust(ann.arn), EVERYTHING), duration_seconds=900)
    ask(session, duration_seconds=900)
    account.later(seconds=1)
    with refused("SessionDurationEscalationException"):
        ask(session, duration_seconds=900)


def test_the_account_must_have_the_feature_on(account: TestAccount) -> None:
    ann = account.signed_in("ann", EVERYTHING)
    enable(account, enabled=False)
    with refused("OutboundWebIdentityFederationDisabledException"):
        ask(ann)
    plain = an_account()
    with refused("OutboundWebIdentityFederationDisabledException"):
        ask(plain.signed_in("ann", EVERYTHING))


def test_tags_need_a_permission_of_their_own(account: TestAccount) -> None:
    tags = [{"Key": "job", "Value": "7"}]
    ann = account.signed_in("ann", allow("sts:GetWebIdentityToken"))
    with refused("AccessDenied") as caught:
        ask(ann, tags=tags)
    assert "sts:TagGetWebIdentityToken" in caught.value.message
    red = account.signed_in("red", EVERYTHING, deny("sts:TagGetWebIdentityToken", StringEquals={"aws:TagKeys": ["x"]}))
    ask(red, tags=tags)


@pytest.mark.parametrize(
    "condition",
    [
        {"ForAllValues:StringEquals": {"sts:IdentityTokenAudience": ["a"]}},
        {"NumericLessThanEquals": {"sts:DurationSeconds": "300"}},
        {"StringEquals": {"sts:SigningAlgorithm": "ES384"}},
        {"StringEquals": {"aws:RequestTag/job": "7"}},
    ],
)
def test_policies_see_what_the_token_is_for(account: TestAccount, condition: dict[str, Any]) -> None:
    policy = allow(["sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"], "*", **condition)
    ann = account.signed_in("ann", policy)
    ask(ann, "a", tags=[{"Key": "job", "Value": "7"}])
    with refused("AccessDenied"):
        ask(ann, "b", algorithm="RS256", duration_seconds=301, tags=[{"Key": "job", "Value": "8"}])


def test_other_algorithms_are_invalid(account: TestAccount) -> None:
    with refused("ValidationError") as caught:
        ask(account.signed_in("ann", EVERYTHING), algorithm="HS256")
    assert "'HS256' at 'signingAlgorithm'" in caught.value.message


def test_the_root_user_gets_no_token(account: TestAccount) -> None:
    with refused("AccessDenied"):
        ask(account.root)


def test_a_token_that_would_be_too_large_is_refused(account: TestAccount) -> None:
    tags = [{"Key": f"key-{number}", "Value": "v" * 256} for number in range(40)]
    with refused("JWTPayloadSizeExceededException"):
        ask(account.signed_in("ann", EVERYTHING), tags=tags)


def test_an_account_s_own_tokens_do_not_open_its_roles(account: TestAccount) -> None:
    from sparekey.policy import Principal
    from sparekey.services.operation import Caller

    token = ask(account.signed_in("ann", EVERYTHING))["WebIdentityToken"]
    nobody = Client(account, Caller(Principal.from_arn("*")))
    with refused("InvalidIdentityTokenException", f"No OpenIDConnect provider found in your account for {ISSUER}"):
        nobody.sts.assume_role_with_web_identity(
            role_arn=f"arn:aws:iam::{ACCOUNT}:role/R", role_session_name="one", web_identity_token=token
        )
