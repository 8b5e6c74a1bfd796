"""Principals of trust policies, bound to the unique ids of the users and roles they name.

AWS keeps a principal by its unique id. One that was moved is shown by its new ARN; one that is gone by its id, and
another that later gets its name is not trusted.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.identities import ROLES, UNIQUE_IDS, USERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparekey.services.directory.identities import Role
    from sparekey.storage.interface import Transaction

#: How the unique ids of users and roles begin.
_ID_PREFIXES: Final = ("AIDA", "AROA")


def unique_id_of(records: Transaction, principal: str) -> str | None:
    """The unique id a principal of a policy is bound to: of a user or role, or ``AROA…:session`` of a role session.

    ``None`` if there is no such user or role, or the text names something else.
    """
    segments = principal.split(":", 5)
    if len(segments) != 6 or segments[0] != "arn":
        return None
    service, account, resource = segments[2], segments[4], segments[5]
    kind, _, names = resource.partition("/")
    if service == "iam" and kind == "user":
        user = records.get(USERS, account, names.rpartition("/")[2].lower())
        return user.user_id if user is not None and user.arn == principal else None
    if service == "iam" and kind == "role":
        role = records.get(ROLES, account, names.rpartition("/")[2].lower())
        return role.role_id if role is not None and role.arn == principal else None
    if service == "sts" and kind == "assumed-role":
        name, _, session = names.partition("/")
        role = records.get(ROLES, account, name.lower())
        return f"{role.role_id}:{session}" if role is not None and role.name == name else None
    return None


def account_of_principal(principal: str) -> str | None:
    """The account of a principal that is bound to a unique id: ``None`` unless it is a user, role or role session."""
    segments = principal.split(":", 5)
    if len(segments) != 6 or segments[0] != "arn":
        return None
    kind = segments[5].partition("/")[0]
    named = (segments[2] == "iam" and kind in ("user", "role")) or (segments[2] == "sts" and kind == "assumed-role")
    return segments[4] if named else None


def is_identity_id(principal: str) -> bool:
    """Whether a principal is the unique id of a user or role, as a policy shows one that is gone."""
    return principal.startswith(_ID_PREFIXES) and ":" not in principal and principal.isalnum()


def trust_document(records: Transaction, role: Role) -> str:
    """A role's trust policy as it stands: as it was given, but for principals that were moved or are gone."""
    changed = {}
    for principal, identifier in role.bound.items():
        account = account_of_principal(principal) or role.arn.split(":")[4]
        now = _shown(records, account, principal, identifier)
        if now != principal:
            changed[principal] = now
    return _renamed(role.trust, changed) if changed else role.trust


def _shown(records: Transaction, account: str, principal: str, identifier: str) -> str:
    """The ARN that a bound principal has now, or its unique id."""
    own_id, _, session = identifier.partition(":")
    known = records.get(UNIQUE_IDS, account, own_id)
    if known is None:
        return identifier
    return principal if session else known.name


def _renamed(text: str, names: dict[str, str]) -> str:
    """The document with other texts for some of its principals."""
    document = json.loads(text)
    for statement in statements(document):
        for element in ("Principal", "NotPrincipal"):
            if element in statement:
                statement[element] = _mapped(statement[element], lambda name: names.get(name, name))
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _mapped(element: object, change: Callable[[str], str]) -> object:
    if not isinstance(element, dict) or "AWS" not in element:
        return element
    named = element["AWS"]
    changed = [change(each) for each in named] if isinstance(named, list) else change(named)
    return {**element, "AWS": changed}


def statements(document: object) -> Iterator[dict[str, object]]:
    """The statements of a parsed policy document, whether it has a list of them or one."""
    found = document.get("Statement") if isinstance(document, dict) else None
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, dict):
            yield each


def principals(text: str) -> Iterator[str]:
    """The principals of type ``AWS`` that a policy document names, in its order."""
    for statement in statements(json.loads(text)):
        for name in ("Principal", "NotPrincipal"):
            element = statement.get(name)
            if isinstance(element, dict):
                named = element.get("AWS", ())
                yield from (each for each in (named if isinstance(named, list) else [named]) if isinstance(each, str))
