"""Signature Version 4: read the signature of a request, check its scope, and verify it.

A request carries its signature in the ``Authorization`` header, or in the query string of a presigned URL.

Where AWS says nothing, or services differ:

- X-Amz-Expires of more than a week is refused everywhere; how long a URL is good for is in :mod:`.signing_times`.
- Only Amazon S3 refuses ``x-amz-`` headers that are not signed; ``host`` must be signed for all.
- A signature in both places, or an authentication parameter given twice, is refused.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.wire.canonical_request import canonical_request, query_pairs, unsigned_headers
from sparekey.wire.errors import (
    HeadersNotSigned,
    IncompleteSignature,
    MissingAuthenticationToken,
    RequestExpired,
    SignatureDoesNotMatch,
)
from sparekey.wire.signing_times import check_time, is_near, read_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from hashlib import _Hash as HASH

    from sparekey.wire.messages import HttpRequest

__all__ = [
    "HeadersNotSigned",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "RequestExpired",
    "Signature",
    "SignatureDoesNotMatch",
    "calculate",
    "check_scope",
    "is_current",
    "read_signature",
    "signing_key",
    "verify",
]

ALGORITHM: Final = "AWS4-HMAC-SHA256"
_WEEK: Final = 604_800
_REGION: Final = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}")
_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)
_PARTS: Final = ("Credential", "Signature", "SignedHeaders")
_QUERY_PARTS: Final = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")


class Signature(NamedTuple):
    """What a request says of its signature; nothing of it is verified yet.

    ``date``, ``region``, ``service`` and ``terminator`` are the credential scope. ``timestamp`` is when it was signed
    (``20150830T123600Z``). ``token`` is the session token of temporary credentials. ``expires`` are the seconds a
    presigned URL says that it is good for; ``None`` for a signature in a header.
    """

    access_key_id: str
    date: str
    region: str
    service: str
    terminator: str
    timestamp: str
    signed_headers: tuple[str, ...]
    signature: str
    token: str | None
    expires: int | None

    @property
    def presigned(self) -> bool:
        """Whether the signature is in the query string."""
        return self.expires is not None


def read_signature(request: HttpRequest) -> Signature | None:
    """Read a request's signature; ``None`` if it has none.

    Raises:
        IncompleteSignature: it has one that lacks a part or is malformed.
    """
    authorization = request.headers.get("authorization")
    in_query = "X-Amz-" in request.query and any(f"{name}=" in request.query for name in _QUERY_PARTS[:3])
    if authorization is None:
        return _from_query(request) if in_query else None
    if in_query:
        raise IncompleteSignature(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string"
            " parameter or the Authorization header should be specified"
        )
    return _from_header(request, authorization)


def _from_header(request: HttpRequest, authorization: str) -> Signature:
    algorithm, _, rest = authorization.strip().partition(" ")
    parts: dict[str, str] = {}
    for part in rest.split(",") if rest else ():
        name, equals, value = part.strip().partition("=")
        if not equals:
            raise IncompleteSignature(
                f"'{name}' not a valid key=value pair (missing equal-sign) in Authorization header: '{authorization}'."
            )
        if name in parts:
            raise IncompleteSignature(f"Authorization header has '{name}' twice. Authorization={authorization}")
        parts[name] = value
    date = request.headers.get("x-amz-date") or request.headers.get("date")
    missing = [f"Authorization header requires '{name}' parameter. " for name in _PARTS if not parts.get(name)]
    if not date:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
    if missing:
        raise IncompleteSignature(f"{''.join(missing)}Authorization={authorization}")
    return _signature(
        algorithm,
        parts["Credential"],
        read_timestamp(date or ""),
        parts["SignedHeaders"],
        parts["Signature"],
        request.headers.get("x-amz-security-token"),
        None,
    )


def _from_query(request: HttpRequest) -> Signature:
    parts: dict[str, str] = {}
    for raw, value in query_pairs(request.query):
        if raw.startswith(b"X-Amz-"):
            name = raw.decode("ascii", "replace")
            if name in parts:
                raise IncompleteSignature(
                    f"AWS query-string parameter '{name}' stands twice. Re-examine the query-string parameters."
                )
            parts[name] = value.decode("utf-8", "replace")
    missing = [f"AWS query-string parameters must include '{name}'. " for name in _QUERY_PARTS if not parts.get(name)]
    if missing:
        raise IncompleteSignature(f"{''.join(missing)}Re-examine the query-string parameters.")
    return _signature(
        parts["X-Amz-Algorithm"],
        parts["X-Amz-Credential"],
        read_timestamp(parts["X-Amz-Date"]),
        parts["X-Amz-SignedHeaders"],
        parts["X-Amz-Signature"],
        parts.get("X-Amz-Security-Token") or request.headers.get("x-amz-security-token"),
        _expires(parts.get("X-Amz-Expires", "900")),
    )


def _signature(
    algorithm: str, credential: str, timestamp: str, names: str, signature: str, token: str | None, expires: int | None
) -> Signature:
    if algorithm != ALGORITHM:
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{algorithm}'.")
    elements = credential.split("/")
    if len(elements) != 5 or not all(elements):
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got"
            f" '{credential}'"
        )
    signed = tuple(sorted(names.lower().split(";")))
    if "host" not in signed:
        raise IncompleteSignature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    key, date, region, service, terminator = elements
    return Signature(key, date, region, service, terminator, timestamp, signed, signature, token, expires)


def _expires(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise IncompleteSignature("X-Amz-Expires should be a number")
    if len(text) > 9 or int(text) > _WEEK:
        raise IncompleteSignature(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than"
            " 604800 seconds"
        )
    return int(text)


def check_scope(signature: Signature, service: str, region: str | None = None) -> None:
    """Check that a signature was made for this service and this Region (``None``: any), on the day it tells.

    Raises:
        SignatureDoesNotMatch: its scope is another; the message has a sentence for each fault.
    """
    faults = []
    if (signature.region != region) if region else not _REGION.fullmatch(signature.region):
        faults.append("Credential should be scoped to a valid region. ")
    if signature.service != service:
        faults.append(f"Credential should be scoped to correct service: '{service}'. ")
    if signature.terminator != "aws4_request":
        faults.append("Credential should be scoped with a valid terminator: 'aws4_request'. ")
    if signature.date != signature.timestamp[:8]:
        faults.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            f" '{signature.date}' != '{signature.timestamp[:8]}', from '{signature.timestamp}'."
        )
    if faults:
        raise SignatureDoesNotMatch("".join(faults))


def verify(signature: Signature, request: HttpRequest, secret: str, now: datetime) -> None:
    """Check a signature against the secret access key of the credentials it names, at this time.

    Raises:
        IncompleteSignature: a header said to be signed is missing, or the time is no time.
        SignatureDoesNotMatch: it was made with another secret, of another request, or too far from now.
        RequestExpired: a presigned URL of Amazon S3 is too old.
        HeadersNotSigned: Amazon S3 was sent an ``x-amz-`` header that is not signed.
    """
    bounded = signature.expires is not None and signature.service == "s3"
    check_time(signature.timestamp, now, timedelta(seconds=signature.expires or 0) if bounded else None)
    if not compare_digest(
        calculate(signature, request, secret).encode(), signature.signature.encode("utf-8", "surrogateescape")
    ):
        raise SignatureDoesNotMatch(_MISMATCH)
    if signature.service == "s3":
        _check_all_signed(request.headers, signature.signed_headers)


def calculate(signature: Signature, request: HttpRequest, secret: str) -> str:
    """What a signature of this request, scope and time is when it is made with this secret access key.

    Raises:
        IncompleteSignature: a header said to be signed is missing.
    """
    canonical = canonical_request(request, signature.service, signature.signed_headers, presigned=signature.presigned)
    scope = f"{signature.date}/{signature.region}/{signature.service}/{signature.terminator}"
    hashed = sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    begun = _begun_with_key(secret, signature.date, signature.region, signature.service)
    inner, outer = begun[0].copy(), begun[1].copy()
    inner.update(f"{ALGORITHM}\n{signature.timestamp}\n{scope}\n{hashed}".encode("utf-8", "surrogateescape"))
    outer.update(inner.digest())
    return outer.hexdigest()


def is_current(signature: Signature, now: datetime) -> bool:
    """Whether a request says that it was signed about now, as far as clocks may differ."""
    return is_near(signature.timestamp, now)


def _check_all_signed(headers: Mapping[str, str], signed: tuple[str, ...]) -> None:
    unsigned = unsigned_headers(headers, signed)
    if unsigned:
        raise HeadersNotSigned("There were headers present in the request which were not signed")


@lru_cache(maxsize=4096)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key that signs for one day, Region and service."""
    key = b"AWS4" + secret.encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac(key, part.encode("utf-8", "surrogateescape"), "sha256")
    return key


@lru_cache(maxsize=4096)
def _begun_with_key(secret: str, date: str, region: str, service: str) -> tuple[HASH, HASH]:
    """The inner and the outer hash of HMAC (RFC 2104), begun with a signing key: half of the work."""
    key = signing_key(secret, date, region, service).ljust(64, b"\x00")
    return sha256(bytes(byte ^ 0x36 for byte in key)), sha256(bytes(byte ^ 0x5C for byte in key))
