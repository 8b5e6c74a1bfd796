"""Asking the engine: which policies apply to a caller and a resource, and what they say together."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.cloud._context import Asked, Circumstances, Keys
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
    """May ``caller`` call ``action`` on ``target``? Every policy type that applies is asked.

    An allowed decision that no context key had a part in is kept, and given again under the same policies.
    """
    owner, principal = target.account or caller.account, caller.principal
    policies = _with_resource(policies_of(records, caller, owner), caller, target)
    kept = None if context else _kept(principal.arn, action, target.arn, owner)
    for known in kept or ():
        if known.policies is policies and known.decision.request.principal is principal:
            return known.decision
    keys = Keys(Asked(caller, target, owner, circumstances, now, records))
    request = Request(principal, action, target.arn, RequestContext(context, others=keys.find), owner or None)
    decision = authorize(request, policies)
    if kept is not None and decision.allowed and not keys.used:
        request = replace(request, context=_NOTHING)  # lets go of the transaction
        kept[:] = [_Kept(policies, replace(decision, request=request))]
    return decision


class _Kept(NamedTuple):
    """A decision, and the policies it was made under."""

    policies: PolicySet
    decision: Decision


_NOTHING: Final = RequestContext()


@lru_cache(maxsize=16_384)
def _kept(*_question: str) -> list[_Kept]:
    """A place for one decision; replacing what is in it is atomic."""
    return []


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
