"""AssumeRoleWithSAML."""

from __future__ import annotations

import builtins
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod

from sparekey.errors import ServiceError
from sparekey.policy import Principal, PrincipalKind
from sparekey.services.operation import Caller
from tests.services.account import ACCOUNT, START, Client, TestAccount, allow, an_account, refused
from tests.services.sts.identity_providers import ATTRIBUTES, ENDPOINT, ISSUER, PROVIDER, Response, encoded, metadata
from tests.services.sts.trusts import ROLES, a_role, trust

ROLE = f"{ROLES}Federated"
ACTIONS = ("sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity")
GOOD = Response(ROLE)
NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithSAML"
UNSIGNED = "Response signature invalid"
INVALID = "Your request included an invalid SAML response."
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"


def an_account_with_saml(
    *,
    actions: tuple[str, ...] = ACTIONS,
    keys: tuple[str, ...] = ("corp",),
    condition: Mapping[str, object] = MappingProxyType({}),
) -> TestAccount:
    account = an_account()
    account.root.iam.create_saml_provider(name="Corp", saml_metadata_document=metadata(*keys))
    a_role(account, "Federated", trust({"Federated": PROVIDER}, *actions, **condition), allow("iam:ListUsers"))
    return account


@pytest.fixture
def account() -> TestAccount:
    return an_account_with_saml()


def nobody(account: TestAccount) -> Client:
    """A caller without credentials."""
    return Client(account, Caller(Principal.from_arn("*")))


def federate(account: TestAccount, response: Response | str = GOOD, **more: Any) -> Any:
    text = response if isinstance(response, str) else response.encoded()
    given = {"role_arn": ROLE, "principal_arn": PROVIDER, "saml_assertion": text, **more}
    return nobody(account).sts.assume_role_with_saml(**given)


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_a_signed_assertion_stands_for_credentials(account: TestAccount, sign: str) -> None:
    answer = federate(account, GOOD.but(sign=sign))
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Federated/ann@example.com"
    assert answer["Credentials"]["Expiration"] == START + timedelta(hours=1)
    assert answer["Subject"] == "ann"
    assert answer["SubjectType"] == "persistent"
    assert answer["Issuer"] == ISSUER
    assert answer["Audience"] == ENDPOINT
    session = account.with_session(answer["Credentials"])
    session.iam.list_users()
    assert session.caller.principal.kind is PrincipalKind.ROLE_SESSION


def test_the_name_qualifier_is_the_hash_aws_documents(account: TestAccount) -> None:
    import hashlib

    told = f"{ISSUER}{ACCOUNT}/Corp".encode()
    assert federate(account)["NameQualifier"] == b64encode(hashlib.sha1(told).digest()).decode()  # noqa: S324 - AWS's


def test_requests_of_the_session_carry_what_the_assertion_said(account: TestAccount) -> None:
    condition = {"saml:sub": "ann", "saml:sub_type": "persistent", "aws:FederatedProvider": PROVIDER}
    account.root.iam.delete_role_policy(role_name="Federated", policy_name="inline-0")
    account.root.iam.put_role_policy(
        role_name="Federated", policy_name="p", policy_document=allow("iam:ListUsers", StringEquals=condition)
    )
    account.with_session(federate(account)["Credentials"]).iam.list_users()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("saml:aud", ENDPOINT),
        ("saml:iss", ISSUER),
        ("saml:doc", f"{ACCOUNT}/Corp"),
        ("saml:sub", "ann"),
        ("saml:mail", "ann@example.com"),
        ("sts:RoleSessionName", "ann@example.com"),
        ("aws:FederatedProvider", PROVIDER),
        ("aws:RequestTag/team", "red"),
        ("sts:SourceIdentity", "ann"),
    ],
)
def test_the_trust_policy_sees_the_assertion(key: str, value: str) -> None:
    response = GOOD.but(
        attributes={
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": ["ann@example.com"],
            f"{ATTRIBUTES}PrincipalTag:team": ["red"],
            f"{ATTRIBUTES}SourceIdentity": ["ann"],
            "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["staff", "faculty"],
        }
    )
    affiliation = {"saml:edupersonaffiliation": ["staff", "faculty"]}
    account = an_account_with_saml(condition={"StringEquals": {key: value}, "ForAllValues:StringEquals": affiliation})
    federate(account, response)
    with refused("AccessDenied", NOT_AUTHORIZED):
        federate(an_account_with_saml(condition={"StringEquals": {key: "other"}}), response)


