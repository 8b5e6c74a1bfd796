"""SARIF 2.1.0, as GitHub's code scanning reads it.

GitHub's own rules: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sparekey import __version__
from sparekey.check._finding import Level, TemplateReport, Verdict
from sparekey.check.reports._fingerprint import Fingerprints
from sparekey.check.reports._problems import VERDICTS, Problem, problems
from sparekey.check.reports._sarif_places import Places
from sparekey.check.reports._sarif_trace import code_flows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.check._rule import Rule

_SEVERITIES = {Level.ERROR: "7.5", Level.WARNING: "5.0", Level.NOTE: "2.0"}


def render(reports: Sequence[TemplateReport], *, root: str | None = None) -> str:
    """Render the reports as one run.

    ``root`` is the absolute path of the repository (or of the working directory): absolute paths below it are
    written relative to it, as GitHub asks for.
    """
    found = [(report, problem) for report in reports for problem in problems(report)]
    rules = _rules({problem.id: problem.level for _, problem in found})
    index = {str(rule["id"]): number for number, rule in enumerate(rules)}
    fingerprints = Fingerprints()
    results = []
    for report, problem in found:
        places = Places(report.path, report.lines, root)
        results.append(_result(problem, index[problem.id], places, fingerprints.of(problem, report)))
    run: dict[str, object] = {
        "tool": {"driver": {"name": "sparekey", "semanticVersion": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": "sparekey/"},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notes(reports, root)}],
        "results": results,
    }
    document = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2) + "\n"


def _result(problem: Problem, rule: int, places: Places, fingerprint: str) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": problem.id,
        "ruleIndex": rule,
        "level": problem.level.value,
        "message": {"text": problem.text},
        "locations": [places.location(problem.place, problem.logical_id)],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }
    if problem.decides and problem.key and (flows := code_flows(problem.key, problem.place, places)):
        result["codeFlows"] = flows
    if problem.suppressed is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": problem.suppressed}]
    return result


def _notes(reports: Sequence[TemplateReport], root: str | None) -> list[dict[str, object]]:
    return [
        {
            "level": "note",
            "message": {"text": note},
            "locations": [
                {"physicalLocation": {"artifactLocation": Places(report.path, {}, root).artifact(report.path)}}
            ],
        }
        for report in reports
        for note in report.notes
    ]


def _rules(levels: Mapping[str, Level]) -> list[dict[str, object]]:
    from sparekey.check.rules import find_rule

    described = []
    for identity in sorted(levels):
        rule = find_rule(identity)
        described.append(_rule(rule) if rule else _verdict(identity, levels[identity]))
    return described


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": _beginning(rule.explanation)},
        "help": {"text": rule.explanation, "markdown": _markdown(rule)},
        "defaultConfiguration": {"level": rule.level.value},
        "properties": {
            "tags": ["security", "aws", "kms", *rule.causes],
            "precision": "very-high",
            "problem.severity": "recommendation" if rule.level is Level.NOTE else rule.level.value,
            "security-severity": _SEVERITIES[rule.level],
        },
    }


def _verdict(identity: str, level: Level) -> dict[str, object]:
    """Describe a result that no rule stands for."""
    name = identity.removeprefix("verdict-")
    text = VERDICTS[Verdict(name)] if name in VERDICTS else identity
    return {
        "id": identity,
        "name": name,
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": level.value},
        "properties": {"tags": ["security", "aws", "kms"], "security-severity": _SEVERITIES[level]},
    }


def _beginning(explanation: str) -> str:
    """What happens and why: the first two paragraphs, of which GitHub takes 1,024 characters."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in explanation.strip().split("\n\n")[:2])
    return "\n\n".join(paragraphs)[:1024]


def _markdown(rule: Rule) -> str:
    from sparekey.check.rules import shortened

    return (
        f"# {rule.id} {rule.name}\n\n{rule.explanation.strip()}\n\n"
        f"## Found in\n\n```yaml\n{shortened(rule.bad)}```\n\n## Not found in\n\n```yaml\n{shortened(rule.good)}```\n"
    )
