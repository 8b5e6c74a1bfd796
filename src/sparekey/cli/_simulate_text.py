"""A decision as text: the outcome, the deciding statement in its source, AWS's sentence, and who said what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.errors import printable
from sparekey.policy import Outcome, PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sparekey.policy import Because, Decision, Examined, Layer
    from sparekey.source import Place

_COLOURS = {Outcome.ALLOWED: "32", Outcome.UNDECIDED: "33", Outcome.EXPLICIT_DENY: "31", Outcome.IMPLICIT_DENY: "31"}
_WORDS = {
    Outcome.ALLOWED: "allowed",
    Outcome.EXPLICIT_DENY: "denied explicitly",
    Outcome.IMPLICIT_DENY: "denied: nothing allows it",
    Outcome.UNDECIDED: "undecided",
}

#: How much of a statement is quoted.
_MOST_LINES = 14
_WIDEST = 140

#: How many near misses are shown without ``--explain``.
_MISSES = 3

#: What to do where the policies of one type are silent.
_HINTS = {
    PolicyType.KEY: "name the caller in the key policy, or its account and then allow the action in IAM",
    PolicyType.TRUST: "name the caller in the role's trust policy",
    PolicyType.RESOURCE: "name the caller in the resource-based policy",
    PolicyType.IDENTITY: "attach an identity-based policy that allows `{action}` on `{resource}`",
    PolicyType.BOUNDARY: "let the permissions boundary allow `{action}` too",
    PolicyType.SESSION: "let the session policy allow `{action}` too",
    PolicyType.SCP: "every level needs a service control policy that allows `{action}`",
    PolicyType.ENDPOINT: "let the VPC endpoint policy allow `{action}` too",
}


class Page:
    """Writes decisions on the cases of one file."""

    def __init__(self, source: Sequence[str], *, colour: bool, explain: bool) -> None:
        """Take the lines of the file, to quote statements from."""
        self._source = source
        self._colour = colour
        self._explain = explain

    def render(self, decision: Decision, heading: str | None) -> str:
        """Write one decision, under the case's name where there are several."""
        first, *lines = self._lines(decision)
        named = f"{printable(heading)}: {first}" if heading else first
        return "".join(f"{line}\n" for line in (named, *map(_plain, lines)))

    def _lines(self, decision: Decision) -> Iterator[str]:
        request = decision.request
        who = request.principal.arn or "an anonymous caller"
        outcome = self._painted(_WORDS[decision.outcome], _COLOURS[decision.outcome])
        yield outcome
        yield f"  {who} calls {request.action} on {request.resource}"
        yield from self._deciding(decision)
        if decision.message:
            yield ""
            yield f"AWS answers: {decision.message}"
        if decision.hangs_on:
            yield ""
            yield "it hangs on"
            yield from (f"  - {name}" for name in decision.hangs_on)
        yield ""
        yield "what each policy type said"
        for layer in decision.layers:
            if layer.says != "absent" or layer.note or self._explain:
                yield from self._layer(layer)
        yield from self._misses(decision)
        if decision.outcome is Outcome.IMPLICIT_DENY and decision.policy_type in _HINTS:
            hint = _HINTS[decision.policy_type]
            yield f"hint: {hint.format(action=request.action, resource=request.resource)}"

    def _deciding(self, decision: Decision) -> Iterator[str]:
        for because, words in ((decision.because, "by"), (decision.delegated_by, "to which it is delegated by")):
            if because is not None:
                yield f"  {words} {_called(because)}"
                yield from self._quoted(because.place)

    def _quoted(self, place: Place | None) -> Iterator[str]:
        """Quote the statement that begins at a place: the lines that belong to it by their indentation."""
        if place is None or not 0 < place.line <= len(self._source):
            return
        yield f"  --> {place}"
        first = self._source[place.line - 1]
        if len(first) > _WIDEST:
            start = max(place.column - 1, 0)
            yield f"   | {'…' if start else ''}{first[start : start + _WIDEST]}…"
            return
        yield f"{place.line:>4} | {first}"
        for number in range(place.line, min(place.line + _MOST_LINES, len(self._source))):
            line = self._source[number]
            belongs, last = _belongs(line, first, place.column - 1)
            if belongs:
                yield f"{number + 1:>4} | {line[:_WIDEST]}"
            if last:
                return

    def _layer(self, layer: Layer) -> Iterator[str]:
        note = f"  ({layer.note})" if layer.note else ""
        yield f"  {layer.policy_type.value:<24} {layer.says}{note}"
        if self._explain:
            for examined in layer.examined:
                yield f"    {_examined(examined)}"

    def _misses(self, decision: Decision) -> Iterator[str]:
        misses = decision.near_misses
        if decision.outcome is Outcome.ALLOWED and not self._explain:
            return
        if misses:
            yield ""
            yield "what came closest"
        for examined in misses if self._explain else misses[:_MISSES]:
            yield f"  {_examined(examined)}"

    def _painted(self, text: str, colour: str) -> str:
        return f"\x1b[1;{colour}m{text}\x1b[0m" if self._colour else text


def _called(because: Because) -> str:
    if because.policy is None or because.statement is None:
        return f"the grant to `{because.grant.grantee}`" if because.grant else because.policy_type.value
    return f"{because.statement.label} ({because.statement.effect}) of the {because.policy.name}"


def _examined(examined: Examined) -> str:
    place = f"{examined.place}: " if examined.place else ""
    label, effect = examined.statement.label, examined.statement.effect
    return f"{place}{label} ({effect}) of the {examined.policy.name}: {examined.reason}"


def _belongs(line: str, first: str, column: int) -> tuple[bool, bool]:
    """Whether a line belongs to the statement that begins at a column of the first line, and whether it ends it."""
    if first[column : column + 1] == "{":
        margin = _indent(first)
        closes = _indent(line) == margin and line.strip()[:1] in ("}", "]")
        return closes or _indent(line) > margin, closes or _indent(line) <= margin
    belongs = bool(line.strip()) and _indent(line) >= column
    return belongs, not belongs


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _plain(line: str) -> str:
    """A line without what a terminal would obey; tabs stay, for the source that is quoted."""
    return line if line.isprintable() else "\t".join(map(printable, line.split("\t")))
