"""The organization's policies: created, described, listed, changed and deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sparekey.services.directory.accounts import ATTACHED_TO, ORGANIZATION_POLICIES, Organization, OrganizationPolicy
from sparekey.services.directory.organization import SCP, aws_policies, is_aws_policy
from sparekey.services.operation import Call, Output, Tags, operation
from sparekey.services.organizations.attachments import find_policy
from sparekey.services.organizations.documents import check_document
from sparekey.services.organizations.errors import (
    DuplicatePolicyException,
    PolicyInUseException,
    invalid,
    violated,
)
from sparekey.services.organizations.ids import policy_arn, random_id
from sparekey.services.organizations.membership import as_delegate, as_reader, check_policy_types
from sparekey.services.organizations.paging import page
from sparekey.services.organizations.resources import (
    new_policy_target,
    policy_context,
    policy_target,
    tag_context,
    type_context,
)
from sparekey.services.organizations.shapes import policy_shape, policy_summary
from sparekey.services.organizations.tagging import authorize_tags, given_tags

#: How many policies of a type an organization may have.
#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
MOST: Final = {SCP: 10_000}
_MOST_OTHERS: Final = 1_000


@operation("organizations:CreatePolicy", resource=new_policy_target, context=type_context)
def create_policy(
    call: Call,
    *,
    content: str,
    description: str,
    name: str,
    type: str,  # noqa: A002 - the member's name
    tags: Tags | None = None,
) -> Output:
    """Make a policy, attached to nothing.

    Raises:
        PolicyTypeNotAvailableForOrganizationException: the organization has consolidated billing only.
        MalformedPolicyDocumentException: the document does not fit the type.
        DuplicatePolicyException: there is one of that name and type.
        ConstraintViolationException: the document is too large, or the policies are too many.
    """
    target = new_policy_target(call, type=type)
    organization = as_delegate(call, "CreatePolicy", target, type_context(call, type=type, tags=tags))
    if organization.management_account == call.account:
        authorize_tags(call, tags, target)
    elif tags:
        as_delegate(call, "TagResource", target, tag_context(call, tags=tags))
    check_policy_types(organization)
    kept = given_tags(tags)
    content = check_document(type, content)
    _check_name(call, organization, type, name)
    own = organization.organization_id
    most = MOST.get(type, _MOST_OTHERS)
    if sum(each.type == type for _, each in call.records.scan(ORGANIZATION_POLICIES, own)) >= most:
        raise violated(
            "POLICY_NUMBER_LIMIT_EXCEEDED",
            "You attempted to exceed the number of policies that you can have in an organization.",
        )
    policy_id = random_id(call.entropy, "p-", 10)
    policy = OrganizationPolicy(
        policy_id=policy_id,
        arn=policy_arn(organization, type, policy_id),
        name=name,
        type=type,
        content=content,
        description=description,
        tags=kept,
        updated=call.now,
    )
    call.records.put(ORGANIZATION_POLICIES, (own, policy_id), policy)
    return {"Policy": policy_shape(policy)}


def _check_name(call: Call, organization: Organization, policy_type: str, name: str) -> None:
    taken = any(each.name == name and each.type == policy_type for each in _every(call, organization))
    if taken:
        # observed
        raise DuplicatePolicyException("A policy with the specified name and type already exists.")


def _every(call: Call, organization: Organization) -> list[OrganizationPolicy]:
    """The organization's policies, and AWS's own."""
    stored = (each for _, each in call.records.scan(ORGANIZATION_POLICIES, organization.organization_id))
    return [*aws_policies(call.partition), *stored]


@operation("organizations:DescribePolicy", resource=policy_target, context=policy_context)
def describe_policy(call: Call, *, policy_id: str) -> Output:
    """A policy with its document.

    Raises:
        PolicyNotFoundException: there is none of that id.
    """
    context = policy_context(call, policy_id=policy_id)
    organization = as_reader(call, "DescribePolicy", policy_target(call, policy_id=policy_id), context)
    return {"Policy": policy_shape(find_policy(call, organization, policy_id))}


@operation("organizations:ListPolicies", context=type_context)
def list_policies(
    call: Call,
    *,
    filter: str,  # noqa: A002 - the member's name
    next_token: str | None = None,
    max_results: int | None = None,
) -> Output:
    """The policies of a type, AWS's own among them."""
    organization = as_reader(call, "ListPolicies", context=type_context(call, filter=filter))
    policies = sorted(
        (each for each in _every(call, organization) if each.type == filter), key=lambda each: each.policy_id
    )
    return page(
        "Policies",
        policies,
        lambda each: each.policy_id,
        policy_summary,
        next_token=next_token,
        max_results=max_results,
    )


@operation("organizations:UpdatePolicy", resource=policy_target, context=policy_context)
def update_policy(
    call: Call, *, policy_id: str, name: str | None = None, description: str | None = None, content: str | None = None
) -> Output:
    """Change a policy, which takes effect at once wherever it is attached.

    Raises:
        PolicyNotFoundException: there is none of that id.
        InvalidInputException: it is AWS's own.
        MalformedPolicyDocumentException: the document does not fit the type.
        DuplicatePolicyException: another one of that type has the name.
        ConstraintViolationException: the document is too large.
    """
    organization, policy = _changing(call, "UpdatePolicy", policy_id)
    if name is not None and name != policy.name:
        _check_name(call, organization, policy.type, name)
        policy = replace(policy, name=name)
    if content is not None:
        policy = replace(policy, content=check_document(policy.type, content), updated=call.now)
    if description is not None:
        policy = replace(policy, description=description)
    call.records.put(ORGANIZATION_POLICIES, (organization.organization_id, policy_id), policy)
    return {"Policy": policy_shape(policy)}


@operation("organizations:DeletePolicy", resource=policy_target, context=policy_context)
def delete_policy(call: Call, *, policy_id: str) -> None:
    """Delete a policy that is attached to nothing.

    Raises:
        PolicyNotFoundException: there is none of that id.
        InvalidInputException: it is AWS's own.
        PolicyInUseException: it is attached somewhere.
    """
    organization, policy = _changing(call, "DeletePolicy", policy_id)
    own = organization.organization_id
    if call.records.count(ATTACHED_TO, own, policy.policy_id, limit=1):
        raise PolicyInUseException(
            "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts "
            "before performing this operation."
        )
    call.records.delete(ORGANIZATION_POLICIES, own, policy.policy_id)


def _changing(call: Call, action: str, policy_id: str) -> tuple[Organization, OrganizationPolicy]:
    context = policy_context(call, policy_id=policy_id)
    organization = as_delegate(call, action, policy_target(call, policy_id=policy_id), context)
    policy = find_policy(call, organization, policy_id)
    if is_aws_policy(policy_id):
        raise invalid(
            "IMMUTABLE_POLICY",
            "You specified a policy that is managed by Amazon Web Services and can't be modified.",
        )
    return organization, policy


OPERATIONS = (create_policy, describe_policy, list_policies, update_policy, delete_policy)
