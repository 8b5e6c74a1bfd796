"""What rules ask the engine: who may change a key's policy, and what one statement alone would do.

A rule never matches principals, actions or conditions itself. It puts a changed policy or another principal before
the engine and reads the answer.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sparekey.arn import Arn
from sparekey.check._creation import Plan
from sparekey.check._safety import lockout_check
from sparekey.check._settings import read_settings
from sparekey.policy import (
    Decision,
    Effect,
    Examined,
    Match,
    Outcome,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    PrincipalElement,
    Statement,
    authorize,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._finding import Call
    from sparekey.check._view import KeyView
    from sparekey.source import Path

PUT_KEY_POLICY = "kms:PutKeyPolicy"

#: Actions that make a statement look like it is meant for a key administrator, the telling ones.
_ADMINISTRATION = ("kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:UpdateKeyDescription", "kms:CreateAlias")

_EVERYONE = PrincipalElement(everyone=True)


class NamedPrincipal(NamedTuple):
    """A principal that a statement names by an ARN under ``AWS``, and the path to it in the document."""

    text: str
    arn: Arn
    statement: Statement
    path: Path


def call_for(view: KeyView, action: str) -> Call | None:
    """The call of the deployment for an action; ``kms:PutKeyPolicy`` is the safety check."""
    return next((call for call in view.calls if call.action == action), None)


def named_principals(statement: Statement) -> Iterator[NamedPrincipal]:
    """List the principals a statement names, as far as their ARNs are known."""
    for name, element in (("Principal", statement.principal), ("NotPrincipal", statement.not_principal)):
        for index, text in enumerate(element.aws if element else ()):
            try:
                arn = Arn.parse(str(text))
            except ValueError:
                continue
            yield NamedPrincipal(str(text), arn, statement, (*statement.path, name, "AWS", index))


@lru_cache(maxsize=1)
def safety_decision(view: KeyView) -> Decision | None:
    """The answer of the safety check, also where the template bypasses it; ``None`` where KMS never comes to it."""
    call = call_for(view, PUT_KEY_POLICY)
    if call is not None:
        return call.decision
    if view.policy is None or view.policy.malformed:
        return None
    plan = Plan(view.deployer, view.environment, read_settings(view.resource.type, view.properties, {}))
    return lockout_check(view.deployer, view.policy, plan.key_arn, plan.context)


def examine(view: KeyView, statement: Statement, *, principal: Principal | None = None, action: str) -> Match:
    """Ask whether one statement of the key policy alone covers a call of ``principal`` (left out: the deployer).

    Of a document that KMS refuses, nothing is told.
    """
    safety_check = safety_decision(view)
    if view.policy is None or safety_check is None:
        return Match.UNKNOWN
    request = replace(safety_check.request, action=action)
    if principal is not None:
        request = replace(request, principal=principal)
    alone = _everything().with_resource(only(view.policy, statement))
    return _MATCHES.get(authorize(request, alone).outcome, Match.NO)


_MATCHES = {Outcome.ALLOWED: Match.YES, Outcome.UNDECIDED: Match.UNKNOWN}


@lru_cache(maxsize=1)
def _everything() -> PolicySet:
    """Identity policies that allow everything, so that a statement for the account decides by itself."""
    statement = Statement(0, Effect.ALLOW, action=("*",), resource=("*",))
    return PolicySet(identity=(Policy(PolicyType.IDENTITY, "everything", (statement,), "2012-10-17"),))


def of_key_policy(decision: Decision) -> Iterator[Examined]:
    """How the statements of the key policy fared, in their order."""
    for layer in decision.layers:
        if layer.policy_type in (PolicyType.KEY, PolicyType.RESOURCE):
            yield from layer.examined


def only(policy: Policy, *statements: Statement) -> Policy:
    """The policy with these statements alone."""
    return replace(policy, statements=statements, faults=(), unknown=())


def for_everyone(statement: Statement) -> Statement:
    """The statement as if it named everyone, without conditions: only its actions and resources are left to weigh."""
    return replace(statement, principal=_EVERYONE, not_principal=None, conditions=(), unknown=())


def failing_elements(view: KeyView, statement: Statement) -> frozenset[str]:
    """Tell which elements of a statement keep it from covering the safety check of the deployer.

    Each is put before the engine with the others left open. If ``Principal`` fails, the others are not asked.
    """
    wide = replace(for_everyone(statement), action=("*",), not_action=None, resource=("*",), not_resource=None)
    if not _applies(view, replace(wide, principal=statement.principal, not_principal=statement.not_principal)):
        return frozenset({"Principal"})
    if statement.action is None and statement.not_action is None:
        return frozenset({"Action"})
    if statement.resource is None and statement.not_resource is None:
        return frozenset({"Resource"})
    alone = {
        "Action": replace(wide, action=statement.action, not_action=statement.not_action),
        "Resource": replace(wide, resource=statement.resource, not_resource=statement.not_resource),
        "Condition": replace(wide, conditions=statement.conditions),
    }
    return frozenset(name for name, part in alone.items() if not _applies(view, part))


def _applies(view: KeyView, statement: Statement) -> bool:
    return examine(view, statement, action=PUT_KEY_POLICY) is Match.YES


def administers(view: KeyView, statement: Statement) -> bool:
    """Whether a statement lets those whom it names change the key policy (if its conditions hold)."""
    return statement.effect is Effect.ALLOW and covers(view, statement, PUT_KEY_POLICY)


def looks_administrative(view: KeyView, statement: Statement) -> bool:
    """Whether a statement allows other actions of a key administrator."""
    return statement.effect is Effect.ALLOW and any(covers(view, statement, action) for action in _ADMINISTRATION)


def covers(view: KeyView, statement: Statement, action: str, *, maybe: bool = False) -> bool:
    """Whether a statement's actions and resources cover an action on this key; ``maybe``: or may cover it."""
    match = examine(view, for_everyone(statement), action=action)
    return match is Match.YES or (maybe and match is not Match.NO)


def admits_deployer(view: KeyView, named: NamedPrincipal, text: str) -> bool:
    """Whether a statement would cover the deployer if ``text`` stood in place of a principal that it names."""
    element = PrincipalElement(aws=(text,))
    return _applies(view, replace(named.statement, principal=element, not_principal=None, unknown=()))


def administrators(view: KeyView) -> list[NamedPrincipal]:
    """List the principals whom the key policy lets change it, as far as they are told."""
    return [
        named
        for statement in statements(view)
        if statement.principal and statement.principal.aws and administers(view, statement)
        for named in named_principals(statement)
    ]


def statements(view: KeyView) -> tuple[Statement, ...]:
    """The statements of the key policy; none where the template gives no key policy."""
    return view.policy.statements if view.policy else ()
