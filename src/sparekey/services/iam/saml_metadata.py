"""What IAM reads out of a SAML provider's metadata document."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.services.iam.errors import InvalidInputException

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_METADATA: Final = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}"

#: A document that says nothing of its end is valid for a hundred years, as IAM's consoles show it.
_FOR_EVER: Final = timedelta(days=36525)

#: Metadata of one provider have some hundred elements; a federation's list of all, which is refused, some more.
_MOST_ELEMENTS: Final = 50_000

_UNREADABLE: Final = "Could not parse metadata"


class Metadata(NamedTuple):
    """A metadata document: the provider's entity id, its signing certificates (DER), and how long it is valid."""

    entity_id: str
    certificates: tuple[bytes, ...]
    valid_until: datetime


def read_metadata(document: str, now: datetime) -> Metadata:
    """Read an identity provider's metadata.

    Raises:
        InvalidInputException: it is no SAML metadata of an identity provider with a signing certificate.
    """
    entity = _entity(_parsed(document))
    provider = entity.find(f"{_METADATA}IDPSSODescriptor")
    entity_id = entity.get("entityID")
    if provider is None or not entity_id:
        raise InvalidInputException(_UNREADABLE)
    certificates = tuple(_certificates(provider))
    if not certificates:
        raise InvalidInputException(_UNREADABLE)
    return Metadata(entity_id, certificates, _valid_until(entity, now))


def _parsed(document: str) -> Element:
    """The root element; a document type, and with it every entity, is refused."""
    from xml.etree.ElementTree import ParseError, TreeBuilder, XMLParser

    class Builder(TreeBuilder):
        """A builder that refuses document types, and more elements than metadata have."""

        count = 0

        def start(self, tag: str, attributes: dict[str, str], /) -> Element:
            self.count += 1
            if self.count > _MOST_ELEMENTS:
                raise InvalidInputException(_UNREADABLE)
            return super().start(tag, attributes)

        def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
            raise InvalidInputException(_UNREADABLE)

    parser = XMLParser(target=Builder())  # noqa: S314 - document types, and with them all entities, are refused
    try:
        parser.feed(document)
        root = parser.close()
    except (ParseError, ValueError) as error:
        raise InvalidInputException(_UNREADABLE) from error
    return root


def _entity(root: Element) -> Element:
    """The one entity of the document, whether it stands alone or in a list of one."""
    if root.tag == f"{_METADATA}EntityDescriptor":
        return root
    entities = root.findall(f"{_METADATA}EntityDescriptor")
    if root.tag != f"{_METADATA}EntitiesDescriptor" or len(entities) != 1:
        raise InvalidInputException(_UNREADABLE)
    return entities[0]


def _certificates(provider: Element) -> list[bytes]:
    """The provider's certificates for signing: those for encryption only are left out."""
    found: list[bytes] = []
    for descriptor in provider.findall(f"{_METADATA}KeyDescriptor"):
        if descriptor.get("use", "signing") != "signing":
            continue
        texts = ("".join((each.text or "").split()) for each in descriptor.iter(f"{_SIGNATURE}X509Certificate"))
        found.extend(_der(text) for text in texts)
    return found


def _der(text: str) -> bytes:
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate

    try:
        der = base64.b64decode(text, validate=True)
        load_der_x509_certificate(der)
    except (InvalidVersion, binascii.Error, ValueError, TypeError) as error:
        raise InvalidInputException(_UNREADABLE) from error
    return der


def _valid_until(entity: Element, now: datetime) -> datetime:
    text = entity.get("validUntil")
    if text is None:
        return now + _FOR_EVER
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputException(_UNREADABLE) from error
    return told if told.tzinfo else told.replace(tzinfo=UTC)
