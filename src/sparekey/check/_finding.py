"""What the check says about a template: a verdict for each key, and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.policy import Decision
    from sparekey.source import Place


class Level(StrEnum):
    """How grave a finding is; ``--fail-on`` compares by this order."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for a note, 1 for a warning, 2 for an error."""
        return list(Level).index(self)


class Verdict(StrEnum):
    """What deploying the template does to one key."""

    PASS = "pass"  # noqa: S105 - a verdict
    LOCKOUT = "lockout"  # MalformedPolicyDocumentException, "The new key policy will not allow you to update …"
    INVALID_PRINCIPAL = "invalid_principal"
    NO_PRINCIPAL = "no_principal"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    ACCESS_DENIED = "access_denied"
    NOT_CREATED = "not_created"  # its Condition is false; or, with an ``event``, the resource handler refuses it
    UNDECIDED = "undecided"

    @property
    def level(self) -> Level | None:
        """How grave the verdict itself is; ``None`` for ``pass`` and ``not_created``."""
        if self in (Verdict.PASS, Verdict.NOT_CREATED):
            return None
        return Level.WARNING if self is Verdict.UNDECIDED else Level.ERROR


class Statement(NamedTuple):
    """The statement that decides, as shown to a user."""

    policy: str
    label: str  # the Sid, or "statement N"
    effect: str | None  # None where it is neither Allow nor Deny
    policy_type: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about a template, with its place and what to do about it.

    ``rule`` is the id of a rule (``sparekey rule ID`` explains it). ``suppressed`` holds the reason from the
    template's own ``Metadata: sparekey: ignore:``.
    """

    rule: str
    level: Level
    message: str
    place: Place
    logical_id: str = ""
    hints: tuple[str, ...] = ()
    suppressed: str | None = None


#: How the parts of a new key's ARN that nobody knows yet are written in AWS's sentence.
_SHORT = {"<the region (--region)>": "<region>", "<the id of the new key>": "<key-id>"}


class Call(NamedTuple):
    """One call the deployment makes for a key, and whether it may pass."""

    action: str  # kms:CreateKey, kms:TagResource, kms:PutKeyPolicy (the safety check), iam:PassRole, …
    decision: Decision

    @property
    def reason(self) -> str | None:
        """AWS's sentence for a denied call.

        It has ``<region>``, ``<key-id>`` and the ``<session>`` of a role for what only the deployment tells.
        """
        sentence = self.decision.message
        principal = self.decision.request.principal
        if sentence and ":role/" in principal.arn:
            session = f"arn:{principal.arn.split(':')[1]}:sts::{principal.account}:assumed-role/"
            session += f"{principal.arn.rpartition('/')[2]}/<session>"
            sentence = sentence.replace(f"User: {principal.arn} ", f"User: {session} ", 1)
        for missing, short in _SHORT.items():
            sentence = sentence.replace(missing, short) if sentence else sentence
        return sentence


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What happens to one ``AWS::KMS::Key`` or ``AWS::KMS::ReplicaKey`` when the template is deployed.

    ``message`` is one sentence of our own; ``event`` is the exact text CloudFormation's stack event will show, with
    ``<uuid>`` where AWS writes a random id. ``assumptions`` are what the verdict takes for granted.
    ``condition`` describes the branch of the template's conditions this report is about, if there are several.
    ``statements`` are the places of the key policy's statements, where there is something to say about them.
    ``call`` is the one of ``calls`` that decides the verdict, where one does; for ``pass`` the safety check.
    """

    logical_id: str
    resource_type: str
    verdict: Verdict
    message: str
    place: Place
    event: str | None = None
    deciding_statement: Statement | None = None
    calls: tuple[Call, ...] = ()
    hangs_on: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    hints: tuple[str, ...] = ()
    condition: str | None = None
    branches: tuple[KeyReport, ...] = ()
    call: Call | None = None
    statements: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateReport:
    """Everything the check says about one template. ``findings`` are those that belong to no single key.

    ``lines`` are the source lines that may be quoted, ``quoted`` tells which of them belong to a place.
    """

    path: str
    keys: tuple[KeyReport, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()  # e.g. transforms passed over in the open
    lines: Mapping[int, str] = field(default_factory=dict)
    quoted: Mapping[Place, range] = field(default_factory=dict)
