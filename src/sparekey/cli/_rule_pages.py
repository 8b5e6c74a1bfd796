"""Rules as text for a terminal, as JSON, and as the pages of the reference manual."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sparekey.check._rule import ADMINISTRATOR_ACCESS, Given, Rule
from sparekey.check.rules import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GROUPS = {
    "SK0": "The input",
    "SK1": "Why the deployer is locked out or refused",
    "SK2": "What KMS refuses in the document",
    "SK3": "What will hurt later",
}

_HEADER = """\
<!-- Written by `sparekey rule --format markdown`. Change the rules, not this page. -->

# Rules

Every finding of `sparekey check` names a rule. `sparekey rule ID` shows the rule in the terminal. A finding is accepted
by an entry with the rule's id and a reason, under `Metadata` of the resource or of the whole template:

```yaml
Metadata:
  sparekey:
    ignore:
      - id: SK301
        reason: the key lives for one test only
```

An *error* means that the deployment fails for sure; a *warning* that it may fail, that the next one will, or that the
key policy does not do what it says; a *note* needs no action. `--fail-on` says from which level on
the exit status is 1.

"""


def listing(rules: Sequence[Rule]) -> str:
    """List rules for a terminal, one a line."""
    width = max(len(rule.name) for rule in rules)
    return "".join(f"{rule.id}  {rule.level.value:<7}  {rule.name:<{width}}  {rule.summary}\n" for rule in rules)


def as_text(rule: Rule) -> str:
    """Explain a rule for a terminal."""
    causes = f"  causes: {', '.join(rule.causes)}" if rule.causes else ""
    return (
        f"{rule.id} {rule.name} ({rule.level.value}){causes}\n\n{rule.summary}\n\n{rule.explanation.rstrip()}\n\n"
        f"{''.join(_example_text(rule, good=False))}\n{''.join(_example_text(rule, good=True))}"
    )


def _example_text(rule: Rule, *, good: bool) -> Iterator[str]:
    given = rule.good_given if good else rule.bad_given
    yield (
        f"Not found in, checked with {_options(rule, given)}:\n\n"
        if good
        else f"Found in, checked with {_options(rule, given)}:\n\n"
    )
    yield _indented(shortened(rule.good if good else rule.bad))
    for name, text in _files(given):
        yield f"\n  {name}:\n\n{_indented(text)}"


def _options(rule: Rule, given: Given) -> str:
    options = [f"--as {rule.example_deployer}"]
    if given.role_arn:
        options.append(f"--role-arn {given.role_arn}")
    options.extend(f"--{name.partition('.')[0]} {name}" for name, _ in _files(given, everything=True))
    return " ".join(options)


def _files(given: Given, *, everything: bool = False) -> Iterator[tuple[str, str]]:
    """The files beside an example; an identity policy that allows everything need not be shown."""
    if given.iam and (everything or given.iam != ADMINISTRATOR_ACCESS):
        yield "iam.json", given.iam
    if given.scp:
        yield "scp.json", given.scp


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.rstrip("\n").split("\n"))


def as_json(rules: Rule | Sequence[Rule]) -> str:
    """Write one rule as an object, several as ``{"rules": [...]}``."""
    shown: object = _object(rules) if isinstance(rules, Rule) else {"rules": [_object(rule) for rule in rules]}
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def _object(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "name": rule.name,
        "level": rule.level.value,
        "summary": rule.summary,
        "explanation": rule.explanation,
        "causes": list(rule.causes),
        "bad": _example_object(rule, rule.bad, rule.bad_given),
        "good": _example_object(rule, rule.good, rule.good_given),
    }


def _example_object(rule: Rule, template: str, given: Given) -> dict[str, object]:
    return {
        "template": template,
        "as": rule.example_deployer,
        "role_arn": given.role_arn,
        "iam": given.iam,
        "scp": given.scp,
    }


def reference(rules: Sequence[Rule]) -> str:
    """Write the reference page of all rules."""
    parts = [_HEADER, "| Rule | Level | Name | What it says |\n| --- | --- | --- | --- |\n"]
    parts.extend(
        f"| [{rule.id}](#{_anchor(rule)}) | {rule.level.value} | {rule.name} | {rule.summary} |\n" for rule in rules
    )
    for prefix, title in _GROUPS.items():
        parts.append(f"\n## {title}\n")
        parts.extend(f"\n{rule_section(rule)}" for rule in rules if rule.id.startswith(prefix))
    return "".join(parts)


def _anchor(rule: Rule) -> str:
    return f"{rule.id}-{rule.name}".lower()


def rule_section(rule: Rule) -> str:
    """Write one rule's section of the reference page."""
    causes = f" Classes of reports from the field: {', '.join(rule.causes)}." if rule.causes else ""
    return (
        f"### {rule.id} {rule.name}\n\n**{rule.summary}** Level: {rule.level.value}.{causes}\n\n"
        f"{rule.explanation.rstrip()}\n\n"
        f"{''.join(_example_page(rule, good=False))}{''.join(_example_page(rule, good=True))}"
    )


def _example_page(rule: Rule, *, good: bool) -> Iterator[str]:
    given = rule.good_given if good else rule.bad_given
    yield f"{'Not found' if good else 'Found'} in this template, checked with `{_options(rule, given)}`:\n\n"
    yield f"```yaml\n{shortened(rule.good if good else rule.bad)}```\n\n"
    for name, text in _files(given):
        yield f"`{name}`:\n\n```json\n{text.rstrip()}\n```\n\n"
