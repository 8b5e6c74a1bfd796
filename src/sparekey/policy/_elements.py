"""Reading the elements of a statement: their types and shapes, with every fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.policy._condition_element import read_conditions
from sparekey.policy._document import Effect, FaultCode, PrincipalElement, Statement, Text
from sparekey.policy._faults import named
from sparekey.policy._json_places import shown
from sparekey.policy._json_values import JsonNumber, described, listed
from sparekey.policy._principal_element import read_principals
from sparekey.policy._validate import check_action, check_resource, check_sid, check_statement, wholly_open
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.policy._grammar import Scope
    from sparekey.source import Path

ELEMENTS = (
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"),
    "Condition",
)


def read_statement(scope: Scope, data: Mapping[object, object], index: int, path: Path) -> Statement:
    """Read one statement; what cannot be read is noted as a fault and left out."""
    open_parts = [key for key in data if isinstance(key, Unknown)]
    _check_names(scope, data, path)
    sid = _sid(scope, data, path)
    effect = _effect(scope, data, path, open_parts)
    principal, not_principal = read_principals(scope, data, path, open_parts)
    statement = Statement(
        index=index,
        effect=effect,
        sid=sid,
        principal=principal,
        not_principal=not_principal,
        action=_texts(scope, data, path, "Action", open_parts),
        not_action=_texts(scope, data, path, "NotAction", open_parts),
        resource=_texts(scope, data, path, "Resource", open_parts),
        not_resource=_texts(scope, data, path, "NotResource", open_parts),
        conditions=read_conditions(scope, data, path, open_parts),
        unknown=tuple(open_parts),
        path=path,
    )
    check_statement(scope, statement)
    return statement


def open_statement(scope: Scope, unknown: Unknown, index: int, path: Path) -> Statement:
    """Stand in for a statement that the template leaves open: it may say anything, or not be there."""
    anyone = PrincipalElement(unknown=(unknown,)) if scope.grammar.principal != "forbidden" else None
    resource = None if scope.grammar.resource == "forbidden" else (unknown,)
    return Statement(
        index, unknown, principal=anyone, action=(unknown,), resource=resource, unknown=(unknown,), path=path
    )


def _check_names(scope: Scope, data: Mapping[object, object], path: Path) -> None:
    for name in data:
        if name not in ELEMENTS and not isinstance(name, Unknown):
            close = scope.faults.nearest(str(name), ELEMENTS)
            hint = f"write `{close}`" if close else None
            message = f"{named(path)} has an unknown element `{shown(str(name))}`"
            scope.faults.malformed(message, (*path, str(name)), hint=hint)
    for name in ("Principal", "Action", "Resource"):
        if name in data and f"Not{name}" in data:
            scope.faults.malformed(f"{named(path)} has both {name} and Not{name}", (*path, f"Not{name}"))


def _sid(scope: Scope, data: Mapping[object, object], path: Path) -> Text | None:
    if "Sid" not in data:
        return None
    sid = data["Sid"]
    if isinstance(sid, Unknown):
        return sid
    if not isinstance(sid, str) or isinstance(sid, JsonNumber):
        scope.faults.malformed(f"the Sid of {named(path)} is {described(sid)}, not text", (*path, "Sid"))
        return None
    check_sid(scope, sid, (*path, "Sid"))
    return sid


def _effect(scope: Scope, data: Mapping[object, object], path: Path, open_parts: list[Unknown]) -> Effect | Unknown:
    effect = data.get("Effect")
    if isinstance(effect, Unknown):
        open_parts.append(effect)
        return effect
    if effect == "Allow":
        return Effect.ALLOW
    if effect == "Deny":
        return Effect.DENY
    if "Effect" not in data:
        scope.faults.malformed(f"{named(path)} has no Effect", path, hint="add `Allow` or `Deny`")
    else:
        given = f"`{shown(effect)}`" if isinstance(effect, str) else described(effect)
        close = scope.faults.nearest(effect, ("Allow", "Deny")) if isinstance(effect, str) else None
        message = f"the Effect of {named(path)} is {given}, not `Allow` or `Deny`"
        scope.faults.malformed(message, (*path, "Effect"), hint=f"write `{close}`" if close else None)
    return Unknown((f"the Effect of {named(path)}",))


def _texts(
    scope: Scope, data: Mapping[object, object], path: Path, name: str, open_parts: list[Unknown]
) -> tuple[Text, ...] | None:
    """Read Action, NotAction, Resource or NotResource: a text or a list of texts."""
    if name not in data:
        return None
    value, path = data[name], (*path, name)
    check = check_action if name.endswith("Action") else check_resource
    if scope.grammar.resource == "forbidden" and check is check_resource:
        scope.faults.malformed(f"{named(path)} of a trust policy has {name}, which is the role itself", path)
    if isinstance(value, Unknown) and wholly_open(value):
        open_parts.append(value)
        return (value,)
    texts: list[Text] = []
    for item, at in listed(value, path):
        if isinstance(item, Unknown):
            texts.append(item)
        elif isinstance(item, str) and not isinstance(item, JsonNumber):
            texts.append(item)
            check(scope, item, at)
        else:
            scope.faults.malformed(f"the {name} of {named(path)} is or contains {described(item)}, not text", at)
    if not value and isinstance(value, list | tuple):
        _empty_list(scope, name, path)
    return tuple(texts)


def _empty_list(scope: Scope, name: str, path: Path) -> None:
    message = f"the {name} list of {named(path)} is empty"
    if scope.grammar.resource == "inert" and not name.startswith("Not"):
        scope.faults.add(FaultCode.WITHOUT_EFFECT, f"{message}, so the statement has no effect", path)
    else:
        scope.faults.malformed(message, path)
