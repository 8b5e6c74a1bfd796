"""Correct what KMS refuses in the document, where only one thing can have been meant."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from yaml.nodes import SequenceNode

from sparekey.catalog._kms import KMS_ACTIONS
from sparekey.check._finding import Verdict
from sparekey.check.fixes._case import Candidate, called
from sparekey.check.fixes._edit import (
    append_entry,
    remove_item,
    rename_key,
    replace_value,
    unwrap_list,
    wrap_in_mapping,
)
from sparekey.check.fixes._move import conditional_statement
from sparekey.check.fixes._nodes import entry, function_of
from sparekey.check.fixes._page import NotEditableError
from sparekey.check.fixes._principals import QUOTES
from sparekey.check.rules.no_effect import nearest_action
from sparekey.policy import Effect, FaultCode
from sparekey.template import Concrete, ListValue, MapValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yaml.nodes import Node

    from sparekey.check.fixes._case import Case, PolicyCase
    from sparekey.check.fixes._render import Tree
    from sparekey.check.fixes._site import Site
    from sparekey.check.fixes._text import Edit
    from sparekey.policy import Fault, Statement
    from sparekey.source import Path
    from sparekey.template import Value

_WRITE = re.compile(r"write `([^`]+)`")
_GARBLED_ACTION = re.compile(r"kms(?:\s*[=.;,:]+\s*([A-Za-z*?]+)|(\*))", re.IGNORECASE)
_QUALIFIED = re.compile(r"ForAllValues:(.+)")


def documents(case: PolicyCase) -> Iterator[Candidate]:
    """Propose corrections of a document that KMS refuses, and of actions that it takes without effect."""
    for fault in case.policy.faults:
        match fault.code:
            case FaultCode.MALFORMED:
                yield from _malformed(case.site, fault)
                yield from _quoted(case.site, fault)
            case FaultCode.NO_PRINCIPAL:
                yield from _without_principal(case, fault)
            case FaultCode.OVERLY_PERMISSIVE_CONDITION:
                yield from _without_qualifier(case.site, fault)
            case FaultCode.SUSPICIOUS if case.denied_on_the_key:
                yield from _garbled_action(case, fault)
            case FaultCode.WITHOUT_EFFECT if case.denied_on_the_key:
                yield from _without_resource(case, fault)
            case _:
                pass
    if case.denied_on_the_key and not case.policy.malformed:
        yield from _misspelled_actions(case)


def rotation(case: Case) -> Iterator[Candidate]:
    """Propose to leave rotation off for a key that cannot rotate."""
    found = entry(case.view.resource.properties, "EnableKeyRotation")
    if case.branch.report.verdict is Verdict.NOT_CREATED and found is not None:
        write = partial(replace_value, case.page, found[1], False)
        yield Candidate(write, "leave `EnableKeyRotation` off: the key cannot rotate", "", page=case.page)


def _correction(write: Callable[[], list[Edit]], change: str, rank: int = 0) -> Candidate:
    return Candidate(write, change, "C14", rank=rank, corrects=True)


def _malformed(site: Site, fault: Fault) -> Iterator[Candidate]:
    value = site.value_at(fault.path)
    last = fault.path[-1] if fault.path else ""
    if last in ("Principal", "NotPrincipal"):
        yield from _shape(site, fault)
    meant = _WRITE.search(fault.hint or "")
    if value is not None and (last == "Version" or (meant and last == "Effect")):
        text = meant[1] if meant else "2012-10-17"
        yield _correction(partial(replace_value, site.page, value.node, text), f"write `{text}`: {fault.message}")
    elif meant and isinstance(last, str):
        around = site.node(fault.path[:-1])
        key = entry(around, last)
        if key is not None and entry(around, meant[1]) is None:
            yield _correction(partial(rename_key, site.page, key[0], meant[1]), f"write `{meant[1]}`: {fault.message}")


def _quoted(site: Site, fault: Fault) -> Iterator[Candidate]:
    """Take typographic quotation marks off a text that they have become part of."""
    value = site.value_at(fault.path)
    if isinstance(value, Concrete) and (bare := value.text.strip(QUOTES)) != value.text:
        yield _correction(partial(replace_value, site.page, value.node, bare), f"take the quotation marks off `{bare}`")


def _shape(site: Site, fault: Fault) -> Iterator[Candidate]:
    """Put the key into a Principal that has none, or take the brackets off one that has too many."""
    value = site.value_at(fault.path)
    if isinstance(value, ListValue) and value.items and all(isinstance(item, MapValue) for item in value.items):
        keys = [key for item in value.items if isinstance(item, MapValue) for key in item.items]
        if isinstance(value.node, SequenceNode) and len(set(keys)) == len(keys):
            yield _correction(partial(unwrap_list, site.page, value.node), f"take the list off: {fault.message}")
    elif isinstance(value, Concrete | ListValue):
        items = value.items if isinstance(value, ListValue) else (value,)
        kinds = {_kind(item) for item in items}
        if len(kinds) == 1 and (kind := kinds.pop()):
            change = f"put it under `{kind}`: {fault.message}"
            yield _correction(partial(wrap_in_mapping, site.page, value.node, kind), change)


def _kind(item: Value) -> str | None:
    """The key that a principal belongs under; ``None`` for everyone, and for what is no text."""
    if not isinstance(item, Concrete) or item.text == "*":
        return None
    return "Service" if item.text.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS"


def _without_principal(case: PolicyCase, fault: Fault) -> Iterator[Candidate]:
    """Name the deployer where an administrator is missing; else let the statement stand under its condition, or go."""
    statement = _statement_at(case, fault.path)
    name = called(statement)
    if statement.effect is Effect.ALLOW and _allows_changes(statement) and not case.name.pattern:
        yield Candidate(
            partial(_for_the_deployer, case, statement),
            f"name `{case.name.arn}` in {name}, which names nobody",
            "C14",
            case.name.administrators,
            rank=1,
            assumptions=case.name.assumptions,
        )
    principal = case.site.node((*statement.path, "Principal"))
    under_key = entry(principal, "AWS")
    written = under_key[1] if under_key else principal
    if written is not None and function_of(written) is not None:
        write = partial(_under_its_condition, case.site, statement, written)
        yield _correction(write, f"leave {name} out where it names nobody", rank=1)
    else:
        change = f"take out {name}, which names nobody and so has no effect"
        yield _correction(partial(_taken_out, case.site, statement), change, rank=2)


def _for_the_deployer(case: PolicyCase, statement: Statement) -> list[Edit]:
    page, node = case.site.page, case.site.mapping_at(statement.path)
    tree: Tree = {"AWS": case.written(case.name.arn)}
    principal = entry(node, "Principal")
    return replace_value(page, principal[1], tree) if principal else append_entry(page, node, "Principal", tree)


def _under_its_condition(site: Site, statement: Statement, principal: Node) -> list[Edit]:
    return conditional_statement(site.page, site.mapping_at(statement.path), principal)


def _taken_out(site: Site, statement: Statement) -> list[Edit]:
    around = site.at(statement.path[:-1])
    if not isinstance(around, SequenceNode):
        raise NotEditableError("the statement is the only one")
    return remove_item(site.page, around, site.at(statement.path))


def _statement_at(case: PolicyCase, path: Path) -> Statement:
    """The statement that a path leads into; the faults asked about lie in one."""
    return next(item for item in case.policy.statements if path[: len(item.path)] == item.path)


def _allows_changes(statement: Statement) -> bool:
    texts = (text.lower() for text in statement.action or () if isinstance(text, str))
    return any(text in ("*", "kms:*", "kms:put*", "kms:putkeypolicy") for text in texts)


def _without_qualifier(site: Site, fault: Fault) -> Iterator[Candidate]:
    """Take ``ForAllValues`` off, as KMS's message asks for."""
    for depth in range(len(fault.path), 0, -1):
        step = fault.path[depth - 1]
        found = _QUALIFIED.fullmatch(step) if isinstance(step, str) else None
        around = site.node(fault.path[: depth - 1])
        key = entry(around, str(step)) if found else None
        if found and key is not None and entry(around, found[1]) is None:
            yield _correction(partial(rename_key, site.page, key[0], found[1]), f"take `ForAllValues` off `{found[1]}`")
            return


