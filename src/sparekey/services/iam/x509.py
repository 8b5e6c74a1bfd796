"""Reading the certificates and private keys that clients upload as PEM texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sparekey.services.iam.errors import KeyPairMismatchException, MalformedCertificateException

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[^-]*+-----END CERTIFICATE-----")

#: Bits of an RSA key whose primes are tested: for a larger one that takes many seconds.
_LARGEST_VALIDATED = 4096

_NO_CERTIFICATE = "Unable to parse certificate. Please ensure the certificate is in PEM format."
_NO_CHAIN = (
    "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, "
    "followed by any intermediaries in order. The index within the chain of the invalid certificate is: "
)


def read_certificate(pem: str) -> Certificate:
    """The one certificate in a PEM text.

    Raises:
        MalformedCertificateException: there is none, or more than one, or it cannot be read.
    """
    found = _CERTIFICATE.findall(pem)
    if len(found) != 1 or pem.strip() != found[0]:
        raise MalformedCertificateException(_NO_CERTIFICATE)
    return _read(found[0])


def read_private_key(pem: str) -> PrivateKeyTypes:
    """The unencrypted private key in a PEM text.

    Raises:
        MalformedCertificateException: it cannot be read, or is encrypted.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text = pem.strip().encode("latin-1", "replace")
    try:
        key = load_pem_private_key(text, None, unsafe_skip_rsa_key_validation=True)
        large = isinstance(key, RSAPrivateKey) and key.key_size > _LARGEST_VALIDATED
        return key if large else load_pem_private_key(text, None)
    except TypeError as error:  # it asks for a password
        raise MalformedCertificateException("Unable to parse key; the body is encrypted.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedCertificateException(
            "Unable to parse private key. Please ensure the private key is in PEM format."
        ) from error


def check_key_pair(certificate: Certificate, private_key: PrivateKeyTypes) -> None:
    """Hold a private key to be the one of a certificate.

    Raises:
        KeyPairMismatchException: it is another's.
    """
    if certificate.public_key() != private_key.public_key():
        raise KeyPairMismatchException("Public key certificate and private key doesn't match.")


def check_chain(certificate: Certificate, chain: str) -> None:
    """Hold a chain of certificates to be each signed by the next, the first having signed ``certificate``.

    The root certificate may be left out. AWS's message counts from the first of the chain, which is 0, and names the
    certificate that the next one did not sign: -1 is ``certificate`` itself.

    Raises:
        MalformedCertificateException: a certificate of the chain cannot be read, or did not sign the one before it.
    """
    texts = _CERTIFICATE.findall(chain)
    if not texts or _CERTIFICATE.sub("", chain).strip():
        raise MalformedCertificateException(_NO_CHAIN + "-1")
    signed = certificate
    for index, text in enumerate(texts):
        signer = _read(text)
        if not _signed_by(signed, signer):
            raise MalformedCertificateException(_NO_CHAIN + str(index - 1))
        signed = signer


def _signed_by(signed: Certificate, signer: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        signed.verify_directly_issued_by(signer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def _read(pem: str) -> Certificate:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import InvalidVersion, load_pem_x509_certificate

    try:
        certificate = load_pem_x509_certificate(pem.encode("latin-1", "replace"))
        certificate.public_key()
    except (InvalidVersion, UnsupportedAlgorithm, ValueError, TypeError) as error:
        raise MalformedCertificateException(_NO_CERTIFICATE) from error
    return certificate
