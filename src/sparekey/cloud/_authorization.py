"""Asking the engine: which policies apply to a caller and a resource, and what they say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.cloud._context import Asked, Circumstances, find_key
from sparekey.errors import AccessDenied
from sparekey.policy import Decision, Request, RequestContext, authorize
from sparekey.services.directory.applicable import policies_of
from sparekey.services.directory.remembered import remember_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sparekey.policy import ContextValue, PolicySet
    from sparekey.services.operation import Caller, Target
    from sparekey.storage.interface import Transaction


def decide(
    records: Transaction,
    caller: Caller,
    action: str,
    target: Target,
    context: Mapping[str, ContextValue],
    circumstances: Circumstances,
    now: datetime,
) -> Decision:
    """May ``caller`` call ``action`` on ``target``? Every policy type that applies is asked."""
    owner = target.account or caller.account
    policies = _with_resource(policies_of(records, caller, owner), caller, target)
    asked = Asked(caller, target, owner, circumstances, now, records)
    told = RequestContext(context, others=find_key(asked))
    return authorize(Request(caller.principal, action, target.arn, told, owner or None), policies)


def _with_resource(policies: PolicySet, caller: Caller, target: Target) -> PolicySet:
    """The policies, and the resource's own; the same object as long as all of them are the same."""
    if target.policy is None:
        return policies
    key = ("with", caller.principal.arn, target.arn)
    return remember_of(key, (policies, target.policy), lambda: policies.with_resource(target.policy))


def refusal(decision: Decision) -> AccessDenied | None:
    """AWS's error for a decision that does not allow.

    An undecided one is refused as well: at run time everything is known, so that would be a fault of ours.
    """
    if decision.allowed:
        return None
    request = decision.request
    message = decision.message or (
        f"User: {request.principal.arn} is not authorized to perform: {request.action} on resource: {request.resource} "
        f"because the decision is open: {'; '.join(decision.hangs_on)}"
    )
    return AccessDenied(message)
