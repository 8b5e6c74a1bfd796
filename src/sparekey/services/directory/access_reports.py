"""Last-accessed reports: finished jobs, as they are read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sparekey.services.directory.identities import LastUsed
from sparekey.storage.interface import Kind


@dataclass(frozen=True, slots=True)
class LastAccess:
    """The last attempt of one principal at one service (``operation`` empty) or at one of its operations."""

    service: str
    operation: str
    at: datetime
    entity: str
    region: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class ReportedEntity:
    """A user or role that could have used what a report is about."""

    arn: str
    name: str
    kind: str  # USER | ROLE
    unique_id: str
    path: str


@dataclass(frozen=True, slots=True)
class AccessJob:
    """A finished last-accessed report.

    ``services`` are the namespaces the subject could access. ``accesses`` are the last attempts, each entity's own.
    ``made_by`` is the unique id of the user or role that asked for it. ``error`` is a code and a message.
    """

    job_id: str
    subject: str
    made_by: str
    created: datetime
    services: tuple[str, ...] = ()
    accesses: tuple[LastAccess, ...] = ()
    entities: tuple[ReportedEntity, ...] = ()
    by_action: bool = False
    error: tuple[str, str] | None = None


#: (account, unique id of a user or role; empty for anybody of the account, service, operation; empty with anybody):
#: appended in passing
LAST_ACCESSES = Kind("iam.last-access", LastUsed, log=True)
#: (account, job id): service last accessed details
ACCESS_JOBS = Kind("iam.access-job", AccessJob)
#: (account, job id): organizations access reports
ORGANIZATION_JOBS = Kind("iam.organization-access-job", AccessJob)