def test_a_role_that_does_not_trust_the_provider_is_refused() -> None:
    account = an_account()
    account.root.iam.create_saml_provider(name="Corp", saml_metadata_document=metadata("corp"))
    with refused("AccessDenied", NOT_AUTHORIZED):
        federate(account)
    a_role(account, "Federated", trust({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/Other"}, *ACTIONS))
    with refused("AccessDenied", NOT_AUTHORIZED):
        federate(account)


def test_the_assertion_must_offer_the_role(account: TestAccount) -> None:
    with refused("AccessDenied", NOT_AUTHORIZED):
        federate(account, GOOD.but(role=f"{ROLES}Other"))


def test_role_and_provider_may_be_named_in_either_order(account: TestAccount) -> None:
    federate(account, GOOD.but(attributes={f"{ATTRIBUTES}Role": [f" {PROVIDER} , {ROLE}"]}))


def test_a_provider_that_does_not_exist_is_refused(account: TestAccount) -> None:
    with refused("InvalidIdentityTokenException", "Specified provider doesn't exist"):
        federate(account, principal_arn=f"arn:aws:iam::{ACCOUNT}:saml-provider/Other")


# tags, source identity, duration


def test_tags_come_as_attributes_and_may_be_transitive(account: TestAccount) -> None:
    attributes = {
        f"{ATTRIBUTES}PrincipalTag:team": ["red"],
        f"{ATTRIBUTES}PrincipalTag:empty": [],
        f"{ATTRIBUTES}TransitiveTagKeys": ["team"],
    }
    answer = federate(account, GOOD.but(attributes=attributes))
    session = account.with_session(answer["Credentials"]).caller.session
    assert session is not None
    assert session.tags == {"team": "red", "empty": ""}
    assert session.transitive == ("team",)
    assert answer["PackedPolicySize"] == 1


@pytest.mark.parametrize(
    ("attribute", "action"), [("PrincipalTag:team", "sts:TagSession"), ("SourceIdentity", "sts:SetSourceIdentity")]
)
def test_tags_and_source_identity_need_the_trust_policy_s_permission(attribute: str, action: str) -> None:
    account = an_account_with_saml(actions=("sts:AssumeRoleWithSAML",))
    federate(account)
    with refused("AccessDenied", f"Not authorized to perform {action}"):
        federate(account, GOOD.but(attributes={f"{ATTRIBUTES}{attribute}": ["red"]}))


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        (
            {"SourceIdentity": ["a b"]},
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
        ),
        ({"PrincipalTag:" + "k" * 129: ["v"]}, "The session tags exceed the limits."),
        ({"PrincipalTag:k": ["v" * 257]}, "The session tags exceed the limits."),
        ({f"PrincipalTag:k{number}": ["v"] for number in range(51)}, "The session tags exceed the limits."),
    ],
)
def test_what_the_provider_gives_keeps_to_the_limits(
    account: TestAccount, attributes: dict[str, list[str]], message: str
) -> None:
    named = {f"{ATTRIBUTES}{name}": values for name, values in attributes.items()}
    with refused("InvalidIdentityTokenException", message):
        federate(account, GOOD.but(attributes=named))


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({"attributes": {f"{ATTRIBUTES}SessionDuration": ["1800"]}}, 1800),
        ({"attributes": {f"{ATTRIBUTES}SessionDuration": ["7200"]}}, 3600),
        ({"attributes": {f"{ATTRIBUTES}SessionDuration": ["soon"]}}, 3600),
        ({"session_ends": timedelta(minutes=20)}, 1200),
    ],
)
def test_the_provider_may_shorten_the_session(account: TestAccount, changes: dict[str, Any], seconds: int) -> None:
    answer = federate(account, GOOD.but(**changes))
    assert answer["Credentials"]["Expiration"] == START + timedelta(seconds=seconds)


