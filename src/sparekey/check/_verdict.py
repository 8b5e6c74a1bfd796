"""From calls to a verdict: the first thing AWS refuses decides; without one, whatever is undecided does."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from sparekey.check import _event as event
from sparekey.check._creation import ASSUME_ROLE, PASS_ROLE, Step
from sparekey.check._finding import Call, Statement, Verdict
from sparekey.policy import Because, Outcome, Policy
from sparekey.policy import Statement as PolicyStatement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sparekey.check._deployer import Deployer

_DENIED = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY)
_AFTERWARDS = {"kms:EnableKeyRotation": "the rotation it asks for", "kms:DisableKey": "`Enabled: false`"}


class Judgement(NamedTuple):
    """A verdict with its words: our sentence, AWS's event, the call and the statement that decide."""

    verdict: Verdict
    message: str
    event: str | None = None
    call: Call | None = None
    statement: Statement | None = None
    hangs_on: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


def refused_call(deployer: Deployer, call: Call, operation: str) -> Judgement:
    """Judge a call that fails for sure; ``operation`` is the one that takes the key policy."""
    who = f"`{deployer.name}`"
    statement = shown(call.decision.because)
    if call.action == PASS_ROLE:
        return Judgement(
            Verdict.ACCESS_DENIED,
            f"`{deployer.caller.arn}` is not allowed `iam:PassRole` on the service role `{deployer.service_role}`",
            call.reason, call, statement,
            hints=(f"allow `iam:PassRole` on `{deployer.service_role}` to `{deployer.caller.arn}`",),
        )  # fmt: skip
    if call.action == ASSUME_ROLE:
        return unusable_role(deployer, call)
    if call.action == "kms:PutKeyPolicy":
        message = f"KMS refuses the key policy: {who} could not change it in the future"
        text = event.refused_by_kms("MalformedPolicyDocumentException", event.LOCKOUT, operation)
        return Judgement(Verdict.LOCKOUT, message, text, call, statement)
    message = f"{who} is not allowed `{call.action}`"
    if reason := _AFTERWARDS.get(call.action):
        message += f" by the key policy of the new key, so {reason} fails and the key is rolled back"
    return Judgement(Verdict.ACCESS_DENIED, message, event.access_denied(call.action), call, statement)


def unusable_role(deployer: Deployer, call: Call | None = None) -> Judgement:
    """Judge a service role that does not exist, or does not trust CloudFormation."""
    role = deployer.service_role or ""
    why = "its trust policy does not let `cloudformation.amazonaws.com` assume it" if call else "it does not exist"
    hint = "let the service `cloudformation.amazonaws.com` call `sts:AssumeRole` in the role's trust policy"
    return Judgement(
        Verdict.ACCESS_DENIED,
        f"CloudFormation cannot use the service role `{role}`: {why}",
        event.cannot_assume(role),
        call,
        shown(call.decision.because) if call else None,
        hints=(hint,) if call else (),
    )


_DOCUMENTS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.TOO_LARGE: "KMS refuses the key policy: it is larger than 32 KB",
        Verdict.NO_PRINCIPAL: "KMS refuses the key policy: a statement in it has no principal",
        Verdict.INVALID_PRINCIPAL: "KMS refuses the key policy: a principal in it is not valid",
        Verdict.MALFORMED: "KMS refuses the key policy: the document is malformed",
    }
)


def refused_document(policy: Policy, answer: tuple[str, str], operation: str) -> Judgement:
    """Judge a key policy that KMS refuses as a document."""
    code, message = answer
    verdict = Verdict.MALFORMED
    if code == "LimitExceededException":
        verdict = Verdict.TOO_LARGE
    elif message == event.NO_PRINCIPAL:
        verdict = Verdict.NO_PRINCIPAL
    elif message == event.INVALID_PRINCIPALS:
        verdict = Verdict.INVALID_PRINCIPAL
    fault = next((fault for fault in policy.faults if fault.refused and _verdict_of(fault.code) is verdict), None)
    if code == "OverlyPermissiveCondition":
        code, message = "MalformedPolicyDocumentException", f"{code}: {message}"
    return Judgement(
        verdict,
        _DOCUMENTS[verdict] + (f": {fault.message}" if fault else ""),
        event.refused_by_kms(code, message, operation),
        statement=_statement_at(policy, fault.path) if fault else None,
        hints=(fault.hint,) if fault and fault.hint else (),
    )


def _verdict_of(code: str) -> Verdict:
    names = {"invalid_principals": Verdict.INVALID_PRINCIPAL, "no_principal": Verdict.NO_PRINCIPAL}
    return names.get(code, Verdict.TOO_LARGE if code == "too_large" else Verdict.MALFORMED)


def _statement_at(policy: Policy, path: tuple[str | int, ...]) -> Statement | None:
    """The statement that a path of the document leads into."""
    for statement in policy.statements:
        if statement.path and path[: len(statement.path)] == statement.path:
            return shown_statement(policy, statement)
    return None


