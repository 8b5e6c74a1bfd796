"""Reading the Condition element.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sparekey.policy._document import Condition, Text
from sparekey.policy._faults import named
from sparekey.policy._json_places import shown
from sparekey.policy._json_values import described, listed, scalar_text
from sparekey.policy._operators import OPERATORS
from sparekey.policy._validate import check_condition_key, check_condition_value
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.policy._grammar import Scope
    from sparekey.source import Path

_QUALIFIERS = ("ForAllValues", "ForAnyValue")
_SPELLINGS = (*OPERATORS, *(f"{name}IfExists" for name in OPERATORS), "Null")


def read_conditions(
    scope: Scope, data: Mapping[object, object], path: Path, open_parts: list[Unknown]
) -> tuple[Condition, ...]:
    value, path = data.get("Condition"), (*path, "Condition")
    if "Condition" not in data:
        return ()
    if isinstance(value, Unknown):
        open_parts.append(value)
        return ()
    if not isinstance(value, Mapping):
        scope.faults.malformed(f"the Condition of {named(path)} is {described(value)}, not a mapping", path)
        return ()
    conditions: list[Condition] = []
    for name, keys in value.items():
        at = (*path, str(name))
        if isinstance(name, Unknown):
            open_parts.append(name)
            continue
        operator = _operator(scope, str(name), at)
        if operator is None:  # never evaluate a statement as if the condition were not there
            open_parts.append(Unknown((f"condition operator `{shown(str(name))}`, which does not exist",)))
        if isinstance(keys, Unknown):
            open_parts.append(keys)
        elif not isinstance(keys, Mapping):
            message = f"`{shown(str(name))}` in {named(path)} holds {described(keys)}, not condition keys"
            scope.faults.malformed(message, at)
        elif operator is not None:
            conditions.extend(_condition(scope, operator, key, keys[key], at) for key in keys)
    return tuple(conditions)


def _operator(scope: Scope, name: str, path: Path) -> tuple[str, str | None, bool] | None:
    """Split ``ForAnyValue:StringLikeIfExists`` into its operator, qualifier and whether ``IfExists`` stands there."""
    qualifier, colon, rest = name.rpartition(":")
    base = rest.removesuffix("IfExists")
    if (not colon or qualifier in _QUALIFIERS) and (base in OPERATORS or rest == "Null"):
        return base, qualifier or None, base != rest
    hint = None
    if colon and qualifier not in _QUALIFIERS:
        hint = f"set operators are `{_QUALIFIERS[0]}:` and `{_QUALIFIERS[1]}:`"
    elif base == "Null":
        hint = "`Null` already asks whether the key is there"
    elif close := scope.faults.nearest(rest, _SPELLINGS):
        hint = f"write `{close}`"
    scope.faults.malformed(f"`{shown(name)}` in {named(path)} is no condition operator", path, hint=hint)
    return None


def _condition(
    scope: Scope, operator: tuple[str, str | None, bool], key: object, value: object, path: Path
) -> Condition:
    name, qualifier, if_exists = operator
    path = (*path, str(key))
    text: Text = key if isinstance(key, Unknown) else str(key)
    if isinstance(text, str):
        check_condition_key(scope, qualifier, text, path)
    values: list[Text] = []
    for item, at in listed(value, path):
        if isinstance(item, Unknown):
            values.append(item)
            continue
        read = str(item) if isinstance(item, str) else scalar_text(item)
        if read is None:
            message = f"a value of `{shown(str(key))}` in {named(path)} is {described(item)}; it needs to be text"
            scope.faults.malformed(message, at)
            continue
        values.append(read)
        if name != "Null":
            check_condition_value(scope, name, read, at)
    return Condition(name, text, tuple(values), qualifier, if_exists)