def test_a_provider_s_session_that_is_over_gives_none(account: TestAccount) -> None:
    with refused("ExpiredTokenException"):
        federate(account, GOOD.but(session_ends=timedelta(0)))


def test_the_role_s_longest_duration_holds(account: TestAccount) -> None:
    with refused("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."):
        federate(account, duration_seconds=3601)


def test_session_policies_limit_the_session(account: TestAccount) -> None:
    answer = federate(account, policy=allow("iam:ListRoles"))
    with refused("AccessDenied"):
        account.with_session(answer["Credentials"]).iam.list_users()


# what an assertion must say


@pytest.mark.parametrize(
    ("changes", "shape", "message"),
    [
        (
            {"issuer": "https://other.example.com"},
            "InvalidIdentityTokenException",
            "Issuer not present in specified provider",
        ),
        ({"session_name": None}, "InvalidIdentityTokenException", "RoleSessionName is required in AuthnResponse"),
        (
            {"session_name": "a b"},
            "InvalidIdentityTokenException",
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
        ),
        ({"subject": ""}, "InvalidIdentityTokenException", INVALID),
        ({"recipient": "https://evil.example.com/saml"}, "InvalidIdentityTokenException", INVALID),
        ({"confirmations": 0}, "InvalidIdentityTokenException", INVALID),
        ({"confirmations": 2}, "InvalidIdentityTokenException", INVALID),
        ({"audience": ""}, "InvalidIdentityTokenException", "Response does not contain the required audience."),
        (
            {"audience": "<saml:AudienceRestriction><saml:Audience>other</saml:Audience></saml:AudienceRestriction>"},
            "InvalidIdentityTokenException",
            "Response does not contain the required audience.",
        ),
        ({"before": timedelta(seconds=1)}, "InvalidIdentityTokenException", "Token is not yet valid"),
        ({"now": START + timedelta(minutes=6)}, "InvalidIdentityTokenException", "Token is not yet valid"),
        ({"after": timedelta(0)}, "ExpiredTokenException", "Response has expired"),
        ({"confirmed_until": timedelta(0)}, "ExpiredTokenException", "Response has expired"),
    ],
)
def test_an_assertion_that_is_not_meant_for_aws_now_is_refused(
    account: TestAccount, changes: dict[str, Any], shape: str, message: str
) -> None:
    with refused(shape, message):
        federate(account, GOOD.but(**changes))


def test_an_assertion_must_be_handed_in_within_five_minutes(account: TestAccount) -> None:
    response = GOOD.but(after=timedelta(hours=1), confirmed_until=timedelta(hours=1)).encoded()
    account.later(minutes=5)
    federate(account, response)
    account.later(seconds=1)
    with refused("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"):
        federate(account, response)


def test_aws_may_be_named_by_its_urn_and_by_a_regional_endpoint(account: TestAccount) -> None:
    urn = "<saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction>"
    federate(account, GOOD.but(audience=urn, recipient="https://eu-west-1.signin.aws.amazon.com/saml"))


def test_times_without_a_zone_are_utc_and_other_texts_no_times(account: TestAccount) -> None:
    tree = GOOD.but(sign="nothing").tree()
    assertion = tree[0]
    assertion.set("IssueInstant", "2026-11-23T12:00:00")
    tree[0] = GOOD.signed(assertion)
    federate(account, encoded(tree))
    bare = GOOD.but(sign="nothing").tree()
    bare[0].set("IssueInstant", "now")
    bare[0] = GOOD.signed(bare[0])
    with refused("InvalidIdentityTokenException", INVALID):
        federate(account, encoded(bare))


# signatures


def test_an_assertion_that_is_not_signed_is_refused(account: TestAccount) -> None:
    with refused("InvalidIdentityTokenException", UNSIGNED):
        federate(account, GOOD.but(sign="nothing"))


