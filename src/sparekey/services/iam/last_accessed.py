"""Service last accessed details: when an identity last tried services it has access to, from the decision record.

Reports are made at once. The record goes back as far as it is kept (90 days at most), AWS's data 400 days.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sparekey.catalog import actions
from sparekey.services.directory.access_reports import ACCESS_JOBS, AccessJob, LastAccess
from sparekey.services.directory.carried import Carried
from sparekey.services.directory.identifiers import random_uuid
from sparekey.services.iam.accesses import last_accesses
from sparekey.services.iam.errors import NoSuchEntityException
from sparekey.services.iam.granted_services import granted_services, granting
from sparekey.services.iam.paging import listed
from sparekey.services.iam.resources import about, nothing
from sparekey.services.iam.subjects import carried_policies, find_identity, find_subject, subject_target
from sparekey.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sparekey.services.operation import Call, Output
    from sparekey.storage.interface import Kind

#: How long a finished report can be read.
KEPT: Final = timedelta(days=7)

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@operation("iam:GenerateServiceLastAccessedDetails", **about(subject_target))
def generate_service_last_accessed_details(call: Call, *, arn: str, granularity: str = "SERVICE_LEVEL") -> Output:
    """Report when a user, group, role or managed policy was last used to access services."""
    subject = find_subject(call, arn)
    services = granted_services(subject.policies)
    entities = {each.unique_id: each.arn for each in subject.entities}
    job = AccessJob(
        job_id=new_job(call, ACCESS_JOBS),
        subject=arn,
        made_by=caller_id(call),
        created=call.now,
        services=services,
        accesses=last_accesses(call, entities, services),
        entities=subject.entities,
        by_action=granularity == "ACTION_LEVEL",
    )
    call.records.put(ACCESS_JOBS, (call.account, job.job_id), job)
    return {"JobId": job.job_id}


@operation("iam:GetServiceLastAccessedDetails", resource=nothing)
def get_service_last_accessed_details(
    call: Call, *, job_id: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """Read a report: each service that the subject has access to, and who last tried it when and where."""
    job = _find(call, job_id)
    found = listed(job.services, str, marker=marker, max_items=max_items)
    return {
        **job_members(job),
        "JobType": "ACTION_LEVEL" if job.by_action else "SERVICE_LEVEL",
        "ServicesLastAccessed": [_service(job, service) for service in found.items],
        **found.members,
    }


@operation("iam:GetServiceLastAccessedDetailsWithEntities", resource=nothing)
def get_service_last_accessed_details_with_entities(
    call: Call, *, job_id: str, service_namespace: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """Read which users and roles could have accessed a service by the subject of a report; the latest use first."""
    job = _find(call, job_id)
    if service_namespace not in job.services:
        raise NoSuchEntityException(f"No service with namespace {service_namespace} is in the report.")
    last = {
        each.arn: newest(one for one in job.accesses if one.entity == each.arn and one.service == service_namespace)
        for each in job.entities
    }
    ordered = sorted(job.entities, key=lambda each: (moment(last[each.arn]), each.arn), reverse=True)
    found = listed(ordered, lambda each: each.arn, marker=marker, max_items=max_items)
    details = []
    for each in found.items:
        entity = {"Arn": each.arn, "Name": each.name, "Type": each.kind, "Id": each.unique_id, "Path": each.path}
        access = last[each.arn]
        details.append({"EntityInfo": entity, **({"LastAuthenticated": access.at} if access else {})})
    return {**job_members(job), "EntityDetailsList": details, **found.members}


@operation("iam:ListPoliciesGrantingServiceAccess", **about(subject_target))
def list_policies_granting_service_access(
    call: Call, *, arn: str, service_namespaces: Sequence[str], marker: str | None = None
) -> Output:
    """List the policies of a user, group or role that grant access to services."""
    policies = carried_policies(call, find_identity(call, arn))
    found = listed(service_namespaces, str, marker=marker)
    entries = [
        {
            "ServiceNamespace": service,
            "Policies": [_policy(each) for each in policies if granting([each.policy], service)],
        }
        for service in found.items
    ]
    return {"PoliciesGrantingServiceAccess": entries, **found.members}


def _policy(each: Carried) -> dict[str, object]:
    """A policy as the list shows it; for an inline one it tells whose it is."""
    if each.policy.arn is not None:
        return {"PolicyName": each.policy_name, "PolicyType": "MANAGED", "PolicyArn": each.policy.arn}
    kind, name = each.owner
    return {"PolicyName": each.policy_name, "PolicyType": "INLINE", "EntityType": kind.upper(), "EntityName": name}


def new_job(call: Call, kind: Kind[AccessJob]) -> str:
    """The id of a new report of the account; old reports go."""
    for key, job in list(call.records.scan(kind, call.account)):
        if call.now >= job.created + KEPT:
            call.records.delete(kind, *key)
    return random_uuid(call.entropy)


def caller_id(call: Call) -> str:
    """Whose report it is: the user's unique id, or that of the role behind a session."""
    return call.caller.session.parent if call.caller.session else call.caller.user_id


def job_members(job: AccessJob) -> dict[str, object]:
    """What every answer about a report begins with."""
    return {
        "JobStatus": "FAILED" if job.error else "COMPLETED",
        "JobCreationDate": job.created,
        "JobCompletionDate": job.created,
    }


def newest(accesses: Iterable[LastAccess]) -> LastAccess | None:
    """The last of some attempts."""
    return max(accesses, key=lambda each: each.at, default=None)


def moment(access: LastAccess | None) -> datetime:
    """When an attempt was; the beginning of time for none."""
    return access.at if access else _NEVER


def service_name(namespace: str) -> str:
    """The name of a service as AWS's documentation has it."""
    found = actions.find_service(namespace)
    return found.name if found else namespace


def _service(job: AccessJob, service: str) -> dict[str, object]:
    accesses = [each for each in job.accesses if each.service == service]
    shown: dict[str, object] = {
        "ServiceName": service_name(service),
        "ServiceNamespace": service,
        "TotalAuthenticatedEntities": len({each.entity for each in accesses}),
    }
    last = newest(accesses)
    if last is not None:
        shown["LastAuthenticated"] = last.at
        shown["LastAuthenticatedEntity"] = last.entity
        shown["LastAuthenticatedRegion"] = last.region
    if job.by_action and accesses:
        shown["TrackedActionsLastAccessed"] = [
            _action(accesses, name) for name in sorted({a.operation for a in accesses})
        ]
    return shown


def _action(accesses: list[LastAccess], name: str) -> dict[str, object]:
    last = max((each for each in accesses if each.operation == name), key=lambda each: each.at)
    return {
        "ActionName": name,
        "LastAccessedEntity": last.entity,
        "LastAccessedTime": last.at,
        "LastAccessedRegion": last.region,
    }


def _find(call: Call, job_id: str) -> AccessJob:
    """A report, for whoever asked for it.

    Raises:
        NoSuchEntityException: there is none, or it is another's.
    """
    job = call.records.get(ACCESS_JOBS, call.account, job_id)
    if job is None or job.made_by != caller_id(call) or call.now >= job.created + KEPT:
        raise NoSuchEntityException(f"No job found with job id {job_id}.")
    return job


OPERATIONS = (
    generate_service_last_accessed_details,
    get_service_last_accessed_details,
    get_service_last_accessed_details_with_entities,
    list_policies_granting_service_access,
)
