"""From a template to a proposal: each key cured in turn, and everything checked and proved again at the end."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sparekey.check._finding import Verdict
from sparekey.check.fixes._proof import NotProvedError
from sparekey.check.fixes._proposal import Change, KeyFix, Proposal, Status
from sparekey.check.fixes._survey import Circumstances, survey, taken_for_granted
from sparekey.check.fixes._text import apply_edits
from sparekey.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sparekey.check._deployer import Deployer
    from sparekey.check._finding import KeyReport
    from sparekey.check.fixes._proposal import Proof
    from sparekey.check.fixes._search import Course
    from sparekey.check.fixes._survey import Survey
    from sparekey.check.fixes._text import Edit
    from sparekey.snapshot import Snapshot
    from sparekey.template import Environment, Template


def propose(
    template: Template,
    *,
    environment: Environment,
    deployer: Deployer,
    snapshot: Snapshot,
    administrator: str = "auto",
) -> Proposal:
    """Propose the smallest change by which every key of a template can be made.

    ``administrator`` chooses whom a new statement names: the ``account`` (whose IAM policies then decide), the
    ``deployer``, or (``auto``) the one that is known to suffice with the least gain. Every edit is checked again, and
    the policy engine proves that nobody gains by it but the administrators named.

    Raises:
        InputError: the template uses an intrinsic function in a way CloudFormation refuses, or a parameter is wrong.
    """
    told = Circumstances(environment, deployer, snapshot)
    granted = taken_for_granted(told)
    before = survey(template.text, template.file, told)
    assumed = before if granted is told else survey(template.text, template.file, granted)
    failing = dict.fromkeys(branch.report.logical_id for branch in assumed.branches if branch.fails)
    if not failing:
        keys = tuple(_as_it_is(report) for report in before.report.keys)
        return Proposal(template.file, template.text, template.text, keys)
    for search in (_each_alone, _one_after_the_other):
        try:
            text, courses = search(template, failing, granted, administrator)
            keys = _settled(before, survey(text, template.file, told), courses, granted)
            return Proposal(template.file, template.text, text, keys)
        except (NotProvedError, ValueError, InputError) as error:
            reason = error.reason if isinstance(error, NotProvedError) else str(error)
    reason = f"the edits to this template do more together than each alone: {reason}"
    keys = tuple(_left_alone(report, reason) for report in before.report.keys)
    return Proposal(template.file, template.text, template.text, keys)


def _each_alone(
    template: Template, failing: Iterable[str], here: Circumstances, administrator: str
) -> tuple[str, Mapping[str, Course]]:
    """Cure each key of a large template in an excerpt, and carry out all edits at once.

    Raises:
        ValueError: edits for different keys meet.
        InputError: an excerpt, or the text that the edits make, is no template.
    """
    from sparekey.check.fixes._excerpt import excerpt, from_the_start
    from sparekey.check.fixes._search import cure

    edits: list[tuple[Edit, str]] = []
    courses: dict[str, Course] = {}
    for logical_id in failing:
        part = excerpt(template, logical_id)
        if part is None:
            raise ValueError("the template is small")
        courses[logical_id] = course = cure(part.text, template.file, logical_id, here, administrator)
        steps = [change.edits for change in course.changes] if course.refused_because is None else []
        edits += [(part.in_whole(edit), logical_id) for edit in from_the_start(steps)]
    in_order = sorted(edits, key=lambda item: item[0][:2])
    for (edit, own), (later, other) in pairwise(in_order):
        if own != other and later.start <= edit.end:
            raise ValueError("edits for different keys meet")
    return apply_edits(template.text, (edit for edit, _ in edits)), courses


def _one_after_the_other(
    template: Template, failing: Iterable[str], here: Circumstances, administrator: str
) -> tuple[str, Mapping[str, Course]]:
    """Cure the keys in turn, each in the text that the ones before left."""
    from sparekey.check.fixes._search import cure

    text = template.text
    courses: dict[str, Course] = {}
    for logical_id in failing:
        courses[logical_id] = course = cure(text, template.file, logical_id, here, administrator)
        text = text if course.refused_because else course.text
    return text, courses


def _as_it_is(report: KeyReport) -> KeyFix:
    """Say that there is nothing to change for a key."""
    verdict = report.verdict
    status = Status.UNDECIDED if verdict is Verdict.UNDECIDED else Status.NOTHING
    return KeyFix(report.logical_id, report.place, status, verdict, verdict, hangs_on=report.hangs_on)


def _left_alone(report: KeyReport, reason: str) -> KeyFix:
    """Say why nothing is proposed for a key."""
    verdict = report.verdict
    return KeyFix(
        report.logical_id, report.place, Status.REFUSED, verdict, verdict, reason=reason, hints=report.hints
    )  # fmt: skip


def _settled(before: Survey, after: Survey, courses: Mapping[str, Course], here: Circumstances) -> tuple[KeyFix, ...]:
    """Check and prove all edits together, key by key.

    Raises:
        NotProvedError: somebody gains whom no change was to help, or an edit for one key harms another.
    """
    from sparekey.check.fixes._search import prove_all

    fixes = []
    shared = frozenset(
        name for course in courses.values() if not course.refused_because for name in course.administrators
    )
    for report, now in zip(before.report.keys, after.report.keys, strict=True):
        course = courses.get(report.logical_id)
        used = course if course and not course.refused_because else None
        names = used.administrators or shared if used else frozenset[str]()
        proof = prove_all(before, after, report.logical_id, names, here)
        if used is None:
            if now.verdict is not report.verdict:
                raise NotProvedError(f"key `{report.logical_id}` would become {now.verdict}")
            because = course.refused_because if course else None
            fixes.append(_left_alone(report, because) if because else _as_it_is(report))
        else:
            fixes.append(_proposed(report, _with_attachments(now, after, used), used, proof))
    return tuple(fixes)


def _with_attachments(now: KeyReport, after: Survey, course: Course) -> KeyReport:
    """The report on a key once the statements are attached.

    Raises:
        NotProvedError: it still fails.
    """
    seen = survey(after.template.text, after.template.file, course.circumstances, only=now.logical_id)
    if any(branch.fails for branch in seen.of(now.logical_id)):
        raise NotProvedError(f"key `{now.logical_id}` would still fail")
    return seen.report.keys[0] if course.attachments else now


def _proposed(report: KeyReport, now: KeyReport, course: Course, proof: Proof | None) -> KeyFix:
    taken = (text for change in course.changes for text in change.assumptions)
    changes = tuple(Change(change.change, change.cause) for change in course.changes)
    if proof is not None and not changes:
        changes = (Change("the edits for another key reach this one too: both are written in one place", ""),)
    return KeyFix(
        report.logical_id,
        report.place,
        Status.PROPOSED,
        report.verdict,
        now.verdict,
        changes=changes,
        attachments=tuple(course.attachments),
        proof=proof,
        hangs_on=now.hangs_on,
        assumptions=tuple(dict.fromkeys((*taken, *now.assumptions))),
    )
