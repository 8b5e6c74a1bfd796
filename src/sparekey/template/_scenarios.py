"""The ways the open conditions that a resource hangs on can turn out."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

from sparekey.template._conditions import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sparekey.template._conditions import Atom
    from sparekey.template._resolve import Resolver

#: How many ways to decide the comparisons are tried; above, the conditions stay open.
_TRIES = 4096


class _Subject(NamedTuple):
    """One unknown side, the comparisons of it, and the values it can take if they are few."""

    atoms: tuple[Atom, ...]
    allowed: frozenset[str] | None

    def most(self) -> int:
        """How many ways there are at most."""
        literals = sum(atom.literal is not None for atom in self.atoms)
        return (literals + 1) << min(len(self.atoms) - literals, 64)

    def ways(self) -> list[frozenset[Atom]]:
        """Which of the comparisons hold together: a value equals one literal at most."""
        literal = [atom for atom in self.atoms if atom.literal is not None]
        ways = [frozenset({atom}) for atom in literal]
        if self.allowed is None or self.allowed - {atom.literal for atom in literal}:
            ways.append(frozenset())
        for atom in self.atoms:
            if atom.literal is None:
                ways = [way | extra for way in ways for extra in (frozenset({atom}), frozenset())]
        return ways


def scenarios(resolver: Resolver, logical_id: str, limit: int) -> tuple[Scenario, ...]:
    """One scenario for each consistent outcome of the open conditions that a resource hangs on."""
    if resolver.conditions.all_decided:
        return (Scenario(None, resolver),)
    asked = _open_conditions(resolver, logical_id)
    order = dict.fromkeys((*resolver.template.conditions, *asked))  # as in the template, then what a transform may add
    names = [name for name in order if name in asked]
    condition = resolver.template.resources[logical_id].condition
    outcomes = _outcomes(resolver, names, condition, limit) if names else None
    if outcomes is None:
        return (Scenario(None, resolver),)
    return tuple(Scenario(_described(outcome), resolver.assuming(outcome, bindings)) for outcome, bindings in outcomes)


def _open_conditions(resolver: Resolver, logical_id: str) -> tuple[str, ...]:
    """The names of the open conditions that are asked when a resource is resolved."""
    probe = resolver.assuming({}, {})
    resource = probe.template.resources[logical_id]
    if probe.exists(logical_id) is not False and resource.properties is not None:
        probe.resolve(resource.properties)
    return tuple(probe.conditions.open)


def _outcomes(
    resolver: Resolver, names: list[str], condition: str | None, limit: int
) -> list[tuple[dict[str, bool], dict[str, str]]] | None:
    """Each outcome of the conditions, with the values it settles; ``None`` if there are too many.

    ``condition`` is that of the resource. ``True`` comes first, condition by condition.
    """
    subjects = _subjects(resolver, names)
    tries = math.prod(subject.most() for subject in subjects)
    if tries > _TRIES or not resolver.budget.try_ways(tries * len(names)):
        return None
    found: dict[tuple[tuple[str, bool], ...], dict[str, str]] = {}
    for facts in _combinations(subjects):
        decided: dict[str, bool] = {}
        outcome = tuple((name, resolver.conditions.decide(name, facts, decided)) for name in names)
        if (condition, False) in outcome:  # the resource is not created: nothing else matters
            outcome = ((str(condition), False),)
        settled = {atom.reference: atom.literal for atom in facts if atom.reference and atom.literal is not None}
        before = found.get(outcome, settled)
        found[outcome] = {name: value for name, value in before.items() if settled.get(name) == value}
        if len(found) > limit:
            return None
    ordered = sorted(found.items(), key=lambda item: [not holds for _, holds in item[0]])
    return [(dict(outcome), settled) for outcome, settled in ordered]


def _subjects(resolver: Resolver, names: list[str]) -> list[_Subject]:
    """The undecided comparisons, by what is compared."""
    by_side: dict[str, dict[Atom, None]] = {}
    for name in names:
        for atom in resolver.conditions.atoms(name):
            by_side.setdefault(atom.side, {})[atom] = None
    subjects = []
    for atoms in by_side.values():
        references = [atom.reference for atom in atoms if atom.reference]
        parameter = resolver.template.parameters.get(references[0]) if references else None
        allowed = frozenset(parameter.allowed_values) if parameter and parameter.allowed_values else None
        subjects.append(_Subject(tuple(atoms), allowed))
    return subjects


def _combinations(subjects: list[_Subject]) -> Iterator[frozenset[Atom]]:
    """Every way to decide all comparisons: those that hold."""
    for ways in itertools.product(*(subject.ways() for subject in subjects)):
        yield frozenset().union(*ways)


def _described(outcome: Mapping[str, bool]) -> str:
    """The outcome in words."""
    parts = [f"`{name}` is {'true' if holds else 'false'}" for name, holds in outcome.items()]
    return "when " + (", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0])
