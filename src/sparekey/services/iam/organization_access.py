"""Organizations access reports: when accounts last tried the services that service control policies leave them.

AWS documents no error for who may not ask: a report that cannot be made is one that failed, and says why.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sparekey.policy import PolicyType
from sparekey.services.directory.access_reports import ORGANIZATION_JOBS, AccessJob, LastAccess
from sparekey.services.directory.accounts import (
    ACCOUNTS,
    CHILDREN,
    ORGANIZATIONS,
    POLICY_TARGETS,
    Organization,
)
from sparekey.services.directory.carried import parsed
from sparekey.services.directory.organization import SCP, path_of, policy_of
from sparekey.services.iam.accesses import last_account_accesses
from sparekey.services.iam.errors import NoSuchEntityException
from sparekey.services.iam.granted_services import granted_services
from sparekey.services.iam.last_accessed import KEPT, job_members, moment, new_job, newest, service_name
from sparekey.services.iam.names import arn
from sparekey.services.iam.paging import listed
from sparekey.services.iam.resources import nothing
from sparekey.services.operation import Target, operation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sparekey.policy import ContextValue, Policy
    from sparekey.services.operation import Call, Output

_DESCENDING: Final = "_DESCENDING"


class _Refused(Exception):
    """Why a report cannot be made: a code and a sentence."""


def report(call: Call, *, entity_path: str, **_: object) -> Target:
    """The report of an entity of the organization."""
    return Target(arn(call, f"access-report/{entity_path}"))


def policy_id(_call: Call, *, organizations_policy_id: str | None = None, **_: object) -> dict[str, ContextValue]:
    """``iam:OrganizationsPolicyId``: the policy a report is about."""
    return {} if organizations_policy_id is None else {"iam:OrganizationsPolicyId": organizations_policy_id}


@operation("iam:GenerateOrganizationsAccessReport", resource=report, context=policy_id)
def generate_organizations_access_report(
    call: Call, *, entity_path: str, organizations_policy_id: str | None = None
) -> Output:
    """Report when the accounts at or under an entity of the organization last accessed services."""
    services: tuple[str, ...] = ()
    accesses: tuple[LastAccess, ...] = ()
    error: tuple[str, str] | None = None
    try:
        organization = _managed(call)
        path = _checked_path(call, organization, entity_path)
        services = _left_by(call, organization, path, organizations_policy_id)
        accesses = last_account_accesses(call, _accounts_under(call, organization, path[-1]), services)
    except _Refused as refused:
        error = (str(refused.args[0]), str(refused.args[1]))
    job = AccessJob(
        job_id=new_job(call, ORGANIZATION_JOBS),
        subject=entity_path,
        made_by="",
        created=call.now,
        services=services,
        accesses=accesses,
        error=error,
    )
    call.records.put(ORGANIZATION_JOBS, (call.account, job.job_id), job)
    return {"JobId": job.job_id}


@operation("iam:GetOrganizationsAccessReport", resource=nothing)
def get_organizations_access_report(
    call: Call,
    *,
    job_id: str,
    marker: str | None = None,
    max_items: int | None = None,
    sort_key: str = "SERVICE_NAMESPACE_ASCENDING",
) -> Output:
    """Read a report, by namespace or by the time of the last access."""
    job = call.records.get(ORGANIZATION_JOBS, call.account, job_id)
    if job is None or call.now >= job.created + KEPT:
        raise NoSuchEntityException(f"No job found with job id {job_id}.")
    if job.error is not None:
        return {**job_members(job), "ErrorDetails": {"Code": job.error[0], "Message": job.error[1]}}
    last = {service: newest(each for each in job.accesses if each.service == service) for service in job.services}
    reverse = sort_key.endswith(_DESCENDING)

    def time(service: str) -> tuple[datetime, str]:
        return moment(last[service]), service

    by_time = sort_key.startswith("LAST_AUTHENTICATED_TIME")
    ordered = sorted(job.services, key=time, reverse=reverse) if by_time else sorted(job.services, reverse=reverse)
    found = listed(ordered, str, marker=marker, max_items=max_items)
    return {
        **job_members(job),
        "NumberOfServicesAccessible": len(job.services),
        "NumberOfServicesNotAccessed": sum(each is None for each in last.values()),
        "AccessDetails": [_detail(job, service, last[service]) for service in found.items],
        **found.members,
    }


def _detail(job: AccessJob, service: str, last: LastAccess | None) -> dict[str, object]:
    accounts = {each.account for each in job.accesses if each.service == service}
    shown: dict[str, object] = {
        "ServiceName": service_name(service),
        "ServiceNamespace": service,
        "TotalAuthenticatedEntities": len(accounts),
    }
    if last is not None:
        shown["Region"] = last.region
        shown["EntityPath"] = last.entity
        shown["LastAuthenticatedTime"] = last.at
    return shown


def _managed(call: Call) -> Organization:
    account = call.records.get(ACCOUNTS, call.account)
    identifier = account.organization if account else None
    organization = call.records.get(ORGANIZATIONS, identifier) if identifier else None
    if organization is None or organization.management_account != call.account:
        raise _Refused("AccessDenied", "The account is not the management account of an organization.")
    if SCP not in organization.policy_types:
        raise _Refused("PolicyTypeNotEnabled", "Service control policies are not enabled for the organization's root.")
    return organization


def _checked_path(call: Call, organization: Organization, entity_path: str) -> tuple[str, ...]:
    """The ids on the way from the root to the entity."""
    first, *ids = entity_path.strip("/").split("/")
    known = first == organization.organization_id and ids[:1] == [organization.root_id]
    for parent, child in pairwise(ids):
        known = known and call.records.get(CHILDREN, organization.organization_id, parent, child) is not None
    if not known:
        raise _Refused("InvalidInput", f"The entity path {entity_path} does not exist in the organization.")
    return tuple(ids)


def _left_by(call: Call, organization: Organization, path: tuple[str, ...], only: str | None) -> tuple[str, ...]:
    """The services that one SCP, or all that apply to an entity, leave to principals of its accounts."""
    if only is not None:
        policy = _scp(call, organization, only)
        if policy is None:
            raise _Refused("InvalidInput", f"The policy {only} is no service control policy of the organization.")
        return granted_services([policy])
    levels = [set(granted_services(_attached(call, organization, target))) for target in path]
    return tuple(sorted(set[str].intersection(*levels)))


def _attached(call: Call, organization: Organization, target: str) -> Iterator[Policy]:
    found = call.records.get(POLICY_TARGETS, organization.organization_id, target)
    for each in found.policy_ids if found else ():
        policy = _scp(call, organization, each)
        if policy is not None:
            yield policy


def _scp(call: Call, organization: Organization, identifier: str) -> Policy | None:
    policy = policy_of(call.records, organization, identifier)
    if policy is None or policy.type != SCP:
        return None
    return parsed(policy.content, PolicyType.SCP, f"`{identifier}`")


def _accounts_under(call: Call, organization: Organization, entity: str) -> dict[str, str]:
    """The accounts at or under an entity, with their paths in the organization."""
    identifier = organization.organization_id
    if entity.isdecimal():
        return {entity: path_of(call.records, identifier, entity) + entity}
    found: dict[str, str] = {}
    for key, _ in list(call.records.scan(CHILDREN, identifier, entity)):
        found.update(_accounts_under(call, organization, key[2]))
    return found


OPERATIONS = (generate_organizations_access_report, get_organizations_access_report)
