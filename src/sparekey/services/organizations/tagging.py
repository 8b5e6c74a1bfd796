"""Tags on the root, units, accounts, policies and the resource policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sparekey.arn import is_account_id
from sparekey.services.directory.accounts import (
    ACCOUNTS,
    ORGANIZATION_POLICIES,
    ORGANIZATIONS,
    RESOURCE_POLICIES,
    UNITS,
    Organization,
)
from sparekey.services.operation import ANY, Call, Output, Tags, operation
from sparekey.services.organizations.errors import NO_TARGET, TargetNotFoundException, invalid, violated
from sparekey.services.organizations.membership import as_delegate, as_reader, has_left
from sparekey.services.organizations.paging import page
from sparekey.services.organizations.resources import (
    resource_tags_context,
    resource_target,
    tag_context,
    tags_of,
)

if TYPE_CHECKING:
    from sparekey.services.operation import Target

#: The most tags a resource may have.
MOST: Final = 50


def given_tags(tags: Tags | None) -> dict[str, str]:
    """The tags of a request.

    Raises:
        InvalidInputException: a key is given twice, or is AWS's own.
        ConstraintViolationException: they are too many.
    """
    found = {each["Key"]: each["Value"] for each in tags or ()}
    if len(found) != len(tags or ()):
        raise invalid("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags attached to the same entity.")
    if any(key.lower().startswith("aws:") for key in found):
        raise invalid("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag.")
    _check_count(found)
    return found


def authorize_tags(call: Call, tags: Tags | None, target: Target = ANY) -> None:
    """Ask for ``organizations:TagResource`` too, where a resource is made with tags.

    Raises:
        AccessDenied: the caller may not tag.
    """
    if tags:
        call.authorize("organizations:TagResource", target, tag_context(call, tags=tags))


def _check_count(tags: Mapping[str, str]) -> None:
    if len(tags) > MOST:
        raise violated("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")


def _write(call: Call, organization: Organization, resource_id: str, tags: Mapping[str, str]) -> None:
    """Give a resource other tags."""
    records, own = call.records, organization.organization_id
    _check_count(tags)
    if is_account_id(resource_id):
        account = records.get(ACCOUNTS, resource_id)
        if account is not None:
            records.put(ACCOUNTS, (resource_id,), replace(account, tags=tags))
    elif resource_id == organization.root_id:
        records.put(ORGANIZATIONS, (own,), replace(organization, root_tags=tags))
    elif unit := records.get(UNITS, own, resource_id):
        records.put(UNITS, (own, resource_id), replace(unit, tags=tags))
    elif policy := records.get(ORGANIZATION_POLICIES, own, resource_id):
        records.put(ORGANIZATION_POLICIES, (own, resource_id), replace(policy, tags=tags))
    elif resource_policy := records.get(RESOURCE_POLICIES, own):
        records.put(RESOURCE_POLICIES, (own,), replace(resource_policy, tags=tags))


def _check_taggable(call: Call, organization: Organization, resource_id: str) -> None:
    records, own = call.records, organization.organization_id
    if is_account_id(resource_id):
        account = records.get(ACCOUNTS, resource_id)
        there = account is not None and account.organization == own and not has_left(account, call)
    elif resource_id.startswith("rp-"):
        resource_policy = records.get(RESOURCE_POLICIES, own)
        there = resource_policy is not None and resource_policy.policy_id == resource_id
    else:
        kept = records.get(UNITS, own, resource_id) or records.get(ORGANIZATION_POLICIES, own, resource_id)
        there = resource_id == organization.root_id or kept is not None
    if not there:
        raise TargetNotFoundException(NO_TARGET)


@operation("organizations:TagResource", resource=resource_target, context=resource_tags_context)
def tag_resource(call: Call, *, resource_id: str, tags: Tags) -> None:
    """Add or change tags.

    Raises:
        TargetNotFoundException: there is no such resource.
        InvalidInputException: a key is given twice, or is AWS's own.
        ConstraintViolationException: the resource would have too many.
    """
    context = resource_tags_context(call, resource_id=resource_id, tags=tags)
    organization = as_delegate(call, "TagResource", resource_target(call, resource_id=resource_id), context)
    added = given_tags(tags)
    _check_taggable(call, organization, resource_id)
    _write(call, organization, resource_id, {**tags_of(call, organization, resource_id), **added})


@operation("organizations:UntagResource", resource=resource_target, context=resource_tags_context)
def untag_resource(call: Call, *, resource_id: str, tag_keys: Sequence[str]) -> None:
    """Remove tags; a key that is not there is no fault.

    Raises:
        TargetNotFoundException: there is no such resource.
    """
    context = resource_tags_context(call, resource_id=resource_id, tag_keys=tag_keys)
    organization = as_delegate(call, "UntagResource", resource_target(call, resource_id=resource_id), context)
    _check_taggable(call, organization, resource_id)
    tags = tags_of(call, organization, resource_id)
    _write(call, organization, resource_id, {key: value for key, value in tags.items() if key not in tag_keys})


@operation("organizations:ListTagsForResource", resource=resource_target, context=resource_tags_context)
def list_tags_for_resource(call: Call, *, resource_id: str, next_token: str | None = None) -> Output:
    """The tags of a resource.

    Raises:
        TargetNotFoundException: there is no such resource.
    """
    target = resource_target(call, resource_id=resource_id)
    organization = as_reader(call, "ListTagsForResource", target, resource_tags_context(call, resource_id=resource_id))
    _check_taggable(call, organization, resource_id)
    tags = sorted(tags_of(call, organization, resource_id).items())
    return page(
        "Tags",
        tags,
        lambda tag: tag[0],
        lambda tag: {"Key": tag[0], "Value": tag[1]},
        next_token=next_token,
        max_results=MOST,
    )


OPERATIONS = (tag_resource, untag_resource, list_tags_for_resource)
