"""Let the deployer administer the key: through a statement that nearly does, beside another, or by a new one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from yaml.nodes import SequenceNode

from sparekey.check.fixes._case import Candidate, called
from sparekey.check.fixes._edit import add_values, append_items, list_with, replace_value
from sparekey.check.rules._questions import administers, looks_administrative
from sparekey.policy import Condition, Effect, Outcome, PrincipalElement, Statement
from sparekey.template import MapValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparekey.check.fixes._case import PolicyCase
    from sparekey.check.fixes._render import Tree
    from sparekey.check.fixes._site import Site
    from sparekey.check.fixes._text import Edit

#: What a key administrator may do, as AWS's article on the error lists it, and tags.
ADMINISTRATION = (
    "kms:Create*",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
)

#: Ranks: complete what is there, follow the template's own way of naming administrators, add one of its own.
COMPLETE, CHOSEN, FOLLOW, ADD, OTHERWISE = 1, 2, 3, 4, 5


def administrators(case: PolicyCase, prefer: str) -> Iterator[Candidate]:
    """Propose ways to let the deployer administer the key, where the key policy is merely silent.

    ``prefer`` is ``account`` or ``deployer`` where the user chose whom a new statement names, else ``auto``.
    """
    if any(call.decision.outcome is Outcome.EXPLICIT_DENY for call in case.denied_on_the_key):
        return
    for statement in case.policy.statements:
        element = statement.principal
        if statement.effect is Effect.ALLOW and element and element.aws and not element.everyone:
            yield from _completed(case, statement, element)
            yield from _beside(case, statement, element)
    yield from _new(case, prefer)


def _completed(case: PolicyCase, statement: Statement, element: PrincipalElement) -> Iterator[Candidate]:
    """Propose the actions, or the resource, that a statement for the deployer lacks."""
    if statement.action is None or statement.resource is None:
        return
    lacking = tuple(dict.fromkeys(call.action for call in case.denied_on_the_key))
    more_actions = replace(statement, action=(*statement.action, *lacking))
    any_resource = replace(statement, resource=("*",))
    if not case.cured_with(replace(more_actions, resource=("*",)), statement):
        return
    steps: list[Callable[[], list[Edit]]] = []
    changes: list[str] = []
    if not case.cured_with(any_resource, statement):
        steps.append(partial(_with_actions, case.site, statement, lacking))
        names = " and ".join(f"`{action}`" for action in lacking)
        changes.append(f"add {names} to {called(statement)}")
    if not case.cured_with(more_actions, statement):
        steps.append(partial(_any_resource, case.site, statement))
        changes.append(f'let {called(statement)} cover the key (`Resource: "*"`)')
    own = _own_names(case)
    named = frozenset(text for text in element.aws if isinstance(text, str) and text in own)
    meant = looks_administrative(case.view, any_resource) or administers(case.view, any_resource)
    if element.aws == (case.root,):  # the account delegates; not, where others are named as administrators
        meant = meant or not any(administers(case.view, other) for other in case.policy.statements)
    rank = COMPLETE if meant else OTHERWISE
    yield Candidate(partial(_together, steps), " and ".join(changes), "C02", named, rank)


def _together(steps: list[Callable[[], list[Edit]]]) -> list[Edit]:
    return [edit for step in steps for edit in step()]


def _own_names(case: PolicyCase) -> frozenset[object]:
    principal = case.deployer.principal
    return frozenset((case.root, case.name.arn, principal.arn, principal.role_arn, principal.user_arn))


def _with_actions(site: Site, statement: Statement, actions: tuple[str, ...]) -> list[Edit]:
    return add_values(site.page, site.at((*statement.path, "Action")), *actions)


def _any_resource(site: Site, statement: Statement) -> list[Edit]:
    return replace_value(site.page, site.at((*statement.path, "Resource")), "*")


def _beside(case: PolicyCase, statement: Statement, element: PrincipalElement) -> Iterator[Candidate]:
    """Propose to name the deployer beside the administrators that a statement names."""
    name = case.name
    together = replace(statement, principal=replace(element, aws=(*element.aws, name.arn)))
    if name.pattern is None and case.cured_with(together, statement):
        yield Candidate(
            partial(_name_beside, case, statement),
            f"name `{name.arn}` in {called(statement)}",
            "C09" if _conditional(case) else "C01",
            name.administrators,
            FOLLOW,
            assumptions=name.assumptions,
        )


def _name_beside(case: PolicyCase, statement: Statement) -> list[Edit]:
    named = case.site.at((*statement.path, "Principal", "AWS"))
    return add_values(case.site.page, named, case.written(case.name.arn))


def _new(case: PolicyCase, prefer: str) -> Iterator[Candidate]:
    """Propose a statement for the account, or for the deployer itself."""
    name = case.name
    conditional = _conditional(case)
    account_first = prefer == "account" or (prefer == "auto" and case.identity_told and not conditional)
    cause = "C09" if conditional else "C01"
    for_account = Statement(
        0, Effect.ALLOW, principal=PrincipalElement(aws=(case.root,)), action=("kms:*",), resource=("*",)
    )
    alone = case.cured_with(for_account)
    if prefer != "deployer" and (alone or (prefer == "account" and case.cured_with(for_account, with_iam=True))):
        yield Candidate(
            partial(_statement, case, "Enable IAM User Permissions", case.root, "kms:*"),
            "add statement `Enable IAM User Permissions`, which lets the account's IAM policies administer the key",
            cause,
            frozenset((case.root,)),
            CHOSEN if prefer == "account" else ADD if account_first else OTHERWISE,
        )
    if prefer == "account":
        return
    condition = Condition("ArnLike", "aws:PrincipalArn", (name.pattern,)) if name.pattern else None
    for_deployer = Statement(
        0,
        Effect.ALLOW,
        principal=PrincipalElement(aws=(name.arn,)),
        action=ADMINISTRATION,
        resource=("*",),
        conditions=(condition,) if condition else (),
    )
    if case.cured_with(for_deployer, with_iam=name.pattern is not None):
        sid = "Allow administration of the key"
        yield Candidate(
            partial(_statement, case, sid, name.arn, [*ADMINISTRATION], name.pattern),
            f"add statement `{sid}` for `{name.pattern or name.arn}`",
            cause,
            name.administrators,
            OTHERWISE if account_first else ADD,
            assumptions=name.assumptions,
        )


def _conditional(case: PolicyCase) -> bool:
    """Whether only a condition keeps a statement from letting the deployer administer the key."""
    return any(
        statement.conditions and statement.effect is Effect.ALLOW
        and case.cured_with(replace(statement, conditions=()), statement)
        for statement in case.policy.statements
    )  # fmt: skip


def _statement(case: PolicyCase, sid: str, principal: str, action: Tree, pattern: str | None = None) -> list[Edit]:
    """Write a new statement, behind the others and with its elements in their order."""
    names = {statement.sid for statement in case.policy.statements}
    number = 2
    free = sid
    while free in names:
        free, number = f"{sid} {number}", number + 1
    elements: dict[str, Tree] = {
        "Sid": free,
        "Effect": "Allow",
        "Principal": {"AWS": case.written(principal)},
        "Action": action,
        "Resource": "*",
    }
    if pattern:
        elements["Condition"] = {"ArnLike": {"aws:PrincipalArn": case.written(pattern)}}
    statements = case.site.at(("Statement",))
    ordered = _in_their_order(case.site, elements)
    if isinstance(statements, SequenceNode):
        return append_items(case.site.page, statements, ordered)
    return list_with(case.site.page, statements, ordered)


def _in_their_order(site: Site, elements: dict[str, Tree]) -> dict[str, Tree]:
    """Put the elements of a statement into the order that the statement above it has."""
    above = site.value_at(("Statement", -1)) or site.value_at(("Statement",))
    order = list(above.items) if isinstance(above, MapValue) else []
    if "Sid" not in order:
        order.insert(0, "Sid")
    return dict(sorted(elements.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))