def _misspelled_actions(case: PolicyCase) -> Iterator[Candidate]:
    """Write an action that the deployment lacks, where a statement has it with a slip."""
    lacking = {call.action for call in case.denied_on_the_key}
    for statement in case.policy.statements:
        path = (*statement.path, "Action")
        listed = isinstance(case.site.value_at(path), ListValue) if statement.action else False
        for index, text in enumerate(statement.action or ()):
            if not isinstance(text, str) or "*" in text or text.lower() in KMS_ACTIONS:
                continue
            action = nearest_action(text)
            if action is None or action not in lacking:
                continue
            value = case.site.value_at((*path, index) if listed else path)
            if isinstance(value, Concrete):
                yield Candidate(
                    partial(replace_value, case.site.page, value.node, action),
                    f"write `{action}` in place of `{text}` in {called(statement)}",
                    "C14",
                    _named_by(statement),
                )


def _garbled_action(case: PolicyCase, fault: Fault) -> Iterator[Candidate]:
    """Write an action as it was meant."""
    value = case.site.value_at(fault.path)
    found = _GARBLED_ACTION.fullmatch(value.text.strip(QUOTES)) if isinstance(value, Concrete) else None
    if found and value is not None and "Action" in fault.path:
        statement = _statement_at(case, fault.path)
        action = f"kms:{found[1] or found[2]}"
        yield Candidate(
            partial(replace_value, case.site.page, value.node, action),
            f"write `{action}` in place of `{found[0]}` in {called(statement)}",
            "C14",
            _named_by(statement),
        )


def _named_by(statement: Statement) -> frozenset[str]:
    element = statement.principal
    return frozenset(text for text in (element.aws if element else ()) if isinstance(text, str))


def _without_resource(case: PolicyCase, fault: Fault) -> Iterator[Candidate]:
    """Add the Resource without which a statement has no effect."""
    statement = _statement_at(case, fault.path)
    if statement.resource is None and statement.action is not None:
        yield Candidate(
            partial(_with_resource, case.site, statement),
            f'add `Resource: "*"` to {called(statement)}, which has no effect without',
            "C14",
            _named_by(statement),
        )


def _with_resource(site: Site, statement: Statement) -> list[Edit]:
    return append_entry(site.page, site.mapping_at(statement.path), "Resource", "*")
