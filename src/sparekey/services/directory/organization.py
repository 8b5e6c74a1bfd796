"""Where an account stands in its organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.directory.accounts import ORGANIZATIONS, PARENTS

if TYPE_CHECKING:
    from sparekey.storage.interface import Transaction


def parents_of(records: Transaction, organization: str, child: str) -> tuple[str, ...]:
    """The ids above an account or unit, root first."""
    found: list[str] = []
    parent = records.get(PARENTS, organization, child)
    while parent is not None:
        found.append(parent.name)
        parent = records.get(PARENTS, organization, parent.name)
    return tuple(reversed(found))


def path_of(records: Transaction, organization: str, account: str) -> str:
    """An account's path as ``aws:PrincipalOrgPaths`` shows it: ``o-…/r-…/ou-…/``."""
    return "/".join((organization, *parents_of(records, organization, account), ""))


def management_account(records: Transaction, organization: str) -> str | None:
    """The organization's management account."""
    found = records.get(ORGANIZATIONS, organization)
    return found.management_account if found else None
