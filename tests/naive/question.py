"""A case, read: who asks for what on which resource, with which context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.naive.grants import Grant, mapping
from tests.naive.language import Value, text_list
from tests.naive.principals import Caller, Kind, read_caller

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Question:
    """A case, read: who asks for what on which resource, with which context, under which policies."""

    caller: Caller
    action: str
    resource: str
    owner: str
    context: Mapping[str, Value]  # by lower-cased key, for conditions
    spelled: Mapping[str, Value]  # as given, for the encryption context of grants
    policies: Mapping[str, object]
    grants: tuple[Grant, ...]
    grant_request: Grant | None
    has_boundary: bool

    def lookup(self, key: str) -> Value:
        """The value of a condition key, named in any case."""
        return self.context.get(key.lower())

    def lookup_in_key_policy(self, key: str) -> Value:
        """The value of a condition key as a key policy sees it: some are for IAM's policies alone."""
        iam_only = key.lower() == "kms:resourcealiases" or key.lower().startswith("aws:resourcetag/")
        return None if iam_only else self.lookup(key)

    @property
    def about_key(self) -> bool:
        """Whether it is about a KMS key, so that the key's policy has a say."""
        return self.action.lower().startswith("kms:") and ":key/" in self.resource

    @property
    def about_trust(self) -> bool:
        """Whether it is about a role that is to be assumed."""
        return self.action.lower().startswith("sts:assume")


def read_question(case: Mapping[str, object]) -> Question:
    """Read a case and add the context keys that follow from its principal."""
    caller = read_caller(case["principal"])
    resource = str(case["resource"])
    owner = str(case.get("resource_owner") or account_of(resource) or caller.account)
    policies = mapping(case.get("policies"))
    context: dict[str, Value] = dict(implied_context(caller, str(case["action"])))
    spelled: dict[str, Value] = {}
    for key, value in mapping(case.get("context")).items():
        told = None if value is None else tuple(text_list(value)) if isinstance(value, list) else text_list(value)[0]
        context[key.lower()] = told
        spelled[key] = told
    more = mapping(case["principal"])
    grants = case.get("grants") or []
    assert isinstance(grants, list)
    return Question(
        caller=caller,
        action=str(case["action"]),
        resource=resource,
        owner=owner,
        context=context,
        spelled=spelled,
        policies=policies,
        grants=tuple(grants),
        grant_request=mapping(case["grant_request"]) if case.get("grant_request") is not None else None,
        has_boundary=bool(more.get("has_boundary")) or policies.get("boundary") is not None,
    )


def account_of(resource: str) -> str:
    """The account in an ARN, if there is one."""
    parts = resource.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def implied_context(caller: Caller, action: str) -> Mapping[str, str]:
    """The context keys that the principal itself brings."""
    types = {
        Kind.ROOT_USER: "Account",
        Kind.IAM_USER: "User",
        Kind.ROLE_SESSION: "AssumedRole",
        Kind.SERVICE_LINKED_ROLE: "AssumedRole",
        Kind.FEDERATED_USER: "FederatedUser",
        Kind.ANONYMOUS: "Anonymous",
    }
    implied = {"aws:principaltype": types[caller.kind]} if caller.kind in types else {}
    if caller.has_identity:
        implied["aws:principalarn"] = caller.role or caller.arn
        implied["aws:principalaccount"] = caller.account
        if action.lower().startswith("kms:"):
            implied["kms:calleraccount"] = caller.account
    if caller.kind != Kind.ANONYMOUS:
        implied["aws:principalisawsservice"] = "true" if caller.kind == Kind.AWS_SERVICE else "false"
    if caller.kind == Kind.AWS_SERVICE:
        implied["aws:principalservicename"] = caller.arn
    if caller.kind == Kind.IAM_USER:
        implied["aws:username"] = caller.arn.rsplit("/", 1)[1]
    return implied
