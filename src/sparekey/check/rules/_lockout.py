"""Why the safety check fails: the one cause that explains a lockout most precisely."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sparekey.arn import Arn
from sparekey.check._finding import Finding, Level, Verdict
from sparekey.check.rules._questions import (
    PUT_KEY_POLICY,
    NamedPrincipal,
    administers,
    administrators,
    admits_deployer,
    call_for,
    examine,
    known_text,
    looks_administrative,
    of_key_policy,
)
from sparekey.check.rules._wording import partition_of
from sparekey.policy import Decision, Effect, Examined, Match, Outcome, PolicyType, PrincipalKind, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparekey.check._view import KeyView
    from sparekey.source import Path


class Cause(StrEnum):
    """The causes of a lockout; each has its rule."""

    NO_ADMINISTRATOR = "SK101"
    INCOMPLETE_ADMINISTRATOR = "SK102"
    IDENTITY_POLICIES = "SK103"
    ACCOUNT = "SK104"
    PARTITION = "SK105"
    ROLE_PATH = "SK106"
    SESSION = "SK107"
    SERVICE_ROLE = "SK108"
    CONDITION = "SK109"
    DENY = "SK110"
    GUARDRAIL = "SK111"


class Evidence(NamedTuple):
    """The cause of a lockout, and what shows it.

    ``statement`` is the statement of the key policy that decides or comes nearest, ``path`` the place in the key
    policy to point at, ``named`` the principal at fault, ``correct`` the text that would do in its place, ``examined``
    how ``statement`` fared.
    """

    cause: Cause
    decision: Decision
    statement: Statement | None = None
    path: Path = ()
    named: NamedPrincipal | None = None
    correct: str | None = None
    examined: Examined | None = None


def explain(
    view: KeyView, cause: Cause, text: Callable[[KeyView, Evidence], tuple[str, tuple[str, ...]]]
) -> Iterator[Finding]:
    """Yield the finding for a lockout if ``cause`` is what explains it; ``text`` writes its message and hints."""
    evidence = diagnose(view) if view.verdict is Verdict.LOCKOUT else None
    if evidence and evidence.cause is cause:
        message, hints = text(view, evidence)
        yield Finding(cause, Level.ERROR, message, view.place(evidence.path), view.logical_id, hints)


@lru_cache(maxsize=1)
def diagnose(view: KeyView) -> Evidence | None:
    """Find the cause of a lockout; ``None`` where the safety check does not fail.

    Kept for the last view asked about, since each rule asks in turn.
    """
    call = call_for(view, PUT_KEY_POLICY)
    if call is None or call.decision.outcome not in (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY):
        return None
    decision = call.decision
    if decision.outcome is Outcome.EXPLICIT_DENY:
        return _explicit_deny(decision)
    if decision.policy_type not in (PolicyType.KEY, PolicyType.RESOURCE, None):
        return _limited(view, decision)
    return _not_granted(view, decision)


def _explicit_deny(decision: Decision) -> Evidence:
    because = decision.because
    if because and because.statement and because.policy_type in (PolicyType.KEY, PolicyType.RESOURCE):
        return Evidence(Cause.DENY, decision, because.statement, because.statement.path)
    return Evidence(Cause.GUARDRAIL, decision)


def _limited(view: KeyView, decision: Decision) -> Evidence:
    """The key policy lets the deployer pass, and another policy type does not."""
    found = next((examined for examined in _allows(decision) if examined.match is Match.YES), None)
    cause = Cause.GUARDRAIL
    if decision.policy_type is PolicyType.IDENTITY:
        cause = Cause.SERVICE_ROLE if view.deployer.service_role else Cause.IDENTITY_POLICIES
    return Evidence(cause, decision, found.statement if found else None, found.statement.path if found else ())


def _allows(decision: Decision) -> Iterator[Examined]:
    return (examined for examined in of_key_policy(decision) if examined.statement.effect is Effect.ALLOW)


def _not_granted(view: KeyView, decision: Decision) -> Evidence:
    """The key policy itself does not let the deployer pass: find the statement that comes nearest."""
    nearest = sorted(_allows(decision), key=lambda examined: -examined.passed)
    for examined in nearest:
        statement = examined.statement
        if examined.passed >= 3:
            return Evidence(Cause.CONDITION, decision, statement, (*statement.path, "Condition"), examined=examined)
        if examined.passed == 2:
            path: Path = (*statement.path, "Resource" if statement.resource is not None else "NotResource")
            return Evidence(Cause.INCOMPLETE_ADMINISTRATOR, decision, statement, path, examined=examined)
    return (
        _nearly_named(view, decision)
        or _incomplete(view, decision, nearest)
        or _caller_named(view, decision)
        or _nobody(view, decision, nearest)
    )


def _nearly_named(view: KeyView, decision: Decision) -> Evidence | None:
    """Look for an administrator whose ARN is the deployer's but for one part."""
    for named in administrators(view):
        for cause, correct in _corrections(view, named):
            if correct != named.text and admits_deployer(view, named, correct):
                return Evidence(cause, decision, named.statement, named.path, named, correct)
    return None


