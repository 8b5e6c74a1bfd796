"""Certificates and public keys that IAM keeps: server certificates, users' signing certificates and SSH keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sparekey.services.directory.identities import Reference
from sparekey.storage.interface import Kind

#: the sealing purpose of the private keys of server certificates
SERVER_CERTIFICATE_KEY: Final = "iam.server-certificate-key"
#: the sealing purpose of the private keys that decrypt SAML assertions
SAML_PRIVATE_KEY: Final = "iam.saml-private-key"


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A server certificate: PEM texts as they were uploaded; the private key is sealed."""

    name: str
    path: str
    certificate_id: str
    arn: str
    body: str
    private_key: bytes
    uploaded: datetime
    expires: datetime
    chain: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """An X.509 signing certificate of a user; ``fingerprint`` is its SHA-256."""

    certificate_id: str
    body: str
    fingerprint: str
    uploaded: datetime
    active: bool = True


@dataclass(frozen=True, slots=True)
class SshPublicKey:
    """An SSH public key of a user, ``body`` in the encoding it was uploaded in; ``fingerprint`` is its MD5."""

    key_id: str
    body: str
    fingerprint: str
    uploaded: datetime
    active: bool = True


@dataclass(frozen=True, slots=True)
class SamlPrivateKey:
    """A sealed private key that decrypts a SAML provider's assertions."""

    key_id: str
    key: bytes
    added: datetime


#: (account, lower-cased name)
SERVER_CERTIFICATES = Kind("iam.server-certificate", ServerCertificate)
#: (account, the user's unique id; empty for the root user, certificate id)
SIGNING_CERTIFICATES = Kind("iam.signing-certificate", SigningCertificate)
#: (account, SHA-256 of a signing certificate) → its id
SIGNING_FINGERPRINTS = Kind("iam.signing-fingerprint", Reference)
#: (account, the user's unique id, key id)
SSH_KEYS = Kind("iam.ssh-public-key", SshPublicKey)
#: (account, SAML provider name, key id)
SAML_KEYS = Kind("iam.saml-private-key", SamlPrivateKey)
