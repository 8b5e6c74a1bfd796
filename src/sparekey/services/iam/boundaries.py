"""Permissions boundaries of users and roles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.services.directory.policies import BOUNDARY_USES
from sparekey.services.iam.entities import forget_use, keep, note_use, refuse_linked
from sparekey.services.iam.errors import NoSuchEntityException, PolicyNotAttachableException
from sparekey.services.iam.names import find_role, find_user, is_of_linked_roles, stored_policy
from sparekey.services.iam.resources import (
    about,
    boundary_of_role,
    boundary_of_user,
    requested_boundary,
    role,
    user,
)
from sparekey.services.operation import Call, operation

if TYPE_CHECKING:
    from sparekey.services.directory.identities import Role, User


def checked_boundary(call: Call, permissions_boundary: str | None) -> str | None:
    """The ARN of the managed policy that a request asks for as the boundary of what it makes.

    Raises:
        NoSuchEntityException: there is no such policy, or it is for service-linked roles only.
        ValidationError: the text is no ARN.
        InvalidInputException: it is the ARN of something else.
    """
    if permissions_boundary is not None:
        found = stored_policy(call, permissions_boundary)
        if found is None or is_of_linked_roles(call, found):
            raise NoSuchEntityException(f"Scope ARN: {permissions_boundary} does not exist or is not attachable.")
    return permissions_boundary


def _attachable(call: Call, permissions_boundary: str) -> str:
    """The ARN of the managed policy that is to be the boundary of what is there.

    Raises:
        PolicyNotAttachableException: it is for service-linked roles only.
        NoSuchEntityException: there is no such policy.
        ValidationError: the text is no ARN.
        InvalidInputException: it is the ARN of something else.
    """
    found = stored_policy(call, permissions_boundary)
    if found is not None and is_of_linked_roles(call, found):
        raise PolicyNotAttachableException("Cannot attach a Service Role Policy to a Customer Role.")
    checked_boundary(call, permissions_boundary)
    return permissions_boundary


def _bound(call: Call, identity: User | Role, permissions_boundary: str | None) -> None:
    """Give an entity another boundary, or none."""
    if identity.boundary is not None:
        forget_use(call, BOUNDARY_USES, identity.boundary, identity)
    keep(call, replace(identity, boundary=permissions_boundary))
    if permissions_boundary is not None:
        note_use(call, BOUNDARY_USES, permissions_boundary, identity)


@operation("iam:PutUserPermissionsBoundary", **about(user, requested_boundary))
def put_user_permissions_boundary(call: Call, *, user_name: str, permissions_boundary: str) -> None:
    """Make a managed policy the boundary of a user, in place of the one it has."""
    _bound(call, find_user(call, user_name), _attachable(call, permissions_boundary))


@operation("iam:PutRolePermissionsBoundary", **about(role, requested_boundary))
def put_role_permissions_boundary(call: Call, *, role_name: str, permissions_boundary: str) -> None:
    """Make a managed policy the boundary of a role, in place of the one it has."""
    found = find_role(call, role_name)
    refuse_linked(found)
    _bound(call, found, _attachable(call, permissions_boundary))


@operation("iam:DeleteUserPermissionsBoundary", **about(user, boundary_of_user))
def delete_user_permissions_boundary(call: Call, *, user_name: str) -> None:
    """Take the boundary off a user; that it has none does not matter."""
    _bound(call, find_user(call, user_name), None)


@operation("iam:DeleteRolePermissionsBoundary", **about(role, boundary_of_role))
def delete_role_permissions_boundary(call: Call, *, role_name: str) -> None:
    """Take the boundary off a role; that it has none does not matter."""
    found = find_role(call, role_name)
    refuse_linked(found)
    _bound(call, found, None)


OPERATIONS = (
    put_user_permissions_boundary,
    put_role_permissions_boundary,
    delete_user_permissions_boundary,
    delete_role_permissions_boundary,
)
