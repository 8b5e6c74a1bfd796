"""What to change on the IAM side: statements to attach, and Denies to exempt the deployer from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sparekey.check._creation import ASSUME_ROLE, PASS_ROLE, default_policy
from sparekey.check._deployer import owner
from sparekey.check.fixes._case import ON_THE_KEY, called
from sparekey.check.fixes._proposal import Attachment
from sparekey.check.fixes._statement_json import exempting
from sparekey.policy import Outcome, Policy, PolicySet, PolicyType, PrincipalKind, authorize, parse_policy
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.check._deployer import Deployer
    from sparekey.check._finding import Call
    from sparekey.check.fixes._case import Case
    from sparekey.policy import Decision

#: The layers whose silence an Allow in them ends.
_LAYERS = (PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION, PolicyType.SCP)

#: No decision takes more changes than there are layers that can refuse it.
_ROUNDS = 8


@dataclass(slots=True)
class Cure:
    """Changes on the IAM side, and the deployer as it would be with them."""

    deployer: Deployer
    attachments: list[Attachment] = field(default_factory=list)


def cure_in_iam(case: Case) -> Cure | None:
    """Find what to change outside the template for the calls that can be cured there; ``None`` where none can.

    A call on the key is cured in IAM only if the key policy lets IAM policies decide.
    """
    missing: dict[tuple[str, PolicyType], list[str]] = {}
    cure = Cure(case.deployer)
    for call in case.denied:
        if call.action == ASSUME_ROLE:
            _trust(case, cure)
            continue
        attempt = _Attempt(case, call, cure.deployer)
        if not attempt.succeeds():
            continue
        cure.deployer = attempt.deployer
        for layer in attempt.silent:
            missing.setdefault((attempt.holder(layer), layer), []).append(call.action)
        cure.attachments += attempt.exemptions
    for (holder, layer), actions in missing.items():
        cure.attachments.append(_attachment(case, holder, layer, actions))
    return cure if cure.attachments else None


class _Attempt:
    """The search for changes by which one call passes."""

    def __init__(self, case: Case, call: Call, deployer: Deployer) -> None:
        self.case = case
        self.call = call
        self.deployer = deployer
        self.silent: list[PolicyType] = []
        self.exemptions: list[Attachment] = []

    def succeeds(self) -> bool:
        """Change one policy after the other until the call passes; whether it does in the end."""
        for _ in range(_ROUNDS):
            decision = self._decide()
            match decision.outcome:
                case Outcome.ALLOWED:
                    return True
                case Outcome.EXPLICIT_DENY:
                    changed = self._exempt(decision)
                case Outcome.IMPLICIT_DENY:
                    changed = self._allow(decision.policy_type)
                case Outcome.UNDECIDED:  # such as a federated session, whose user is not told
                    changed = self._allow(PolicyType.IDENTITY)
            if not changed:
                return False
        return False

    def holder(self, layer: PolicyType) -> str:
        """Who or what carries the policies of a layer."""
        principal = self.deployer.caller if self.call.action == PASS_ROLE else self.deployer.principal
        if layer is PolicyType.BOUNDARY and isinstance(boundary := self._policies.boundary, Policy):
            return boundary.arn or boundary.name.strip("`")
        return f"account {principal.account}" if layer is PolicyType.SCP else owner(principal)

    @property
    def _policies(self) -> PolicySet:
        passing = self.call.action == PASS_ROLE
        return self.deployer.caller_policies if passing else self.deployer.policies

    def _decide(self) -> Decision:
        policies = self._policies
        here, own = self.case.circumstances, self.case.view.policy
        if self.call.action in ON_THE_KEY and own is not None:
            policies = replace(policies, resource=own)
        elif self.call.action in (*ON_THE_KEY, "kms:TagResource"):
            policies = replace(policies, resource=default_policy(here.partition, here.account))
        return authorize(self.call.decision.request, policies)

    def _change(self, policies: PolicySet) -> None:
        if self.call.action == PASS_ROLE:
            self.deployer = replace(self.deployer, caller_policies=policies)
        else:
            self.deployer = replace(self.deployer, policies=policies)

    def _allow(self, layer: PolicyType | None) -> bool:
        """End the silence of a layer, such as the one that AWS names."""
        policies = self._policies
        root_user = self.call.decision.request.principal.kind is PrincipalKind.ROOT_USER
        if layer not in _LAYERS or layer in self.silent or (root_user and layer is PolicyType.IDENTITY):
            return False
        allow = _policy(layer, {"Effect": "Allow", "Action": self.call.action, "Resource": "*"})
        match layer:
            case PolicyType.IDENTITY if not isinstance(policies.identity, Unknown):
                policies = replace(policies, identity=(*policies.identity, allow))
            case PolicyType.BOUNDARY if isinstance(policies.boundary, Policy):
                policies = replace(policies, boundary=_joined(policies.boundary, allow))
            case PolicyType.SESSION if isinstance(policies.session, tuple):
                policies = replace(policies, session=(*policies.session, allow))
            case PolicyType.SCP if isinstance(policies.scp, tuple):
                policies = replace(policies, scp=tuple((*level, allow) for level in policies.scp))
            case _:
                return False
        self.silent.append(layer)
        self._change(policies)
        return True

    def _exempt(self, decision: Decision) -> bool:
        """Exempt the principal from the Deny that decides."""
        because = decision.because
        if because is None or because.policy is None or because.statement is None or because.policy_type not in _LAYERS:
            return False
        arn = owner(decision.request.principal)
        document = exempting(because.statement, arn)
        if document is None or ":assumed-role/" in arn:
            return False
        changed = _policy(because.policy_type, document)
        rest = tuple(statement for statement in because.policy.statements if statement is not because.statement)
        instead = replace(because.policy, statements=(*rest, *changed.statements), version=changed.version)
        self._change(_with(self._policies, because.policy, instead))
        self.exemptions.append(
            Attachment(
                because.policy.arn or because.policy.name.strip("`"),
                because.policy_type.value,
                document,
                f"exempt `{arn}` from {called(because.statement)}, which denies it `{self.call.action}`",
                because.statement.label,
                because.place,
            )
        )
        return True


def _joined(policy: Policy, more: Policy) -> Policy:
    return replace(policy, statements=(*policy.statements, *more.statements))


def _policy(type_: PolicyType, statement: dict[str, object]) -> Policy:
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return parse_policy(document, type=type_, name="the proposed statement")


def _with(policies: PolicySet, old: Policy, new: Policy) -> PolicySet:
    """Put one policy in place of another, wherever it applies."""

    def swapped(some: tuple[Policy, ...]) -> tuple[Policy, ...]:
        return tuple(new if policy is old else policy for policy in some)

    identity, session, scp = policies.identity, policies.session, policies.scp
    return replace(
        policies,
        identity=swapped(identity) if isinstance(identity, tuple) else identity,
        session=swapped(session) if isinstance(session, tuple) else session,
        scp=tuple(swapped(level) for level in scp) if isinstance(scp, tuple) else scp,
        boundary=new if policies.boundary is old else policies.boundary,
    )


def _attachment(case: Case, holder: str, layer: PolicyType, actions: list[str]) -> Attachment:
    """Write the statement that allows what is missing in one place."""
    actions = list(dict.fromkeys(actions))
    if actions == [PASS_ROLE]:
        statement: dict[str, object] = {
            "Effect": "Allow",
            "Action": PASS_ROLE,
            "Resource": case.deployer.service_role or "*",
            "Condition": {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
        }
        return Attachment(holder, layer.value, statement, f"allow `{holder}` to pass the service role")
    here = case.circumstances
    if case.circumstances.granted and layer is PolicyType.IDENTITY:
        taken = [call.action for call in case.branch.report.calls if call.action not in actions and _taken(call)]
        actions = [*dict.fromkeys(taken), *actions]
    on_keys = all(action in ON_THE_KEY for action in actions)
    region = here.environment.region or "*"
    statement = {
        "Effect": "Allow",
        "Action": actions if len(actions) > 1 else actions[0],
        "Resource": f"arn:{here.partition}:kms:{region}:{here.account}:key/*" if on_keys else "*",
    }
    names = " and ".join(f"`{action}`" for action in actions)
    unless = ", unless its policies do so already" if here.granted else ""
    through = " (through its permission set in IAM Identity Center)" if "/AWSReservedSSO_" in holder else ""
    return Attachment(holder, layer.value, statement, f"allow {names}{unless}{through}")


def _taken(call: Call) -> bool:
    return call.decision.allowed and call.action in ("kms:CreateKey", "kms:ReplicateKey", "kms:TagResource")


def _trust(case: Case, cure: Cure) -> None:
    """Let CloudFormation assume the service role."""
    trust, role = case.deployer.trust, case.deployer.service_role
    if not isinstance(trust, Policy) or role is None:
        return
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudformation.amazonaws.com"},
        "Action": ASSUME_ROLE,
    }
    cure.deployer = replace(cure.deployer, trust=_joined(trust, _policy(PolicyType.TRUST, statement)))
    cure.attachments.append(
        Attachment(role, PolicyType.TRUST.value, statement, "let CloudFormation assume the service role")
    )
