"""Instance profiles, through which EC2 instances get a role."""

from __future__ import annotations

from dataclasses import replace

from sparekey.services.directory.identities import Reference
from sparekey.services.directory.instance_profiles import INSTANCE_PROFILES, PROFILES_OF_ROLE, InstanceProfile
from sparekey.services.iam.entities import refuse_linked
from sparekey.services.iam.errors import (
    DeleteConflictException,
    EntityAlreadyExistsException,
    LimitExceededException,
    NoSuchEntityException,
)
from sparekey.services.iam.names import checked_path, find_instance_profile, find_role, instance_profile_arn, unique_id
from sparekey.services.iam.paging import below, page
from sparekey.services.iam.quotas import give_room, make_room
from sparekey.services.iam.resources import (
    about,
    instance_profile,
    new_instance_profile,
    passed_to,
    request_tags,
    role,
    under,
)
from sparekey.services.iam.shapes import listed_instance_profile, whole_instance_profile
from sparekey.services.iam.tagging import tagged
from sparekey.services.operation import Call, Output, Tags, Target, operation


def _keep(call: Call, profile: InstanceProfile) -> None:
    call.records.put(INSTANCE_PROFILES, (call.account, profile.name.lower()), profile)


@operation("iam:CreateInstanceProfile", **about(new_instance_profile, request_tags))
def create_instance_profile(call: Call, *, instance_profile_name: str, path: str = "/", tags: Tags = ()) -> Output:
    """Make an instance profile without a role."""
    checked_path(path)
    if tags:
        target = Target(instance_profile_arn(call, path, instance_profile_name))
        call.authorize("iam:TagInstanceProfile", target, request_tags(call, tags=tags))
    own_tags = tagged({}, tags)
    if call.records.get(INSTANCE_PROFILES, call.account, instance_profile_name.lower()) is not None:
        raise EntityAlreadyExistsException(f"Instance Profile {instance_profile_name} already exists.")
    made = InstanceProfile(
        name=instance_profile_name,
        path=path,
        profile_id=unique_id(call, "AIPA"),
        arn=instance_profile_arn(call, path, instance_profile_name),
        created=call.now,
        tags=own_tags,
    )
    make_room(call, "InstanceProfiles", made.profile_id)
    _keep(call, made)
    return {"InstanceProfile": whole_instance_profile(call, made)}


@operation("iam:GetInstanceProfile", **about(instance_profile))
def get_instance_profile(call: Call, *, instance_profile_name: str) -> Output:
    """Show an instance profile and its role."""
    return {"InstanceProfile": whole_instance_profile(call, find_instance_profile(call, instance_profile_name))}


@operation("iam:ListInstanceProfiles", resource=under("instance-profile"))
def list_instance_profiles(
    call: Call, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the instance profiles whose paths begin with a text."""
    found = page(call, INSTANCE_PROFILES, call.account, marker=marker, max_items=max_items, keep=below(path_prefix))
    return {"InstanceProfiles": [listed_instance_profile(call, each) for each in found.items], **found.members}


@operation("iam:ListInstanceProfilesForRole", **about(role))
def list_instance_profiles_for_role(
    call: Call, *, role_name: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the instance profiles that a role is in."""
    found = find_role(call, role_name)
    names = page(call, PROFILES_OF_ROLE, call.account, found.name.lower(), marker=marker, max_items=max_items)
    profiles = [listed_instance_profile(call, find_instance_profile(call, each.name)) for each in names.items]
    return {"InstanceProfiles": profiles, **names.members}


@operation("iam:AddRoleToInstanceProfile", **about(instance_profile))
def add_role_to_instance_profile(call: Call, *, instance_profile_name: str, role_name: str) -> None:
    """Put a role into an instance profile that has none; the caller must be allowed to pass it to EC2."""
    to_pass = role(call, role_name=role_name)
    tags = {f"iam:ResourceTag/{key}": value for key, value in to_pass.tags.items()}
    instances = f"arn:{call.partition}:ec2:*:{call.account}:instance/*"
    passed = passed_to("ec2.amazonaws.com", AssociatedResourceArn=instances)
    call.authorize("iam:PassRole", to_pass, {**passed, **tags})
    profile, found = find_instance_profile(call, instance_profile_name), find_role(call, role_name)
    refuse_linked(found)
    if profile.roles:
        raise LimitExceededException("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    _keep(call, replace(profile, roles=(found.name,)))
    key = (call.account, found.name.lower(), profile.name.lower())
    call.records.put(PROFILES_OF_ROLE, key, Reference(profile.name))


@operation("iam:RemoveRoleFromInstanceProfile", **about(instance_profile))
def remove_role_from_instance_profile(call: Call, *, instance_profile_name: str, role_name: str) -> None:
    """Take a role out of an instance profile."""
    profile, found = find_instance_profile(call, instance_profile_name), find_role(call, role_name)
    refuse_linked(found)
    if found.name not in profile.roles:
        raise NoSuchEntityException(f"The role with name {role_name} cannot be found.")
    _keep(call, replace(profile, roles=tuple(each for each in profile.roles if each != found.name)))
    call.records.delete(PROFILES_OF_ROLE, call.account, found.name.lower(), profile.name.lower())


@operation("iam:DeleteInstanceProfile", **about(instance_profile))
def delete_instance_profile(call: Call, *, instance_profile_name: str) -> None:
    """Delete an instance profile that no role is in."""
    gone = find_instance_profile(call, instance_profile_name)
    if gone.roles:
        raise DeleteConflictException("Cannot delete entity, must remove roles from instance profile first.")
    call.records.delete(INSTANCE_PROFILES, call.account, gone.name.lower())
    give_room(call, "InstanceProfiles", gone.profile_id)


OPERATIONS = (
    create_instance_profile,
    get_instance_profile,
    list_instance_profiles,
    list_instance_profiles_for_role,
    add_role_to_instance_profile,
    remove_role_from_instance_profile,
    delete_instance_profile,
)
