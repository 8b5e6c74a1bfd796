"""The organization and its root: make, describe and delete it; enable and disable types of policies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from sparekey.arn import is_account_id
from sparekey.services.directory.accounts import (
    ACCOUNT_REQUESTS,
    ACCOUNTS,
    ATTACHED_TO,
    CHILDREN,
    DELEGATIONS,
    HANDSHAKES,
    HANDSHAKES_OF,
    ORGANIZATION_POLICIES,
    ORGANIZATIONS,
    PARENTS,
    POLICY_TARGETS,
    RESOURCE_POLICIES,
    UNITS,
    Account,
    Organization,
)
from sparekey.services.directory.identities import Reference
from sparekey.services.directory.organization import FULL_ACCESS_OF
from sparekey.services.operation import Call, Output, operation
from sparekey.services.organizations.attachments import attach, attached_of_type, detach
from sparekey.services.organizations.errors import (
    IS_MEMBER,
    NOT_ENABLED,
    AlreadyInOrganizationException,
    OrganizationNotEmptyException,
    PolicyTypeAlreadyEnabledException,
    PolicyTypeNotEnabledException,
    RootNotFoundException,
)
from sparekey.services.organizations.ids import organization_arn, random_id
from sparekey.services.organizations.linked_role import authorize_linked_role, make_linked_role
from sparekey.services.organizations.membership import (
    as_delegate,
    as_management,
    as_member,
    as_reader,
    check_policy_types,
    members,
)
from sparekey.services.organizations.paging import page
from sparekey.services.organizations.resources import root_target, type_context
from sparekey.services.organizations.shapes import email_of, organization_shape, root_shape
from sparekey.storage.interface import Kind

#: What the records of one organization are, all under its id.
_KINDS: Final[tuple[Kind[Any], ...]] = (  # of many records
    *(UNITS, PARENTS, CHILDREN, ORGANIZATION_POLICIES, POLICY_TARGETS, ATTACHED_TO, DELEGATIONS),
    *(RESOURCE_POLICIES, ACCOUNT_REQUESTS),
)


@operation("organizations:CreateOrganization")
def create_organization(call: Call, *, feature_set: str = "ALL") -> Output:
    """Make the caller's account the management account of a new organization.

    No type of policies is enabled on its root, as AWS was observed to answer (its guide says service control policies
    are).

    Raises:
        AlreadyInOrganizationException: the account is in one.
        AccessDeniedForDependencyException: the caller may not make its service-linked role.
    """
    account = call.records.get(ACCOUNTS, call.account) or Account(call.account, call.now)
    if account.organization is not None:
        raise AlreadyInOrganizationException(IS_MEMBER)
    authorize_linked_role(call)
    organization_id = random_id(call.entropy, "o-", 10)
    organization = Organization(
        organization_id=organization_id,
        arn=organization_arn(call.partition, call.account, organization_id),
        root_id=random_id(call.entropy, "r-", 4),
        management_account=call.account,
        email=email_of(account),
        created=call.now,
        feature_set=feature_set,
    )
    call.records.put(ORGANIZATIONS, (organization_id,), organization)
    enter(call, organization, account, method="INVITED")
    make_linked_role(call, call.account)
    return {"Organization": organization_shape(organization, organization.email)}


def enter(call: Call, organization: Organization, account: Account, *, method: str) -> None:
    """Put an account into an organization, right under its root."""
    own, root = organization.organization_id, organization.root_id
    account = replace(account, organization=own, joined_method=method, joined=call.now)
    call.records.put(ACCOUNTS, (account.account_id,), account)
    call.records.put(PARENTS, (own, account.account_id), Reference(root))
    call.records.put(CHILDREN, (own, root, account.account_id), Reference("ACCOUNT"))


@operation("organizations:DescribeOrganization")
def describe_organization(call: Call) -> Output:
    """The organization of the caller's account; every member may see it."""
    organization = as_member(call)
    management = call.records.get(ACCOUNTS, organization.management_account)
    email = email_of(management) if management else organization.email
    return {"Organization": organization_shape(organization, email)}


