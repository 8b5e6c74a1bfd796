"""``Metadata: sparekey: ignore:`` in a template: findings that somebody accepts, with a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sparekey.check._finding import Finding, Level
from sparekey.template import Concrete, ListValue, MappingNode, MapValue, Node, Resolver, ScalarNode, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sparekey.source import Place

#: The id of the finding about an entry that gives no reason.
WITHOUT_REASON = "SK003"


class Ignore(NamedTuple):
    """One entry: the rule's id, the reason, and where it stands."""

    rule: str
    reason: str
    place: Place


def read_ignores(metadata: Node | None, resolver: Resolver) -> tuple[Ignore, ...]:
    """Read the entries of a Metadata section (the template's or a resource's): a list of ``id`` and ``reason``."""
    node = _member(metadata, "sparekey")
    node = _member(node, "ignore")
    return tuple(_entries(resolver.resolve(node))) if node is not None else ()


def _member(node: Node | None, name: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for key, value in node.value if isinstance(key, ScalarNode) and key.value == name), None)


def _entries(value: Value) -> Iterator[Ignore]:
    for entry in value.items if isinstance(value, ListValue) else (value,):
        if isinstance(entry, Concrete):
            yield Ignore(entry.text, "", entry.place)
        elif isinstance(entry, MapValue):
            rule, reason = (entry.items.get(name) for name in ("id", "reason"))
            if isinstance(rule, Concrete):
                yield Ignore(rule.text, reason.text.strip() if isinstance(reason, Concrete) else "", entry.place)


def suppress(findings: Iterable[Finding], ignores: Iterable[Ignore]) -> tuple[Finding, ...]:
    """Mark the findings whose rule is ignored, with the reason; an entry without a reason ignores nothing."""
    reasons = {ignore.rule: ignore.reason for ignore in ignores if ignore.reason}
    return tuple(
        replace(finding, suppressed=reasons[finding.rule]) if finding.rule in reasons else finding
        for finding in findings
    )


def without_reason(ignores: Iterable[Ignore], logical_id: str = "") -> Iterator[Finding]:
    """Say of each entry without a reason that it ignores nothing."""
    for ignore in ignores:
        if not ignore.reason:
            message = f"`{ignore.rule}` is ignored without a reason, so it is not ignored"
            yield Finding(
                WITHOUT_REASON, Level.WARNING, message, ignore.place, logical_id, ("add `reason:` with one sentence",)
            )