def _corrections(view: KeyView, named: NamedPrincipal) -> Iterator[tuple[Cause, str]]:
    arn = named.arn
    principal = view.deployer.principal
    if arn is None:
        if named.text.isdigit():
            yield Cause.ACCOUNT, f"arn:{partition_of(view)}:iam::{principal.account}:root"
        return
    role = known_text(principal.role_arn)
    if role and principal.kind is PrincipalKind.ROLE_SESSION:
        name = role.rsplit("/", 1)[-1]
        if arn.service == "sts" and arn.resource.split("/")[1:2] == [name] and arn.account == principal.account:
            yield Cause.SESSION, role
        if arn.service == "iam" and arn.resource.startswith("role/") and arn.resource.rsplit("/", 1)[-1] == name:
            yield Cause.ROLE_PATH, str(arn._replace(resource=Arn.parse(role).resource))
    yield Cause.PARTITION, str(arn._replace(partition=partition_of(view)))
    yield Cause.ACCOUNT, str(arn._replace(account=principal.account))
    yield Cause.ACCOUNT, str(arn._replace(account=principal.account, partition=partition_of(view)))


def _incomplete(view: KeyView, decision: Decision, nearest: list[Examined]) -> Evidence | None:
    """A statement covers the deployer and is meant for an administrator, but does not list kms:PutKeyPolicy."""
    for examined in nearest:
        statement = examined.statement
        if examined.passed == 1 and (_names_account(statement) or looks_administrative(view, statement)):
            path: Path = (*statement.path, "Action" if statement.action is not None else "NotAction")
            return Evidence(Cause.INCOMPLETE_ADMINISTRATOR, decision, statement, path, examined=examined)
    return None


def _names_account(statement: Statement) -> bool:
    return any(isinstance(text, str) and text.endswith(":root") for text in _aws(statement))


def _aws(statement: Statement) -> tuple[object, ...]:
    return statement.principal.aws if statement.principal else ()


def _caller_named(view: KeyView, decision: Decision) -> Evidence | None:
    """The key policy names who calls CloudFormation, but the service role makes the key."""
    if not view.deployer.service_role or view.policy is None:
        return None
    for statement in view.policy.statements:
        if statement.effect is Effect.ALLOW and statement.principal:
            found = examine(view, statement, principal=view.deployer.caller, action=PUT_KEY_POLICY)
            if found and found.match is Match.YES:
                path: Path = (*statement.path, "Principal")
                return Evidence(Cause.SERVICE_ROLE, decision, statement, path, correct=view.deployer.service_role)
    return None


def _nobody(view: KeyView, decision: Decision, nearest: list[Examined]) -> Evidence:
    """No statement comes near: point at the statement that names another administrator, else at the first one."""
    for examined in nearest:
        if administers(view, examined.statement):
            path: Path = (*examined.statement.path, "Principal")
            return Evidence(Cause.NO_ADMINISTRATOR, decision, examined.statement, path, examined=examined)
    return Evidence(Cause.NO_ADMINISTRATOR, decision)
