"""From a template to a proposal: each key cured in turn, and everything checked and proved again at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check._finding import Verdict
from sparekey.check._settings import KEY_TYPES
from sparekey.check.fixes._proof import NotProvedError
from sparekey.check.fixes._proposal import KeyFix, Proposal, Status
from sparekey.check.fixes._search import Course, cure, prove_all
from sparekey.check.fixes._survey import Circumstances, survey, taken_for_granted

if TYPE_CHECKING:
    from sparekey.check._deployer import Deployer
    from sparekey.check._finding import KeyReport
    from sparekey.check.fixes._survey import Survey
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
        InputError: the template uses an intrinsic function in a way CloudFormation refuses, or the parameters do not fit.
    """
    told = Circumstances(environment, deployer, snapshot)
    granted = taken_for_granted(told)
    before = survey(template.text, template.file, told)
    assumed = survey(template.text, template.file, granted)
    text = template.text
    courses: dict[str, Course] = {}
    for logical_id, resource in template.resources.items():
        if resource.type in KEY_TYPES and any(branch.fails for branch in assumed.of(logical_id)):
            course = cure(text, template.file, logical_id, granted, administrator)
            courses[logical_id] = course
            text = course.text if course.refused_because is None else text
    after = survey(text, template.file, told)
    try:
        keys = tuple(
            _key(report, courses.get(report.logical_id), before, after, granted) for report in before.report.keys
        )
    except NotProvedError as error:
        keys = tuple(
            _left_alone(report, f"the edits together do more than each alone: {error.reason}")
            for report in before.report.keys
        )
        text = template.text
    return Proposal(template.file, template.text, text, keys)


def _left_alone(report: KeyReport, reason: str) -> KeyFix:
    return KeyFix(
        report.logical_id,
        report.place,
        Status.REFUSED,
        report.verdict,
        report.verdict,
        reason=reason,
        hints=report.hints,
    )


def _key(report: KeyReport, course: Course | None, before: Survey, after: Survey, here: Circumstances) -> KeyFix:
    """Say what is proposed for one key, after checking and proving all edits together.

    Raises:
        NotProvedError: somebody gains whom no change to this key was to help.
    """
    verdict = report.verdict
    names = course.administrators if course and course.refused_because is None else frozenset[str]()
    proof = prove_all(before, after, report.logical_id, names, here)
    if course is None:
        status = Status.UNDECIDED if verdict is Verdict.UNDECIDED else Status.NOTHING
        return KeyFix(report.logical_id, report.place, status, verdict, verdict, hangs_on=report.hangs_on)
    if course.refused_because is not None:
        return _left_alone(report, course.refused_because)
    seen = (
        survey(after.template.text, after.template.file, course.circumstances, only=report.logical_id)
        if course.attachments
        else after
    )
    now = next(key for key in seen.report.keys if key.logical_id == report.logical_id)
    return KeyFix(
        report.logical_id,
        report.place,
        Status.PROPOSED,
        verdict,
        now.verdict,
        changes=tuple(change.change for change in course.changes),
        causes=tuple(dict.fromkeys(change.cause for change in course.changes if change.cause)),
        attachments=tuple(course.attachments),
        proof=proof if course.changes else None,
        hangs_on=now.hangs_on,
        assumptions=tuple(
            dict.fromkeys((*(text for change in course.changes for text in change.assumptions), *now.assumptions))
        ),
    )
