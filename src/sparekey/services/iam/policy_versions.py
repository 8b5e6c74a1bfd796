"""Versions of managed policies: five at most, one of them the default."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.services.directory.policies import PolicyVersion
from sparekey.services.iam.documents import DocumentKind, checked, encoded, size
from sparekey.services.iam.errors import DeleteConflictException, LimitExceededException, NoSuchEntityException
from sparekey.services.iam.names import find_policy, own_policy
from sparekey.services.iam.paging import listed
from sparekey.services.iam.policies import keep_policy
from sparekey.services.iam.quotas import give_room, hold, make_room, quota
from sparekey.services.iam.resources import about, policy
from sparekey.services.operation import Call, Output, operation

if TYPE_CHECKING:
    from sparekey.services.directory.policies import ManagedPolicy


def _version(found: ManagedPolicy, version_id: str) -> PolicyVersion:
    """A version of a managed policy.

    Raises:
        NoSuchEntityException: there is none of that id.
    """
    for each in found.versions:
        if each.version_id == version_id:
            return each
    raise NoSuchEntityException(f"Policy {found.arn} version {version_id} does not exist or is not attachable.")


def shown_version(found: ManagedPolicy, version: PolicyVersion) -> dict[str, object]:
    """A version as lists show it: without its document."""
    return {
        "VersionId": version.version_id,
        "IsDefaultVersion": version.version_id == found.default_version,
        "CreateDate": version.created,
    }


@operation("iam:CreatePolicyVersion", **about(policy))
def create_policy_version(call: Call, *, policy_arn: str, policy_document: str, set_as_default: bool = False) -> Output:
    """Add a version to a managed policy, and make it the default if asked to."""
    found = own_policy(call, policy_arn, "iam:CreatePolicyVersion")
    text = checked(policy_document, DocumentKind.MANAGED, partition=call.partition)
    hold(call, "PolicySize", size(text))
    most = quota(call, "VersionsPerPolicy")
    if len(found.versions) >= most:
        raise LimitExceededException(
            f"A managed policy can have up to {most} versions. Before you create a new version, you must delete an "
            "existing version."
        )
    make_room(call, "PolicyVersionsInUse", found.policy_id)
    made = PolicyVersion(f"v{found.next_version}", text, call.now)
    new = replace(
        found,
        versions=(*found.versions, made),
        next_version=found.next_version + 1,
        updated=call.now,
        default_version=made.version_id if set_as_default else found.default_version,
    )
    keep_policy(call, new)
    return {"PolicyVersion": shown_version(new, made)}


@operation("iam:GetPolicyVersion", **about(policy))
def get_policy_version(call: Call, *, policy_arn: str, version_id: str) -> Output:
    """Show a version of a managed policy with its document."""
    found = find_policy(call, policy_arn)
    version = _version(found, version_id)
    return {"PolicyVersion": {"Document": encoded(version.document), **shown_version(found, version)}}


@operation("iam:ListPolicyVersions", **about(policy))
def list_policy_versions(
    call: Call, *, policy_arn: str, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the versions of a managed policy, newest first."""
    found = find_policy(call, policy_arn)
    versions = listed(reversed(found.versions), lambda each: each.version_id, marker=marker, max_items=max_items)
    return {"Versions": [shown_version(found, each) for each in versions.items], **versions.members}


@operation("iam:SetDefaultPolicyVersion", **about(policy))
def set_default_policy_version(call: Call, *, policy_arn: str, version_id: str) -> None:
    """Make a version the one that is in force."""
    found = own_policy(call, policy_arn, "iam:SetDefaultPolicyVersion")
    keep_policy(call, replace(found, default_version=_version(found, version_id).version_id))


@operation("iam:DeletePolicyVersion", **about(policy))
def delete_policy_version(call: Call, *, policy_arn: str, version_id: str) -> None:
    """Delete a version that is not the default."""
    found = own_policy(call, policy_arn, "iam:DeletePolicyVersion")
    gone = _version(found, version_id)
    if gone.version_id == found.default_version:
        raise DeleteConflictException("Cannot delete the default version of a policy.")
    keep_policy(call, replace(found, versions=tuple(each for each in found.versions if each is not gone)))
    give_room(call, "PolicyVersionsInUse", found.policy_id)


OPERATIONS = (
    create_policy_version,
    get_policy_version,
    list_policy_versions,
    set_default_policy_version,
    delete_policy_version,
)
