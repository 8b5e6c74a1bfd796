"""JSON for programs: ``docs/reference/report.schema.json`` describes it, and ``schema_version`` tells which edition."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sparekey import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparekey.check._finding import Call, Finding, KeyReport, Statement, TemplateReport
    from sparekey.policy import Examined
    from sparekey.source import Place

#: Goes up when a member changes its meaning or goes away; new members do not count.
SCHEMA_VERSION = "1"


def render(reports: Sequence[TemplateReport]) -> str:
    """Render everything the reports hold, suppressed findings too."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "sparekey", "version": __version__},
        "templates": [_template(report) for report in reports],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _template(report: TemplateReport) -> dict[str, object]:
    return {
        "path": report.path,
        "keys": [_key(key) for key in report.keys],
        "findings": [_finding(finding) for finding in report.findings],
        "notes": list(report.notes),
    }


def _key(key: KeyReport) -> dict[str, object]:
    document: dict[str, object] = {
        "logical_id": key.logical_id,
        "resource_type": key.resource_type,
        "verdict": key.verdict.value,
        "message": key.message,
        "event": key.event,
        "deciding_statement": _statement(key.deciding_statement),
        "nearest_statement": _nearest(key),
        "hangs_on": list(key.hangs_on),
        "assumptions": list(key.assumptions),
        "hints": list(key.hints),
        "line": key.place.line,
        "column": key.place.column,
        "condition": key.condition,
        "calls": [_call(call, decides=call is key.call) for call in key.calls],
        "findings": [_finding(finding) for finding in key.findings],
    }
    if key.branches:
        document["branches"] = [_key(branch) for branch in key.branches]
    return document


def _statement(statement: Statement | None) -> dict[str, object] | None:
    if statement is None:
        return None
    return {
        "policy": statement.policy,
        "policy_type": statement.policy_type,
        "statement": statement.label,
        "effect": statement.effect,
        **_place(statement.place),
    }


def _place(place: Place | None) -> dict[str, object]:
    if place is None:
        return {"path": None, "line": None, "column": None}
    return {"path": place.file, "line": place.line, "column": place.column}


def _call(call: Call, *, decides: bool) -> dict[str, object]:
    """A call with its outcome; of the one that decides, also AWS's sentence and the statements that came near."""
    decision = call.decision
    document: dict[str, object] = {"action": call.action, "outcome": decision.outcome.value, "decides": decides}
    if decides:
        document["reason"] = call.reason
        document["near_misses"] = [_near(near) for near in decision.near_misses]
    return document


def _nearest(key: KeyReport) -> dict[str, object] | None:
    """The statement that came nearest to deciding otherwise, where none decides: an implicit deny has none."""
    if key.deciding_statement or key.call is None:
        return None
    return next((_near(near) for near in key.call.decision.near_misses), None)


def _near(near: Examined) -> dict[str, object]:
    return {
        "policy": near.policy.name,
        "statement": near.statement.label,
        "match": near.match.value,
        "reason": near.reason,
        **_place(near.policy.place(near.statement)),
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "message": finding.message,
        **_place(finding.place),
        "hints": list(finding.hints),
        "suppressed": finding.suppressed,
    }
