"""The answer: explicit denies first, then the guards, then the ways to be allowed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.policy._compile import lower_action
from sparekey.policy._context import context_lookup
from sparekey.policy._decision import Because, Decision, Match, Outcome
from sparekey.policy._document import PolicyType
from sparekey.policy._grants import allows
from sparekey.policy._plan import IMPLIED, Plan, Plans, Question, Way, plans_of

if TYPE_CHECKING:
    from sparekey.policy._compile import Entries
    from sparekey.policy._policies import PolicySet
    from sparekey.policy._request import Lookup, Request
    from sparekey.unknown import Unknown

#: Stands for "some entry may apply, none surely does".
OPEN: Final = Because(PolicyType.IDENTITY)


def authorize(request: Request, policies: PolicySet) -> Decision:
    """Decide whether a request may pass under the policies that apply to it.

    An unknown part never lets a request pass: if some way of filling it in denies, the outcome is undecided, unless
    what is known already denies.

    Example:
        >>> key_policy = parse_policy(text, type=PolicyType.KEY)
        >>> request = Request(Principal.from_arn("arn:aws:iam::111122223333:user/Alice"), "kms:PutKeyPolicy", key_arn)
        >>> authorize(request, PolicySet(resource=key_policy)).outcome
        <Outcome.ALLOWED: 'allowed'>
    """
    owner = request.owner
    plans = policies._plans or plans_of(policies)  # noqa: SLF001 - see plans_of
    plan = find_plan(request, owner, plans)
    resource = request.resource
    lookup = context_lookup(request, owner, plan.implied, plans.spelling)
    denied = denying(plan.denies, resource, lookup)
    if denied is not None and denied is not OPEN:
        return Decision(Outcome.EXPLICIT_DENY, request, denied, denied.policy_type, policies)
    undecided = denied is OPEN
    for policy_type, entries in plan.guards:
        because = allowing(entries, resource, lookup)
        if because is None:
            return Decision(Outcome.IMPLICIT_DENY, request, None, policy_type, policies)
        undecided = undecided or because is OPEN
    blocked = plan.silent
    reached = possible = False
    for way in plan.ways:
        because, short = walk(way, plan, request, lookup)
        if because is None:
            if short is not None and not reached:
                reached, blocked = True, short
        elif because is OPEN:
            possible = True
        elif undecided:
            return Decision(Outcome.UNDECIDED, request, None, None, policies)
        else:
            named = None if because is IMPLIED else because
            return Decision(Outcome.ALLOWED, request, named, because.policy_type, policies)
    if possible:
        return Decision(Outcome.UNDECIDED, request, None, None, policies)
    return Decision(Outcome.IMPLICIT_DENY, request, None, blocked, policies)


def denying(entries: Entries, resource: str | Unknown, lookup: Lookup) -> Because | None:
    """The first entry that denies for sure; :data:`OPEN` if one may; ``None`` if none can."""
    no, unknown = Match.NO, Match.UNKNOWN
    result: Because | None = None
    for resources, conditions, sure, because in entries:
        found = None if resources is None else resources(resource, lookup)
        if found is no:
            continue
        if conditions is not None:
            holds = conditions(lookup)
            if holds is no:
                continue
            if holds is unknown:
                found = unknown
        if sure and found is not unknown:  # a condition AWS cannot evaluate denies
            return because
        result = OPEN
    return result


def allowing(entries: Entries, resource: str | Unknown, lookup: Lookup) -> Because | None:
    """The first entry that allows for sure; :data:`OPEN` if one may; ``None`` if none can."""
    yes, no, unknown = Match.YES, Match.NO, Match.UNKNOWN
    result: Because | None = None
    for resources, conditions, sure, because in entries:
        found = yes if resources is None else resources(resource, lookup)
        if found is no:
            continue
        if conditions is not None:
            holds = conditions(lookup)
            if holds is unknown:
                found = unknown
            elif holds is not yes:  # a condition AWS cannot evaluate does not grant
                continue
        if sure and found is yes:
            return because
        result = OPEN
    return result


def walk(way: Way, plan: Plan, request: Request, lookup: Lookup) -> tuple[Because | None, PolicyType | None]:
    """Whether a way is open: what allows (or :data:`OPEN`, or ``None``), and the type of policy that blocks it."""
    resource = request.resource
    because = allowing(way.entries, resource, lookup)
    if way.grants and (because is None or because is OPEN):
        because = _granting(way, plan, request, lookup) or because
    if because is None:
        return None, None
    for policy_type, entries in way.needs:
        found = allowing(entries, resource, lookup)
        if found is None:
            return None, policy_type
        if found is OPEN:
            because = OPEN
        elif way.delegates and policy_type is PolicyType.IDENTITY and because is not OPEN:
            because = found
    return because, None


def _granting(way: Way, plan: Plan, request: Request, lookup: Lookup) -> Because | None:
    operation = plan.question.lowered.partition(":")[2]
    result: Because | None = None
    for grant, sure in way.grants:
        found = allows(grant, operation, request, lookup)
        if found is Match.YES and sure:
            return Because(PolicyType.GRANT, grant=grant)
        if found is not Match.NO:
            result = OPEN
    return result


def find_plan(request: Request, owner: str, plans: Plans) -> Plan:
    """The plan for a request, made if it is the first of its kind."""
    principal = request.principal
    action = request.action
    same = owner == principal.account
    plan = plans.made.get((principal.arn, action, same))
    if plan is None or (plan.principal is not principal and plan.principal != principal):
        plan = plans.make(Question(principal, action, lower_action(action), same))
    if plan.keyed and _is_keyless(request):
        return _keyless_plan(request, plans, same=same)
    return plan


def _keyless_plan(request: Request, plans: Plans, *, same: bool) -> Plan:
    principal, action = request.principal, request.action
    if action.lower().endswith("alias") and ":alias/aws/" in str(request.resource):
        return plans.make(Question(principal, action, lower_action(action), same, keyless=True, reserved=True))
    plan = plans.made.get((principal.arn, action, same + 2))
    if plan is None or plan.principal != principal or plan.question.reserved:
        plan = plans.make(Question(principal, action, lower_action(action), same, keyless=True))
    return plan


def _is_keyless(request: Request) -> bool:
    """Whether a KMS request is about no key: on ``*`` or an alias."""
    resource = request.resource
    known = resource if isinstance(resource, str) else resource.pieces[0] or ""
    return known == "*" or ":alias/" in known