def missing_principal(policy: Policy, statement: PolicyStatement, reason: str, operation: str) -> Judgement:
    """Judge a key policy that names a principal which does not exist."""
    return Judgement(
        Verdict.INVALID_PRINCIPAL,
        f"KMS refuses the key policy: {reason}",
        event.refused_by_kms("MalformedPolicyDocumentException", event.INVALID_PRINCIPALS, operation),
        statement=shown_statement(policy, statement),
    )


def rotation_refused() -> Judgement:
    """Judge rotation asked for a key that cannot rotate: the resource handler refuses before it calls KMS."""
    return Judgement(
        Verdict.NOT_CREATED,
        "CloudFormation refuses `EnableKeyRotation: true` for an asymmetric or external key",
        event.refused_by_handler(event.ROTATION, "InvalidRequest"),
        hints=("leave `EnableKeyRotation` out",),
    )


def replica_refused(region: str | None) -> Judgement:
    """Judge a replica in the Region of its primary; ``region`` is the stack's, if it is told."""
    where = f", `{region}`" if region else ""
    return Judgement(
        Verdict.NOT_CREATED,
        f"KMS refuses the replica: its primary key is in the Region of the stack{where}",
        event.refused_by_kms("ValidationException", event.primary_in(region), "ReplicateKey"),
        hints=("make the replica in a stack of another Region",),
    )


def passing(deployer: Deployer, calls: Sequence[Call], policy: Policy | None, *, bypassed: bool) -> Judgement:
    """Judge calls that all pass."""
    who = f"`{deployer.name}`"
    if policy is None:
        message = f"{who} can make the key; KMS gives it the default key policy and checks nothing"
    elif bypassed:
        message = f"{who} can make the key; the lockout safety check is bypassed"
    else:
        message = f"KMS accepts the key policy: {who} may change it in the future"
    call = next((call for call in calls if call.action == "kms:PutKeyPolicy"), None)
    because = (call.decision.delegated_by or call.decision.because) if call else None
    return Judgement(Verdict.PASS, message, call=call, statement=shown(because))


def undecided(deployer: Deployer, steps: Iterable[Step], further: Iterable[str]) -> Judgement | None:
    """Judge calls none of which fails for sure; ``None`` if all pass. ``further`` hangs on the key's own settings."""
    names: list[tuple[str, str]] = [(name, "") for name in further]
    first: Call | None = None
    for step in steps:
        decision = step.call.decision
        if decision.allowed or step.call.action == "kms:ReplicateKey":
            continue  # what the primary's key policy says is an assumption
        first = first or step.call
        names += [(name, "") for name in step.if_told]
        names += [(name, step.call.action) for name in decision.hangs_on]
    if not names and first is None:
        return None
    hangs_on = tuple(_worded(names))
    message = f"the input does not tell whether `{deployer.name}` can make the key: it hangs on {listed(hangs_on)}"
    return Judgement(Verdict.UNDECIDED, message, call=first, hangs_on=hangs_on)


_IDENTITY, _BOUNDARY = "the identity policies of `", "the permissions boundary of `"
_VERBS = ("allowing", "not denying")


def _worded(names: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Put what the calls hang on into words: each thing once, with all the actions it must allow or not deny."""
    needed: dict[str, dict[str, dict[str, None]]] = {}
    for name, action in names:
        verb = next((verb for verb in _VERBS if action and name.endswith(f" {verb} {action}")), "")
        actions = needed.setdefault(name.removesuffix(f" {verb} {action}") if verb else name, {})
        if verb and not (verb == _VERBS[1] and f"`{action}`" in actions.get(_VERBS[0], {})):
            actions.setdefault(verb, {})[f"`{action}`"] = None
    identity = any(name.startswith(_IDENTITY) for name in needed)
    for name, verbs in needed.items():
        if identity and name.startswith(_BOUNDARY):
            continue  # the same --iam tells both
        words = " and ".join(f"{verb} {listed(verbs[verb])}" for verb in _VERBS if verb in verbs)
        option = " (give `--iam`)" if name.startswith((_IDENTITY, _BOUNDARY)) else ""
        yield f"{name} {words}{option}" if words else f"{name}{option}"


def shown(because: Because | None) -> Statement | None:
    """The deciding statement as shown to a user."""
    if because is None or because.statement is None or because.policy is None:
        return None
    return shown_statement(because.policy, because.statement)


def shown_statement(policy: Policy, statement: PolicyStatement) -> Statement:
    """A statement as shown to a user."""
    return Statement(
        policy=policy.name,
        label=statement.label,
        effect=str(statement.effect) if isinstance(statement.effect, str) else None,
        policy_type=policy.type.value,
        place=policy.place(statement),
    )


def listed(names: Iterable[str]) -> str:
    """Join names as a sentence does."""
    *head, last = list(names) or ["what is not told"]
    return f"{', '.join(head)} and {last}" if head else last
