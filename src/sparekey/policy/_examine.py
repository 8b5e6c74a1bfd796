"""One statement against one request, in words: which of its elements cover the request, and why not the others.

The matchers are those that decide (``_compile.py``); only the sentences are made here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.policy._condition import explain_conditions
from sparekey.policy._decision import Examined, Match
from sparekey.policy._document import Effect, PrincipalElement, Statement, Text
from sparekey.policy._pattern import WITH_VARIABLES, Variable, read_operand
from sparekey.policy._request import Lookup, PrincipalKind, Request
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sparekey.policy._compile import CompiledPolicy, CompiledStatement
    from sparekey.policy._evaluate import Caller
    from sparekey.policy._plan import Plan

#: How many entries of a list a sentence shows.
_SHOWN = 3


class Circumstances(NamedTuple):
    """What a statement is held against."""

    request: Request
    caller: Caller
    action: str  # in lower case
    lookup: Lookup

    @classmethod
    def of(cls, request: Request, plan: Plan, lookup: Lookup) -> Circumstances:
        """The circumstances of a request under its plan."""
        return cls(request, plan.caller, plan.question.lowered, lookup)


class Verdict(NamedTuple):
    """Whether one element covers the request, why not, and what it hangs on."""

    match: Match
    reason: str = ""
    hangs_on: tuple[str, ...] = ()


_COVERS = Verdict(Match.YES)


def examine_policy(form: CompiledPolicy, to: Circumstances) -> tuple[Examined, ...]:
    """Hold every statement of a policy against the request."""
    return tuple(examine(statement, to) for statement in form.statements)


def examine(statement: CompiledStatement, to: Circumstances) -> Examined:
    """Hold one statement against the request, element by element."""
    if statement.inert:
        reason = "it has no Action or no Resource, so it has no effect"
        return Examined(statement.policy, statement.statement, Match.NO, reason)
    verdicts = [_principal(statement, to), _action(statement, to), _resource(statement, to), _conditions(statement, to)]
    passed = sum(verdict.match is Match.YES for verdict in verdicts)
    told = {name for verdict in verdicts for name in verdict.hangs_on}
    open_parts = [
        part for part in statement.statement.unknown if not (part.hangs_on and told.issuperset(part.hangs_on))
    ]
    if open_parts:
        names = tuple(name for part in open_parts for name in part.hangs_on) or ("what the statement says",)
        verdicts.append(Verdict(Match.UNKNOWN, f"it hangs on {_series(names)}", names))
    for decisive in (Match.NO, Match.UNKNOWN, Match.INVALID):
        failing = [verdict for verdict in verdicts if verdict.match is decisive]
        if failing:
            reason = "; ".join(dict.fromkeys(verdict.reason for verdict in failing))
            hangs_on = tuple(dict.fromkeys(name for verdict in failing for name in verdict.hangs_on))
            return Examined(statement.policy, statement.statement, decisive, reason, passed, hangs_on)
    return Examined(statement.policy, statement.statement, Match.YES, "it applies", passed)


def _principal(statement: CompiledStatement, to: Circumstances) -> Verdict:
    if statement.statement.principal is None and statement.statement.not_principal is None:
        return _COVERS
    effect = statement.statement.effect
    surely, possibly = statement.names(to.caller, effect if isinstance(effect, Effect) else Effect.ALLOW)
    if surely:
        return _COVERS
    element = statement.statement.principal
    if possibly:
        return _open_principal(statement.statement, to.caller)
    if element and element.federated:
        through = statement.provider(to.lookup)
        if through is not Match.NO:
            return Verdict(through, "it hangs on the identity provider", ("context key `aws:FederatedProvider`",))
    who = "an anonymous caller" if to.caller.principal.kind is PrincipalKind.ANONYMOUS else f"`{_called(to.caller)}`"
    if element is None:
        return Verdict(Match.NO, f"its NotPrincipal leaves out {who}")
    return Verdict(Match.NO, f"it names {_listed(_entries(element))}, not {who}")


def _called(caller: Caller) -> str:
    return caller.principal.arn


def _open_principal(statement: Statement, caller: Caller) -> Verdict:
    names = whom_it_names(statement, caller)
    return Verdict(Match.UNKNOWN, f"whether it names the caller hangs on {_series(names)}", names)


def whom_it_names(statement: Statement, caller: Caller) -> tuple[str, ...]:
    """What it hangs on how a statement's Principal or NotPrincipal names the caller."""
    element = statement.principal or statement.not_principal or PrincipalElement()
    entries = [entry for entry in _entries(element) if isinstance(entry, Unknown) and not entry.fresh]
    names = [name for entry in (*element.unknown, *entries) for name in entry.hangs_on]
    names += [f"which account the canonical user `{entry}` is" for entry in element.canonical_user]
    if not names:
        names = [name for unknown, _ in caller.open_names for name in unknown.hangs_on]
    return tuple(names) or (f"whether `{caller.principal.arn}` has a permissions boundary",)


