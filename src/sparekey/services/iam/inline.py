"""Inline policies of users, groups and roles.

Their names are the same in whatever letter case: putting another spelling overwrites, lists show the first one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.iam.documents import DocumentKind, checked, encoded, size
from sparekey.services.iam.entities import Identity, keep, kind_of, refuse_linked, with_inline
from sparekey.services.iam.errors import LimitExceededException, NoSuchEntityException
from sparekey.services.iam.names import find_group, find_role, find_user
from sparekey.services.iam.paging import listed
from sparekey.services.iam.quotas import quota
from sparekey.services.iam.resources import about, boundary_of_role, boundary_of_user, group, role, user
from sparekey.services.operation import Call, Output, operation

if TYPE_CHECKING:
    from sparekey.services.directory.identities import Role


def _stored_name(identity: Identity, policy_name: str) -> str | None:
    """How the name of an inline policy is spelled, if the entity has it."""
    if policy_name in identity.inline:
        return policy_name
    lowered = policy_name.lower()
    return next((name for name in identity.inline if name.lower() == lowered), None)


def _found(identity: Identity, policy_name: str) -> str:
    name = _stored_name(identity, policy_name)
    if name is None:
        raise NoSuchEntityException(f"The {kind_of(identity).word} policy with name {policy_name} cannot be found.")
    return name


def _put(call: Call, identity: Identity, policy_name: str, policy_document: str) -> None:
    text = checked(policy_document, DocumentKind.IDENTITY, partition=call.partition)
    inline = {**identity.inline, (_stored_name(identity, policy_name) or policy_name): text}
    kind = kind_of(identity)
    limit = quota(call, kind.size_quota)
    if sum(map(size, inline.values())) > limit:
        raise LimitExceededException(f"Maximum policy size of {limit} bytes exceeded for {kind.word} {identity.name}")
    keep(call, with_inline(identity, inline))


def _delete(call: Call, identity: Identity, policy_name: str) -> None:
    gone = _found(identity, policy_name)
    keep(call, with_inline(identity, {name: text for name, text in identity.inline.items() if name != gone}))


def _get(identity: Identity, policy_name: str) -> Output:
    text = identity.inline[_found(identity, policy_name)]
    return {"PolicyName": policy_name, "PolicyDocument": encoded(text)}


def _list(identity: Identity, marker: str | None, max_items: int | None) -> Output:
    names = listed(identity.inline, str, marker=marker, max_items=max_items)
    return {"PolicyNames": list(names.items), **names.members}


def _own_role(call: Call, role_name: str) -> Role:
    """A role that is not AWS's to change."""
    found = find_role(call, role_name)
    refuse_linked(found)
    return found


@operation("iam:PutUserPolicy", **about(user, boundary_of_user))
def put_user_policy(call: Call, *, user_name: str, policy_name: str, policy_document: str) -> None:
    """Give a user an inline policy, over the one of that name."""
    _put(call, find_user(call, user_name), policy_name, policy_document)


@operation("iam:PutGroupPolicy", resource=group)
def put_group_policy(call: Call, *, group_name: str, policy_name: str, policy_document: str) -> None:
    """Give a group an inline policy, over the one of that name."""
    _put(call, find_group(call, group_name), policy_name, policy_document)


@operation("iam:PutRolePolicy", **about(role, boundary_of_role))
def put_role_policy(call: Call, *, role_name: str, policy_name: str, policy_document: str) -> None:
    """Give a role an inline policy, over the one of that name."""
    _put(call, _own_role(call, role_name), policy_name, policy_document)


@operation("iam:GetUserPolicy", **about(user))
def get_user_policy(call: Call, *, user_name: str, policy_name: str) -> Output:
    """Show an inline policy of a user."""
    found = find_user(call, user_name)
    return {"UserName": found.name, **_get(found, policy_name)}


@operation("iam:GetGroupPolicy", resource=group)
def get_group_policy(call: Call, *, group_name: str, policy_name: str) -> Output:
    """Show an inline policy of a group."""
    found = find_group(call, group_name)
    return {"GroupName": found.name, **_get(found, policy_name)}


@operation("iam:GetRolePolicy", **about(role))
def get_role_policy(call: Call, *, role_name: str, policy_name: str) -> Output:
    """Show an inline policy of a role."""
    found = find_role(call, role_name)
    return {"RoleName": found.name, **_get(found, policy_name)}


@operation("iam:ListUserPolicies", **about(user))
def list_user_policies(
    call: Call, *, user_name: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the names of a user's inline policies."""
    return _list(find_user(call, user_name), marker, max_items)


@operation("iam:ListGroupPolicies", resource=group)
def list_group_policies(
    call: Call, *, group_name: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the names of a group's inline policies."""
    return _list(find_group(call, group_name), marker, max_items)


@operation("iam:ListRolePolicies", **about(role))
def list_role_policies(
    call: Call, *, role_name: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the names of a role's inline policies."""
    return _list(find_role(call, role_name), marker, max_items)


@operation("iam:DeleteUserPolicy", **about(user, boundary_of_user))
def delete_user_policy(call: Call, *, user_name: str, policy_name: str) -> None:
    """Take an inline policy from a user."""
    _delete(call, find_user(call, user_name), policy_name)


@operation("iam:DeleteGroupPolicy", resource=group)
def delete_group_policy(call: Call, *, group_name: str, policy_name: str) -> None:
    """Take an inline policy from a group."""
    _delete(call, find_group(call, group_name), policy_name)


@operation("iam:DeleteRolePolicy", **about(role, boundary_of_role))
def delete_role_policy(call: Call, *, role_name: str, policy_name: str) -> None:
    """Take an inline policy from a role."""
    _delete(call, _own_role(call, role_name), policy_name)


OPERATIONS = (
    put_user_policy,
    put_group_policy,
    put_role_policy,
    get_user_policy,
    get_group_policy,
    get_role_policy,
    list_user_policies,
    list_group_policies,
    list_role_policies,
    delete_user_policy,
    delete_group_policy,
    delete_role_policy,
)
