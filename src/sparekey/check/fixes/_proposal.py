"""What a fix is: edits to the template, statements to attach in IAM, and what was proved about them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sparekey.check.fixes._text import changed_lines, unified_diff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.check._finding import Verdict
    from sparekey.source import Place


class Status(StrEnum):
    """What there is to do for a key."""

    NOTHING = "nothing"  # it passes, or it is not created
    UNDECIDED = "undecided"  # it hangs on what the input does not tell, and no change decides it
    PROPOSED = "proposed"  # an edit, statements to attach, or both
    REFUSED = "refused"  # it fails, and nothing that may be proposed cures it


@dataclass(frozen=True, slots=True)
class Attachment:
    """A policy statement to add on the IAM side, or one of it to change.

    ``attach_to`` names the user, role or account; ``policy_type`` the type of policy there. ``replaces`` names the
    statement that ``statement`` takes the place of, ``place`` tells where that one stands. ``why`` is one sentence.
    """

    attach_to: str
    policy_type: str
    statement: Mapping[str, object]
    why: str
    replaces: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Who gains by an edit, proved with the policy engine: nobody but ``administrators``.

    ``account`` tells that an administrator is the account itself, so that its IAM policies decide who gains.
    ``principals`` and ``actions`` count what was compared under the old and the new key policy.
    """

    administrators: tuple[str, ...]
    principals: int
    actions: int

    def __str__(self) -> str:
        """Say it in one line."""
        compared = f"{self.actions} KMS actions of {self.principals} principals, old against new key policy"
        if not self.administrators:
            return f"proved: nobody gained anything ({compared})"
        names = " and ".join(_administrator(arn) for arn in self.administrators)
        return f"proved: nobody but {names} gained anything ({compared})"


def _administrator(arn: str) -> str:
    if arn.endswith(":root"):
        return f"principals of account {arn.split(':')[4]} whose IAM policies allow it"
    return f"`{arn}`"


class Change(NamedTuple):
    """What an edit does, in words, and the class of field reports whose cause it removes (empty for none)."""

    text: str
    cause: str


@dataclass(frozen=True, slots=True)
class KeyFix:
    """What is proposed for one key.

    ``changes`` say what the edits do. ``before`` is the verdict now, ``after`` the verdict with everything proposed
    done. ``hangs_on`` is what the verdict still hangs on, ``assumptions`` what the proposal takes for granted,
    ``reason`` why nothing is proposed.
    """

    logical_id: str
    place: Place
    status: Status
    before: Verdict
    after: Verdict
    changes: tuple[Change, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    proof: Proof | None = None
    reason: str | None = None
    hints: tuple[str, ...] = ()
    hangs_on: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


class LineEdit(NamedTuple):
    """Lines that go and lines that come, from ``line`` (counted from 1) of the old text on."""

    line: int
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for one template. ``before`` and ``after`` are its text, without a byte order mark."""

    path: str
    before: str
    after: str
    keys: tuple[KeyFix, ...]
    notes: tuple[str, ...] = ()

    @property
    def diff(self) -> str:
        """The edits as a unified diff; empty if the template stays as it is."""
        return unified_diff(self.path, self.before, self.after)

    @property
    def line_edits(self) -> tuple[LineEdit, ...]:
        """The edits by lines."""
        return tuple(LineEdit(*edit) for edit in changed_lines(self.before, self.after))

    @property
    def nothing_to_do(self) -> bool:
        """Whether no key needs anything, and the text stays as it is."""
        return self.before == self.after and all(key.status in (Status.NOTHING, Status.UNDECIDED) for key in self.keys)

    @property
    def cured_by_edits(self) -> bool:
        """Whether the edits alone are all there is to do."""
        return all(key.status is not Status.REFUSED and not key.attachments for key in self.keys)
