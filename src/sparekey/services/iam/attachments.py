"""Managed policies on users, groups and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.directory.identities import Role
from sparekey.services.directory.policies import ATTACHMENTS, BOUNDARY_USES
from sparekey.services.iam.entities import (
    Identity,
    forget_use,
    keep,
    kind_of,
    note_use,
    refuse_linked,
    unique_id_of,
    with_attached,
)
from sparekey.services.iam.errors import NoSuchEntityException, PolicyNotAttachableException
from sparekey.services.iam.names import (
    find_group,
    find_policy,
    find_role,
    find_user,
    is_of_linked_roles,
    policy_account_and_name,
)
from sparekey.services.iam.paging import listed, paged, read_marker, walk
from sparekey.services.iam.quotas import hold
from sparekey.services.iam.resources import (
    about,
    attached_policy,
    boundary_of_role,
    boundary_of_user,
    group,
    policy,
    role,
    user,
)
from sparekey.services.operation import Call, Output, operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.storage.interface import Key


def _attach(call: Call, identity: Identity, policy_arn: str) -> None:
    found = find_policy(call, policy_arn, attach=True)
    if isinstance(identity, Role):
        refuse_linked(identity)
    if is_of_linked_roles(call, found):
        raise PolicyNotAttachableException("Cannot attach a Service Role Policy to a Customer Role.")
    if found.arn in identity.attached:
        return
    hold(call, kind_of(identity).policies_quota, len(identity.attached) + 1)
    keep(call, with_attached(identity, (*identity.attached, found.arn)))
    note_use(call, ATTACHMENTS, found.arn, identity)


def _detach(call: Call, identity: Identity, policy_arn: str) -> None:
    policy_account_and_name(policy_arn, partition=call.partition)
    if isinstance(identity, Role):
        refuse_linked(identity)
    if policy_arn not in identity.attached:
        raise NoSuchEntityException(f"Policy {policy_arn} was not found.")
    keep(call, with_attached(identity, tuple(each for each in identity.attached if each != policy_arn)))
    forget_use(call, ATTACHMENTS, policy_arn, identity)


def attached_members(policy_arn: str) -> dict[str, str]:
    """An attached policy as lists show it."""
    return {"PolicyName": policy_arn.rpartition("/")[2], "PolicyArn": policy_arn}


def _list(identity: Identity, path_prefix: str, marker: str | None, max_items: int | None) -> Output:
    within = (each for each in identity.attached if _path(each).startswith(path_prefix))
    found = listed(within, str, marker=marker, max_items=max_items)
    return {"AttachedPolicies": [attached_members(each) for each in found.items], **found.members}


def _path(policy_arn: str) -> str:
    resource = policy_arn.split(":", 5)[5].removeprefix("policy")
    return resource[: resource.rindex("/") + 1]


@operation("iam:AttachUserPolicy", **about(user, attached_policy, boundary_of_user))
def attach_user_policy(call: Call, *, user_name: str, policy_arn: str) -> None:
    """Attach a managed policy to a user; that it is attached already does not matter."""
    _attach(call, find_user(call, user_name), policy_arn)


@operation("iam:AttachGroupPolicy", **about(group, attached_policy))
def attach_group_policy(call: Call, *, group_name: str, policy_arn: str) -> None:
    """Attach a managed policy to a group; that it is attached already does not matter."""
    _attach(call, find_group(call, group_name), policy_arn)


@operation("iam:AttachRolePolicy", **about(role, attached_policy, boundary_of_role))
def attach_role_policy(call: Call, *, role_name: str, policy_arn: str) -> None:
    """Attach a managed policy to a role; that it is attached already does not matter."""
    _attach(call, find_role(call, role_name), policy_arn)


@operation("iam:DetachUserPolicy", **about(user, attached_policy, boundary_of_user))
def detach_user_policy(call: Call, *, user_name: str, policy_arn: str) -> None:
    """Detach a managed policy from a user."""
    _detach(call, find_user(call, user_name), policy_arn)


@operation("iam:DetachGroupPolicy", **about(group, attached_policy))
def detach_group_policy(call: Call, *, group_name: str, policy_arn: str) -> None:
    """Detach a managed policy from a group."""
    _detach(call, find_group(call, group_name), policy_arn)


@operation("iam:DetachRolePolicy", **about(role, attached_policy, boundary_of_role))
def detach_role_policy(call: Call, *, role_name: str, policy_arn: str) -> None:
    """Detach a managed policy from a role."""
    _detach(call, find_role(call, role_name), policy_arn)


@operation("iam:ListAttachedUserPolicies", **about(user))
def list_attached_user_policies(
    call: Call, *, user_name: str, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the managed policies attached to a user."""
    return _list(find_user(call, user_name), path_prefix, marker, max_items)


