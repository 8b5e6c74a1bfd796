"""The search for the smallest change that cures one key."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from sparekey.check._finding import Verdict
from sparekey.check.fixes._administrators import administrators
from sparekey.check.fixes._case import Candidate, Case, PolicyCase
from sparekey.check.fixes._denies import denies
from sparekey.check.fixes._documents import documents, rotation
from sparekey.check.fixes._iam import cure_in_iam
from sparekey.check.fixes._page import NotEditableError
from sparekey.check.fixes._principals import principals
from sparekey.check.fixes._proof import NotProvedError, prove, sound
from sparekey.check.fixes._site import site_of
from sparekey.check.fixes._survey import missing_principals, survey
from sparekey.check.fixes._text import apply_edits
from sparekey.errors import InputError
from sparekey.policy import Outcome, PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView
    from sparekey.check.fixes._proposal import Attachment, Proof
    from sparekey.check.fixes._survey import Branch, Circumstances, Survey
    from sparekey.policy import Decision, Policy

#: A key that takes more changes than this is beyond a small edit.
_STEPS = 8


@dataclass(slots=True)
class Course:
    """How far the cure of a key has come: the text, the circumstances, and what was changed on the way."""

    text: str
    circumstances: Circumstances
    changes: list[Candidate] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    refused_because: str | None = None
    set_aside: list[str] = field(default_factory=list)

    @property
    def administrators(self) -> frozenset[str]:
        """Who may gain by the changes."""
        return frozenset(arn for change in self.changes for arn in change.administrators)


#: In a longer text, a key policy that is too large is by far: no small change helps, and each takes long to try.
_MOST_TRIED = 256 * 1024


def cure(text: str, file: str, logical_id: str, circumstances: Circumstances, prefer: str) -> Course:
    """Change the template, and the IAM side, until a key can be made in every branch; or say why that fails."""
    course = Course(text, circumstances)
    for _ in range(_STEPS):
        seen = survey(course.text, file, course.circumstances, only=logical_id)
        failing = next((branch for branch in seen.of(logical_id) if branch.fails), None)
        if failing is None or failing.view is None:
            return course
        if failing.report.verdict is Verdict.TOO_LARGE and len(course.text) > _MOST_TRIED:
            break
        case = _case(failing, failing.view, course.circumstances)
        if not _in_iam(case, course) and not _in_template(case, course, seen, file, prefer):
            break
    course.refused_because = _reason(failing, course)
    return course


def _case(failing: Branch, view: KeyView, here: Circumstances) -> Case:
    site = site_of(view)
    if site is None or view.policy is None:
        return Case(here, failing, view)
    return PolicyCase(here, failing, view, site, view.policy)


def _in_iam(case: Case, course: Course) -> bool:
    """Cure what is to be cured in IAM."""
    found = cure_in_iam(case)
    if found is None:
        return False
    course.attachments += found.attachments
    course.circumstances = replace(course.circumstances, deployer=found.deployer)
    return True


def _in_template(case: Case, course: Course, seen: Survey, file: str, prefer: str) -> bool:
    """Carry out the first candidate that brings the key nearer to being made, and lets nobody else gain."""
    logical_id = case.view.logical_id
    before = _distance(seen, logical_id, course)
    best: tuple[int, Candidate, str] | None = None
    for candidate in _candidates(case, course, prefer):
        text = apply_edits(course.text, candidate.edits)
        try:
            after = survey(text, file, course.circumstances, only=logical_id)
            distance = _distance(after, logical_id, course)
            if distance >= before or (best and distance >= best[0]):
                continue
            candidate = _proved(candidate, seen, after, logical_id, course)  # noqa: PLW2901 - the same, with its gainers
        except InputError:
            continue
        except NotProvedError as error:
            course.set_aside.append(f"the smallest change would be to {candidate.change}, but {error.reason}")
            continue
        best = (distance, candidate, text)
        if not distance:
            break
    if best is None:
        return False
    course.text = best[2]
    course.changes.append(best[1])
    return True


def _candidates(case: Case, course: Course, prefer: str) -> list[Candidate]:
    """List the changes worth trying, best first; what cannot be written where it would have to be is set aside."""
    families = [rotation(case)]
    if isinstance(case, PolicyCase):
        families += [documents(case), principals(case), denies(case), administrators(case, prefer)]
    written = []
    for candidate in chain(*families):
        page = candidate.page or (case.site.page if isinstance(case, PolicyCase) else case.page)
        try:
            edits = page.carried_out(candidate.write())
        except NotEditableError as error:
            course.set_aside.append(f"the smallest change would be to {candidate.change}, but {error}")
            continue
        written += [replace(candidate, edits=tuple(edits))] if edits else []
    return sorted(written, key=lambda candidate: candidate.order)


def _proved(candidate: Candidate, seen: Survey, after: Survey, logical_id: str, course: Course) -> Candidate:
    """Prove that nobody gains but whom the candidate names; where it corrects statements, whom these name."""
    names = candidate.administrators
    for old, new in policies_of(seen, after, logical_id):
        if candidate.corrects:
            names |= _named_in_corrected(old, new)
        here = course.circumstances
        prove(old, new, names, here.account, here.partition)
    return replace(candidate, administrators=names)


def policies_of(before: Survey, after: Survey, logical_id: str) -> Iterator[tuple[Policy, Policy]]:
    """Pair the key policies of a key, branch by branch, before and after a change."""
    for old, new in zip(before.of(logical_id), after.of(logical_id), strict=True):
        if old.view and new.view and old.view.policy and new.view.policy:
            yield old.view.policy, new.view.policy


def _named_in_corrected(old: Policy, new: Policy) -> frozenset[str]:
    """The principals of the statements that KMS refused before."""
    kept = {statement.path for statement in sound(old).statements}
    return frozenset(
        text
        for statement in new.statements
        if statement.path not in kept and statement.principal and not statement.principal.everyone
        for text in (*statement.principal.aws, *statement.principal.service)
        if isinstance(text, str)
    )


def prove_all(
    before: Survey, after: Survey, logical_id: str, names: frozenset[str], here: Circumstances
) -> Proof | None:
    """Prove the whole change of one key; ``None`` where its policy stays as it is and nobody is to gain."""
    proof = None
    for old, new in policies_of(before, after, logical_id):
        if names or (old.version, old.statements) != (new.version, new.statements):
            found = prove(old, new, names, here.account, here.partition)
            proof = found if proof is None or len(found.administrators) > len(proof.administrators) else proof
    return proof


def _distance(seen: Survey, logical_id: str, course: Course) -> int:
    """Measure how far a key is from being made: 0 where it is made in every branch, or left out on purpose."""
    return sum(_distance_of(branch, course) for branch in seen.of(logical_id))


def _distance_of(branch: Branch, course: Course) -> int:
    if not branch.fails:
        return 0
    view, here = branch.view, course.circumstances
    policy = view.policy if view else None
    if view is None or policy is None:
        return 1000
    refused = sum(fault.refused for fault in policy.faults)
    if refused:
        return 1000 + refused
    missing = missing_principals(view, policy, here)
    if branch.report.verdict is Verdict.INVALID_PRINCIPAL:
        return 500 + len(missing)
    denied = [call for call in branch.report.calls if call.decision.outcome is not Outcome.ALLOWED]
    return 1 + len(missing) + sum(_weight(call.decision) for call in denied)


def _weight(decision: Decision) -> int:
    """Weigh a refusal: an explicit one more, and one by the key policy more than one that IAM cures."""
    by_the_key = decision.policy_type in (PolicyType.KEY, PolicyType.RESOURCE)
    return 2 + (decision.outcome is Outcome.EXPLICIT_DENY) + 2 * by_the_key


def _reason(failing: Branch | None, course: Course) -> str:
    """Say why a key is given up."""
    if course.set_aside:
        return course.set_aside[0]
    verdict = failing.report.verdict if failing else Verdict.UNDECIDED
    return _REASONS.get(verdict, "no small change of the key policy cures it")


_REASONS = {
    Verdict.INVALID_PRINCIPAL: "it is not told which principal is meant instead",
    Verdict.NO_PRINCIPAL: "it is not told whom the statement is meant for",
    Verdict.MALFORMED: "it is not told what is meant",
    Verdict.TOO_LARGE: "statements have to go, and only you know which",
    Verdict.ACCESS_DENIED: "neither the key policy nor an identity policy cures it",
}
