"""Trust policies on their way in and out of roles."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.identities import UNIQUE_IDS
from sparekey.services.directory.trust import account_of_principal, is_identity_id, principals, unique_id_of
from sparekey.services.iam.documents import DocumentKind, checked
from sparekey.services.iam.errors import MalformedPolicyDocumentException
from sparekey.services.iam.quotas import hold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.operation import Call


def encoded(document: str) -> str:
    """A policy document as IAM's responses carry it: percent-encoded (RFC 3986)."""
    return quote(document, safe="~")


def size(document: str) -> int:
    """The characters of a policy document that count: all but white space."""
    return len("".join(document.split()))


def checked_trust(call: Call, document: str) -> str:
    """A trust policy, as it will be stored.

    Raises:
        MalformedPolicyDocumentException: it breaks the grammar.
        LimitExceededException: it is too long.
    """
    text = checked(document, DocumentKind.TRUST, partition=call.partition)
    hold(call, "AssumeRolePolicySize", size(text))
    return text


def bound_principals(call: Call, document: str) -> Mapping[str, str]:
    """The users, roles and role sessions a trust policy names, with their unique ids.

    Those of accounts that are not known here cannot be looked up and stay as they are.

    Raises:
        MalformedPolicyDocumentException: a known account has no such user or role.
    """
    bound: dict[str, str] = {}
    for principal in principals(document):
        if is_identity_id(principal):
            if call.records.get(UNIQUE_IDS, call.account, principal) is None:
                raise _invalid(principal)
            bound[principal] = principal
            continue
        account = account_of_principal(principal)
        if account is None or call.records.get(ACCOUNTS, account) is None:
            continue
        identifier = unique_id_of(call.records, principal)
        if identifier is None:
            raise _invalid(principal)
        bound[principal] = identifier
    return bound


def _invalid(principal: str) -> MalformedPolicyDocumentException:
    return MalformedPolicyDocumentException(f'Invalid principal in policy: "AWS":"{principal}"')
