"""The organization's resource-based policy, by which the management account lets members manage policies."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Final

from sparekey.services.directory.accounts import ACCOUNTS, RESOURCE_POLICIES, OrganizationResourcePolicy
from sparekey.services.operation import Call, Output, Tags, operation
from sparekey.services.organizations.errors import (
    ConstraintViolationException,
    InvalidInputException,
    ResourcePolicyNotFoundException,
    invalid,
)
from sparekey.services.organizations.ids import random_id, resource_policy_arn
from sparekey.services.organizations.membership import as_management, as_reader
from sparekey.services.organizations.resources import resource_policy_target, tag_context
from sparekey.services.organizations.tagging import authorize_tags, given_tags

_ROOT_ARN: Final = re.compile(r"arn:[\w-]+:iam::([0-9]{12}):root")
_NONE: Final = "We can't find a resource policy request with the parameter that you specified."


@operation("organizations:PutResourcePolicy", resource=resource_policy_target, context=tag_context)
def put_resource_policy(call: Call, *, content: str, tags: Tags | None = None) -> Output:
    """Make the resource policy, or give it another document.

    Raises:
        InvalidInputException: the document is no policy, or names others than accounts.
        ConstraintViolationException: tags are given though there is a policy.
    """
    organization = as_management(call)
    authorize_tags(call, tags, resource_policy_target(call))
    kept = given_tags(tags)
    content = _checked(call, content)
    stored = call.records.get(RESOURCE_POLICIES, organization.organization_id)
    if stored is None:
        policy_id = random_id(call.entropy, "rp-", 8)
        stored = OrganizationResourcePolicy(policy_id, resource_policy_arn(organization, policy_id), content, kept)
    elif tags:
        # recorded
        raise ConstraintViolationException(
            "Adding tags on updating an existing resource-based policy is not supported."
        )
    stored = replace(stored, content=content)
    call.records.put(RESOURCE_POLICIES, (organization.organization_id,), stored)
    return {"ResourcePolicy": _shape(stored)}


@operation("organizations:DescribeResourcePolicy")
def describe_resource_policy(call: Call) -> Output:
    """The resource policy.

    Raises:
        ResourcePolicyNotFoundException: there is none.
    """
    organization = as_reader(call, "DescribeResourcePolicy")
    stored = call.records.get(RESOURCE_POLICIES, organization.organization_id)
    if stored is None:
        raise ResourcePolicyNotFoundException(_NONE)
    return {"ResourcePolicy": _shape(stored)}


@operation("organizations:DeleteResourcePolicy")
def delete_resource_policy(call: Call) -> None:
    """Delete the resource policy.

    Raises:
        ResourcePolicyNotFoundException: there is none.
    """
    organization = as_management(call)
    if not call.records.delete(RESOURCE_POLICIES, organization.organization_id):
        raise ResourcePolicyNotFoundException(_NONE)


def _shape(stored: OrganizationResourcePolicy) -> dict[str, object]:
    summary = {"Id": stored.policy_id, "Arn": stored.arn}
    return {"ResourcePolicySummary": summary, "Content": stored.content}


def _invalid_json() -> InvalidInputException:
    """Recorded, for principals that are no accounts too."""
    return invalid("INVALID_RESOURCE_POLICY_JSON", "This resource-based policy contains invalid JSON.")


def _checked(call: Call, content: str) -> str:
    """The document as it is stored: accounts under Principal are written as the ARNs of their root users."""
    from sparekey.policy import PolicyType, parse_policy

    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise _invalid_json() from None
    if not isinstance(document, dict) or parse_policy(document, type=PolicyType.RESOURCE).malformed:
        raise _invalid_json()
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        _check_actions(statement)
        principal = statement.get("Principal")
        if isinstance(principal, dict) and set(principal) == {"AWS"}:
            given = principal["AWS"]
            roots = [_root(call, each) for each in (given if isinstance(given, list) else [given])]
            principal["AWS"] = roots if isinstance(given, list) else roots[0]
        elif principal != "*":
            raise _invalid_json()
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _check_actions(statement: dict[str, object]) -> None:
    given = statement.get("Action")
    actions = given if isinstance(given, list) else [given]
    if not all(isinstance(each, str) and each.lower().startswith("organizations:") for each in actions):
        raise invalid(
            "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY", "This resource-based policy contains an unsupported action."
        )


def _root(call: Call, principal: str) -> str:
    """An account that is there, as the ARN of its root user."""
    if principal == "*":
        return principal
    known = _ROOT_ARN.fullmatch(principal)
    account = known[1] if known else principal
    if call.records.get(ACCOUNTS, account) is None:
        raise _invalid_json()
    return f"arn:{call.partition}:iam::{account}:root"


OPERATIONS = (put_resource_policy, describe_resource_policy, delete_resource_policy)
