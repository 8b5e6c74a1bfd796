"""Effective policies: what the management policies above an account come to together.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_inheritance_mgmt.html

From the root down to the account, each policy's operators change what the policies above have come to: ``@@assign``
sets a value, ``@@append`` and ``@@remove`` change a list. ``@@operators_allowed_for_child_policies`` says which of them
the policies further down may use at that place and below it; an operator that may not be used is passed over.
Policies attached to the same place apply in the order of attachment (AWS does not document the order).
A document that was stored has an effect that is always well formed, so no account's effective policy is invalid here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final

from sparekey.arn import is_account_id
from sparekey.services.directory.accounts import Organization
from sparekey.services.directory.organization import RCP, SCP, parents_of
from sparekey.services.operation import Call, Output, operation
from sparekey.services.organizations.attachments import attached_of_type, target_name
from sparekey.services.organizations.documents import read_document
from sparekey.services.organizations.errors import (
    EffectivePolicyNotFoundException,
    invalid,
)
from sparekey.services.organizations.membership import as_member, as_reader, find_account
from sparekey.services.organizations.resources import account_target, effective_target, type_context
from sparekey.services.organizations.shapes import path_of_child

_ALLOWED: Final = "@@operators_allowed_for_child_policies"
_OPERATORS: Final = frozenset(("@@assign", "@@append", "@@remove"))

#: These decide authorization and have no effective policy.
_AUTHORIZATION: Final = (SCP, RCP)


@dataclass(slots=True)
class _Place:
    """One place in the tree that policies add up to."""

    value: object = None
    children: dict[str, _Place] = field(default_factory=dict)
    allowed: frozenset[str] | None = None  # for the policies further down; None: as above
    proposed: frozenset[str] | None = None

    def apply(self, node: dict[str, object], allowed: frozenset[str]) -> None:
        """Let one policy's node change this place; ``allowed`` are the operators it may use here."""
        allowed = allowed if self.allowed is None else self.allowed
        for name, content in node.items():
            if name == _ALLOWED:
                self.proposed = _operators(content)
            elif name in _OPERATORS:
                if name in allowed:
                    self.value = _changed(self.value, name, content)
            elif isinstance(content, dict) and (allowed or name in self.children):
                self.children.setdefault(name, _Place()).apply(content, allowed)

    def settle(self) -> None:
        """Let what the policies of a level allow hold for the levels below."""
        if self.proposed is not None:
            self.allowed = self.proposed if self.allowed is None else self.allowed & self.proposed
            self.proposed = None
        for child in self.children.values():
            child.settle()

    def plain(self) -> object:
        """The value, or the values below."""
        if self.value is not None:
            return self.value
        below = {name: child.plain() for name, child in self.children.items()}
        return {name: value for name, value in below.items() if value is not None} or None


def _operators(content: object) -> frozenset[str]:
    names = content if isinstance(content, list) else [content]
    if "@@all" in names:
        return _OPERATORS
    return frozenset(name for name in names if isinstance(name, str)) & _OPERATORS


def _changed(value: object, operator: str, content: object) -> object:
    if operator == "@@assign":
        return content
    old = value if isinstance(value, list) else [] if value is None else [value]
    given = content if isinstance(content, list) else [content]
    if operator == "@@append":
        return [*old, *(each for each in given if each not in old)]
    return [each for each in old if each not in given]


def combined(levels: list[list[dict[str, object]]]) -> object:
    """What documents come to, level by level from the root down; ``None`` for nothing at all."""
    top = _Place()
    for level in levels:
        for document in level:
            top.apply(document, _OPERATORS)
        top.settle()
    return top.plain()


@operation("organizations:DescribeEffectivePolicy", resource=effective_target, context=type_context)
def describe_effective_policy(call: Call, *, policy_type: str, target_id: str | None = None) -> Output:
    """What the policies of a management type come to for an account; any account may ask about itself.

    Raises:
        TargetNotFoundException: the organization has no such account.
        InvalidInputException: the target is no account.
        EffectivePolicyNotFoundException: the type is not enabled, or nothing of it applies.
    """
    organization = as_member(call)
    target_id = target_id or call.account
    if target_id != call.account:
        target = effective_target(call, target_id=target_id)
        as_reader(call, "DescribeEffectivePolicy", target, type_context(call, policy_type=policy_type))
    if not is_account_id(target_id):
        raise invalid("TARGET_NOT_SUPPORTED", "You can't perform the specified operation on that target entity.")
    target_name(call, organization, target_id)
    _check_type(organization, policy_type)
    above = parents_of(call.records, organization.organization_id, target_id)
    policies = [list(attached_of_type(call, organization, each, policy_type)) for each in (*above, target_id)]
    found = combined([[read_document(each.content, None) for each in level] for level in policies])
    if found is None:
        raise EffectivePolicyNotFoundException(
            "The account doesn't have an effective policy of this type. Contact the administrator of your organization "
            "about attaching a policy of this type to the account."
        )
    updated = max(each.updated or organization.created for level in policies for each in level)
    return {
        "EffectivePolicy": {
            "PolicyContent": json.dumps(found, separators=(",", ":"), ensure_ascii=False),
            "LastUpdatedTimestamp": updated,
            "TargetId": target_id,
            "PolicyType": policy_type,
        }
    }


def _check_type(organization: Organization, policy_type: str) -> None:
    if policy_type in _AUTHORIZATION:
        raise invalid("INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type string.")
    if policy_type not in organization.policy_types:
        # observed
        raise EffectivePolicyNotFoundException(
            "The specified policy type is not enabled. Enable that policy type on your organization root and then "
            "retry."
        )


@operation("organizations:ListAccountsWithInvalidEffectivePolicy", context=type_context)
def list_accounts_with_invalid_effective_policy(
    call: Call, *, policy_type: str, next_token: str | None = None, max_results: int | None = None
) -> Output:
    """The accounts whose effective policy is invalid: none.

    Raises:
        EffectivePolicyNotFoundException: the type is not enabled.
    """
    del next_token, max_results
    context = type_context(call, policy_type=policy_type)
    _check_type(as_reader(call, "ListAccountsWithInvalidEffectivePolicy", context=context), policy_type)
    return {"Accounts": [], "PolicyType": policy_type}


@operation("organizations:ListEffectivePolicyValidationErrors", resource=account_target, context=type_context)
def list_effective_policy_validation_errors(
    call: Call, *, account_id: str, policy_type: str, next_token: str | None = None, max_results: int | None = None
) -> Output:
    """What is wrong with an account's effective policy: nothing.

    Raises:
        AccountNotFoundException: there is no such account.
        EffectivePolicyNotFoundException: the type is not enabled.
    """
    del next_token, max_results
    target = account_target(call, account_id=account_id)
    context = type_context(call, policy_type=policy_type)
    organization = as_reader(call, "ListEffectivePolicyValidationErrors", target, context)
    find_account(call, organization, account_id)
    _check_type(organization, policy_type)
    return {
        "AccountId": account_id,
        "PolicyType": policy_type,
        "Path": path_of_child(call, organization, account_id),
        "EvaluationTimestamp": call.now,
        "EffectivePolicyValidationErrors": [],
    }


OPERATIONS = (
    describe_effective_policy,
    list_accounts_with_invalid_effective_policy,
    list_effective_policy_validation_errors,
)
