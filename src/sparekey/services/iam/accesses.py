"""The last attempts at services, allowed or not, as they were noted in passing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.directory.access_reports import LAST_ACCESSES, LastAccess

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sparekey.services.operation import Call


def last_accesses(call: Call, entities: Mapping[str, str], services: Collection[str]) -> tuple[LastAccess, ...]:
    """The last attempt of each entity at each operation of some services.

    ``entities`` maps unique ids of users and roles to their ARNs.
    """
    wanted = set(services)
    return tuple(
        LastAccess(service, operation, used.at, arn, used.region)
        for identifier, arn in entities.items()
        for (_, _, service, operation), used in call.records.scan(LAST_ACCESSES, call.account, identifier)
        if service in wanted
    )


def last_account_accesses(call: Call, accounts: Mapping[str, str], services: Collection[str]) -> tuple[LastAccess, ...]:
    """The last attempt of any principal of each account at each of some services.

    ``accounts`` maps account ids to what the report names them by.
    """
    wanted = set(services)
    return tuple(
        LastAccess(service, "", used.at, name, used.region, account)
        for account, name in accounts.items()
        for (_, _, service, _), used in call.records.scan(LAST_ACCESSES, account, "")
        if service in wanted
    )
