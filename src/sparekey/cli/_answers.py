"""A decision as data: what ``sparekey simulate`` writes as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.policy._json_values import JsonNumber

if TYPE_CHECKING:
    from sparekey.policy import Because, Decision, Examined, Layer, Policy, Statement
    from sparekey.source import Place


def answer(decision: Decision, case_id: object, *, explain: bool = False) -> dict[str, object]:
    """The answer to one case, in the format of ``docs/reference/simulate.md``."""
    found: dict[str, object] = {
        "id": as_number(case_id),
        "outcome": decision.outcome.value,
        "deciding_statement": deciding_statement(decision.because),
        "message": decision.message,
        "hangs_on": list(decision.hangs_on),
    }
    if explain:
        found["delegated_by"] = deciding_statement(decision.delegated_by)
        found["layers"] = [_layer(layer) for layer in decision.layers]
        found["near_misses"] = [_examined(examined) for examined in decision.near_misses]
    return found


def as_number(value: object) -> object:
    """An id as it was given: a number, if it was written as one."""
    if not isinstance(value, JsonNumber):
        return value
    return float(value) if value.strip("-0123456789") else int(value)


def deciding_statement(because: Because | None) -> dict[str, object] | None:
    """The statement (or grant) that decides, with its policy and place."""
    if because is None:
        return None
    if because.policy is None or because.statement is None:
        grantee = because.grant.grantee if because.grant else ""
        return {
            "policy": (because.grant.name if because.grant else None) or f"grant to {grantee}",
            "policy_type": because.policy_type.value,
            "label": f"grant to `{grantee}`",
            "sid": None,
            "index": None,
            "effect": "Allow",
            **_place(None),
        }
    found = _statement(because.policy, because.statement)
    return {**found, **_place(because.place)}


def _statement(policy: Policy, statement: Statement) -> dict[str, object]:
    return {
        "policy": policy.name,
        "policy_type": policy.type.value,
        "label": statement.label,
        "sid": None if statement.sid is None else str(statement.sid),
        "index": statement.index,
        "effect": str(statement.effect),
    }


def _place(place: Place | None) -> dict[str, object]:
    if place is None:
        return {"file": None, "line": None, "column": None}
    return {"file": place.file, "line": place.line, "column": place.column}


def _layer(layer: Layer) -> dict[str, object]:
    return {
        "policy_type": layer.policy_type.value,
        "says": layer.says,
        "note": layer.note,
        "statements": [_examined(examined) for examined in layer.examined],
    }


def _examined(examined: Examined) -> dict[str, object]:
    return {
        **_statement(examined.policy, examined.statement),
        **_place(examined.place),
        "match": examined.match.value,
        "passed": examined.passed,
        "reason": examined.reason,
        "hangs_on": list(examined.hangs_on),
    }
