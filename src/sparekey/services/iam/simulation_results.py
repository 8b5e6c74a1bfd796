"""Simulated requests: what the engine decides, and the reasons the simulator gives."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sparekey.policy import (
    Decision,
    Effect,
    Match,
    Outcome,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    RequestContext,
    authorize,
    parse_policy,
)
from sparekey.services.iam.simulation_missing import missing_keys
from sparekey.services.iam.simulation_positions import statement_positions
from sparekey.services.iam.simulation_resources import asked_resource, is_foreign, template_of
from sparekey.services.iam.simulation_sources import BOUNDARY_POLICY, IAM_POLICY, RESOURCE_POLICY, Source

if TYPE_CHECKING:
    from sparekey.policy import Statement

Members = dict[str, object]

#: The words of ``EvalDecision``, from the most restrictive to the least.
_DECISIONS: Final = ("explicitDeny", "implicitDeny", "allowed")
_WORDS: Final = {Outcome.EXPLICIT_DENY: "explicitDeny", Outcome.ALLOWED: "allowed"}

#: Actions for which the resource's own policy must allow as well; the simulator does not ask where none is given.
_DELEGATED: Final = ("kms:", "sts:assumerole")


@dataclass(frozen=True, slots=True)
class Simulation:
    """The policies and circumstances of simulated requests, and the policy sets they come to.

    ``owner`` owns resources whose ARN does not tell.
    """

    caller: Principal
    owner: str
    context: RequestContext
    identity: tuple[Source, ...]
    boundary: Source | None = None
    resource: Source | None = None
    scp: tuple[tuple[Policy, ...], ...] | None = None
    sets: dict[tuple[bool, bool], PolicySet] = field(default_factory=dict)

    @property
    def statements(self) -> int:
        """How many statements there are in all the policies."""
        sources = (*self.identity, self.boundary, self.resource)
        policies = [each.policy for each in sources if each] + [each for level in self.scp or () for each in level]
        return sum(len(each.statements) for each in policies)


@dataclass(frozen=True, slots=True)
class _Evaluated:
    """The answer for one action and resource."""

    resource: str
    decision: str
    matched: tuple[Members, ...] = ()
    missing: tuple[str, ...] = ()
    details: Mapping[str, str] | None = None
    within_organization: bool | None = None
    within_boundary: bool | None = None


def evaluation_result(simulation: Simulation, action: str, resources: tuple[str, ...]) -> Members:
    """One ``EvaluationResult``: the most restrictive answer for the resources, and that for each of them."""
    found = [_evaluate(simulation, action, resource) for resource in resources]
    decision = min((each.decision for each in found), key=_DECISIONS.index)
    result: Members = {
        "EvalActionName": action,
        "EvalResourceName": template_of(action, resources[0]),
        "EvalDecision": decision,
        "MatchedStatements": _union(each.matched for each in found if each.decision == decision),
        "MissingContextValues": list(dict.fromkeys(key for each in found for key in each.missing)),
        **_guards(found),
    }
    details = [each.details for each in found if each.details is not None]
    if details:
        names = dict.fromkeys(name for each in details for name in each)
        result["EvalDecisionDetails"] = {
            name: min((each[name] for each in details if name in each), key=_DECISIONS.index) for name in names
        }
    if resources != ("*",):
        result["ResourceSpecificResults"] = [_resource_result(each) for each in found]
    return result


def _guards(found: Iterable[_Evaluated]) -> Members:
    """What SCPs and the boundary say, for all the resources together."""
    evaluated = list(found)
    members: Members = {}
    organization = [each.within_organization for each in evaluated if each.within_organization is not None]
    boundary = [each.within_boundary for each in evaluated if each.within_boundary is not None]
    if organization:
        members["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": all(organization)}
    if boundary:
        members["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": all(boundary)}
    return members


def _resource_result(found: _Evaluated) -> Members:
    result: Members = {
        "EvalResourceName": found.resource,
        "EvalResourceDecision": found.decision,
        "MatchedStatements": list(found.matched),
        "MissingContextValues": list(found.missing),
    }
    if found.details:
        result["EvalDecisionDetails"] = dict(found.details)
    guards = _guards([found])
    guards.pop("OrganizationsDecisionDetail", None)  # the shape has it at the top only
    return {**result, **guards}


def _union(groups: Iterable[tuple[Members, ...]]) -> list[Members]:
    union: dict[str, Members] = {}
    for group in groups:
        for each in group:
            union.setdefault(repr(each), each)
    return list(union.values())


def _evaluate(simulation: Simulation, action: str, resource: str) -> _Evaluated:
    owner = _owner(resource) or simulation.owner
    same_account = owner == simulation.caller.account
    missing = tuple(missing_keys(simulation, action))
    if is_foreign(action, resource):
        return _Evaluated(resource, "implicitDeny", missing=missing, details={} if same_account else None)
    request = Request(simulation.caller, action, asked_resource(action, resource), simulation.context, owner)
    decision = authorize(request, _policies(simulation, action, same_account=same_account))
    organization = _within(simulation, request, PolicySet(_all(), scp=simulation.scp)) if simulation.scp else None
    boundary = simulation.boundary
    return _Evaluated(
        resource,
        _word(decision),
        tuple(_matched(simulation, decision)),
        missing,
        _details(simulation, request, resource, same_account=same_account) if organization is not False else None,
        organization,
        _within(simulation, request, PolicySet(_all(), boundary=boundary.policy)) if boundary else None,
    )


def _owner(resource: str) -> str:
    segments = resource.split(":", 5)
    return segments[4] if len(segments) == 6 and segments[4].isdigit() else ""


def _word(decision: Decision) -> str:
    return _WORDS.get(decision.outcome, "implicitDeny")


def _policies(simulation: Simulation, action: str, *, same_account: bool) -> PolicySet:
    delegated = action.lower().startswith(_DELEGATED)
    key = (delegated, same_account)
    made = simulation.sets.get(key)
    if made is None:
        resource: Policy | None = None
        if simulation.resource is not None:
            plain = not delegated and same_account
            resource = widened(simulation.resource, simulation.caller) if plain else simulation.resource.policy
        elif delegated and same_account:
            resource = _delegation(simulation.caller.account)
        boundary = simulation.boundary.policy if simulation.boundary else None
        identity = tuple(each.policy for each in simulation.identity)
        made = simulation.sets[key] = PolicySet(identity, resource, boundary, scp=simulation.scp)
    return made


@lru_cache(maxsize=256)
def _delegation(account: str) -> Policy:
    """A resource's policy that leaves everything to the identity-based policies of an account."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*", "Resource": "*"}
    return parse_policy({"Version": "2012-10-17", "Statement": statement}, type=PolicyType.RESOURCE)


