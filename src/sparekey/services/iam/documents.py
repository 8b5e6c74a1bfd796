"""Policy documents on their way into IAM, checked with IAM's own errors, and out of it.

Sizes are checked by who stores a document; whether the principals of a trust policy exist is not checked here.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from sparekey.policy import PolicyType, parse_policy
from sparekey.services.documents.identity import check_identity_document
from sparekey.services.documents.strict import Statement, check_whole, read_statements, syntax_error
from sparekey.services.documents.texts import Refused, listed, texts
from sparekey.services.iam.errors import MalformedPolicyDocumentException


class DocumentKind(StrEnum):
    """What a document is to be."""

    IDENTITY = "inline policy"  # of a user, group or role
    MANAGED = "managed policy"  # which may become a permissions boundary as well
    TRUST = "trust policy"


#: The actions a trust policy can be about.
_TRUST_ACTIONS: Final = frozenset(
    f"sts:{name}"
    for name in (
        *("assumerole", "assumerolewithsaml", "assumerolewithwebidentity"),
        *("tagsession", "setsourceidentity", "setcontext"),
    )
)
_NOT_IN_TRUST: Final = ("Resource", "NotResource", "NotPrincipal")
_SID: Final = re.compile(r"[0-9A-Za-z]*")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:[:/].*)?")
_PROVIDER: Final = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:(?:saml|oidc)-provider/.+")
_PRINCIPAL_KEYS: Final = ("AWS", "Service", "Federated", "CanonicalUser")


def checked(text: str, kind: DocumentKind, *, partition: str = "aws") -> str:
    """The text of a policy document that IAM takes, as it is stored.

    Raises:
        MalformedPolicyDocumentException: IAM does not take it.
    """
    fault = _fault(text, kind, partition)
    if fault is not None:
        raise MalformedPolicyDocumentException(fault)
    return text


def encoded(document: str) -> str:
    """A policy document as IAM's responses carry it: percent-encoded (RFC 3986)."""
    return quote(document, safe="~")


def size(document: str) -> int:
    """The characters of a policy document that count: all but white space."""
    return len("".join(document.split()))


@lru_cache(maxsize=4096)
def _fault(text: str, kind: DocumentKind, partition: str) -> str | None:
    """What IAM says of a document; ``None`` where it takes it."""
    try:
        if kind is DocumentKind.TRUST:
            _check_trust(text)
        else:
            check_identity_document(text, managed=kind is DocumentKind.MANAGED, partition=partition)
    except Refused as refused:
        return str(refused)
    return None


def _check_trust(text: str) -> None:
    statements = read_statements(text, required=("Principal", "Action"), prohibited=_NOT_IN_TRUST)
    sids = [str(statement.get("Sid", "")) for statement in statements]
    for sid in sids:
        if not _SID.fullmatch(sid):
            raise Refused(f"The following Statement Ids are invalid: {sid}")
    if len({sid for sid in sids if sid}) != sum(map(bool, sids)):
        raise Refused("The Statement Ids in the policy are not unique")
    for statement in statements:
        _check_principal(statement["Principal"], text)
        _check_actions(statement)
    check_whole(text, PolicyType.TRUST)


def _check_actions(statement: Statement) -> None:
    """``sts:*`` and other patterns of STS actions are taken, ``*`` is not."""
    for action in texts(statement, "Action", "NotAction"):
        lowered = action.lower()
        pattern = lowered.startswith("sts:") and ("*" in lowered or "?" in lowered)
        if "NotAction" in statement or not (lowered in _TRUST_ACTIONS or pattern):
            raise Refused("AssumeRole policy may only specify STS AssumeRole actions.")


def _check_principal(principal: object, text: str) -> None:
    if principal == "*":
        raise Refused('AssumeRolepolicy contained an invalid principal: "STAR":"*".')
    if not isinstance(principal, dict):
        raise Refused(syntax_error(text))
    named = False
    for key, value in principal.items():
        if key not in _PRINCIPAL_KEYS:
            raise Refused(f"Unknown field {key}")
        for each in listed(value):
            if not isinstance(each, str):
                raise Refused(syntax_error(text))
            named = True
            _check_named(key, each)
    if not named:
        raise Refused("The passed in policy has a statement with no principals!")


def _check_named(key: str, principal: str) -> None:
    if key == "Federated":
        if not _DOMAIN.fullmatch(principal) and not _PROVIDER.fullmatch(principal):
            raise Refused("Federated principals must be valid domain names or SAML metadata ARNs")
    elif key == "CanonicalUser" or not _is_principal(key, principal):
        raise Refused(f'Invalid principal in policy: "{key.upper()}":"{principal}"')


@lru_cache(maxsize=1024)
def _is_principal(key: str, principal: str) -> bool:
    """Whether a text can name a principal: an account, an ARN of an identity, the unique id of one, or a service."""
    statement = {"Effect": "Allow", "Principal": {key: principal}, "Action": "sts:AssumeRole"}
    policy = parse_policy({"Version": "2012-10-17", "Statement": statement}, type=PolicyType.TRUST)
    return not policy.faults or (key == "AWS" and principal.startswith(("AIDA", "AROA")) and principal.isalnum())
