"""The decision record as text: a line a call, and for a refused one what refused it and what to change."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC
from typing import TYPE_CHECKING, Final

from sparekey.errors import printable

if TYPE_CHECKING:
    from sparekey.cli._log_sources import Line

_OUTCOMES: Final = {
    "allowed": "allowed",
    "explicit_deny": "explicit deny",
    "implicit_deny": "implicit deny",
    "not_asked": "not asked",
}

#: What would let a call pass that nothing allows, by the type of policy that is silent.
_SILENT: Final = {
    "identity-based policy": "let an identity-based policy of `{principal}` allow `{action}` on `{resource}`",
    "permissions boundary": "let the permissions boundary of `{principal}` allow `{action}` on `{resource}`",
    "session policy": "let the session policy of `{principal}` allow `{action}` on `{resource}`",
    "service control policy": (
        "let a service control policy at every level above account {account} allow `{action}`: the root, each unit, "
        "the account"
    ),
    "trust policy": "let the trust policy of `{resource}` allow `{action}` to `{principal}`",
    "key policy": "let the key policy of `{resource}` allow `{action}` to `{principal}`",
    "resource-based policy": "let the resource-based policy of `{resource}` allow `{action}` to `{principal}`",
}


def text_of(line: Line) -> str:
    """A call as it is shown in a terminal."""
    time = f"{line.time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    outcome = _OUTCOMES.get(line.outcome, line.outcome)
    who = _short(line.principal, line.account)
    parts = [time, line.account, f"{outcome:<13}", f"{who:<24}", line.action]
    if line.resource not in ("", "*"):
        parts.append(line.resource)
    shown = "  ".join(parts)
    details = _denied(line) if line.denied else _failed(line)
    return "".join(f"{printable(each)}\n" for each in (shown, *(f"    {detail}" for detail in details)))


def json_of(line: Line) -> str:
    """A call as one JSON object on one line."""
    told = {name: value for name, value in asdict(line).items() if value != ""}
    return json.dumps({**told, "time": line.time.astimezone(UTC).isoformat()}) + "\n"


def _short(principal: str, account: str) -> str:
    """A principal's name; with its account, where that is not the one that is shown."""
    segments = principal.split(":", 5)
    if len(segments) != 6:
        return principal
    return segments[5] if segments[4] == account else f"{segments[4]}:{segments[5]}"


def _failed(line: Line) -> list[str]:
    return [f"{line.error_code}: {line.error_message}"] if line.error_code else []


def _denied(line: Line) -> list[str]:
    """What refused a call, and what to change."""
    if line.policy:
        statement = f"statement `{line.statement}` of " if line.statement else ""
        told = [f"by {line.policy_type or 'a policy'}: {statement}{line.policy}"]
        return [*told, f"hint: narrow the Deny of {statement}{line.policy} so that it does not cover this call"]
    told = [f"no {line.policy_type} allows it" if line.policy_type else "no policy allows it"]
    if line.nearest:
        told.append(f"nearest: {line.nearest}")
    hint = _SILENT.get(line.policy_type, _SILENT["identity-based policy"])
    shown = hint.format(
        principal=line.principal, action=line.action, resource=line.resource or "*", account=line.account
    )
    return [*told, f"hint: {shown}"]