@operation("iam:ListAttachedGroupPolicies", resource=group)
def list_attached_group_policies(
    call: Call, *, group_name: str, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the managed policies attached to a group."""
    return _list(find_group(call, group_name), path_prefix, marker, max_items)


@operation("iam:ListAttachedRolePolicies", **about(role))
def list_attached_role_policies(
    call: Call, *, role_name: str, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the managed policies attached to a role."""
    return _list(find_role(call, role_name), path_prefix, marker, max_items)


@operation("iam:ListEntitiesForPolicy", **about(policy))
def list_entities_for_policy(
    call: Call,
    *,
    policy_arn: str,
    entity_filter: str | None = None,
    path_prefix: str = "/",
    policy_usage_filter: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Output:
    """List the users, groups and roles that have a managed policy attached, or as their boundary."""
    found = find_policy(call, policy_arn)
    wanted = entity_filter and entity_filter.lower()
    shown = paged(
        (
            (key, entity)
            for key, entity in _entities(call, found.arn, policy_usage_filter, read_marker(marker) if marker else ())
            if wanted in (None, kind_of(entity).word) and entity.path.startswith(path_prefix)
        ),
        max_items,
    )
    members: dict[str, list[dict[str, str]]] = {"PolicyGroups": [], "PolicyUsers": [], "PolicyRoles": []}
    for entity in shown.items:
        word = kind_of(entity).word.capitalize()
        members[f"Policy{word}s"].append({f"{word}Name": entity.name, f"{word}Id": unique_id_of(entity)})
    return {**members, **shown.members}


def _entities(call: Call, policy_arn: str, usage: str | None, after: Key) -> Iterator[tuple[Key, Identity]]:
    """The entities that use a policy behind a place, each once: those it is attached to, then those it bounds."""
    attached, records = usage != "PermissionsBoundary", call.records
    first = after[0] if len(after) == 3 else "attached"
    if attached and first == "attached":
        behind = (call.account, policy_arn, *after[1:]) if after else None
        for key, _ in walk(records, ATTACHMENTS, call.account, policy_arn, after=behind):
            yield ("attached", *key[2:]), _entity(call, *key[2:])
    if usage != "PermissionsPolicy":
        behind = (call.account, policy_arn, *after[1:]) if first != "attached" else None
        for key, _ in walk(records, BOUNDARY_USES, call.account, policy_arn, after=behind):
            if not attached or records.get(ATTACHMENTS, *key) is None:
                yield ("boundary", *key[2:]), _entity(call, *key[2:])


def _entity(call: Call, word: str, name: str) -> Identity:
    """The user, group or role that an index names."""
    match word:
        case "user":
            return find_user(call, name)
        case "group":
            return find_group(call, name)
        case _:
            return find_role(call, name)


OPERATIONS = (
    attach_user_policy,
    attach_group_policy,
    attach_role_policy,
    detach_user_policy,
    detach_group_policy,
    detach_role_policy,
    list_attached_user_policies,
    list_attached_group_policies,
    list_attached_role_policies,
    list_entities_for_policy,
)