@lru_cache(maxsize=1)
def _all() -> tuple[Policy, ...]:
    """An identity-based policy that allows everything, to ask what the other policies say."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return (parse_policy({"Version": "2012-10-17", "Statement": statement}),)


@lru_cache(maxsize=64)
def widened(source: Source, caller: Principal) -> Policy:
    """The resource-based policy as the simulator reads it: who names the caller's account names the caller.

    Recorded: the simulator lets an Allow to the account's root pass without the identity-based policies, which AWS's
    documentation, and every live call, does not.
    """
    data = json.loads(source.text)
    statements = data["Statement"] if isinstance(data["Statement"], list) else [data["Statement"]]
    roots = (caller.account, f"arn:{caller.partition}:iam::{caller.account}:root")
    for statement in statements:
        principal = statement.get("Principal")
        named = principal.get("AWS") if isinstance(principal, dict) else None
        names = named if isinstance(named, list) else [named]
        if statement["Effect"] == "Allow" and any(root in names for root in roots):
            principal["AWS"] = [*names, caller.arn]
    return parse_policy({**data, "Statement": statements}, type=PolicyType.RESOURCE, name=source.policy_id)


def _within(simulation: Simulation, request: Request, policies: PolicySet) -> bool:
    """Whether a guard alone would let the request pass."""
    account = simulation.caller.account
    own = Request(request.principal, request.action, request.resource, request.context, account)
    return authorize(own, policies.with_resource(_delegation(account))).allowed


def _details(
    simulation: Simulation, request: Request, resource: str, *, same_account: bool
) -> Mapping[str, str] | None:
    """How each type of policy contributes to a request across accounts; empty for one within an account."""
    if same_account:
        return None if resource == "*" else {}
    account = simulation.caller.account
    own = Request(request.principal, request.action, request.resource, request.context, account)
    delegation = _delegation(account)
    identity = PolicySet(tuple(each.policy for each in simulation.identity), delegation)
    owners = PolicySet(_all(), simulation.resource.policy if simulation.resource else None)
    details = {IAM_POLICY: _word(authorize(own, identity)), RESOURCE_POLICY: _word(authorize(request, owners))}
    if simulation.boundary is not None:
        limits = PolicySet(_all(), delegation, simulation.boundary.policy)
        details[BOUNDARY_POLICY] = _word(authorize(own, limits))
    return details


def _matched(simulation: Simulation, decision: Decision) -> Iterator[Members]:
    """The statements that decide: those that deny, or those that allow; none for an implicit deny."""
    wanted = {Outcome.EXPLICIT_DENY: Effect.DENY, Outcome.ALLOWED: Effect.ALLOW}.get(decision.outcome)
    sources = {each.policy.name: each for each in simulation.identity}
    types = [PolicyType.IDENTITY]
    if simulation.resource is not None:
        sources[simulation.resource.policy.name] = simulation.resource
        types.append(PolicyType.RESOURCE)
    if simulation.boundary is not None and wanted is Effect.DENY:
        sources[simulation.boundary.policy.name] = simulation.boundary
        types.append(PolicyType.BOUNDARY)
    for layer in decision.layers if wanted else ():
        for each in layer.examined:
            source = sources.get(each.policy.name)
            decides = each.match is Match.YES or (each.match is Match.INVALID and wanted is Effect.DENY)
            if source and each.policy.type in types and decides and each.statement.effect is wanted:
                yield _reference(source, each.statement)


def _reference(source: Source, statement: Statement) -> Members:
    start, end = statement_positions(source.text)[statement.index]
    return {
        "SourcePolicyId": source.policy_id,
        "SourcePolicyType": source.policy_type,
        "StartPosition": start,
        "EndPosition": end,
    }
