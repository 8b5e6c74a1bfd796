"""Keys and certificates to test with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
UNTIL = START + timedelta(days=365)


def rsa_key(number: int = 0, size: int = 2048) -> rsa.RSAPrivateKey:
    """An RSA key; the same for the same number in one run."""
    return _rsa_key(number, size)


@cache
def _rsa_key(number: int, size: int) -> rsa.RSAPrivateKey:
    del number
    return rsa.generate_private_key(65537, size)


def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    """An elliptic curve key, which is made in no time; always the same for the same number."""
    return ec.derive_private_key(123456789 + number, ec.SECP256R1())


def certificate(name: str, *, key: int = 0, issuer: str = "", issuer_key: int = 0, until: datetime = UNTIL) -> str:
    """A certificate as PEM, signed by itself unless an issuer is named; the same for the same in one run."""
    return _certificate(name, key, issuer, issuer_key, until)


@cache
def _certificate(name: str, key: int, issuer: str, issuer_key: int, until: datetime) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer or name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer)
        .public_key(ec_key(key).public_key())
        .serial_number(1000 + key)
        .not_valid_before(START - timedelta(days=400))
        .not_valid_after(until)
        .sign(ec_key(issuer_key if issuer else key), SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


def private_key(key: int = 0, password: bytes | None = None) -> str:
    """The private key of a certificate as PEM."""
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return ec_key(key).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def ssh_key(number: int = 0, size: int = 2048) -> str:
    """An RSA public key in OpenSSH's encoding."""
    return rsa_key(number, size).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def pem_key(number: int = 0) -> str:
    """An RSA public key as PEM."""
    return rsa_key(number).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def saml_metadata(
    *, entity_id: str = "https://idp.example.com", valid_until: str | None = None, body: str | None = None
) -> str:
    """SAML metadata of an identity provider, long enough for the API."""
    text = "".join(certificate("idp").splitlines()[1:-1])
    key = (
        '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
    until = f' validUntil="{valid_until}"' if valid_until else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}"{until}>'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f"{key if body is None else body}"
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
        f'Location="{entity_id}/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>' + "<!-- padding -->" * 40
    )
