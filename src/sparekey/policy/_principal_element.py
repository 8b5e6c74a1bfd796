"""Reading the Principal and NotPrincipal elements.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sparekey.arn import is_account_id
from sparekey.policy._document import FaultCode, PrincipalElement, Text
from sparekey.policy._faults import named
from sparekey.policy._json_places import shown
from sparekey.policy._json_values import described, is_text, listed, scalar_text
from sparekey.policy._validate import check_everyone, check_principal, wholly_open
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.policy._grammar import Scope
    from sparekey.source import Path

_PRINCIPAL_KEYS = {
    "AWS": "aws",
    "Service": "service",
    "Federated": "federated",
    "CanonicalUser": "canonical_user",
}


def read_principals(
    scope: Scope, data: Mapping[object, object], path: Path, open_parts: list[Unknown]
) -> tuple[PrincipalElement | None, PrincipalElement | None]:
    elements: list[PrincipalElement | None] = []
    for name in ("Principal", "NotPrincipal"):
        if name not in data:
            elements.append(None)
            continue
        value, at = data[name], (*path, name)
        if scope.grammar.principal == "forbidden":
            scope.faults.malformed(f"{named(path)} has a {name}, which a policy of this type does not take", at)
        element = _principal_element(scope, value, at, name)
        if scope.grammar.principal == "everyone":
            check_everyone(scope, element if name == "Principal" else None, value, at)
        if isinstance(value, Unknown):
            open_parts.append(value)
        elements.append(element)
    if elements == [None, None] and "Principal" not in data and "NotPrincipal" not in data:
        _no_principal(scope, path)
    return elements[0], elements[1]


def _no_principal(scope: Scope, path: Path) -> None:
    if scope.grammar.principal == "required":
        message = f"{named(path)} has no Principal"
        hint = 'say whom it is about, such as `"Principal": {"AWS": "arn:aws:iam::123456789012:root"}`'
        scope.faults.add(FaultCode.NO_PRINCIPAL, message, path, hint=hint)
    elif scope.grammar.principal == "everyone":
        check_everyone(scope, None, None, path)


def _principal_element(scope: Scope, value: object, path: Path, name: str) -> PrincipalElement | None:
    if isinstance(value, Unknown):
        return PrincipalElement(unknown=(value,))
    if value == "*":
        return PrincipalElement(everyone=True)
    if not isinstance(value, Mapping):
        what = f"`{shown(value)}`" if isinstance(value, str) else described(value)
        hint = 'write `{"AWS": …}` around it' if isinstance(value, str | list | tuple) else None
        message = f"the {name} of {named(path)} is {what}; it needs to be `*` or a mapping with `AWS` or `Service`"
        scope.faults.malformed(message, path, hint=hint)
        return None
    entries: dict[str, list[Text]] = {field: [] for field in _PRINCIPAL_KEYS.values()}
    unknown = [key for key in value if isinstance(key, Unknown)]
    found = bool(unknown)
    for key, entry in value.items():
        if key in _PRINCIPAL_KEYS:
            found |= _read_entries(scope, str(key), entry, (*path, str(key)), entries, unknown)
        elif not isinstance(key, Unknown):
            close = scope.faults.nearest(str(key), _PRINCIPAL_KEYS)
            message = f"the {name} of {named(path)} has an unknown key `{shown(str(key))}`"
            scope.faults.malformed(message, (*path, str(key)), hint=f"write `{close}`" if close else None)
            found = True
    if not found:
        hint = "name at least one principal"
        scope.faults.add(FaultCode.NO_PRINCIPAL, f"the {name} of {named(path)} is empty", path, hint=hint)
    everyone = "*" in entries["aws"]
    return PrincipalElement(
        everyone=everyone,
        aws=tuple(text for text in entries["aws"] if text != "*"),
        service=tuple(entries["service"]),
        federated=tuple(entries["federated"]),
        canonical_user=tuple(entries["canonical_user"]),
        unknown=tuple(unknown),
    )


def _read_entries(
    scope: Scope, key: str, value: object, path: Path, entries: dict[str, list[Text]], unknown: list[Unknown]
) -> bool:
    """Read what stands under one key of a Principal; whether there is anything."""
    found = False
    for item, at in listed(value, path):
        found = True
        if isinstance(item, Unknown):
            (unknown if wholly_open(item) else entries[_PRINCIPAL_KEYS[key]]).append(item)
            continue
        text = str(item) if isinstance(item, str) else scalar_text(item)
        if text is None or isinstance(item, bool):
            scope.faults.malformed(f"a principal of {named(path)} is {described(item)}, not text", at)
            continue
        if not is_text(item):
            message = f"the account id `{shown(text)}` of {named(path)} is a number"
            scope.faults.suspicious(message, at, hint="quote it, so that no leading zero is lost")
        if text != "*" or key != "AWS":
            check_principal(scope, key, text, at)
        if key == "AWS" and is_account_id(text):
            text = f"arn:{scope.partition}:iam::{text}:root"
        entries[_PRINCIPAL_KEYS[key]].append(text)
    return found
