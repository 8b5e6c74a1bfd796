"""The AWS policy engine: the standard library only, no clock, no files, no SDK.

Parse documents with :func:`parse_policy`, put them into a :class:`PolicySet`, and ask :func:`authorize`.
The parser and the engine are imported when they are first asked for: a command that needs neither pays for neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.policy._decision import Because, Decision, Examined, Layer, Match, Outcome
from sparekey.policy._document import (
    Condition,
    Effect,
    Fault,
    FaultCode,
    Policy,
    PolicyType,
    PrincipalElement,
    Statement,
)
from sparekey.policy._policies import PolicySet
from sparekey.policy._request import (
    ABSENT,
    ContextValue,
    Grant,
    GrantConstraints,
    GrantRequest,
    Principal,
    PrincipalKind,
    Request,
    RequestContext,
)

if TYPE_CHECKING:
    from sparekey.policy._authorize import authorize
    from sparekey.policy._parse import kms_answer, parse_policy
    from sparekey.policy._pattern import compile_actions
    from sparekey.policy._simulation import read_simulation

__all__ = [
    "ABSENT",
    "Because",
    "Condition",
    "ContextValue",
    "Decision",
    "Effect",
    "Examined",
    "Fault",
    "FaultCode",
    "Grant",
    "GrantConstraints",
    "GrantRequest",
    "Layer",
    "Match",
    "Outcome",
    "Policy",
    "PolicySet",
    "PolicyType",
    "Principal",
    "PrincipalElement",
    "PrincipalKind",
    "Request",
    "RequestContext",
    "Statement",
    "authorize",
    "compile_actions",
    "kms_answer",
    "parse_policy",
    "read_simulation",
]

#: Where the functions live that are imported on first use.
_FUNCTIONS = {
    "authorize": "_authorize",
    "compile_actions": "_pattern",
    "kms_answer": "_parse",
    "parse_policy": "_parse",
    "read_simulation": "_simulation",
}


def __getattr__(name: str) -> object:
    """Import a function when it is first asked for."""
    module = _FUNCTIONS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
