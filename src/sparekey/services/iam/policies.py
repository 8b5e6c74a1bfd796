"""Managed policies: made, shown, listed and deleted. The account's own are stored, AWS's own are in the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.directory.policies import (
    ATTACHMENTS,
    BOUNDARY_USES,
    POLICIES,
    ManagedPolicy,
    PolicyVersion,
)
from sparekey.services.iam import aws_managed
from sparekey.services.iam.documents import DocumentKind, checked, size
from sparekey.services.iam.entities import uses_of
from sparekey.services.iam.errors import DeleteConflictException, EntityAlreadyExistsException
from sparekey.services.iam.names import checked_path, find_policy, own_policy, policy_arn, unique_id
from sparekey.services.iam.paging import paged, read_marker, walk
from sparekey.services.iam.quotas import give_room, hold, make_room
from sparekey.services.iam.resources import about, new_policy, policy, request_tags
from sparekey.services.iam.tagging import tag_list, tag_member, tagged
from sparekey.services.operation import Call, Output, Tags, Target, operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparekey.storage.interface import Key


@operation("iam:CreatePolicy", **about(new_policy, request_tags))
def create_policy(
    call: Call,
    *,
    policy_name: str,
    policy_document: str,
    path: str = "/",
    description: str | None = None,
    tags: Tags = (),
) -> Output:
    """Make a managed policy with one version."""
    checked_path(path)
    if tags:
        target = Target(policy_arn(call, path, policy_name))
        call.authorize("iam:TagPolicy", target, request_tags(call, tags=tags))
    own_tags = tagged({}, tags)
    text = checked(policy_document, DocumentKind.MANAGED, partition=call.partition)
    hold(call, "PolicySize", size(text))
    if call.records.get(POLICIES, call.account, policy_name.lower()) is not None:
        raise EntityAlreadyExistsException(
            f"A policy called {policy_name} already exists. Duplicate names are not allowed."
        )
    made = ManagedPolicy(
        name=policy_name,
        path=path,
        policy_id=unique_id(call, "ANPA"),
        arn=policy_arn(call, path, policy_name),
        created=call.now,
        updated=call.now,
        default_version="v1",
        versions=(PolicyVersion("v1", text, call.now),),
        description=description,
        tags=own_tags,
    )
    make_room(call, "Policies", made.policy_id)
    make_room(call, "PolicyVersionsInUse", made.policy_id)
    keep_policy(call, made)
    return {"Policy": {**listed_policy(call, made), **tag_member(made.tags)}}


def keep_policy(call: Call, changed: ManagedPolicy) -> None:
    """Write a managed policy of the account."""
    call.records.put(POLICIES, (call.account, changed.name.lower()), changed)


def listed_policy(call: Call, found: ManagedPolicy) -> dict[str, object]:
    """A managed policy as lists show it: without description and tags."""
    return {
        "PolicyName": found.name,
        "PolicyId": found.policy_id,
        "Arn": found.arn,
        "Path": found.path,
        "DefaultVersionId": found.default_version,
        "AttachmentCount": uses_of(call, ATTACHMENTS, found.arn),
        "PermissionsBoundaryUsageCount": uses_of(call, BOUNDARY_USES, found.arn),
        "IsAttachable": True,
        "CreateDate": found.created,
        "UpdateDate": found.updated,
    }


@operation("iam:GetPolicy", **about(policy))
def get_policy(call: Call, *, policy_arn: str) -> Output:
    """Show a managed policy, without its document."""
    found = find_policy(call, policy_arn)
    members = {**listed_policy(call, found), "Tags": tag_list(found.tags)}
    if found.description is not None:
        members["Description"] = found.description
    return {"Policy": members}


@operation("iam:DeletePolicy", **about(policy))
def delete_policy(call: Call, *, policy_arn: str) -> None:
    """Delete a managed policy that nothing uses and that has no version but the default one."""
    gone = own_policy(call, policy_arn, "iam:DeletePolicy")
    if any(call.records.count(uses, call.account, gone.arn, limit=1) for uses in (ATTACHMENTS, BOUNDARY_USES)):
        raise DeleteConflictException("Cannot delete a policy attached to entities.")
    if len(gone.versions) > 1:
        raise DeleteConflictException(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy."
        )
    call.records.delete(POLICIES, call.account, gone.name.lower())
    give_room(call, "Policies", gone.policy_id)
    give_room(call, "PolicyVersionsInUse", gone.policy_id)


def under_policy_path(_call: Call, *, path_prefix: str = "/", **_: object) -> Target:
    """What ``ListPolicies`` acts on, in AWS's own words."""
    return Target(f"policy path {path_prefix}")


@operation("iam:ListPolicies", resource=under_policy_path)
def list_policies(
    call: Call,
    *,
    scope: str = "All",
    only_attached: bool = False,
    path_prefix: str = "/",
    policy_usage_filter: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Output:
    """List the account's managed policies, then AWS's own. The usage filter acts on attached ones only, as at AWS."""
    used = _used_as(call, policy_usage_filter) if only_attached else None
    pairs = _policies(call, scope, read_marker(marker) if marker else ())
    shown = paged(
        ((key, each) for key, each in pairs if each.path.startswith(path_prefix) and (used is None or used(each))),
        max_items,
    )
    return {"Policies": [listed_policy(call, each) for each in shown.items], **shown.members}


def _policies(call: Call, scope: str, after: Key) -> Iterator[tuple[Key, ManagedPolicy]]:
    """The managed policies of a scope behind a place, each with its place: the account's own, then AWS's."""
    whose, name = after if len(after) == 2 else ("Local", "")
    if scope != "AWS" and whose == "Local":
        behind = (call.account, name) if name else None
        for key, own in walk(call.records, POLICIES, call.account, after=behind):
            yield ("Local", key[1]), own
    if scope != "Local":
        for each in aws_managed.every(call.partition):
            if whose == "Local" or each.name > name:
                yield ("AWS", each.name), each


def _used_as(call: Call, usage: str | None) -> Callable[[ManagedPolicy], bool]:
    """Whether a policy is attached (``PermissionsPolicy``), a boundary (``PermissionsBoundary``), or either."""
    kinds = {"PermissionsPolicy": (ATTACHMENTS,), "PermissionsBoundary": (BOUNDARY_USES,)}
    uses = kinds.get(usage or "", (ATTACHMENTS, BOUNDARY_USES))

    def used(each: ManagedPolicy) -> bool:
        return any(call.records.count(kind, call.account, each.arn, limit=1) for kind in uses)

    return used


OPERATIONS = (create_policy, get_policy, delete_policy, list_policies)
