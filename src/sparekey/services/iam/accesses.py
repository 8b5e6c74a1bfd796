"""The last attempts at services, as the decision record has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.directory.access_reports import LastAccess
from sparekey.services.directory.record import RECORDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sparekey.services.directory.record import CallRecord
    from sparekey.services.operation import Call


def last_accesses(call: Call, entities: Mapping[str, str], services: Collection[str]) -> tuple[LastAccess, ...]:
    """The last attempt of each entity at each operation of some services, allowed or not.

    ``entities`` maps unique ids of users and roles to their ARNs.
    """
    found: dict[tuple[str, str, str], CallRecord] = {}
    wanted = set(services)
    for _, record in call.records.scan(RECORDS, call.account):
        entity = entities.get(record.issuer_id or record.user_id)
        if entity is not None and record.service in wanted:
            _keep_newest(found, (entity, record.service, record.operation), record)
    return tuple(
        LastAccess(service, operation, record.time, entity, record.region)
        for (entity, service, operation), record in found.items()
    )


def last_account_accesses(call: Call, accounts: Mapping[str, str], services: Collection[str]) -> tuple[LastAccess, ...]:
    """The last attempt of any principal of each account at each of some services.

    ``accounts`` maps account ids to what the report names them by.
    """
    found: dict[tuple[str, str, str], CallRecord] = {}
    wanted = set(services)
    for account, name in accounts.items():
        for _, record in call.records.scan(RECORDS, account):
            if record.principal_account == account and record.service in wanted:
                _keep_newest(found, (name, record.service, account), record)
    return tuple(
        LastAccess(service, "", record.time, name, record.region, account)
        for (name, service, account), record in found.items()
    )


def _keep_newest(found: dict[tuple[str, str, str], CallRecord], key: tuple[str, str, str], record: CallRecord) -> None:
    known = found.get(key)
    if known is None or record.time > known.time:
        found[key] = record