def test_an_assertion_that_somebody_else_signed_is_refused(account: TestAccount) -> None:
    with refused("InvalidIdentityTokenException", UNSIGNED):
        federate(account, GOOD.but(key="somebody else"))


def test_any_certificate_of_the_metadata_will_do() -> None:
    account = an_account_with_saml(keys=("old", "corp"))
    federate(account)
    federate(account, GOOD.but(key="old"))


def test_a_certificate_for_encryption_signs_nothing() -> None:
    account = an_account()
    one_of_each = metadata("corp", "other").replace('use="signing"', 'use="encryption"', 1)
    account.root.iam.create_saml_provider(name="Corp", saml_metadata_document=one_of_each)
    a_role(account, "Federated", trust({"Federated": PROVIDER}, *ACTIONS))
    federate(account, GOOD.but(key="other"))
    with refused("InvalidIdentityTokenException", UNSIGNED):
        federate(account)


def test_a_certificate_counts_while_it_is_valid(account: TestAccount) -> None:
    account.later(days=366)
    with refused("InvalidIdentityTokenException", UNSIGNED):
        federate(account, GOOD.but(now=account.clock.at))


def test_sha_1_is_refused(account: TestAccount) -> None:
    tree = etree.tostring(GOOD.tree())
    weak = tree.replace(b"xmlenc#sha256", b"xmldsig#sha1").replace(
        b"2001/04/xmldsig-more#rsa-sha256", b"2000/09/xmldsig#rsa-sha1"
    )
    assert weak != tree
    with refused("InvalidIdentityTokenException", UNSIGNED):
        federate(account, b64encode(weak).decode())


def test_stronger_digests_are_taken(account: TestAccount) -> None:
    federate(account, GOOD.but(digest=DigestAlgorithm.SHA512, method=SignatureMethod.RSA_SHA512))


@pytest.mark.parametrize("sign", ["assertion", "response"])
def test_an_assertion_that_was_changed_is_refused(account: TestAccount, sign: str) -> None:
    text = etree.tostring(GOOD.but(sign=sign).tree())
    changed = text.replace(b"ann@example.com", b"eve@example.com")
    with refused("InvalidIdentityTokenException", UNSIGNED):
        federate(account, b64encode(changed).decode())


def test_a_comment_cannot_cut_a_text_in_two(account: TestAccount) -> None:
    tree = GOOD.but(session_name="ann@example.com.evil").tree()
    text = etree.tostring(tree).replace(b"ann@example.com.evil", b"ann@example.com<!-- -->.evil")
    answer = federate(account, b64encode(text).decode())
    assert answer["AssumedRoleUser"]["Arn"].endswith("/ann@example.com.evil")


