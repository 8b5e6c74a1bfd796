"""The decision record: every call with its principal, action, resource, outcome and the statement that decided.

The door writes it, ``cloudtrail:LookupEvents`` serves it in CloudTrail's shape, ``sparekey log`` prints it. It never
holds a secret or plaintext: parameters and answers come in through :mod:`~sparekey.services.directory.redaction`.

A record's key is ``(account, Region, age, event id)``, where the age counts down as time goes on: the newest record of
an account and Region comes first in every scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.storage.interface import Key, Kind

if TYPE_CHECKING:
    from sparekey.storage.interface import Transaction


class CallOutcome(StrEnum):
    """What authorization said of a call."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY = "implicit_deny"
    NOT_ASKED = "not_asked"  # nothing to authorize (GetCallerIdentity), or the call failed before


class CallRecord(NamedTuple):
    """One call.

    ``account`` and ``region`` are whose trail it is in. ``principal`` is its ARN (or a service's name), ``kind`` its
    :class:`~sparekey.policy.PrincipalKind`; ``issuer`` and ``issuer_id`` are the role or user behind a session.
    ``policy_type``, ``policy`` and ``statement`` name the layer, the policy and the statement (its Sid, or ``#2``) that
    decided; ``nearest`` says which statement comes nearest to allowing what was implicitly denied.
    ``parameters`` and ``response`` are JSON texts under CloudTrail's names, without secrets.
    """

    event_id: str
    time: datetime
    account: str
    region: str
    service: str
    operation: str
    read_only: bool
    outcome: CallOutcome
    action: str = ""
    resource: str = ""
    principal: str = ""
    kind: str = ""
    principal_account: str = ""
    user_id: str = ""
    user_name: str = ""
    access_key_id: str = ""
    session_kind: str = ""
    session_issued: datetime | None = None
    session_mfa: bool = False
    source_identity: str = ""
    federated_provider: str = ""
    issuer: str = ""
    issuer_id: str = ""
    source_ip: str = ""
    user_agent: str = ""
    secure: bool = False
    request_id: str = ""
    invoked_by: str = ""
    policy_type: str = ""
    policy: str = ""
    statement: str = ""
    nearest: str = ""
    error_code: str = ""
    error_message: str = ""
    parameters: str = ""
    response: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """How many records a process wrote up to a moment: what :func:`trim` counts by."""

    count: int
    until: datetime


#: (account, Region, age, event id)
RECORDS: Final = Kind("record.call", CallRecord, log=True)
#: (account, Region, time, request id): appended to by :func:`trim`, oldest first
WRITTEN: Final = Kind("record.written", Written)

#: CloudTrail's event history goes back 90 days.
RETENTION: Final = timedelta(days=90)
#: At most about so many records are kept for an account and Region.
KEPT: Final = 100_000
#: A process calls :func:`trim` each time it wrote so many for an account and Region.
BATCH: Final = 1_000

#: The services whose calls CloudTrail records in one Region of the partition, wherever they are made.
GLOBAL: Final = frozenset(("iam", "organizations"))
_HOME: Final[Mapping[str, str]] = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

_LAST: Final = 10**17 - 1  # microseconds: the year 5138
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def age(time: datetime) -> str:
    """The key segment of a moment: later moments sort first."""
    return f"{_LAST - (time - _EPOCH) // _MICROSECOND:017d}"


def key_of(record: CallRecord) -> Key:
    """The key a record is kept under."""
    return (record.account, record.region, age(record.time), record.event_id)


def home_region(service: str, region: str, partition: str = "aws") -> str:
    """The Region whose trail shows a call: the partition's first one for global services, else where it was made."""
    return _HOME.get(partition, region) if service in GLOBAL or not region else region


def newest(
    records: Transaction,
    account: str,
    region: str,
    *,
    until: datetime | None = None,
    after: Key | None = None,
    limit: int | None = None,
) -> Iterator[CallRecord]:
    """The records of an account and Region, newest first.

    ``until`` leaves out what came later; ``after`` (a record's key) goes on behind a record that was seen.
    """
    if until is not None:
        start: Key = (account, region, age(until + _MICROSECOND), "~")
        after = start if after is None or start > after else after
    for _, record in records.scan(RECORDS, account, region, after=after, limit=limit):
        yield record


def places(records: Transaction) -> Iterator[tuple[str, str]]:
    """The accounts and Regions that have records, in order."""
    after: Key | None = None
    while True:
        key = next((key for key, _ in records.scan(RECORDS, after=after, limit=1)), None)
        if key is None:
            return
        yield key[0], key[1]
        after = (key[0], key[1], "~", "~")


def trim(records: Transaction, *, account: str, region: str, written: int, now: datetime, request_id: str) -> None:
    """Remove what is older than :data:`RETENTION`, and the oldest above :data:`KEPT`.

    Each process calls it in a writing transaction after about every :data:`BATCH` records (``written``) of an account
    and Region, so that the work is small each time, and nobody has to count what is there.
    """
    records.put(WRITTEN, (account, region, now.astimezone(UTC).isoformat(), request_id), Written(written, now))
    marks = list(records.scan(WRITTEN, account, region))
    surplus = sum(mark.count for _, mark in marks) - KEPT
    horizon = now - RETENTION
    for key, mark in marks:
        if surplus <= 0 and mark.until > horizon:
            break
        surplus -= mark.count
        horizon = max(horizon, mark.until) if mark.until < now else horizon
        records.delete(WRITTEN, *key)
    records.drop(RECORDS, account, region, after=(account, region, age(horizon), "~"))
