"""The stricter of AWS's document checks: that of trust policies and session policies, with its own sentences.

It names the field that is wrong, which the check of identity-based policies does not. Where its sentence is not known
from a recording, a report or the documentation, the choice is ours: ``docs/fidelity.md`` lists those.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from sparekey.policy import Policy, PolicyType, parse_policy
from sparekey.services.documents.texts import ELEMENTS, TOP_LEVEL, VERSIONS, Refused, listed, load

INVALID_JSON: Final = "This policy contains invalid Json"

Statement = Mapping[str, object]


def read_statements(text: str, *, required: tuple[str, ...], prohibited: tuple[str, ...]) -> list[Statement]:
    """The statements of a document, each with the elements it needs and no others, of the right types.

    ``Action`` among ``required`` stands for ``NotAction`` as well, unless that one is ``prohibited``; ``Resource``
    likewise.

    Raises:
        Refused: AWS does not take the document.
    """
    if text[:1].isspace():
        raise Refused("JSON strings must not have leading spaces")
    data = load(text, INVALID_JSON)
    if not isinstance(data, dict):
        raise Refused(INVALID_JSON)
    _check_fields(data, TOP_LEVEL)
    if data.get("Version", VERSIONS[0]) not in VERSIONS:
        raise Refused("The policy must contain a valid version string")
    if "Statement" not in data:
        raise Refused("Missing required field Statement")
    statements = listed(data["Statement"])
    if not statements:
        raise Refused("Could not parse the policy: Statement is empty!")
    for statement in statements:
        if not isinstance(statement, dict):
            raise Refused(syntax_error(text))
        _check_fields(statement, ELEMENTS)
        _check_elements(statement, required, prohibited)
        if statement["Effect"] not in ("Allow", "Deny"):
            raise Refused(f"Invalid effect: {statement['Effect']}")
        if not _has_right_types(statement):
            raise Refused(syntax_error(text))
    return cast("list[Statement]", statements)


def _check_fields(value: Mapping[str, object], known: frozenset[str]) -> None:
    for name in value:
        if name not in known:
            raise Refused(f"Unknown field {name}")


def _check_elements(statement: Statement, required: tuple[str, ...], prohibited: tuple[str, ...]) -> None:
    for name in prohibited:
        if name in statement:
            raise Refused(f"Has prohibited field {name}")
    for name in ("Effect", *required):
        if name not in statement and f"Not{name}" not in statement:
            raise Refused(f"Missing required field {name}")


def _has_right_types(statement: Statement) -> bool:
    for name in ("Action", "Resource"):
        if name in statement and f"Not{name}" in statement:
            return False
        for element in (name, f"Not{name}"):
            if element in statement:
                values = listed(statement[element])
                if not values or not all(isinstance(each, str) for each in values):
                    return False
    condition = statement.get("Condition", {})
    return (
        isinstance(statement.get("Sid", ""), str)
        and isinstance(condition, dict)
        and all(isinstance(keys, dict) for keys in condition.values())
    )


def check_whole(text: str, policy_type: PolicyType) -> None:
    """Check what is left: condition operators, the values they compare, and the like.

    Raises:
        Refused: something is wrong.
    """
    policy = parse_policy(text, type=policy_type)
    if policy.malformed:
        raise Refused(_operator_fault(policy) or _at_first_fault(policy))


def syntax_error(text: str) -> str:
    """The sentence for a value of the wrong type, with the line and column where it stands."""
    return _at_first_fault(parse_policy(text, type=PolicyType.TRUST))


def _at_first_fault(policy: Policy) -> str:
    places = [fault.place for fault in policy.faults if fault.refused and fault.place]
    line, column = (places[0].line, places[0].column) if places else (1, 1)
    return f"Syntax error at position ({line},{column})"


def _operator_fault(policy: Policy) -> str | None:
    """The sentence for a condition operator that does not exist."""
    for fault in policy.faults:
        path = fault.path
        if fault.refused and len(path) > 1 and path[-2] == "Condition" and "no condition operator" in fault.message:
            return f"Invalid Condition type : {path[-1]}"
    return None
