"""The canonical form of a request, of which a signature is made.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

from sparekey.wire.errors import IncompleteSignature

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sparekey.wire.messages import HttpRequest

_SPACES: Final = re.compile("[ \t\r\n\f\v]+")
_UNRESERVED: Final = re.compile(rb"[A-Za-z0-9._~-]*").fullmatch
UNSIGNED: Final = "UNSIGNED-PAYLOAD"


def canonical_request(request: HttpRequest, service: str, signed_headers: Iterable[str], *, presigned: bool) -> str:
    """Bring a request into canonical form; ``signed_headers`` are sorted names in lower case.

    Raises:
        IncompleteSignature: a header that is said to be signed is not in the request.
    """
    headers = request.headers
    lines = [request.method, canonical_path(request.path, service), canonical_query(request.query)]
    for name in signed_headers:
        value = headers.get(name)
        if value is None:
            raise IncompleteSignature(
                f"'{name}' is named as a SignedHeader, but it does not exist in the HTTP request. "
            )
        lines.append(f"{name}:{_trimmed(value)}")
    lines += ("", ";".join(signed_headers), payload_hash(request, service, presigned=presigned))
    return "\n".join(lines)


def _trimmed(value: str) -> str:
    """A header's value without spaces around it, and with one where there were several."""
    if "  " not in value and "\t" not in value:
        return value.strip(" ")
    return _SPACES.sub(" ", value).strip(" ")


def canonical_path(path: str, service: str) -> str:
    """A path as it is signed: Amazon S3's as it is, encoded once; any other's normalized, and what came in encoded."""
    if path in ("/", ""):
        return "/"
    if service == "s3":
        return quote_from_bytes(unquote_to_bytes(path.encode("utf-8", "surrogateescape")), safe="/~")
    return quote(_normalized(path), safe="/~", errors="surrogateescape")


def _normalized(path: str) -> str:
    """A path without ``.`` and ``..`` segments and repeated slashes, as AWS's own clients normalize it."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if segments:
                segments.pop()
        elif segment and segment != ".":
            segments.append(segment)
    if not segments:
        return "/"
    trailing = "/" if path.endswith("/") else ""
    return f"/{'/'.join(segments)}{trailing}"


def query_pairs(query: str) -> list[tuple[bytes, bytes]]:
    """Names and values of a query string, decoded, in their order."""
    pairs = []
    for part in query.split("&"):
        if part:
            name, _, value = part.replace("+", " ").encode("utf-8", "surrogateescape").partition(b"=")
            pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    return pairs


def canonical_query(query: str) -> str:
    """A query string encoded anew and sorted by encoded name, then value; the signature itself left out."""
    if not query:
        return ""
    encoded = sorted(
        (_encoded(name), _encoded(value)) for name, value in query_pairs(query) if name != b"X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def _encoded(text: bytes) -> str:
    return text.decode("ascii") if _UNRESERVED(text) else quote_from_bytes(text, safe="~")


def payload_hash(request: HttpRequest, service: str, *, presigned: bool) -> str:
    """The hash of the body in a canonical request.

    Amazon S3 lets a client say that the body is not signed (``UNSIGNED-PAYLOAD``, ``STREAMING-…``), and takes that
    for a presigned URL; what it says of a signed body must be true. Other services always hash what they got.
    """
    if service == "s3":
        told = request.headers.get("x-amz-content-sha256", UNSIGNED if presigned else "")
        if told == UNSIGNED or told.startswith("STREAMING-"):
            return told
    return sha256(request.body).hexdigest()


def unsigned_headers(headers: Mapping[str, str], signed: Iterable[str]) -> list[str]:
    """The ``x-amz-`` headers of a request that its signature does not cover."""
    return [name for name in headers if name.startswith("x-amz-") and name not in signed]
