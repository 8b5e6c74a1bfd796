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
    examine,
    failing_elements,
    looks_administrative,
    of_key_policy,
    safety_decision,
    statements,
)
from sparekey.check.rules._wording import lasting_arn
from sparekey.policy import Decision, Effect, Examined, Match, Outcome, PolicyType, Statement

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
    ROLE_PATH = "SK106"
    SESSION = "SK107"
    SERVICE_ROLE = "SK108"
    CONDITION = "SK109"
    DENY = "SK110"
    GUARDRAIL = "SK111"


#: The Allow statements of the key policy, each with how it fared and which of its elements fail.
Fared = list[tuple[Examined, frozenset[str]]]


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
    evidence = diagnose(view)
    if evidence and evidence.cause is cause:
        message, hints = text(view, evidence)
        yield Finding(cause.value, Level.ERROR, message, view.place(evidence.path), view.logical_id, hints)


@lru_cache(maxsize=1)
def diagnose(view: KeyView) -> Evidence | None:
    """Find the cause of a lockout; ``None`` where the verdict is another.

    Kept for the last view asked about, since each rule asks in turn.
    """
    decision = safety_decision(view)
    if view.verdict is not Verdict.LOCKOUT or decision is None:
        return None
    if decision.outcome is Outcome.EXPLICIT_DENY:
        return _explicit_deny(decision)
    if decision.policy_type not in (PolicyType.KEY, PolicyType.RESOURCE):
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
    fared = [(examined, failing_elements(view, examined.statement)) for examined in _allows(decision)]
    return (
        _false_condition(decision, fared)
        or _other_resource(decision, fared)
        or _nearly_named(view, decision)
        or _incomplete(view, decision, fared)
        or _caller_named(view, decision)
        or _nobody(view, decision)
    )


def _false_condition(decision: Decision, fared: Fared) -> Evidence | None:
    for examined, failing in fared:
        if failing == {"Condition"}:
            path: Path = (*examined.statement.path, "Condition")
            return Evidence(Cause.CONDITION, decision, examined.statement, path, examined=examined)
    return None


def _other_resource(decision: Decision, fared: Fared) -> Evidence | None:
    """A statement covers the deployer and allows kms:PutKeyPolicy, but not on this key."""
    for examined, failing in fared:
        if "Resource" in failing and not failing & {"Principal", "Action"}:
            path = _element(examined.statement, "Resource")
            return Evidence(Cause.INCOMPLETE_ADMINISTRATOR, decision, examined.statement, path, examined=examined)
    return None


def _element(statement: Statement, name: str) -> Path:
    """The path to an element, or to its negation where the statement has that."""
    negated = statement.not_resource if name == "Resource" else statement.not_action
    return (*statement.path, f"Not{name}" if negated is not None else name)


def _nearly_named(view: KeyView, decision: Decision) -> Evidence | None:
    """Look for an administrator whose ARN is the deployer's but for one part."""
    for named in administrators(view):
        for cause, correct, tried in _corrections(view, decision, named):
            if tried != named.text and admits_deployer(view, named, tried):
                return Evidence(cause, decision, named.statement, named.path, named, correct)
    return None


def _corrections(view: KeyView, decision: Decision, named: NamedPrincipal) -> Iterator[tuple[Cause, str, str]]:
    """List causes with the text that is right, and the text that shows it if the deployer passes with it."""
    arn, principal = named.arn, decision.request.principal
    name = principal.arn.partition(":assumed-role/")[2].partition("/")[0]
    role = principal.role_arn if isinstance(principal.role_arn, str) else None
    if name and (arn.service, arn.account) == ("sts", principal.account) and _names_session(arn, name):
        yield Cause.SESSION, lasting_arn(view), principal.arn
    if role and arn.service == "iam" and _last(arn.resource) == _last(role) and arn.resource.startswith("role/"):
        right = str(arn._replace(resource=Arn.parse(role).resource))
        yield Cause.ROLE_PATH, right, right
    right = str(arn._replace(account=principal.account))
    yield Cause.ACCOUNT, right, right


def _names_session(arn: Arn, role: str) -> bool:
    return arn.resource.startswith(f"assumed-role/{role}/")


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _incomplete(view: KeyView, decision: Decision, fared: Fared) -> Evidence | None:
    """A statement covers the deployer and is meant for an administrator, but does not list kms:PutKeyPolicy.

    One for the account is, unless it is another statement that names administrators.
    """
    others = any(administers(view, examined.statement) for examined, _ in fared)
    for examined, failing in fared:
        statement = examined.statement
        meant = looks_administrative(view, statement) or (_names_account(statement) and not others)
        if "Action" in failing and "Principal" not in failing and meant:
            path = _element(statement, "Action")
            return Evidence(Cause.INCOMPLETE_ADMINISTRATOR, decision, statement, path, examined=examined)
    return None


def _names_account(statement: Statement) -> bool:
    return any(isinstance(text, str) and text.endswith(":root") for text in _aws(statement))


def _aws(statement: Statement) -> tuple[object, ...]:
    return statement.principal.aws if statement.principal else ()


def _caller_named(view: KeyView, decision: Decision) -> Evidence | None:
    """The key policy names who calls CloudFormation, but the service role makes the key."""
    if view.deployer.service_role is None:
        return None
    for statement in statements(view):
        named = statement.effect is Effect.ALLOW and statement.principal is not None
        if named and examine(view, statement, principal=view.deployer.caller, action=PUT_KEY_POLICY) is Match.YES:
            path: Path = (*statement.path, "Principal")
            return Evidence(Cause.SERVICE_ROLE, decision, statement, path)
    return None


def _nobody(view: KeyView, decision: Decision) -> Evidence:
    """No statement comes near: point at the statement that names another administrator, if there is one."""
    for examined in _allows(decision):
        if administers(view, examined.statement):
            path: Path = (*examined.statement.path, "Principal")
            return Evidence(Cause.NO_ADMINISTRATOR, decision, examined.statement, path, examined=examined)
    return Evidence(Cause.NO_ADMINISTRATOR, decision)