@operation("organizations:DeleteOrganization")
def delete_organization(call: Call) -> None:
    """Delete the organization with its units and policies.

    Raises:
        OrganizationNotEmptyException: there is another account than the management account.
    """
    organization = as_management(call)
    own = organization.organization_id
    if any(each.account_id != call.account for each in members(call, organization)):
        # observed
        raise OrganizationNotEmptyException(
            "To delete an organization you must first remove all member accounts (except the master)."
        )
    for key, _ in list(call.records.scan(PARENTS, own)):
        account = call.records.get(ACCOUNTS, key[1]) if is_account_id(key[1]) else None
        if account is not None:
            gone = replace(account, organization=None, joined=None, tags={})
            call.records.put(ACCOUNTS, (account.account_id,), gone)
    for kind in _KINDS:
        for key, _ in list(call.records.scan(kind, own)):
            call.records.delete(kind, *key)
    for key, _ in list(call.records.scan(HANDSHAKES_OF, own)):
        handshake = call.records.get(HANDSHAKES, key[1])
        if handshake is not None and handshake.account:
            call.records.delete(HANDSHAKES_OF, handshake.account, key[1])
        call.records.delete(HANDSHAKES, key[1])
        call.records.delete(HANDSHAKES_OF, *key)
    call.records.delete(ORGANIZATIONS, own)


@operation("organizations:ListRoots")
def list_roots(call: Call, *, next_token: str | None = None, max_results: int | None = None) -> Output:
    """The root of the organization, with the types of policies that are enabled."""
    organization = as_reader(call, "ListRoots")
    return page(
        "Roots", [organization], lambda each: each.root_id, root_shape, next_token=next_token, max_results=max_results
    )


@operation("organizations:EnablePolicyType", resource=root_target, context=type_context)
def enable_policy_type(call: Call, *, root_id: str, policy_type: str) -> Output:
    """Enable a type of policies on the root; AWS's own policy of it is attached to everything.

    It is enabled at once; the answer says ``PENDING_ENABLE``, as AWS's does.

    Raises:
        RootNotFoundException: the root is another.
        PolicyTypeAlreadyEnabledException: it is enabled.
        PolicyTypeNotAvailableForOrganizationException: the organization has consolidated billing only.
    """
    organization = _rooted(call, "EnablePolicyType", root_id, policy_type)
    check_policy_types(organization)
    if policy_type in organization.policy_types:
        raise PolicyTypeAlreadyEnabledException("The specified policy type is already enabled.")
    organization = replace(organization, policy_types=(*organization.policy_types, policy_type))
    call.records.put(ORGANIZATIONS, (organization.organization_id,), organization)
    if policy_type in FULL_ACCESS_OF:
        for target in _targets(call, organization):
            attach(call, organization, FULL_ACCESS_OF[policy_type], target)
    return {"Root": root_shape(organization, {policy_type: "PENDING_ENABLE"})}


@operation("organizations:DisablePolicyType", resource=root_target, context=type_context)
def disable_policy_type(call: Call, *, root_id: str, policy_type: str) -> Output:
    """Disable a type of policies: all of them are detached from everything.

    Raises:
        RootNotFoundException: the root is another.
        PolicyTypeNotEnabledException: it is not enabled.
    """
    organization = _rooted(call, "DisablePolicyType", root_id, policy_type)
    if policy_type not in organization.policy_types:
        raise PolicyTypeNotEnabledException(NOT_ENABLED)
    for target in _targets(call, organization):
        for policy in list(attached_of_type(call, organization, target, policy_type)):
            detach(call, organization, policy.policy_id, target)
    rest = tuple(each for each in organization.policy_types if each != policy_type)
    organization = replace(organization, policy_types=rest)
    call.records.put(ORGANIZATIONS, (organization.organization_id,), organization)
    return {"Root": root_shape(organization, {policy_type: "PENDING_DISABLE"})}


def _rooted(call: Call, action: str, root_id: str, policy_type: str) -> Organization:
    target = root_target(call, root_id=root_id)
    organization = as_delegate(call, action, target, type_context(call, policy_type=policy_type))
    if organization.root_id != root_id:
        raise RootNotFoundException("You specified a root that doesn't exist.")
    return organization


def _targets(call: Call, organization: Organization) -> list[str]:
    """Everything that policies can be attached to."""
    children = [key[1] for key, _ in call.records.scan(PARENTS, organization.organization_id)]
    return [organization.root_id, *children]


OPERATIONS = (
    *(create_organization, describe_organization, delete_organization),
    *(list_roots, enable_policy_type, disable_policy_type),
)
