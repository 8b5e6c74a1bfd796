"""``sparekey check``: predict what KMS answers when a template is deployed."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from sparekey.check._finding import Level, TemplateReport
from sparekey.cli._parser import Parser
from sparekey.cli.deployment import Deployment, add_arguments, read_deployment
from sparekey.cli.main import put_out, warn
from sparekey.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sparekey.check._rule import Rule

_EPILOG = "exit status: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or unreadable input"


def run(arguments: list[str]) -> int:
    """Check templates and print the report.

    Returns:
        0 if nothing is as grave as ``--fail-on``, 1 if something is, 2 if a template cannot be read.

    Raises:
        InputError: an option is wrong, or another file cannot be read.
    """
    options = _parser().parse_intermixed_args(arguments)
    rules = select_rules(options.select, options.ignore)
    deployment = read_deployment(options)
    for warning in deployment.warnings:
        warn(warning)
    reports, unreadable = _check(deployment, rules)
    fail_on = None if options.fail_on == "never" else Level(options.fail_on)
    if reports or not unreadable:
        _write(options.format, options.output, reports, fail_on)
    if unreadable:
        return 2
    return 1 if fail_on is not None and any(fails(report, fail_on) for report in reports) else 0


def _parser() -> Parser:
    parser = Parser(
        prog="sparekey check",
        description="Predict what KMS answers when a CloudFormation template is deployed by a given principal.",
        epilog=_EPILOG,
    )
    add_arguments(parser)
    output = parser.add_argument_group("what is reported")
    formats = ("text", "json", "sarif", "junit", "github", "gitlab")
    output.add_argument("--format", choices=formats, default="text", help="the form of the report (default: text)")
    output.add_argument("--output", metavar="FILE", help="write the report to a file")
    output.add_argument("--fail-on", choices=("note", "warning", "error", "never"), default="error",
                        help="the least grave finding that makes the exit status 1 (default: error)")  # fmt: skip
    output.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="RULE",
        help="only rules whose id begins so; commas separate several",
    )
    output.add_argument("--ignore", action="append", default=[], metavar="RULE", help="no rules whose id begins so")
    return parser


def select_rules(select: Iterable[str], ignore: Iterable[str]) -> tuple[Rule, ...]:
    """Choose rules by prefixes of their ids.

    Raises:
        InputError: a prefix fits no rule.
    """
    from sparekey.check.rules import RULES

    chosen, dropped = _prefixes(select), _prefixes(ignore)
    for prefix in (*chosen, *dropped):
        if not any(rule.id.startswith(prefix) for rule in RULES):
            raise InputError(f"no rule's id begins with `{prefix}`", hint="`sparekey rule` lists the rules")
    return tuple(
        rule
        for rule in RULES
        if (not chosen or rule.id.startswith(chosen)) and not (dropped and rule.id.startswith(dropped))
    )


def _prefixes(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(prefix.strip().upper() for text in texts for prefix in text.split(",") if prefix.strip())


def _check(deployment: Deployment, rules: Sequence[Rule]) -> tuple[list[TemplateReport], int]:
    """Check one template after the other; what cannot be read is said at once, and counted."""
    from sparekey.check._check import check_template

    loaded = list(deployment.templates())
    reports: list[TemplateReport] = []
    unreadable = 0
    for number, template in enumerate(loaded, 1):
        _progress(number, len(loaded))
        try:
            if isinstance(template, InputError):
                raise template
            environment = deployment.environment_of(template, alone=len(loaded) == 1)
            reports.append(
                check_template(
                    template,
                    environment=environment,
                    deployer=deployment.deployer,
                    snapshot=deployment.snapshot,
                    rules=rules,
                )
            )
        except InputError as error:
            from sparekey.cli.main import say

            say(error)
            unreadable += 1
    _progress(0, len(loaded))
    return reports, unreadable


def _progress(number: int, count: int) -> None:
    """Show on a terminal how far a long run is; 0 wipes it."""
    if count >= 20 and sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[Kchecking {number} of {count}" if number else "\r\x1b[K")
        sys.stderr.flush()


def _write(form: str, output: str | None, reports: Sequence[TemplateReport], fail_on: Level | None) -> None:
    from sparekey.check.reports import render

    colour = output is None and form == "text" and _coloured()
    text = render(form, reports, colour=colour, fail_on=fail_on, root=os.getcwd())  # noqa: PTH109 - text is wanted
    put_out(text, output)


def _coloured() -> bool:
    """Colour is for terminals, and for people who did not say no: https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def fails(report: TemplateReport, fail_on: Level) -> bool:
    """Whether a report holds something as grave as ``fail_on`` that nobody suppressed."""
    from sparekey.check.reports._problems import problems

    return any(problem.suppressed is None and problem.level.rank >= fail_on.rank for problem in problems(report))
