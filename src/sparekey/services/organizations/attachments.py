"""Where policies are attached: AttachPolicy, DetachPolicy and the lists of targets and of policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.arn import is_account_id
from sparekey.services.directory.accounts import (
    ACCOUNTS,
    ATTACHED_TO,
    POLICY_TARGETS,
    UNITS,
    Organization,
    OrganizationPolicy,
    PolicyTargets,
)
from sparekey.services.directory.identities import Reference
from sparekey.services.directory.organization import FULL_ACCESS_OF, RCP, SCP, policy_of
from sparekey.services.operation import Call, Output, operation
from sparekey.services.organizations.errors import (
    NO_POLICY,
    NO_TARGET,
    NOT_ENABLED,
    DuplicatePolicyAttachmentException,
    PolicyNotAttachedException,
    PolicyNotFoundException,
    PolicyTypeNotEnabledException,
    TargetNotFoundException,
    invalid,
    violated,
)
from sparekey.services.organizations.ids import target_arn
from sparekey.services.organizations.membership import as_delegate, as_reader, has_left
from sparekey.services.organizations.paging import page
from sparekey.services.organizations.resources import (
    attachment_target,
    policy_context,
    policy_target,
    type_context,
)
from sparekey.services.organizations.shapes import name_of, policy_summary

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How many policies of a type can be attached to one root, unit or account.
#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
MOST_ATTACHED: Final = {
    SCP: 5,
    RCP: 5,
    "AISERVICES_OPT_OUT_POLICY": 5,
    "CHATBOT_POLICY": 5,
}
_MOST_OTHERS: Final = 10


def attached(call: Call, organization: Organization, target_id: str) -> tuple[str, ...]:
    """The ids of the policies attached to a root, unit or account, in the order of attachment."""
    found = call.records.get(POLICY_TARGETS, organization.organization_id, target_id)
    return found.policy_ids if found else ()


def attached_of_type(
    call: Call, organization: Organization, target_id: str, policy_type: str
) -> Iterator[OrganizationPolicy]:
    """The policies of a type attached to a root, unit or account, in the order of attachment."""
    for policy_id in attached(call, organization, target_id):
        policy = policy_of(call.records, organization, policy_id)
        if policy is not None and policy.type == policy_type:
            yield policy


def attach(call: Call, organization: Organization, policy_id: str, target_id: str) -> None:
    """Attach a policy, without asking whether that is right."""
    own = organization.organization_id
    policy_ids = (*attached(call, organization, target_id), policy_id)
    call.records.put(POLICY_TARGETS, (own, target_id), PolicyTargets(policy_ids))
    call.records.put(ATTACHED_TO, (own, policy_id, target_id), Reference(target_id))


def detach(call: Call, organization: Organization, policy_id: str, target_id: str) -> None:
    """Detach a policy, without asking whether that is right."""
    own = organization.organization_id
    policy_ids = tuple(each for each in attached(call, organization, target_id) if each != policy_id)
    call.records.put(POLICY_TARGETS, (own, target_id), PolicyTargets(policy_ids))
    call.records.delete(ATTACHED_TO, own, policy_id, target_id)


def attach_full_access(call: Call, organization: Organization, target_id: str) -> None:
    """Give a new unit or account AWS's own policy of each enabled type."""
    for policy_type in organization.policy_types:
        if policy_type in FULL_ACCESS_OF:
            attach(call, organization, FULL_ACCESS_OF[policy_type], target_id)


def detach_all(call: Call, organization: Organization, target_id: str) -> None:
    """Detach every policy of a unit or account that goes away."""
    for policy_id in attached(call, organization, target_id):
        detach(call, organization, policy_id, target_id)
    call.records.delete(POLICY_TARGETS, organization.organization_id, target_id)


def find_policy(call: Call, organization: Organization, policy_id: str) -> OrganizationPolicy:
    """A policy of the organization or of AWS.

    Raises:
        PolicyNotFoundException: there is none of that id.
    """
    policy = policy_of(call.records, organization, policy_id)
    if policy is None:
        raise PolicyNotFoundException(NO_POLICY)
    return policy


def target_name(call: Call, organization: Organization, target_id: str) -> str:
    """The name of a root, unit or account.

    Raises:
        TargetNotFoundException: the organization has none of that id.
    """
    if target_id == organization.root_id:
        return "Root"
    if is_account_id(target_id):
        account = call.records.get(ACCOUNTS, target_id)
        if account and account.organization == organization.organization_id and not has_left(account, call):
            return name_of(account)
    elif unit := call.records.get(UNITS, organization.organization_id, target_id):
        return unit.name
    raise TargetNotFoundException(NO_TARGET)


@operation("organizations:AttachPolicy", resource=policy_target, context=policy_context)
def attach_policy(call: Call, *, policy_id: str, target_id: str) -> None:
    """Attach a policy to the root, a unit or an account; it takes effect at once.

    Raises:
        PolicyNotFoundException: there is no such policy.
        TargetNotFoundException: there is no such root, unit or account.
        PolicyTypeNotEnabledException: policies of its type are not enabled.
        DuplicatePolicyAttachmentException: it is attached there.
        ConstraintViolationException: as many as can be are attached there.
    """
    organization = _changing(call, "AttachPolicy", policy_id, target_id)
    policy = find_policy(call, organization, policy_id)
    target_name(call, organization, target_id)
    if policy.type not in organization.policy_types:
        raise PolicyTypeNotEnabledException(NOT_ENABLED)
    if policy_id in attached(call, organization, target_id):
        # observed, though the sentence speaks of something else
        raise DuplicatePolicyAttachmentException("A policy with the specified name and type already exists.")
    there = sum(1 for _ in attached_of_type(call, organization, target_id, policy.type))
    if there >= MOST_ATTACHED.get(policy.type, _MOST_OTHERS):
        # observed
        raise violated(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You have attached the maximum number of policies to the specified target.",
        )
    attach(call, organization, policy_id, target_id)


@operation("organizations:DetachPolicy", resource=policy_target, context=policy_context)
def detach_policy(call: Call, *, policy_id: str, target_id: str) -> None:
    """Detach a policy; it is without effect at once.

    Raises:
        PolicyNotFoundException: there is no such policy.
        TargetNotFoundException: there is no such root, unit or account.
        PolicyNotAttachedException: it is not attached there.
        InvalidInputException: it is ``RCPFullAWSAccess``, which stays.
        ConstraintViolationException: it is the last service control policy there.
    """
    organization = _changing(call, "DetachPolicy", policy_id, target_id)
    policy = find_policy(call, organization, policy_id)
    target_name(call, organization, target_id)
    if policy_id not in attached(call, organization, target_id):
        raise PolicyNotAttachedException("The policy isn't attached to the specified target in the specified root.")
    if policy_id == FULL_ACCESS_OF[RCP]:
        raise invalid("NON_DETACHABLE_POLICY", "You can't detach this Amazon Web Services Managed Policy.")
    there = sum(1 for _ in attached_of_type(call, organization, target_id, policy.type))
    if policy.type == SCP and there == 1:
        # observed
        raise violated(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You cannot remove the last policy attached to the specified target. You must have at least one "
            "attached at all times.",
        )
    detach(call, organization, policy_id, target_id)


def _changing(call: Call, action: str, policy_id: str, target_id: str) -> Organization:
    """The organization, once the caller may do this with the target as well as with the policy."""
    context = policy_context(call, policy_id=policy_id)
    organization = as_delegate(call, action, policy_target(call, policy_id=policy_id), context)
    if organization.management_account == call.account:
        call.authorize(f"organizations:{action}", attachment_target(call, target_id=target_id), context)
    else:
        as_delegate(call, action, attachment_target(call, target_id=target_id), context)
    return organization


@operation("organizations:ListTargetsForPolicy", resource=policy_target, context=policy_context)
def list_targets_for_policy(
    call: Call, *, policy_id: str, next_token: str | None = None, max_results: int | None = None
) -> Output:
    """Where a policy is attached.

    Raises:
        PolicyNotFoundException: there is no such policy.
    """
    context = policy_context(call, policy_id=policy_id)
    organization = as_reader(call, "ListTargetsForPolicy", policy_target(call, policy_id=policy_id), context)
    find_policy(call, organization, policy_id)
    targets = (each.name for _, each in call.records.scan(ATTACHED_TO, organization.organization_id, policy_id))
    return page(
        "Targets",
        targets,
        str,
        lambda each: _target_shape(call, organization, each),
        next_token=next_token,
        max_results=max_results,
    )


def _target_shape(call: Call, organization: Organization, target_id: str) -> dict[str, object]:
    kind = "ACCOUNT" if is_account_id(target_id) else "ORGANIZATIONAL_UNIT" if target_id.startswith("ou-") else "ROOT"
    name = target_name(call, organization, target_id)
    return {"TargetId": target_id, "Arn": target_arn(organization, target_id), "Name": name, "Type": kind}


@operation("organizations:ListPoliciesForTarget", resource=attachment_target, context=type_context)
def list_policies_for_target(
    call: Call,
    *,
    target_id: str,
    filter: str,  # noqa: A002 - the member's name
    next_token: str | None = None,
    max_results: int | None = None,
) -> Output:
    """The policies of a type that are attached to a root, unit or account itself.

    Raises:
        TargetNotFoundException: there is no such root, unit or account.
    """
    target = attachment_target(call, target_id=target_id)
    organization = as_reader(call, "ListPoliciesForTarget", target, type_context(call, filter=filter))
    target_name(call, organization, target_id)
    policies = sorted(attached_of_type(call, organization, target_id, filter), key=lambda each: each.policy_id)
    return page(
        "Policies",
        policies,
        lambda each: each.policy_id,
        policy_summary,
        next_token=next_token,
        max_results=max_results,
    )


OPERATIONS = (attach_policy, detach_policy, list_targets_for_policy, list_policies_for_target)