def wrapped(kind: str) -> str:
    """A response in which a forged assertion stands beside, around or inside a signed one."""
    forged = etree.fromstring(GOOD.but(session_name="eve@example.com").assertion("_forged"))
    tree = GOOD.tree()
    signed = tree[0]
    match kind:
        case "beside":
            tree.insert(0, forged)
        case "behind":
            tree.append(forged)
        case "around":
            tree[0] = forged
            forged.append(signed)
        case "in an extension":
            extension = etree.SubElement(tree, "{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
            extension.append(signed)
            tree.insert(0, forged)
        case "in the signature":
            signature = signed.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
            tree[0] = forged
            forged.append(signature)
            etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object").append(signed)
        case "under one id":
            forged.set("ID", "_assertion")
            forged.append(signed.find("{http://www.w3.org/2000/09/xmldsig#}Signature"))
            tree[0] = forged
        case _:
            signature = signed.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
            tree[0] = forged
            forged.append(signature)
            etree.SubElement(tree, "Kept", ID="_assertion").extend(list(signed))
    return encoded(tree)


@pytest.mark.parametrize(
    "kind",
    ["beside", "behind", "around", "in an extension", "in the signature", "under one id", "referring elsewhere"],
)
def test_signature_wrapping_is_refused(account: TestAccount, kind: str) -> None:
    with refused("InvalidIdentityTokenException") as caught:
        federate(account, wrapped(kind))
    assert caught.value.message in (UNSIGNED, INVALID)


def test_an_id_that_stands_twice_is_refused(account: TestAccount) -> None:
    tree = GOOD.tree()
    etree.SubElement(tree, "Twice", Id="_assertion")
    with refused("InvalidIdentityTokenException", UNSIGNED):
        federate(account, encoded(tree))


def test_two_signatures_in_one_element_are_refused(account: TestAccount) -> None:
    from copy import deepcopy

    tree = GOOD.tree()
    tree[0].append(deepcopy(tree[0].find("{http://www.w3.org/2000/09/xmldsig#}Signature")))
    with refused("InvalidIdentityTokenException", UNSIGNED):
        federate(account, encoded(tree))


def test_a_signature_elsewhere_is_refused(account: TestAccount) -> None:
    from copy import deepcopy

    tree = GOOD.tree()
    elsewhere = etree.SubElement(tree, "{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
    elsewhere.append(deepcopy(tree[0].find("{http://www.w3.org/2000/09/xmldsig#}Signature")))
    with refused("InvalidIdentityTokenException", UNSIGNED):
        federate(account, encoded(tree))


def test_a_signature_of_the_response_alone_covers_its_assertion(account: TestAccount) -> None:
    tree = GOOD.but(sign="response").tree()
    tree.find(f"{SAML}Assertion").find(f"{SAML}Issuer").text = "https://other.example.com"
    with refused("InvalidIdentityTokenException", UNSIGNED):
        federate(account, encoded(tree))


def test_an_encrypted_assertion_is_refused_by_name(account: TestAccount) -> None:
    tree = GOOD.tree()
    etree.SubElement(tree, f"{SAML}EncryptedAssertion")
    with refused("NotImplementedHere", "sparekey does not implement encrypted SAML assertions"):
        federate(account, encoded(tree))


# what is no SAML response


def test_a_document_type_is_refused(account: TestAccount) -> None:
    evil = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + etree.tostring(
        GOOD.tree()
    ).replace(b"ann@example.com", b"&x;")
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><r>&b;</r>'
    for text in (evil, bomb):
        with refused("InvalidIdentityTokenException", INVALID):
            federate(account, b64encode(text).decode())


@pytest.mark.parametrize("text", [b"", b"text", b"<a>", b"<a/>", b"<a>" * 100 + b"</a>" * 100, b"\xff\xfe"])
def test_what_is_no_response_is_refused(account: TestAccount, text: bytes) -> None:
    with refused("InvalidIdentityTokenException"):
        federate(account, b64encode(text).decode() or "    ")


@pytest.mark.parametrize("text", ["!!!!", "é" * 8, "AAA"])
def test_what_is_no_base64_is_refused(account: TestAccount, text: str) -> None:
    with refused("InvalidIdentityTokenException", "Invalid base64 SAMLResponse"):
        federate(account, text)


SHARED = an_account_with_saml()


@settings(max_examples=60)
@given(at=st.integers(0, 3000), byte=st.integers(0, 255))
def test_no_change_of_a_byte_gives_another_session(at: int, byte: int) -> None:
    text = bytearray(etree.tostring(GOOD.tree()))
    text[at % len(text)] = byte
    try:
        answer = federate(SHARED, b64encode(bytes(text)).decode())
    except ServiceError:
        return
    assert answer["AssumedRoleUser"]["Arn"].endswith("assumed-role/Federated/ann@example.com")
    assert answer["Subject"] == "ann"


def test_without_the_extra_it_says_which_one_is_missing(account: TestAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_lxml(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("lxml"):
            raise ImportError(name)
        return real(name, *rest, **more)

    text = GOOD.encoded()
    monkeypatch.setattr(builtins, "__import__", without_lxml)
    with refused("NotImplementedHere") as caught:
        federate(account, text)
    assert "`sparekey[saml]`" in caught.value.message
