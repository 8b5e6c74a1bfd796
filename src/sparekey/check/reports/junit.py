"""JUnit XML: one test suite a template, one test case a key."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sparekey.check._finding import KeyReport, Level, TemplateReport, Verdict
from sparekey.check.reports._problems import Problem, key_problems, problems, tidy_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def render(reports: Sequence[TemplateReport], *, fail_on: Level = Level.ERROR) -> str:
    """Render the reports; a problem below ``fail_on`` does not fail its test case.

    An undecided key is an error if warnings fail, and skipped otherwise: it never counts as passed.
    """
    suites: list[str] = []
    total: Counter[str] = Counter()
    for report in reports:
        cases = [_key_case(report, key, fail_on) for key in report.keys]
        cases.extend(_template_case(report, fail_on))
        counts = Counter(outcome for outcome, _ in cases)
        total += counts + Counter(tests=len(cases))
        body = "".join(text for _, text in cases)
        suites.append(f"  <testsuite {_counts(report.path, counts, len(cases))}>\n{body}  </testsuite>\n")
    header = _counts("sparekey", total, total["tests"])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {header}>\n{"".join(suites)}</testsuites>\n'


def _counts(name: str, counts: Counter[str], tests: int) -> str:
    return (
        f'name="{_escape(tidy_path(name))}" tests="{tests}" failures="{counts["failure"]}" '
        f'errors="{counts["error"]}" skipped="{counts["skipped"]}"'
    )


def _key_case(report: TemplateReport, key: KeyReport, fail_on: Level) -> tuple[str, str]:
    found = list(key_problems(key))
    failing = [problem for problem in found if problem.suppressed is None and problem.level.rank >= fail_on.rank]
    outcome, element = "passed", ""
    if key.verdict is Verdict.UNDECIDED:
        outcome = "error" if fail_on.rank <= Level.WARNING.rank else "skipped"
        outcome = "failure" if any(problem.level is Level.ERROR for problem in failing) else outcome
        element = _element(outcome, key.verdict, key.message, failing or found)
    elif failing:
        outcome = "failure"
        element = _element(outcome, key.verdict, failing[0].message, failing)
    elif key.verdict is Verdict.NOT_CREATED:
        outcome = "skipped"
        element = _element(outcome, key.verdict, key.message, ())
    rest = [problem for problem in found if not element or problem not in failing]
    name = f"{key.logical_id} ({key.resource_type})" + (f" {key.condition}" if key.condition else "")
    return outcome, _case(report, name, element, rest)


def _template_case(report: TemplateReport, fail_on: Level) -> Iterator[tuple[str, str]]:
    found = [problem for problem in problems(report) if problem.key is None]
    if found:
        failing = [problem for problem in found if problem.suppressed is None and problem.level.rank >= fail_on.rank]
        element = _element("failure", failing[0].id, failing[0].message, failing) if failing else ""
        rest = [problem for problem in found if problem not in failing]
        yield "failure" if failing else "passed", _case(report, "template", element, rest)


def _case(report: TemplateReport, name: str, element: str, rest: Sequence[Problem]) -> str:
    output = f"      <system-out>{_escape(_listing(rest))}</system-out>\n" if rest else ""
    head = f'<testcase classname="{_escape(tidy_path(report.path))}" name="{_escape(name)}"'
    return f"    {head}>\n{element}{output}    </testcase>\n" if element or output else f"    {head}/>\n"


def _element(tag: str, kind: str, message: str, listed: Sequence[Problem]) -> str:
    return f'      <{tag} type="{_escape(kind)}" message="{_escape(message)}">{_escape(_listing(listed))}</{tag}>\n'


def _listing(found: Sequence[Problem]) -> str:
    return "\n".join(
        f"{problem.place}: {problem.level}: {problem.text} [{problem.id}]"
        + (f" (suppressed: {problem.suppressed})" if problem.suppressed is not None else "")
        for problem in found
    )


#: XML 1.0 allows neither these control characters nor surrogates, not even as references.
_FORBIDDEN = dict.fromkeys((*range(32), *range(127, 160), *range(55296, 57344), 65534, 65535))
_TRANSLATION: dict[int, str | None] = {
    **_FORBIDDEN,
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
    ord("\t"): "&#9;",
    ord("\n"): "&#10;",
}


def _escape(text: str) -> str:
    """Write text so that it is safe in an attribute and in an element."""
    return text.translate(_TRANSLATION)
