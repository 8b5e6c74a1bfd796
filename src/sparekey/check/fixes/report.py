"""Proposals as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sparekey.check.fixes._proposal import Status
from sparekey.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sparekey.check.fixes._proposal import Attachment, KeyFix, Proposal

#: Goes up when a member changes its meaning or goes away; new members do not count.
SCHEMA_VERSION = "1"


def render_text(proposals: Sequence[Proposal], *, written: bool = False) -> str:
    """Say for each template what is proposed, then show the edits as a unified diff.

    The words come before the diff, where ``patch`` and ``git apply`` pass them over. ``written`` tells that the files
    hold the edits already; then there is no diff.
    """
    return "".join(_template(proposal, written=written) for proposal in proposals)


def _template(proposal: Proposal, *, written: bool) -> str:
    shown: dict[str, str] = {}
    lines = [line for key in proposal.keys for line in _key(key, shown)]
    lines = [*(f"{proposal.path}: {note}" for note in proposal.notes), *lines]
    if not lines:
        lines = [f"{proposal.path}: nothing to fix"]
    if written and proposal.diff:
        lines.append(f"{proposal.path}: written")
    said = [printable(line) for several in lines for line in several.split("\n")]
    return "".join(f"{line}\n" for line in said) + ("" if written else proposal.diff)


def _key(key: KeyFix, shown: dict[str, str]) -> Iterator[str]:
    where = f"{key.place}: `{key.logical_id}`"
    if key.status is Status.NOTHING:
        return
    if key.status is Status.UNDECIDED:
        yield f"{where}: undecided, and nothing to change before it is told: {'; '.join(key.hangs_on)}"
        return
    if key.status is Status.REFUSED:
        yield f"{where}: {key.before}, and nothing is proposed: {key.reason}"
        yield from (f"  hint: {hint}" for hint in key.hints)
        return
    yield f"{where}: {key.before} now, {key.after} with this:"
    yield from (f"  edit: {change.text}" + (f" [{change.cause}]" if change.cause else "") for change in key.changes)
    for attachment in key.attachments:
        text = "\n".join(_attachment(attachment))
        same = shown.setdefault(text, key.logical_id)
        yield text if same == key.logical_id else f"  attach to `{attachment.attach_to}` the same as for `{same}`"
    if key.proof is not None:
        yield f"  {key.proof}"
    yield from (f"  still open: {name}" for name in key.hangs_on)
    for assumption in key.assumptions:
        if shown.setdefault(assumption, key.logical_id) == key.logical_id:
            yield f"  assumed: {assumption}"


def _attachment(attachment: Attachment) -> Iterator[str]:
    to, kind = attachment.attach_to, attachment.policy_type
    if attachment.replaces is None:
        yield f"  attach to `{to}`, in its {kind}: {attachment.why}"
    else:
        place = f" ({attachment.place})" if attachment.place else ""
        yield f"  change in the {kind} `{to}`{place}: {attachment.why}"
    yield from (f"    {line}" for line in json.dumps(attachment.statement, indent=2, ensure_ascii=False).split("\n"))


def render_json(proposals: Sequence[Proposal]) -> str:
    """Render everything the proposals hold; ``docs/guide/fix.md`` describes it."""
    document = {"schema_version": SCHEMA_VERSION, "templates": [_template_json(proposal) for proposal in proposals]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _template_json(proposal: Proposal) -> dict[str, object]:
    return {
        "path": proposal.path,
        "diff": proposal.diff,
        "edits": [
            {"line": edit.line, "removed": list(edit.removed), "added": list(edit.added)}
            for edit in proposal.line_edits
        ],
        "notes": list(proposal.notes),
        "keys": [_key_json(key) for key in proposal.keys],
    }


def _key_json(key: KeyFix) -> dict[str, object]:
    return {
        "logical_id": key.logical_id,
        "line": key.place.line,
        "column": key.place.column,
        "status": key.status.value,
        "before": key.before.value,
        "after": key.after.value,
        "changes": [{"change": change.text, "cause": change.cause or None} for change in key.changes],
        "identity_statements": [_attachment_json(attachment) for attachment in key.attachments],
        "proof": None
        if key.proof is None
        else {
            "administrators": list(key.proof.administrators),
            "principals": key.proof.principals,
            "actions": key.proof.actions,
        },
        "reason": key.reason,
        "hints": list(key.hints),
        "hangs_on": list(key.hangs_on),
        "assumptions": list(key.assumptions),
    }


def _attachment_json(attachment: Attachment) -> dict[str, object]:
    place = attachment.place
    return {
        "attach_to": attachment.attach_to,
        "policy_type": attachment.policy_type,
        "statement": dict(attachment.statement),
        "why": attachment.why,
        "replaces": attachment.replaces,
        "path": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }
