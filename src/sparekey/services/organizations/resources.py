"""What authorization is asked about: the resources of Organizations' actions and their condition keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html

A resource that does not exist is asked about by the ARN it would have; an account in no organization by ``*``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sparekey.arn import is_account_id
from sparekey.services.directory.accounts import (
    ACCOUNTS,
    HANDSHAKES,
    ORGANIZATION_POLICIES,
    RESOURCE_POLICIES,
    UNITS,
    Organization,
)
from sparekey.services.directory.organization import SCP, policy_of
from sparekey.services.operation import ANY, Call, Tags, Target, keys_of_tags
from sparekey.services.organizations.handshake_records import addresses_of
from sparekey.services.organizations.ids import account_arn, policy_arn, resource_policy_arn, target_arn
from sparekey.services.organizations.membership import organization_of

if TYPE_CHECKING:
    from sparekey.policy import ContextValue


def tags_of(call: Call, organization: Organization, resource_id: str) -> Mapping[str, str]:
    """The tags of an account, unit, root, policy or the resource policy."""
    records, own = call.records, organization.organization_id
    if is_account_id(resource_id):
        account = records.get(ACCOUNTS, resource_id)
        return account.tags if account and account.organization == own else {}
    if resource_id == organization.root_id:
        return organization.root_tags
    if resource_id.startswith("rp-"):
        resource_policy = records.get(RESOURCE_POLICIES, own)
        return resource_policy.tags if resource_policy else {}
    kept = records.get(UNITS, own, resource_id) or records.get(ORGANIZATION_POLICIES, own, resource_id)
    return kept.tags if kept else {}


def target_of(call: Call, resource_id: str) -> Target:
    """An account, unit, root, policy or the resource policy, by its id."""
    organization = organization_of(call)
    if organization is None:
        return ANY
    if resource_id.startswith("rp-"):
        arn = resource_policy_arn(organization, resource_id)
    elif resource_id.startswith("p-"):
        policy = policy_of(call.records, organization, resource_id)
        arn = policy.arn if policy else policy_arn(organization, SCP, resource_id)
    else:
        arn = target_arn(organization, resource_id)
    return Target(arn, tags=tags_of(call, organization, resource_id))


def type_of(call: Call, policy_id: str) -> str:
    """The type of a policy; SERVICE_CONTROL_POLICY where there is none of the id."""
    organization = organization_of(call)
    policy = organization and policy_of(call.records, organization, policy_id)
    return policy.type if policy else SCP


def account_target(call: Call, *, account_id: str, **_: object) -> Target:
    """The account of ``AccountId``."""
    return target_of(call, account_id)


def unit_target(call: Call, *, organizational_unit_id: str, **_: object) -> Target:
    """The unit of ``OrganizationalUnitId``."""
    return target_of(call, organizational_unit_id)


def parent_target(call: Call, *, parent_id: str, **_: object) -> Target:
    """The root or unit of ``ParentId``."""
    return target_of(call, parent_id)


def child_target(call: Call, *, child_id: str, **_: object) -> Target:
    """The unit or account of ``ChildId``."""
    return target_of(call, child_id)


def root_target(call: Call, *, root_id: str, **_: object) -> Target:
    """The root of ``RootId``."""
    return target_of(call, root_id)


def policy_target(call: Call, *, policy_id: str, **_: object) -> Target:
    """The policy of ``PolicyId``."""
    return target_of(call, policy_id)


def new_policy_target(call: Call, *, type: str, **_: object) -> Target:  # noqa: A002 - the member's name
    """The policy that a request would make."""
    organization = organization_of(call)
    return Target(policy_arn(organization, type, "p-*")) if organization else ANY


def attachment_target(call: Call, *, target_id: str, **_: object) -> Target:
    """The root, unit or account of ``TargetId``."""
    return target_of(call, target_id)


def effective_target(call: Call, *, target_id: str | None = None, **_: object) -> Target:
    """The account of ``TargetId``, or the caller's."""
    return target_of(call, target_id or call.account)


def resource_target(call: Call, *, resource_id: str, **_: object) -> Target:
    """The resource of ``ResourceId``."""
    return target_of(call, resource_id)


def handshake_target(call: Call, *, handshake_id: str, **_: object) -> Target:
    """The handshake of ``HandshakeId``; of one between others nothing is told."""
    handshake, organization = call.records.get(HANDSHAKES, handshake_id), organization_of(call)
    if handshake is not None:
        asks = organization is not None and handshake.organization == organization.organization_id
        if asks or handshake.account in addresses_of(call):
            return Target(handshake.arn)
    return Target(f"arn:{call.partition}:organizations::{call.account}:handshake/*/*/{handshake_id}")


def invited_target(call: Call, *, target: Mapping[str, str], **_: object) -> Target:
    """The account that is invited, where it is given by its id."""
    organization = organization_of(call)
    if organization is None or target["Type"] != "ACCOUNT":
        return ANY
    return Target(account_arn(organization, target["Id"]))


def resource_policy_target(call: Call, **_: object) -> Target:
    """The organization's resource policy, or the one that a request would make."""
    organization = organization_of(call)
    if organization is None:
        return ANY
    stored = call.records.get(RESOURCE_POLICIES, organization.organization_id)
    if stored is None:
        return Target(resource_policy_arn(organization, "rp-*"))
    return Target(stored.arn, tags=stored.tags)


def tag_context(
    _call: Call, *, tags: Tags | None = None, tag_keys: Sequence[str] = (), **_: object
) -> dict[str, ContextValue]:
    """``aws:RequestTag/…`` and ``aws:TagKeys``."""
    return keys_of_tags(tags, tag_keys)


def policy_context(call: Call, *, policy_id: str, **_: object) -> dict[str, ContextValue]:
    """``organizations:PolicyType``, of the policy of ``PolicyId``."""
    return {"organizations:PolicyType": type_of(call, policy_id)}


def type_context(
    call: Call,
    *,
    policy_type: str = "",
    filter: str = "",  # noqa: A002 - the member's name
    type: str = "",  # noqa: A002 - the member's name
    tags: Tags | None = None,
    **_: object,
) -> dict[str, ContextValue]:
    """``organizations:PolicyType``, of the type that a request names, and the tags that it gives."""
    return {"organizations:PolicyType": policy_type or filter or type, **tag_context(call, tags=tags)}


def resource_tags_context(
    call: Call, *, resource_id: str, tags: Tags | None = None, tag_keys: Sequence[str] = (), **_: object
) -> dict[str, ContextValue]:
    """The tags of a request, and ``organizations:PolicyType`` where they are a policy's."""
    context = tag_context(call, tags=tags, tag_keys=tag_keys)
    return {**context, **policy_context(call, policy_id=resource_id)} if resource_id.startswith("p-") else context


def service_context(_call: Call, *, service_principal: str | None = None, **_: object) -> dict[str, ContextValue]:
    """``organizations:ServicePrincipal``."""
    return {"organizations:ServicePrincipal": service_principal} if service_principal else {}
