"""The ways the open conditions that a resource hangs on can turn out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.template._conditions import Atom, Expression, Scenario, atoms_of, decide

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sparekey.template._resolve import Resolver

#: How many ways to decide the comparisons are tried; above, the conditions stay open.
_TRIES = 4096


class _Subject(NamedTuple):
    """One unknown side, the comparisons of it, and the values it can take if they are few."""

    atoms: tuple[Atom, ...]
    allowed: frozenset[str] | None

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
    names = _open_conditions(resolver, logical_id)
    if not names:
        return (Scenario(None, resolver),)
    expressions = {name: resolver.expression(name) for name in resolver.template.conditions if name in names}
    outcomes = _outcomes(resolver, expressions, limit)
    if outcomes is None or len(outcomes) > limit:
        return (Scenario(None, resolver),)
    return tuple(Scenario(_described(outcome), resolver.assuming(outcome, bindings)) for outcome, bindings in outcomes)


def _open_conditions(resolver: Resolver, logical_id: str) -> set[str]:
    """The names of the open conditions that are asked when a resource is resolved."""
    probe = resolver.assuming({}, {})
    resource = probe.template.resources[logical_id]
    if probe.exists(logical_id) is not False and resource.properties is not None:
        probe.resolve(resource.properties)
    return set(probe.open_conditions)


def _outcomes(
    resolver: Resolver, expressions: Mapping[str, Expression], limit: int
) -> list[tuple[dict[str, bool], dict[str, str]]] | None:
    """Each outcome of the conditions, with the parameters whose value it settles; ``None`` if there are too many."""
    found: dict[tuple[bool, ...], dict[str, str]] = {}
    subjects = _subjects(resolver, expressions)
    tries = 1
    for subject in subjects:
        tries *= len(subject.ways())
    if tries > _TRIES:
        return None
    for holding in _combinations(subjects):
        facts = {atom: atom in holding for subject in subjects for atom in subject.atoms}
        key = tuple(decide(expression, facts) for expression in expressions.values())
        settled = {atom.reference: atom.literal for atom in holding if atom.reference and atom.literal is not None}
        before = found.get(key)
        found[key] = (
            settled if before is None else {name: value for name, value in before.items() if settled.get(name) == value}
        )
        if len(found) > limit:
            return None
    ordered = sorted(found.items(), key=lambda item: [not held for held in item[0]])
    return [(dict(zip(expressions, key, strict=True)), settled) for key, settled in ordered]


def _subjects(resolver: Resolver, expressions: Mapping[str, Expression]) -> list[_Subject]:
    """The undecided comparisons, by what is compared."""
    by_side: dict[str, list[Atom]] = {}
    for expression in expressions.values():
        for atom in atoms_of(expression):
            known = by_side.setdefault(atom.side, [])
            if atom not in known:
                known.append(atom)
    subjects = []
    for atoms in by_side.values():
        parameter = resolver.template.parameters.get(atoms[0].reference or "")
        allowed = frozenset(parameter.allowed_values) if parameter and parameter.allowed_values else None
        subjects.append(_Subject(tuple(atoms), allowed))
    return subjects


def _combinations(subjects: list[_Subject]) -> Iterator[frozenset[Atom]]:
    """Every way to decide all comparisons: those that hold."""
    if not subjects:
        yield frozenset()
        return
    for rest in _combinations(subjects[1:]):
        for way in subjects[0].ways():
            yield way | rest


def _described(outcome: Mapping[str, bool]) -> str:
    """The outcome in words."""
    parts = [f"`{name}` is {'true' if holds else 'false'}" for name, holds in outcome.items()]
    return "when " + (", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0])
