"""Exempt the deployer from a Deny of the key policy."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from yaml.nodes import MappingNode

from sparekey.check.fixes._case import Candidate, called
from sparekey.check.fixes._edit import add_values, append_entry
from sparekey.policy import Condition, Outcome, PolicyType
from sparekey.template import MapValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparekey.check.fixes._case import Case
    from sparekey.check.fixes._render import Tree
    from sparekey.check.fixes._site import Site
    from sparekey.check.fixes._text import Edit
    from sparekey.policy import Statement

_PRINCIPAL_ARN = "aws:principalarn"


def denies(case: Case) -> Iterator[Candidate]:
    """Propose to exempt the deployer from each statement of the key policy that denies it."""
    site = case.site
    if site is None or case.policy is None:
        return
    seen: list[Statement] = []
    for call in case.denied_on_the_key:
        because = call.decision.because
        if call.decision.outcome is not Outcome.EXPLICIT_DENY or because is None or because.statement is None:
            continue
        if because.policy_type in (PolicyType.KEY, PolicyType.RESOURCE) and because.statement not in seen:
            seen.append(because.statement)
            yield from _exempted(case, site, because.statement)


def _exempted(case: Case, site: Site, statement: Statement) -> Iterator[Candidate]:
    if statement.not_principal is not None:
        yield from _in_not_principal(case, site, statement)
        return
    name = case.name.pattern or case.name.arn
    exempt = replace(
        statement, conditions=(*statement.conditions, Condition("ArnNotLike", "aws:PrincipalArn", (name,)))
    )
    if _spares(case, statement, exempt):
        yield _candidate(case, statement, partial(_in_condition, case, site, statement, name))


def _in_not_principal(case: Case, site: Site, statement: Statement) -> Iterator[Candidate]:
    """Name the deployer among those who are spared: the role, and where that is not enough its session and account."""
    element = statement.not_principal
    node = site.node((*statement.path, "NotPrincipal", "AWS"))
    if element is None or node is None or case.name.pattern:
        return
    names = dict.fromkeys((case.name.arn, case.deployer.principal.arn, case.root))
    added: list[str] = []
    for name in names:
        if name in element.aws:
            continue
        added.append(name)
        exempt = replace(statement, not_principal=replace(element, aws=(*element.aws, *added)))
        if _spares(case, statement, exempt):
            yield _candidate(case, statement, partial(add_values, site.page, node, *map(case.written, added)))
            return


def _spares(case: Case, statement: Statement, exempt: Statement) -> bool:
    """Whether a statement no longer denies the deployer when it is changed so."""
    if case.policy is None:
        return False
    alone = replace(case.policy, statements=(exempt,))
    return statement in case.policy.statements and all(
        found.outcome is not Outcome.EXPLICIT_DENY or found.because is None or found.because.statement is not exempt
        for found in case.decide(alone)
    )


def _candidate(case: Case, statement: Statement, write: Callable[[], list[Edit]]) -> Candidate:
    name = case.name.pattern or case.name.arn
    return Candidate(
        write,
        f"exempt `{name}` from the Deny of {called(statement)}",
        "C10",
        case.name.administrators,
        assumptions=case.name.assumptions,
    )


def _in_condition(case: Case, site: Site, statement: Statement, name: str) -> list[Edit]:
    """Add the deployer to the principals that a condition exempts, or make such a condition."""
    arn = case.written(name)
    path = (*statement.path, "Condition")
    conditions = site.value_at(path)
    if conditions is None:
        whole = site.node(statement.path)
        condition: Tree = {"ArnNotEquals": {"aws:PrincipalArn": arn}}
        return append_entry(site.page, whole, "Condition", condition) if isinstance(whole, MappingNode) else []
    if not isinstance(conditions, MapValue) or not isinstance(conditions.node, MappingNode):
        return []
    for operator, keys in conditions.items.items():
        if not isinstance(keys, MapValue) or not operator.startswith(("ArnNot", "StringNot")):
            continue
        for key in keys.items:
            if key.lower() == _PRINCIPAL_ARN and (node := site.node((*path, operator, key))) is not None:
                return add_values(site.page, node, arn)
    own = conditions.items.get("ArnNotEquals")
    if isinstance(own, MapValue) and isinstance(own.node, MappingNode):
        return append_entry(site.page, own.node, "aws:PrincipalArn", arn)
    return append_entry(site.page, conditions.node, "ArnNotEquals", {"aws:PrincipalArn": arn})
