"""Everything that deploying one key goes through, in AWS's order, and the verdict that comes of it.

stack operation (the service role) → resource handler (rotation) → a replica: kms:ReplicateKey, its Region →
kms:CreateKey → kms:TagResource → the document → its principals → the lockout safety check → kms:EnableKeyRotation →
kms:DisableKey. The first thing AWS refuses decides; without one, whatever is undecided does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.check._creation import ASSUME_ROLE, PASS_ROLE, Plan, Step, finishing, safety_check
from sparekey.check._finding import Call, Verdict
from sparekey.check._settings import REPLICA
from sparekey.check._verdict import (
    Judgement,
    missing_principal,
    passing,
    refused_call,
    refused_document,
    replica_refused,
    rotation_refused,
    undecided,
    unusable_role,
)
from sparekey.policy import Outcome, Policy, kms_answer
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sparekey.check._principals import Existence

_DENIED = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY)


class Open(NamedTuple):
    """Something that is refused or not, depending on what is not told."""

    hangs_on: tuple[str, ...]


#: A call with its decision, a refusal that is no call's, or something open.
Stage = Step | Judgement | Open


class Outlook(NamedTuple):
    """What the deployment answers for one key: the judgement and everything it rests on."""

    judgement: Judgement
    calls: tuple[Call, ...] = ()
    assumptions: tuple[str, ...] = ()
    existence: Existence | None = None


def deploy(plan: Plan, entrance: Iterable[Step], policy: Policy | None, there: Existence) -> Outlook:
    """Go through the deployment of one key. ``there`` tells whether the principals of its key policy exist."""
    stages = [*entrance, *_stages(plan, policy, there)]
    steps = [stage for stage in stages if isinstance(stage, Step)]
    further = [name for stage in stages if isinstance(stage, Open) for name in stage.hangs_on]
    judgement = _first_refusal(plan, stages) or undecided(plan.deployer, steps, further)
    judgement = judgement or passing(plan.deployer, [step.call for step in steps], policy, bypassed=_bypassed(plan))
    assumptions = tuple(dict.fromkeys(_assumptions(plan, steps, there, judgement.verdict)))
    return Outlook(judgement, tuple(step.call for step in steps), assumptions, there)


def _stages(plan: Plan, policy: Policy | None, there: Existence) -> Iterator[Stage]:
    if plan.deployer.service_role and plan.deployer.trust is None:
        yield unusable_role(plan.deployer)
    yield from _handler(plan)
    for step in plan.creation:
        yield step
        if step.call.action == "kms:ReplicateKey" and plan.beside_primary:
            yield replica_refused(plan.environment.region)
    if policy is None:
        yield from finishing(plan, plan.default_policy, plan.under_default_policy)
        return
    if answer := kms_answer(policy):
        yield refused_document(policy, answer, plan.settings.operation)
        return
    if there.missing:
        yield missing_principal(policy, there.missing[0].statement, there.reason or "", plan.settings.operation)
    policies = plan.deployer.with_key_policy(policy)
    if not _bypassed(plan):
        yield safety_check(plan, policy, policies)
    yield from finishing(plan, policy, policies)


def _bypassed(plan: Plan) -> bool:
    return plan.settings.bypass is True


def _handler(plan: Plan) -> Iterator[Stage]:
    """The resource handler's own validation."""
    rotation, impossible = plan.settings.rotation, plan.settings.asymmetric_or_external
    if rotation is True and impossible is True:
        yield rotation_refused()
    elif rotation is not False and impossible is not False:
        yield Open(
            tuple(name for value in (rotation, impossible) if isinstance(value, Unknown) for name in value.hangs_on)
        )


def _first_refusal(plan: Plan, stages: Iterable[Stage]) -> Judgement | None:
    for stage in stages:
        if isinstance(stage, Judgement):
            return stage
        if isinstance(stage, Step) and not stage.if_told and stage.call.decision.outcome in _DENIED:
            return refused_call(plan.deployer, stage.call, plan.settings.operation)
    return None


def _assumptions(plan: Plan, steps: Iterable[Step], there: Existence, verdict: Verdict) -> Iterator[str]:
    """What the verdict takes for granted: a refusal by less than a pass."""
    if verdict not in (Verdict.PASS, Verdict.UNDECIDED, Verdict.LOCKOUT):
        return
    if there.assumed:
        names = ", ".join(f"`{name}`" for name in there.assumed)
        yield f"{names} {'exist' if len(there.assumed) > 1 else 'exists'} (give `--iam`)"
    if verdict is Verdict.LOCKOUT:
        return
    deployer, settings = plan.deployer, plan.settings
    yield from deployer.assumptions
    asked = {step.call.action for step in steps}
    if deployer.service_role and PASS_ROLE not in asked:
        yield f"`{deployer.caller.arn}` may pass `{deployer.service_role}` (`iam:PassRole`; give `--iam`)"
    if isinstance(deployer.trust, Unknown) and ASSUME_ROLE not in asked:
        yield f"`{deployer.service_role}` trusts `cloudformation.amazonaws.com` (give `--iam`)"
    if settings.resource_type == REPLICA:
        told = plan.environment.region and isinstance(settings.primary_region, str)
        where = "" if told else " in another Region"
        yield f"the primary key is there{where}, and its key policy lets `{deployer.name}` call `kms:ReplicateKey`"
    elif settings.multi_region is True:
        yield (
            "the service-linked role `AWSServiceRoleForKeyManagementServiceMultiRegionKeys` exists, or "
            f"`{deployer.name}` may create it"
        )
