"""Identity providers to test with: one that signs SAML assertions, one that signs ID tokens."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from tests.services.account import ACCOUNT, START

PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/Corp"
ISSUER = "https://idp.example.com/saml"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
ENDPOINT = "https://signin.aws.amazon.com/saml"
URL = "id.example.com"
OIDC_PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{URL}"


@cache
def a_key(name: str) -> rsa.RSAPrivateKey:
    """A private key; the same for the same name in one run."""
    del name
    return rsa.generate_private_key(65537, 2048)


@cache
def a_curve_key(name: str) -> ec.EllipticCurvePrivateKey:
    """A private key on P-384; the same for the same name in one run."""
    del name
    return ec.generate_private_key(ec.SECP384R1())


@cache
def a_certificate(name: str, ends: timedelta = timedelta(days=365)) -> x509.Certificate:
    """A self-signed certificate of :func:`a_key`."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, a_key(name).public_key(), 7)
    builder = builder.not_valid_before(START - timedelta(days=30)).not_valid_after(START + ends)
    return builder.sign(a_key(name), hashes.SHA256())


def metadata(*names: str, ends: timedelta = timedelta(days=365)) -> str:
    """The metadata of an identity provider that signs with the keys of these names."""
    keys = "".join(
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{b64encode(a_certificate(name, ends).public_bytes(Encoding.DER)).decode()}"
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for name in names
    )
    return (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
        f'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{ISSUER}">'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f"{keys}"
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
        'Location="https://idp.example.com/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>'
    )


@dataclass(frozen=True)
class Response:
    """A SAML response as an identity provider would make it; each part can be made another."""

    role: str
    now: datetime = START
    issuer: str = ISSUER
    provider: str = PROVIDER
    subject: str = "<saml:NameID Format='urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'>ann</saml:NameID>"
    recipient: str = ENDPOINT
    audience: str = f"<saml:AudienceRestriction><saml:Audience>{ENDPOINT}</saml:Audience></saml:AudienceRestriction>"
    session_name: str | None = "ann@example.com"
    attributes: dict[str, list[str]] = field(default_factory=dict)
    before: timedelta = timedelta(0)
    after: timedelta = timedelta(minutes=5)
    confirmed_until: timedelta = timedelta(minutes=5)
    session_ends: timedelta | None = None
    confirmations: int = 1
    sign: str = "assertion"
    key: str = "corp"
    digest: DigestAlgorithm = DigestAlgorithm.SHA256
    method: SignatureMethod = SignatureMethod.RSA_SHA256

    def but(self, **changes: Any) -> Response:
        """Another response."""
        return replace(self, **changes)

    def assertion(self, element_id: str = "_assertion") -> str:
        """The assertion, not signed."""
        attributes = {f"{ATTRIBUTES}Role": [f"{self.role},{self.provider}"], **self.attributes}
        if self.session_name is not None:
            attributes[f"{ATTRIBUTES}RoleSessionName"] = [self.session_name]
        told = "".join(
            f'<saml:Attribute Name="{name}">'
            + "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
            + "</saml:Attribute>"
            for name, values in attributes.items()
        )
        confirmation = (
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData '
            f'NotOnOrAfter="{_text(self.now + self.confirmed_until)}" Recipient="{self.recipient}"/>'
            "</saml:SubjectConfirmation>"
        ) * self.confirmations
        ends = f' SessionNotOnOrAfter="{_text(self.now + self.session_ends)}"' if self.session_ends is not None else ""
        return (
            f'<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{element_id}" Version="2.0" '
            f'IssueInstant="{_text(self.now)}"><saml:Issuer>{self.issuer}</saml:Issuer>'
            f"<saml:Subject>{self.subject}{confirmation}</saml:Subject>"
            f'<saml:Conditions NotBefore="{_text(self.now + self.before)}" '
            f'NotOnOrAfter="{_text(self.now + self.after)}">{self.audience}</saml:Conditions>'
            f'<saml:AuthnStatement AuthnInstant="{_text(self.now)}"{ends}/>'
            f"<saml:AttributeStatement>{told}</saml:AttributeStatement></saml:Assertion>"
        )

    def tree(self) -> Any:
        """The response as an element, signed as :attr:`sign` says (`assertion`, `response`, `both` or `nothing`)."""
        response = etree.fromstring(
            '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_response" Version="2.0" '
            f'IssueInstant="{_text(self.now)}"/>'
        )
        assertion = etree.fromstring(self.assertion())
        if self.sign in ("assertion", "both"):
            assertion = self.signed(assertion)
        response.append(assertion)
        return self.signed(response) if self.sign in ("response", "both") else response

    def signed(self, element: Any) -> Any:
        """An element with a signature in it."""
        signer = XMLSigner(
            signature_algorithm=self.method,
            digest_algorithm=self.digest,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        certificate = a_certificate(self.key).public_bytes(Encoding.PEM).decode()
        return signer.sign(
            element, key=a_key(self.key), cert=certificate, reference_uri=element.get("ID"), id_attribute="ID"
        )

    def encoded(self) -> str:
        """The response as it is handed in."""
        return encoded(self.tree())


def encoded(tree: Any) -> str:
    """An element as it is handed in."""
    return b64encode(etree.tostring(tree)).decode()


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def key_set(*names: str, curve: bool = False) -> str:
    """A JSON Web Key Set with the public keys of these names."""
    keys = []
    for name in names:
        if curve:
            key = jwt.algorithms.ECAlgorithm.to_jwk(a_curve_key(name).public_key(), as_dict=True)
        else:
            key = jwt.algorithms.RSAAlgorithm.to_jwk(a_key(name).public_key(), as_dict=True)
        keys.append({**key, "kid": name, "use": "sig"})
    return json.dumps({"keys": keys})


def an_id_token(
    claims: Mapping[str, Any] = MappingProxyType({}),
    *,
    key: Any = None,
    algorithm: str = "RS256",
    headers: dict[str, Any] | None = None,
    without: str = "",
) -> str:
    """An ID token of the provider at :data:`URL`; claims replace its own."""
    seconds = int(START.timestamp())
    told = {"iss": f"https://{URL}", "sub": "user:ann", "aud": "client", "iat": seconds, "exp": seconds + 600, **claims}
    told.pop(without, None)
    signing = a_key("one") if key is None else key
    return jwt.encode(told, signing, algorithm, headers={"kid": "one"} if headers is None else headers)
