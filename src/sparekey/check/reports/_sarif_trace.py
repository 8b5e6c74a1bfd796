"""The decision trace as SARIF code flows: each statement AWS weighs, in order, with what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.policy import Layer, Match

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._finding import Call, KeyReport
    from sparekey.check.reports._sarif_places import Places
    from sparekey.source import Place

#: GitHub reads 1,000 locations of a thread flow and shows 100.
_LIMIT = 1000

_WORDS = {
    Match.YES: "applies",
    Match.NO: "does not apply",
    Match.UNKNOWN: "is not told",
    Match.INVALID: "cannot be evaluated",
}


def code_flows(key: KeyReport, fallback: Place, places: Places) -> list[dict[str, object]]:
    """Write one code flow for each call that is not allowed, the one that decides first.

    A statement whose place is not told is shown at ``fallback``.
    """
    flows: list[dict[str, object]] = []
    for call in sorted(key.calls, key=lambda call: call is not key.call):
        if call.decision.allowed:
            continue
        steps = [
            {"location": places.location(place or fallback, message=text), "executionOrder": number}
            for number, (place, text) in enumerate(_steps(call), start=1)
        ]
        flows.append(
            {
                "message": {"text": f"{call.action}: {call.decision.outcome.replace('_', ' ')}"},
                "threadFlows": [{"id": call.action, "locations": steps[:_LIMIT]}],
            }
        )
    return flows


def _steps(call: Call) -> Iterator[tuple[Place | None, str]]:
    for layer in call.decision.layers:
        yield from _layer(layer)
    reason = call.reason or "; ".join(call.decision.hangs_on)
    because = call.decision.because
    outcome = call.decision.outcome.replace("_", " ")
    yield because.place if because else None, f"{call.action}: {outcome}" + (f": {reason}" if reason else "")


def _layer(layer: Layer) -> Iterator[tuple[Place | None, str]]:
    for examined in layer.examined:
        statement = examined.statement
        text = f"{examined.policy.name}, {statement.label} ({statement.effect}) {_WORDS[examined.match]}"
        why = "" if examined.match is Match.YES else f": {examined.reason}"
        yield examined.policy.place(statement), text + why
    if not layer.examined and layer.says != "absent":
        yield None, f"{layer.policy_type}: {layer.says}" + (f" ({layer.note})" if layer.note else "")
