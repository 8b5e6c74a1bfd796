"""The answer, and its reasons."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sparekey.policy._policies import PolicySet
from sparekey.unknown import Unknown

if TYPE_CHECKING:
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


class Examined(NamedTuple):
    """How one statement fared against the request.

    ``reason`` is one sentence on why it does not apply (principal differs, action not listed, condition false, with
    both values), what it hangs on, or that it applies. ``passed`` counts which of its four elements (principal,
    action, resource, condition) cover the request: the higher, the nearer the miss.
    """

    policy: Policy
    statement: Statement
    match: Match
    reason: str
    passed: int = 0
    hangs_on: tuple[str, ...] = ()

    @property
    def place(self) -> Place | None:
        """Where the statement stands, if its policy came from a file."""
        return self.policy.place(self.statement)


class Layer(NamedTuple):
    """What the policies of one type say: ``allows``, ``denies``, ``silent``, ``unknown`` or ``absent``."""

    policy_type: PolicyType
    says: str
    examined: tuple[Examined, ...] = ()
    note: str = ""  # e.g. "delegates to the account", "level 2 of 3", "does not limit a direct grant to a user"


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """May the request pass, and why. Everything but the answer itself is worked out when it is asked for.

    ``because`` is the statement that decides: the Deny, the Allow (the identity-based one where a resource-based
    policy delegates to the account), or ``None`` for an implicit deny. ``policy_type`` is the type of policy AWS
    names in its message for a deny, and the type of ``because`` where the request is allowed.

    The three decided outcomes hold whatever the unknown parts turn out to be, with one freedom: an implicit deny says
    that nothing can allow the request; a policy that is not told may deny it explicitly on top.
    """

    outcome: Outcome
    request: Request
    because: Because | None = None
    policy_type: PolicyType | None = None
    _policies: PolicySet = field(default_factory=PolicySet, repr=False)

    def renamed(self, policy: Policy, policies: PolicySet) -> Decision:
        """The same decision, where ``policies`` hold the resource-based ``policy`` under another name and place.

        A decision that ``policy`` had no part in stays as it is.
        """
        if self._policies.resource is not policy or isinstance(policies.resource, Unknown):
            return self
        because = self.because
        if because and because.policy is policy:
            because = replace(because, policy=policies.resource)
        return replace(self, because=because, _policies=policies)

    @property
    def allowed(self) -> bool:
        """Whether the request may pass for sure."""
        return self.outcome is Outcome.ALLOWED

    @property
    def hangs_on(self) -> tuple[str, ...]:
        """What an undecided answer hangs on, most decisive first; empty for the other outcomes."""
        if self.outcome is not Outcome.UNDECIDED:
            return ()
        from sparekey.policy._undecided import hangs_on

        return hangs_on(self.request, self._policies)

    @property
    def delegated_by(self) -> Because | None:
        """The statement of the resource-based policy through which an identity-based Allow takes effect."""
        from sparekey.policy._explain import delegated_by

        return delegated_by(self)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What each policy type said, statement by statement, in the order in which AWS asks them."""
        from sparekey.policy._explain import layers

        return layers(self)

    @property
    def near_misses(self) -> tuple[Examined, ...]:
        """The statements that came closest to deciding otherwise, nearest first."""
        from sparekey.policy._explain import near_misses

        return near_misses(self)

    @property
    def message(self) -> str | None:
        """AWS's AccessDenied sentence for this decision; ``None`` when the request is allowed or undecided."""
        from sparekey.policy._messages import access_denied

        return access_denied(self)
