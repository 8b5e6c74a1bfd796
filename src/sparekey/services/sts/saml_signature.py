"""Which part of a SAML response is signed by the identity provider: nothing else is looked at.

Against signature wrapping the response must hold one assertion and no id twice, a signature must stand in the response
or the assertion itself and refer to the element it stands in, and what is handed out is the element the signature was
computed over, read anew from the signed bytes. Document types, and with them entities, are refused; comments are
dropped before anything is read, so that none can cut a text in two.

Signatures and digests with SHA-1 are refused. A certificate counts while it is valid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from sparekey.errors import NotImplementedHere
from sparekey.services.sts.errors import InvalidIdentityTokenException

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from cryptography.x509 import Certificate


class Element(Protocol):
    """What is used of an element of lxml, which comes without types."""

    tag: str

    @property
    def attrib(self) -> Mapping[str, str]:
        """The attributes by name."""
        ...

    def get(self, key: str, default: str = ..., /) -> str:
        """An attribute's value."""
        ...

    def find(self, path: str, /) -> Element | None:
        """The first element on a path."""
        ...

    def findall(self, path: str, /) -> list[Element]:
        """All elements on a path."""
        ...

    def iter(self, tag: str = ..., /) -> Iterator[Element]:
        """This element and all below, of one tag if one is given."""
        ...

    def itertext(self) -> Iterator[str]:
        """The pieces of text in this element and below."""
        ...

    def getparent(self) -> Element | None:
        """The element this one stands in."""
        ...

    def __iter__(self) -> Iterator[Element]:
        """The children."""
        ...


PROTOCOL: Final = "{urn:oasis:names:tc:SAML:2.0:protocol}"
ASSERTION: Final = "{urn:oasis:names:tc:SAML:2.0:assertion}"
METADATA: Final = "{urn:oasis:names:tc:SAML:2.0:metadata}"
SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}"

_UNSIGNED: Final = "Response signature invalid"
_NO_RESPONSE: Final = "Your request included an invalid SAML response."
#: How deep elements may be nested; a SAML response has no use for more.
_DEEPEST: Final = 64


def parse_xml(data: bytes) -> Element:
    """The root element of an XML document without a document type.

    Raises:
        InvalidIdentityTokenException: it is not well-formed, or has a document type.
        NotImplementedHere: the optional packages are not installed.
    """
    try:
        from lxml import etree
    except ImportError:
        raise NotImplementedHere(
            "sparekey needs the extra `saml` for sts:AssumeRoleWithSAML: install `sparekey[saml]`"
        ) from None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True,
    )  # fmt: skip
    try:
        root: Element = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise InvalidIdentityTokenException(_NO_RESPONSE) from None
    if etree.ElementTree(root).docinfo.internalDTD is not None or _depth(root) > _DEEPEST:
        raise InvalidIdentityTokenException(_NO_RESPONSE)
    return root


def _depth(root: Element) -> int:
    deepest, level = 0, [root]
    while level:
        deepest += 1
        level = [child for each in level for child in each]
        if deepest > _DEEPEST:
            break
    return deepest


def metadata_of(text: str) -> tuple[str, list[Certificate]]:
    """The entity id of a SAML provider's metadata, and the certificates that assertions may be signed with."""
    from base64 import b64decode

    from cryptography.x509 import load_der_x509_certificate

    root = parse_xml(text.encode())
    entity = root if root.tag == f"{METADATA}EntityDescriptor" else root.find(f"{METADATA}EntityDescriptor")
    certificates: list[Certificate] = []
    for descriptor in () if entity is None else entity.findall(f"{METADATA}IDPSSODescriptor/{METADATA}KeyDescriptor"):
        if descriptor.get("use", "signing") == "signing":
            texts = ("".join(each.itertext()) for each in descriptor.iter(f"{SIGNATURE}X509Certificate"))
            certificates.extend(load_der_x509_certificate(b64decode("".join(each.split()))) for each in texts)
    return ("" if entity is None else entity.get("entityID", "")), certificates


def signed_assertion(response: Element, certificates: Sequence[Certificate], now: datetime) -> Element:
    """The one assertion of a response, as it was signed.

    Raises:
        InvalidIdentityTokenException: the response is none, or not signed by one of the certificates.
    """
    assertion = _only_assertion(response)
    _check_ids(response)
    _check_places(response, assertion)
    for element in (assertion, response):
        if element.find(f"{SIGNATURE}Signature") is not None:
            signed = _verified(element, certificates, now)
            found = signed if signed.tag == f"{ASSERTION}Assertion" else signed.find(f"{ASSERTION}Assertion")
            if found is None:
                raise InvalidIdentityTokenException(_UNSIGNED)
            return found
    raise InvalidIdentityTokenException(_UNSIGNED)


def _only_assertion(response: Element) -> Element:
    if response.tag != f"{PROTOCOL}Response":
        raise InvalidIdentityTokenException(_NO_RESPONSE)
    if next(response.iter(f"{ASSERTION}EncryptedAssertion"), None) is not None:
        raise NotImplementedHere("sparekey does not implement encrypted SAML assertions")
    everywhere = list(response.iter(f"{ASSERTION}Assertion"))
    if len(everywhere) != 1 or everywhere[0].getparent() is not response:
        raise InvalidIdentityTokenException(_NO_RESPONSE)
    return everywhere[0]


def _check_ids(response: Element) -> None:
    """Refuse ids that stand twice: a reference to one would not tell which element is meant."""
    seen: set[str] = set()
    for element in response.iter():
        for name, value in element.attrib.items():
            if str(name).rpartition("}")[2].lower() == "id":
                if str(value) in seen:
                    raise InvalidIdentityTokenException(_UNSIGNED)
                seen.add(str(value))


def _check_places(response: Element, assertion: Element) -> None:
    """Refuse signatures that stand elsewhere than in the response and the assertion, or twice in one of them."""
    parents = [each.getparent() for each in response.iter(f"{SIGNATURE}Signature")]
    if any(parent is not response and parent is not assertion for parent in parents):
        raise InvalidIdentityTokenException(_UNSIGNED)
    if len(parents) != len({id(parent) for parent in parents}):
        raise InvalidIdentityTokenException(_UNSIGNED)


def _verified(element: Element, certificates: Sequence[Certificate], now: datetime) -> Element:
    """The element that the signature standing in ``element`` was computed over, which must be ``element``."""
    from lxml.etree import LxmlError
    from signxml.exceptions import SignXMLException
    from signxml.verifier import SignatureConfiguration, XMLVerifier

    element_id = element.get("ID", "")
    reference = element.find(f"{SIGNATURE}Signature/{SIGNATURE}SignedInfo/{SIGNATURE}Reference")
    if not element_id or reference is None or reference.get("URI") != f"#{element_id}":
        raise InvalidIdentityTokenException(_UNSIGNED)
    config = SignatureConfiguration(location="./", expect_references=1, verification_time=now)
    for certificate in certificates:
        try:
            result = XMLVerifier().verify(element, x509_cert=certificate, id_attribute="ID", expect_config=config)
        except (SignXMLException, LxmlError, ValueError):
            continue
        signed: Element | None = None if isinstance(result, list) else result.signed_xml
        if signed is not None and signed.tag == element.tag and signed.get("ID") == element_id:
            return signed
    raise InvalidIdentityTokenException(_UNSIGNED)
