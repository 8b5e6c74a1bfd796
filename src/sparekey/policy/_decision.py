"""The answer, and its reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from sparekey.policy._document import Policy, PolicyType, Statement
from sparekey.policy._request import Grant, Request
from sparekey.source import Place


class Outcome(StrEnum):
    """The three answers of AWS, and the fourth for input that does not tell."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY = "implicit_deny"
    UNDECIDED = "undecided"


class Match(StrEnum):
    """Whether a statement applies to a request."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    INVALID = "invalid"  # a condition AWS cannot evaluate: an Allow does not grant, a Deny denies


@dataclass(frozen=True, slots=True)
class Because:
    """A statement (or grant) that decides, with the policy it stands in."""

    policy_type: PolicyType
    policy: Policy | None = None
    statement: Statement | None = None
    grant: Grant | None = None

    @property
    def place(self) -> Place | None:
        """Where the statement stands, if its policy came from a file."""
        return self.policy.place(self.statement) if self.policy and self.statement else None


@dataclass(frozen=True, slots=True)
class Examined:
    """How one statement fared against the request.

    ``reason`` is one sentence on why it does not apply (principal differs, action not listed, condition false, with
    both values), what it hangs on, or that it applies. ``passed`` counts how far it came (principal, action,
    resource, condition): the higher, the nearer the miss.
    """

    policy: Policy
    statement: Statement
    match: Match
    reason: str
    passed: int = 0
    hangs_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """What the policies of one type say: ``allows``, ``denies``, ``silent``, ``unknown`` or ``absent``."""

    policy_type: PolicyType
    says: str
    examined: tuple[Examined, ...] = ()
    note: str = ""  # e.g. "delegates to the account", "level 2 of 3", "does not limit a direct grant to a user"


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """May the request pass, and why.

    ``because`` is the statement that decides: the Deny, the Allow, or ``None`` for an implicit deny.
    ``policy_type`` is the type of policy AWS names in its message for a deny.
    ``hangs_on`` names what an undecided answer hangs on, most decisive first; empty for the other outcomes.
    """

    outcome: Outcome
    request: Request
    because: Because | None = None
    policy_type: PolicyType | None = None
    hangs_on: tuple[str, ...] = ()
    _policies: object = field(default=None, repr=False)

    @property
    def allowed(self) -> bool:
        """Whether the request may pass for sure."""
        return self.outcome is Outcome.ALLOWED

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What each policy type said, statement by statement (worked out when asked for)."""
        raise NotImplementedError

    @property
    def near_misses(self) -> tuple[Examined, ...]:
        """The statements that came closest to deciding otherwise, nearest first."""
        raise NotImplementedError

    @property
    def message(self) -> str | None:
        """AWS's AccessDenied sentence for this decision; ``None`` when the request is allowed or undecided."""
        raise NotImplementedError
