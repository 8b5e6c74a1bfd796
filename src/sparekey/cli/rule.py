"""``sparekey rule``: what the check can say, why, and what to do about it."""

from __future__ import annotations

import sys

from sparekey.errors import InputError

_USAGE = """\
usage: sparekey rule [ID] [--format text|json|markdown]

Explain a rule: what happens at AWS, why, how to repair it, with a template it finds and one it does not.
Without an ID: list all rules. An ID is SK and three digits (SK101); the rule's name (no-administrator) will do, too.

options:
  --format FORMAT   text (default), json, or markdown (the reference manual's page)
  -h, --help        show this help
"""

_FORMATS = ("text", "json", "markdown")


def run(arguments: list[str]) -> int:
    """Explain one rule, or list them all.

    Raises:
        InputError: an option or an id that does not exist.
    """
    if "-h" in arguments or "--help" in arguments:
        sys.stdout.write(_USAGE)
        return 0
    ids, form = _read(arguments)
    from sparekey.check.rules import RULES, find_rule
    from sparekey.cli import _rule_pages as pages

    rule = find_rule(ids[0]) if ids else None
    if ids and rule is None:
        raise InputError(f"there is no rule `{ids[0]}`", hint="`sparekey rule` lists all rules")
    if form == "json":
        sys.stdout.write(pages.as_json(rule or RULES))
    elif form == "markdown":
        sys.stdout.write(pages.rule_section(rule) if rule else pages.reference(RULES))
    else:
        sys.stdout.write(pages.as_text(rule) if rule else pages.listing(RULES))
    return 0


def _read(arguments: list[str]) -> tuple[list[str], str]:
    """Split the arguments into rule ids and the format."""
    ids: list[str] = []
    form = "text"
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if name == "--format":
            form = value if equals else next(rest, "")
        elif argument.startswith("-"):
            raise InputError(f"`sparekey rule` has no option `{argument}`", hint="see `sparekey rule --help`")
        else:
            ids.append(argument)
    if form not in _FORMATS:
        raise InputError(f"there is no format `{form}`", hint=f"one of: {', '.join(_FORMATS)}")
    if len(ids) > 1:
        raise InputError(f"`sparekey rule` explains one rule at a time, and `{ids[1]}` is the second")
    return ids, form
