"""Roles and their trust policies."""

from __future__ import annotations

from dataclasses import replace

from sparekey.services.directory.identities import LAST_USED, LINKED_PATH, ROLES, UNIQUE_IDS, Role
from sparekey.services.directory.instance_profiles import PROFILES_OF_ROLE
from sparekey.services.directory.policies import ATTACHMENTS, BOUNDARY_USES
from sparekey.services.iam.boundaries import checked_boundary
from sparekey.services.iam.entities import forget_use, keep, note_use, refuse_linked
from sparekey.services.iam.errors import (
    DeleteConflictException,
    EntityAlreadyExistsException,
    InvalidInputException,
    UnmodifiableEntityException,
)
from sparekey.services.iam.names import checked_path, find_role, register_id, role_arn, unique_id
from sparekey.services.iam.paths import forget_path, note_path, page_below
from sparekey.services.iam.quotas import give_room, make_room
from sparekey.services.iam.resources import (
    about,
    boundary_of_role,
    new_role,
    request_tags,
    requested_boundary,
    role,
    under,
)
from sparekey.services.iam.shapes import created_role, described_role, listed_role, whole_role
from sparekey.services.iam.tagging import tagged
from sparekey.services.iam.trust import bound_principals, checked_trust
from sparekey.services.operation import Call, Output, Tags, Target, operation


@operation("iam:CreateRole", **about(new_role, requested_boundary, request_tags))
def create_role(
    call: Call,
    *,
    role_name: str,
    assume_role_policy_document: str,
    path: str = "/",
    description: str | None = None,
    max_session_duration: int = 3600,
    permissions_boundary: str | None = None,
    tags: Tags = (),
) -> Output:
    """Make a role that the principals of its trust policy may assume."""
    checked_path(path)
    if path.startswith(LINKED_PATH):
        raise InvalidInputException(f"Roles with the path {LINKED_PATH} can be created by AWS services only.")
    if tags:
        call.authorize("iam:TagRole", Target(role_arn(call, path, role_name)), request_tags(call, tags=tags))
    own_tags = tagged({}, tags, any_case=True)
    trust = checked_trust(call, assume_role_policy_document)
    made = Role(
        name=role_name,
        path=path,
        role_id=unique_id(call, "AROA"),
        arn=role_arn(call, path, role_name),
        created=call.now,
        trust=trust,
        bound=bound_principals(call, trust),
        description=description,
        max_session_duration=max_session_duration,
        boundary=checked_boundary(call, permissions_boundary),
        tags=own_tags,
    )
    add_role(call, made)
    return {"Role": created_role(call, made)}


def add_role(call: Call, made: Role) -> None:
    """Write a new role, and everything that finds it.

    Raises:
        EntityAlreadyExistsException: there is one of its name.
        LimitExceededException: the account may have no more.
    """
    if call.records.get(ROLES, call.account, made.name.lower()) is not None:
        raise EntityAlreadyExistsException(f"Role with name {made.name} already exists.")
    make_room(call, "Roles", made.role_id)
    keep(call, made)
    register_id(call, made.role_id, made.arn)
    note_path(call, made)
    if made.boundary is not None:
        note_use(call, BOUNDARY_USES, made.boundary, made)
    for policy_arn in made.attached:
        note_use(call, ATTACHMENTS, policy_arn, made)


def remove_role(call: Call, gone: Role) -> None:
    """Take away a role, and everything that finds it."""
    call.records.delete(ROLES, call.account, gone.name.lower())
    call.records.delete(UNIQUE_IDS, call.account, gone.role_id)
    forget_path(call, gone)
    call.records.delete(LAST_USED, call.account, f"role/{gone.name.lower()}")
    if gone.boundary is not None:
        forget_use(call, BOUNDARY_USES, gone.boundary, gone)
    for policy_arn in gone.attached:
        forget_use(call, ATTACHMENTS, policy_arn, gone)
    give_room(call, "Roles", gone.role_id)


@operation("iam:GetRole", **about(role, boundary_of_role))
def get_role(call: Call, *, role_name: str) -> Output:
    """Show a role."""
    return {"Role": whole_role(call, find_role(call, role_name))}


@operation("iam:ListRoles", resource=under("role"))
def list_roles(
    call: Call, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the roles whose paths begin with a text."""
    found = page_below(call, ROLES, "role", path_prefix, marker=marker, max_items=max_items)
    return {"Roles": [listed_role(call, each) for each in found.items], **found.members}


@operation("iam:UpdateRole", **about(role, boundary_of_role))
def update_role(
    call: Call, *, role_name: str, description: str | None = None, max_session_duration: int | None = None
) -> Output:
    """Change the description or the longest session of a role."""
    found = find_role(call, role_name)
    if max_session_duration is not None and found.linked_service is not None:
        raise UnmodifiableEntityException(
            f"{found.name} is an AWS service linked role, max session duration cannot be changed."
        )
    duration = found.max_session_duration if max_session_duration is None else max_session_duration
    text = found.description if description is None else description
    keep(call, replace(found, description=text, max_session_duration=duration))
    return {}


@operation("iam:UpdateRoleDescription", **about(role, boundary_of_role))
def update_role_description(call: Call, *, role_name: str, description: str) -> Output:
    """Change the description of a role."""
    new = replace(find_role(call, role_name), description=description)
    keep(call, new)
    return {"Role": described_role(call, new)}


@operation("iam:UpdateAssumeRolePolicy", **about(role, boundary_of_role))
def update_assume_role_policy(call: Call, *, role_name: str, policy_document: str) -> None:
    """Give a role another trust policy; its principals are looked up anew."""
    found = find_role(call, role_name)
    refuse_linked(found)
    trust = checked_trust(call, policy_document)
    keep(call, replace(found, trust=trust, bound=bound_principals(call, trust)))


@operation("iam:DeleteRole", **about(role, boundary_of_role))
def delete_role(call: Call, *, role_name: str) -> None:
    """Delete a role that has no policies left and is in no instance profile; a boundary goes with it."""
    gone = find_role(call, role_name)
    refuse_linked(gone)
    if call.records.count(PROFILES_OF_ROLE, call.account, gone.name.lower(), limit=1):
        raise DeleteConflictException("Cannot delete entity, must remove roles from instance profile first.")
    if gone.attached:
        raise DeleteConflictException("Cannot delete entity, must detach all policies first.")
    if gone.inline:
        raise DeleteConflictException("Cannot delete entity, must delete policies first.")
    remove_role(call, gone)


OPERATIONS = (
    create_role,
    get_role,
    list_roles,
    update_role,
    update_role_description,
    update_assume_role_policy,
    delete_role,
)
