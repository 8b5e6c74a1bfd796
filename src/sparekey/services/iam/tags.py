"""Tags of users, roles, managed policies and instance profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sparekey.services.directory.instance_profiles import INSTANCE_PROFILES
from sparekey.services.iam.entities import keep
from sparekey.services.iam.names import find_instance_profile, find_policy, find_role, find_user, own_policy
from sparekey.services.iam.policies import keep_policy
from sparekey.services.iam.resources import (
    about,
    instance_profile,
    policy,
    removed_tags,
    request_tags,
    role,
    user,
)
from sparekey.services.iam.tagging import listed_tags, retagged, untagged
from sparekey.services.operation import Call, Output, Tags, operation


@operation("iam:TagUser", **about(user, request_tags))
def tag_user(call: Call, *, user_name: str, tags: Tags) -> None:
    """Add tags to a user, over those with the same keys in whatever letter case."""
    found = find_user(call, user_name)
    keep(call, replace(found, tags=retagged(found.tags, tags, any_case=True)))


@operation("iam:TagRole", **about(role, request_tags))
def tag_role(call: Call, *, role_name: str, tags: Tags) -> None:
    """Add tags to a role, over those with the same keys in whatever letter case."""
    found = find_role(call, role_name)
    keep(call, replace(found, tags=retagged(found.tags, tags, any_case=True)))


@operation("iam:TagPolicy", **about(policy, request_tags))
def tag_policy(call: Call, *, policy_arn: str, tags: Tags) -> None:
    """Add tags to a managed policy, over those with the same keys."""
    found = own_policy(call, policy_arn, "iam:TagPolicy")
    keep_policy(call, replace(found, tags=retagged(found.tags, tags)))


@operation("iam:TagInstanceProfile", **about(instance_profile, request_tags))
def tag_instance_profile(call: Call, *, instance_profile_name: str, tags: Tags) -> None:
    """Add tags to an instance profile, over those with the same keys."""
    found = find_instance_profile(call, instance_profile_name)
    new = replace(found, tags=retagged(found.tags, tags))
    call.records.put(INSTANCE_PROFILES, (call.account, found.name.lower()), new)


@operation("iam:UntagUser", **about(user, removed_tags))
def untag_user(call: Call, *, user_name: str, tag_keys: Sequence[str]) -> None:
    """Take tags from a user."""
    found = find_user(call, user_name)
    keep(call, replace(found, tags=untagged(found.tags, tag_keys, any_case=True)))


@operation("iam:UntagRole", **about(role, removed_tags))
def untag_role(call: Call, *, role_name: str, tag_keys: Sequence[str]) -> None:
    """Take tags from a role."""
    found = find_role(call, role_name)
    keep(call, replace(found, tags=untagged(found.tags, tag_keys, any_case=True)))


@operation("iam:UntagPolicy", **about(policy, removed_tags))
def untag_policy(call: Call, *, policy_arn: str, tag_keys: Sequence[str]) -> None:
    """Take tags from a managed policy."""
    found = own_policy(call, policy_arn, "iam:UntagPolicy")
    keep_policy(call, replace(found, tags=untagged(found.tags, tag_keys)))


@operation("iam:UntagInstanceProfile", **about(instance_profile, removed_tags))
def untag_instance_profile(call: Call, *, instance_profile_name: str, tag_keys: Sequence[str]) -> None:
    """Take tags from an instance profile."""
    found = find_instance_profile(call, instance_profile_name)
    new = replace(found, tags=untagged(found.tags, tag_keys))
    call.records.put(INSTANCE_PROFILES, (call.account, found.name.lower()), new)


@operation("iam:ListUserTags", **about(user))
def list_user_tags(call: Call, *, user_name: str, marker: str | None = None, max_items: int | None = None) -> Output:
    """List the tags of a user."""
    return listed_tags(find_user(call, user_name).tags, marker, max_items)


@operation("iam:ListRoleTags", **about(role))
def list_role_tags(call: Call, *, role_name: str, marker: str | None = None, max_items: int | None = None) -> Output:
    """List the tags of a role."""
    return listed_tags(find_role(call, role_name).tags, marker, max_items)


@operation("iam:ListPolicyTags", **about(policy))
def list_policy_tags(call: Call, *, policy_arn: str, marker: str | None = None, max_items: int | None = None) -> Output:
    """List the tags of a managed policy."""
    return listed_tags(find_policy(call, policy_arn).tags, marker, max_items)


@operation("iam:ListInstanceProfileTags", **about(instance_profile))
def list_instance_profile_tags(
    call: Call, *, instance_profile_name: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the tags of an instance profile."""
    return listed_tags(find_instance_profile(call, instance_profile_name).tags, marker, max_items)


OPERATIONS = (
    tag_user,
    tag_role,
    tag_policy,
    tag_instance_profile,
    untag_user,
    untag_role,
    untag_policy,
    untag_instance_profile,
    list_user_tags,
    list_role_tags,
    list_policy_tags,
    list_instance_profile_tags,
)
