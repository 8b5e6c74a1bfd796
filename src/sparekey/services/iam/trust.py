"""Trust policies on their way in and out of roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.identities import UNIQUE_IDS
from sparekey.services.directory.trust import account_of_principal, is_identity_id, principals, unique_id_of
from sparekey.services.iam.documents import DocumentKind, checked, size
from sparekey.services.iam.errors import MalformedPolicyDocumentException
from sparekey.services.iam.quotas import hold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.operation import Call
    from sparekey.storage.interface import Transaction


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
    bound = known_principals(call.records, call.account, document)
    for principal in principals(document):
        if principal not in bound and _looked_up(call.records, principal):
            raise MalformedPolicyDocumentException(f'Invalid principal in policy: "AWS":"{principal}"')
    return bound


def known_principals(records: Transaction, account: str, document: str) -> Mapping[str, str]:
    """The users, roles and role sessions of a trust policy that exist, with their unique ids.

    ``account`` is the role's own: only there a principal is found by its unique id.
    """
    bound: dict[str, str] = {}
    for principal in principals(document):
        if is_identity_id(principal):
            identifier = principal if records.get(UNIQUE_IDS, account, principal) else None
        else:
            identifier = unique_id_of(records, principal)
        if identifier is not None:
            bound[principal] = identifier
    return bound


def _looked_up(records: Transaction, principal: str) -> bool:
    """Whether a principal must exist: a unique id, or a user, role or role session of an account known here."""
    if is_identity_id(principal):
        return True
    account = account_of_principal(principal)
    return account is not None and records.get(ACCOUNTS, account) is not None
