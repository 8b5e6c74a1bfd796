"""Correct what KMS refuses in the document, where only one thing can have been meant."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from yaml.nodes import MappingNode, ScalarNode, SequenceNode

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
from sparekey.check.fixes._principals import QUOTES
from sparekey.policy import Effect, FaultCode
from sparekey.template import Concrete, ListValue, MapValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparekey.check.fixes._case import Case
    from sparekey.check.fixes._render import Tree
    from sparekey.check.fixes._site import Site
    from sparekey.check.fixes._text import Edit
    from sparekey.policy import Fault, Statement
    from sparekey.source import Path

_WRITE = re.compile(r"write `([^`]+)`")
_GARBLED_ACTION = re.compile(r"(kms)\s*[=.;,:]+\s*([A-Za-z*?]+)", re.IGNORECASE)
_QUALIFIED = re.compile(r"ForAllValues:(.+)")


def documents(case: Case) -> Iterator[Candidate]:
    """Propose corrections of a document that KMS refuses, and of actions that it takes without effect."""
    site = case.site
    if site is None or case.policy is None:
        return
    for fault in case.policy.faults:
        match fault.code:
            case FaultCode.MALFORMED:
                yield from _malformed(site, fault)
            case FaultCode.NO_PRINCIPAL:
                yield from _without_principal(case, site, fault)
            case FaultCode.OVERLY_PERMISSIVE_CONDITION:
                yield from _without_qualifier(site, fault)
            case FaultCode.SUSPICIOUS if case.denied_on_the_key:
                yield from _garbled_action(case, site, fault)
            case FaultCode.WITHOUT_EFFECT if case.denied_on_the_key:
                yield from _without_resource(case, site, fault)
            case _:
                pass


def rotation(case: Case) -> Iterator[Candidate]:
    """Propose to leave rotation off for a key that cannot rotate."""
    found = entry(case.view.resource.properties, "EnableKeyRotation")
    if case.branch.report.verdict is Verdict.NOT_CREATED and found is not None and case.site is not None:
        write = partial(replace_value, case.site.page, found[1], False)
        yield Candidate(write, "leave `EnableKeyRotation` off: the key cannot rotate", "")


def _correction(write: Callable[[], list[Edit]], change: str, rank: int = 0) -> Candidate:
    return Candidate(write, change, "C14", rank=rank, corrects=True)


def _malformed(site: Site, fault: Fault) -> Iterator[Candidate]:
    value = site.value_at(fault.path)
    node = value.node if value is not None else None
    if fault.path[-1:] in (("Principal",), ("NotPrincipal",)):
        yield from _shape(site, fault)
    meant = _WRITE.search(fault.hint or "")
    if meant and node is not None and fault.path[-1] == "Effect":
        yield _correction(partial(replace_value, site.page, node, meant[1]), f"write `{meant[1]}`: {fault.message}")
    elif meant and isinstance(fault.path[-1], str):
        around = site.node(fault.path[:-1])
        key = entry(around, fault.path[-1])
        if key is not None and entry(around, meant[1]) is None:
            yield _correction(partial(rename_key, site.page, key[0], meant[1]), f"write `{meant[1]}`: {fault.message}")
    elif fault.path[-1:] == ("Version",) and node is not None:
        yield _correction(partial(replace_value, site.page, node, "2012-10-17"), f"write `2012-10-17`: {fault.message}")
    if isinstance(value, Concrete) and (bare := value.text.strip(QUOTES)) != value.text and bare.isascii():
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
        texts = [item.text for item in items if isinstance(item, Concrete)]
        kinds = {"Service" if text.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS" for text in texts}
        if len(kinds) == 1 and len(texts) == len(items) and "*" not in texts:
            kind = kinds.pop()
            yield _correction(
                partial(wrap_in_mapping, site.page, value.node, kind), f"put it under `{kind}`: {fault.message}"
            )


def _without_principal(case: Case, site: Site, fault: Fault) -> Iterator[Candidate]:
    """Name the deployer where an administrator is missing; else let the statement stand under its condition, or go."""
    statement = _statement_at(case, fault.path)
    node = site.node(statement.path) if statement else None
    if statement is None or not isinstance(node, MappingNode):
        return
    name = f"{called(statement)}"
    if statement.effect is Effect.ALLOW and _allows_changes(statement) and not case.name.pattern:
        tree: Tree = {"AWS": case.written(case.name.arn)}
        principal = entry(node, "Principal")
        yield Candidate(
            partial(replace_value, site.page, principal[1], tree)
            if principal
            else partial(append_entry, site.page, node, "Principal", tree),
            f"name `{case.name.arn}` in {name}, which names nobody",
            "C14",
            case.name.administrators,
            rank=1,
            assumptions=case.name.assumptions,
        )
    named = site.node((*statement.path, "Principal"))
    held = entry(named, "AWS")
    written = held[1] if held else named
    if written is not None and function_of(written) is not None:
        write = partial(conditional_statement, site.page, node, written)
        yield _correction(write, f"leave {name} out where it names nobody", rank=1)
        return
    around = site.node(statement.path[:-1])
    if isinstance(around, SequenceNode):
        change = f"take out {name}, which names nobody and so has no effect"
        yield _correction(partial(remove_item, site.page, around, node), change, rank=2)


def _statement_at(case: Case, path: Path) -> Statement | None:
    statements = case.policy.statements if case.policy else ()
    return next((item for item in statements if item.path and path[: len(item.path)] == item.path), None)


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


def _garbled_action(case: Case, site: Site, fault: Fault) -> Iterator[Candidate]:
    """Write an action as it was meant."""
    value = site.value_at(fault.path)
    if "Action" not in fault.path or not isinstance(value, Concrete) or not isinstance(value.node, ScalarNode):
        return
    found = _GARBLED_ACTION.fullmatch(value.text.strip(QUOTES))
    statement = _statement_at(case, fault.path)
    if found and statement is not None:
        action = f"kms:{found[2]}"
        yield Candidate(
            partial(replace_value, site.page, value.node, action),
            f"write `{action}` in place of `{value.text}` in {called(statement)}",
            "C14",
            _named_by(statement),
        )


def _named_by(statement: Statement) -> frozenset[str]:
    element = statement.principal
    return frozenset(text for text in (element.aws if element else ()) if isinstance(text, str))


def _without_resource(case: Case, site: Site, fault: Fault) -> Iterator[Candidate]:
    """Add the Resource without which a statement has no effect."""
    statement = _statement_at(case, fault.path)
    node = site.node(statement.path) if statement else None
    if statement is None or not isinstance(node, MappingNode) or statement.resource is not None:
        return
    yield Candidate(
        partial(append_entry, site.page, node, "Resource", "*"),
        f'add `Resource: "*"` to {called(statement)}, which has no effect without',
        "C14",
        _named_by(statement),
    )
