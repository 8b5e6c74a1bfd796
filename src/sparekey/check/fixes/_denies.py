"""Exempt the deployer from a Deny of the key policy."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sparekey.check.fixes._case import Candidate, called
from sparekey.check.fixes._edit import add_values, append_entry
from sparekey.policy import Condition, Effect, PrincipalElement
from sparekey.template import MapValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparekey.check.fixes._case import PolicyCase
    from sparekey.check.fixes._render import Tree
    from sparekey.check.fixes._text import Edit
    from sparekey.policy import Statement

_PRINCIPAL_ARN = "aws:principalarn"


def denies(case: PolicyCase) -> Iterator[Candidate]:
    """Propose to exempt the deployer from each statement of the key policy that denies it."""
    deciding = (call.decision.because for call in case.denied_on_the_key)
    statements = [because.statement for because in deciding if because and because.policy is case.view.policy]
    for statement in case.policy.statements:
        if statement in statements and statement.effect is Effect.DENY:
            yield from _in_not_principal(case, statement) if statement.not_principal else _in_condition(case, statement)


def _in_not_principal(case: PolicyCase, statement: Statement) -> Iterator[Candidate]:
    """Name the deployer among those who are spared: the role, and where that is not enough its session and account."""
    element = statement.not_principal or PrincipalElement()
    added: list[str] = []
    for name in dict.fromkeys((case.name.arn, case.deployer.principal.arn, case.root)):
        if name in element.aws:
            continue
        added.append(name)
        exempt = replace(statement, not_principal=replace(element, aws=(*element.aws, *added)))
        if case.name.pattern is None and _spares(case, exempt):
            yield _candidate(case, statement, partial(_named, case, statement, added))
            return


def _named(case: PolicyCase, statement: Statement, names: list[str]) -> list[Edit]:
    element = case.site.at((*statement.path, "NotPrincipal", "AWS"))
    return add_values(case.site.page, element, *map(case.written, names))


def _in_condition(case: PolicyCase, statement: Statement) -> Iterator[Candidate]:
    """Add the deployer to the principals that a condition exempts, or make such a condition."""
    name = case.name.pattern or case.name.arn
    spared = Condition("ArnNotLike", "aws:PrincipalArn", (name,))
    if _spares(case, replace(statement, conditions=(*statement.conditions, spared))):
        yield _candidate(case, statement, partial(_spared, case, statement, name))


def _spares(case: PolicyCase, exempt: Statement) -> bool:
    """Whether a Deny no longer covers the deployer when it is changed so."""
    alone = case.decide(replace(case.policy, statements=(exempt,)))
    return not any(found.because and found.because.statement is exempt for found in alone)


def _candidate(case: PolicyCase, statement: Statement, write: Callable[[], list[Edit]]) -> Candidate:
    name = case.name.pattern or case.name.arn
    return Candidate(
        write,
        f"exempt `{name}` from the Deny of {called(statement)}",
        "C10",
        case.name.administrators,
        assumptions=case.name.assumptions,
    )


def _spared(case: PolicyCase, statement: Statement, name: str) -> list[Edit]:
    site, arn = case.site, case.written(name)
    path = (*statement.path, "Condition")
    conditions = site.value_at(path)
    if not isinstance(conditions, MapValue):
        condition: Tree = {"ArnNotEquals": {"aws:PrincipalArn": arn}}
        return append_entry(site.page, site.mapping_at(statement.path), "Condition", condition)
    for operator, keys in conditions.items.items():
        if isinstance(keys, MapValue) and operator.startswith(("ArnNot", "StringNot")):
            for key in keys.items:
                if key.lower() == _PRINCIPAL_ARN:
                    return add_values(site.page, site.at((*path, operator, key)), arn)
    if "ArnNotEquals" in conditions.items:
        return append_entry(site.page, site.mapping_at((*path, "ArnNotEquals")), "aws:PrincipalArn", arn)
    return append_entry(site.page, site.mapping_at(path), "ArnNotEquals", {"aws:PrincipalArn": arn})
