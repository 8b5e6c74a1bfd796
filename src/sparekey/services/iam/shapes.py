"""Users, groups, roles and instance profiles as the members of responses.

Which members a response has differs from operation to operation; each function here says whose it makes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sparekey.services.directory.identities import LAST_USED, ROLES, Group, Role, User
from sparekey.services.directory.trust import trust_document
from sparekey.services.iam.documents import encoded
from sparekey.services.iam.tagging import tag_member

if TYPE_CHECKING:
    from sparekey.services.directory.instance_profiles import InstanceProfile
    from sparekey.services.operation import Call

Members = dict[str, object]

#: How far back IAM looks for the last use of a role.
TRACKED: Final = timedelta(days=400)


def listed_user(user: User) -> Members:
    """A user as lists show it."""
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.user_id,
        "Arn": user.arn,
        "CreateDate": user.created,
    }


def whole_user(user: User) -> Members:
    """A user as ``GetUser`` and ``CreateUser`` show it."""
    return {**listed_user(user), **boundary_member(user.boundary), **tag_member(user.tags)}


def shown_group(group: Group) -> Members:
    """A group."""
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.group_id,
        "Arn": group.arn,
        "CreateDate": group.created,
    }


def bare_role(call: Call, role: Role) -> Members:
    """A role as instance profiles show it, and what all other ways of showing it begin with."""
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.role_id,
        "Arn": role.arn,
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": encoded(trust_document(call.records, role)),
    }


def created_role(call: Call, role: Role) -> Members:
    """A role as ``CreateRole`` shows it: without its description and session duration."""
    return {**bare_role(call, role), **boundary_member(role.boundary), **tag_member(role.tags)}


def described_role(call: Call, role: Role) -> Members:
    """A role as ``UpdateRoleDescription`` shows it: with its description alone."""
    members = bare_role(call, role)
    if role.description is not None:
        members["Description"] = role.description
    return members


def listed_role(call: Call, role: Role) -> Members:
    """A role as ``ListRoles`` shows it: without boundary, tags and last use."""
    return {**described_role(call, role), "MaxSessionDuration": role.max_session_duration}


def whole_role(call: Call, role: Role) -> Members:
    """A role as ``GetRole`` shows it."""
    return {
        **listed_role(call, role),
        **boundary_member(role.boundary),
        **tag_member(role.tags),
        "RoleLastUsed": role_last_used(call, role),
    }


def role_last_used(call: Call, role: Role) -> Members:
    """When and where a role was last used; empty if it never was, or not for longer than IAM looks back."""
    used = call.records.get(LAST_USED, call.account, f"role/{role.name.lower()}")
    if used is None or used.at < max(role.created, call.now - TRACKED):  # before: an earlier role of this name
        return {}
    return {"LastUsedDate": used.at, "Region": used.region}


def boundary_member(boundary: str | None) -> Members:
    """The member ``PermissionsBoundary``, which is left out where there is none.

    AWS sends the type ``Policy``, which is not the value its model names.
    """
    if boundary is None:
        return {}
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}}


def listed_instance_profile(call: Call, profile: InstanceProfile) -> Members:
    """An instance profile as lists show it, with its roles."""
    roles = [call.records.get(ROLES, call.account, name.lower()) for name in profile.roles]
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.profile_id,
        "Arn": profile.arn,
        "CreateDate": profile.created,
        "Roles": [bare_role(call, role) for role in roles if role is not None],
    }


def whole_instance_profile(call: Call, profile: InstanceProfile) -> Members:
    """An instance profile as ``GetInstanceProfile`` and ``CreateInstanceProfile`` show it."""
    return {**listed_instance_profile(call, profile), **tag_member(profile.tags)}