def _entries(element: PrincipalElement) -> tuple[Text, ...]:
    return (*element.aws, *element.service, *element.federated, *element.canonical_user)


def _action(statement: CompiledStatement, to: Circumstances) -> Verdict:
    match = statement.action(to.action)
    listed = statement.statement.action
    if match is Match.YES:
        return _COVERS
    patterns = statement.statement.not_action or () if listed is None else listed
    if match is Match.UNKNOWN:
        return _hangs("its actions hang on", patterns)
    if listed is None:
        return Verdict(match, f"its NotAction {_listed(patterns)} covers `{to.request.action}`")
    return Verdict(match, f"its Action {_listed(patterns)} does not cover `{to.request.action}`")


def _resource(statement: CompiledStatement, to: Circumstances) -> Verdict:
    check = statement.resources()
    match = Match.YES if check is None else check(to.request.resource, to.lookup)
    if match is Match.YES:
        return _COVERS
    listed = statement.statement.resource
    patterns = statement.statement.not_resource or () if listed is None else listed
    if match is Match.UNKNOWN:
        return _hangs("its resources hang on", (to.request.resource, *patterns, *_variables(statement, patterns, to)))
    if listed is None:
        return Verdict(match, f"its NotResource {_listed(patterns)} covers `{to.request.resource}`")
    return Verdict(match, f"its Resource {_listed(patterns)} does not cover `{to.request.resource}`")


def _conditions(statement: CompiledStatement, to: Circumstances) -> Verdict:
    check = statement.conditions()
    match = Match.YES if check is None else check(to.lookup)
    if match is Match.YES:
        return _COVERS
    seen = statement.seen_keys(to.lookup)
    explained = explain_conditions(statement.statement.conditions, statement.policy.version, seen)
    return Verdict(match, explained[1], explained[2])


def _variables(statement: CompiledStatement, patterns: Iterable[Text], to: Circumstances) -> list[Unknown]:
    """The values of policy variables in the patterns that are not told."""
    if statement.policy.version != WITH_VARIABLES:
        return []
    operands = [read_operand(text, wildcards=True, variables=True) for text in patterns]
    values = [to.lookup(part.key) for operand in operands for part in operand.parts if isinstance(part, Variable)]
    return [value for value in values if isinstance(value, Unknown)]


def _hangs(words: str, texts: Iterable[Text]) -> Verdict:
    names = tuple(dict.fromkeys(name for text in texts if isinstance(text, Unknown) for name in text.hangs_on))
    return Verdict(Match.UNKNOWN, f"{words} {_series(names)}", names)


def _listed(texts: Iterable[Text]) -> str:
    shown = [f"`{text}`" for text in texts] or ["nothing"]
    more = len(shown) - _SHOWN
    return ", ".join(shown[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _series(names: Iterable[str]) -> str:
    return " and ".join(names)
