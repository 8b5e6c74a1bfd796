"""The rules, written out: what the check can say about a key, each with its documentation and examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check.rules import (
    access,
    administrators,
    documents,
    elsewhere,
    everyone,
    identity_side,
    no_effect,
    principal_forms,
    principals,
    properties,
    refused,
    undecided,
    unmanageable,
    wrong_arn,
)

if TYPE_CHECKING:
    from sparekey.check._rule import Rule
from sparekey.check.rules._examples import shortened

__all__ = ["RULES", "find_rule", "shortened"]

#: Every rule, by id. An id is never used again for something else.
RULES: tuple[Rule, ...] = (
    # the input
    undecided.UNDECIDED,
    undecided.TRANSFORMED,
    undecided.IGNORED_WITHOUT_REASON,
    # why the deployer is locked out or refused; SK1NN is class CNN of the reports from the field
    administrators.NO_ADMINISTRATOR,
    administrators.INCOMPLETE_ADMINISTRATOR,
    identity_side.IDENTITY_POLICIES,
    wrong_arn.ACCOUNT,
    wrong_arn.PARTITION,
    wrong_arn.ROLE_PATH,
    wrong_arn.SESSION,
    identity_side.SERVICE_ROLE,
    refused.CONDITION,
    refused.DENY,
    identity_side.GUARDRAIL,
    principals.MISSING_PRINCIPAL,
    principals.FRESH_PRINCIPAL,
    documents.MALFORMED,
    unmanageable.UNMANAGEABLE,
    access.ACCESS_DENIED,
    # what KMS refuses in the document
    documents.NO_PRINCIPAL,
    principal_forms.GROUP,
    principal_forms.UNIQUE_ID,
    principal_forms.SERVICE_FORM,
    principal_forms.LITERAL_PRINCIPAL,
    documents.TOO_LARGE,
    documents.OVERLY_PERMISSIVE,
    principal_forms.GARBLED,
    # what will hurt later
    unmanageable.SINGLE_ADMINISTRATOR,
    unmanageable.BYPASS,
    everyone.EVERYONE,
    elsewhere.OTHER_PARTITION,
    no_effect.ACROSS_ACCOUNTS,
    elsewhere.LITERAL,
    unmanageable.SESSION_ADMINISTRATOR,
    no_effect.WITHOUT_EFFECT,
    no_effect.UNKNOWN_ACTION,
    unmanageable.FOREIGN_ADMINISTRATORS,
    properties.ROTATION_REFUSED,
    properties.ACCOUNT_NUMBER,
    principals.SERVICE_LINKED_ROLE,
    documents.SUSPICIOUS,
    elsewhere.PLAIN_VARIABLE,
    properties.REPLICA_REFUSED,
)


def find_rule(rule_id: str) -> Rule | None:
    """Find a rule by its id (in any case) or by its name."""
    return next((rule for rule in RULES if rule_id.upper() == rule.id or rule_id.lower() == rule.name), None)
