"""Why: what each policy type said, and the statements that came closest to deciding otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.policy._authorize import OPEN, allowing, find_plan
from sparekey.policy._compile import compiled
from sparekey.policy._context import context_lookup
from sparekey.policy._decision import Because, Decision, Examined, Layer, Match, Outcome
from sparekey.policy._document import Effect, PolicyType
from sparekey.policy._evaluate import ACCOUNT_KINDS
from sparekey.policy._examine import Circumstances, examine_policy
from sparekey.policy._grants import allows as grant_allows
from sparekey.policy._layers import Told, told
from sparekey.policy._plan import Plan, plans_of
from sparekey.policy._request import PrincipalKind, Request
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.policy._policies import PolicySet

#: The order in which AWS asks the types of policies.
_ORDER = (
    PolicyType.SCP,
    PolicyType.RCP,
    PolicyType.ENDPOINT,
    PolicyType.RESOURCE,
    PolicyType.IDENTITY,
    PolicyType.BOUNDARY,
    PolicyType.SESSION,
)

#: How many of a statement's four elements must cover the request for it to be a near miss.
_NEAR = 2


def layers(decision: Decision) -> tuple[Layer, ...]:
    """What each policy type said, statement by statement, in the order in which AWS asks them."""
    view = _View(decision.request, decision._policies)  # noqa: SLF001 - a decision's own reasons
    return tuple(view.layers(decision))


def near_misses(decision: Decision) -> tuple[Examined, ...]:
    """The statements that came closest to deciding otherwise, nearest first.

    For an implicit deny these are Allow statements of the policies that are silent, for an undecided answer the
    statements that may apply, for an allowed request the Deny statements. Nothing undoes an explicit deny.
    """
    if decision.outcome is Outcome.EXPLICIT_DENY:
        return ()
    misses: list[tuple[bool, int, Examined]] = []
    for layer in decision.layers:
        if decision.outcome is Outcome.IMPLICIT_DENY and layer.says not in ("silent", "unknown"):
            continue
        elsewhere = layer.policy_type is not decision.policy_type
        misses.extend(
            (elsewhere, -examined.passed, examined)
            for examined in layer.examined
            if examined.match is not Match.YES and _wanted(decision.outcome, examined)
        )
    misses.sort(key=lambda miss: (miss[1], miss[0]))
    return tuple(examined for _, _, examined in misses)


def _wanted(outcome: Outcome, examined: Examined) -> bool:
    if outcome is Outcome.UNDECIDED and examined.match is Match.UNKNOWN:
        return True
    if examined.passed < _NEAR:
        return False
    effect = Effect.DENY if outcome is Outcome.ALLOWED else Effect.ALLOW
    return examined.statement.effect in (effect, *examined.statement.unknown)


def delegated_by(decision: Decision) -> Because | None:
    """The statement of the resource-based policy that makes an identity-based Allow effective."""
    because = decision.because
    if not decision.allowed or because is None or because.policy_type is not PolicyType.IDENTITY:
        return None
    request, plans = decision.request, plans_of(decision._policies)  # noqa: SLF001 - a decision's own reasons
    plan = find_plan(request, request.owner, plans)
    for way in plan.ways:
        if way.delegates:
            lookup = context_lookup(request, request.owner, plan.implied, plans.spelling)
            found = allowing(way.entries, request.resource, lookup)
            if found is not None and found is not OPEN and found.statement is not None:
                return found
    return None


class _View:
    """A request before the policies of a set, with the plan that decided it."""

    def __init__(self, request: Request, policies: PolicySet) -> None:
        owner = request.owner
        plans = plans_of(policies)
        self.request = request
        self.policies = policies
        self.plan: Plan = find_plan(request, owner, plans)
        lookup = context_lookup(request, owner, self.plan.implied, plans.spelling)
        self.to = Circumstances.of(request, self.plan, lookup)

    def layers(self, decision: Decision) -> Iterator[Layer]:
        kind, action = self.request.principal.kind, self.to.action
        for policy_type in _ORDER:
            asked = policy_type is not PolicyType.RESOURCE or self.plan.question.asks_resource
            applying = told(self.policies, kind, action, policy_type) if asked else ()
            levels = len(applying) if policy_type in (PolicyType.SCP, PolicyType.RCP) else 0
            if not applying:
                yield Layer(self._type(policy_type), "absent", note=self._why_absent(policy_type))
            for index, policies in enumerate(applying):
                layer = self._layer(policy_type, policies, decision)
                note = f"level {index + 1} of {levels}" if levels else layer.note
                yield Layer(layer.policy_type, layer.says, layer.examined, note)
        if self.policies.grants:
            yield self._grants()

    def _type(self, policy_type: PolicyType) -> PolicyType:
        return (
            self.plan.silent if policy_type is PolicyType.RESOURCE and self.plan.question.asks_resource else policy_type
        )

    def _why_absent(self, policy_type: PolicyType) -> str:
        kind = self.request.principal.kind
        if policy_type is PolicyType.RESOURCE:
            return f"{self.request.action} asks identity-based policies only"
        if kind is PrincipalKind.SERVICE_LINKED_ROLE and policy_type in (PolicyType.SCP, PolicyType.RCP):
            return "does not apply to service-linked roles"
        if kind not in ACCOUNT_KINDS and policy_type is not PolicyType.RCP:
            return f"does not apply to {'an anonymous caller' if kind is PrincipalKind.ANONYMOUS else 'an AWS service'}"
        return ""

    def _layer(self, policy_type: PolicyType, policies: Told, decision: Decision) -> Layer:
        shown = self._type(policy_type)
        if policies is None or (not policies and policy_type is PolicyType.SESSION):
            return self._missing(shown, policy_type)
        if isinstance(policies, Unknown):
            return Layer(shown, "unknown", note=", ".join(policies.hangs_on))
        examined = tuple(entry for policy in policies for entry in examine_policy(compiled(policy), self.to))
        says = _says(examined, complete=not any(policy.unknown for policy in policies))
        if policy_type is PolicyType.RCP and says == "silent":
            return Layer(shown, "allows", examined, "by `RCPFullAWSAccess`")
        return Layer(shown, says, examined, self._note(policy_type, says, decision))

    def _missing(self, shown: PolicyType, policy_type: PolicyType) -> Layer:
        if policy_type is PolicyType.RESOURCE and self.plan.keyed:
            return Layer(shown, "absent", note="every KMS key has a key policy, and none was given")
        if policy_type is PolicyType.SESSION and self.request.principal.kind is PrincipalKind.FEDERATED_USER:
            return Layer(shown, "silent", note="a federated user's session may do nothing without a session policy")
        return Layer(shown, "absent")

    def _note(self, policy_type: PolicyType, says: str, decision: Decision) -> str:
        if policy_type is PolicyType.RESOURCE and says == "allows":
            strengths = [way for way in self.plan.ways if allowing(way.entries, self.request.resource, self.to.lookup)]
            if strengths and all(way.delegates for way in strengths):
                return f"delegates to account {self.request.principal.account}"
            return "names the caller"
        if policy_type in (PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION) and says == "silent":
            if self.request.principal.kind is PrincipalKind.ROOT_USER:
                return "does not limit the root user"
            if decision.allowed:
                return "does not limit what names the caller itself"
        return ""

    def _grants(self) -> Layer:
        grants = self.policies.grants
        if isinstance(grants, Unknown):
            return Layer(PolicyType.GRANT, "unknown", note=", ".join(grants.hangs_on))
        operation = self.to.action.partition(":")[2]
        found = {
            grant_allows(grant, operation, self.request, self.to.lookup): grant.grantee
            for way in self.plan.ways
            for grant, sure in way.grants
            if sure
        }
        if Match.YES in found:
            return Layer(PolicyType.GRANT, "allows", note=f"to `{found[Match.YES]}`")
        undecided = Match.UNKNOWN in found or any(not sure for way in self.plan.ways for _, sure in way.grants)
        return Layer(PolicyType.GRANT, "unknown" if undecided else "silent")


def _says(examined: tuple[Examined, ...], *, complete: bool) -> str:
    """Sum up the statements of one layer."""
    open_effects = {entry.statement.effect for entry in examined if entry.match is Match.UNKNOWN}
    for entry in examined:
        if entry.statement.effect is Effect.DENY and entry.match in (Match.YES, Match.INVALID):
            return "denies"
    if not complete or open_effects - {Effect.ALLOW}:
        return "unknown"
    if any(entry.statement.effect is Effect.ALLOW and entry.match is Match.YES for entry in examined):
        return "allows"
    return "unknown" if open_effects else "silent"
