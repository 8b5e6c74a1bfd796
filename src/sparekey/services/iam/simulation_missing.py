"""The context keys that a simulation would need: what statements refer to and nobody gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.iam.context_keys import variables_in
from sparekey.services.iam.granted_services import covers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.policy import Policy, Statement
    from sparekey.services.iam.simulation_results import Simulation


def missing_keys(simulation: Simulation, action: str) -> Iterator[str]:
    """The context keys that statements on this action refer to and nobody gave."""
    known = {key.lower() for key, value in simulation.context.values.items() if isinstance(value, str | tuple)}
    known |= _implied(simulation)
    seen: set[str] = set()
    for source in (*simulation.identity, *([simulation.resource] if simulation.resource else [])):
        for statement in source.policy.statements:
            if covers(statement)(action.lower()):
                for key in _keys(source.policy, statement):
                    if key.lower() not in known and key not in seen:
                        seen.add(key)
                        yield key


def _implied(simulation: Simulation) -> set[str]:
    """What the caller's ARN tells, unless the simulation was given no caller."""
    keys = ("aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:username")
    absent = {key.lower() for key in simulation.context.values}
    return {key for key in keys if key not in absent}


def _keys(policy: Policy, statement: Statement) -> Iterator[str]:
    """The condition keys and policy variables of a statement."""
    variables = policy.version == "2012-10-17"
    for condition in statement.conditions:
        yield str(condition.key)
        if variables:
            for value in condition.values:
                yield from variables_in(str(value))
    if variables:
        for resource in (*(statement.resource or ()), *(statement.not_resource or ())):
            yield from (key for key in variables_in(str(resource)) if key not in ("*", "?", "$"))
