"""The context keys that policies refer to: GetContextKeysForCustomPolicy and GetContextKeysForPrincipalPolicy.

What is listed is recorded: condition keys, and in documents of Version 2012-10-17 the policy variables in Resource and
in the values of conditions; not those in Action and Principal. Keys that differ in letter case are different ones.
The order is that of their first appearance, which is our choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from sparekey.policy import PolicyType, parse_policy
from sparekey.services.directory.carried import carried
from sparekey.services.directory.remembered import Reads
from sparekey.services.documents.identity import SYNTAX
from sparekey.services.documents.texts import VERSIONS, Refused, listed, load
from sparekey.services.iam.errors import InvalidInputException
from sparekey.services.iam.simulation_sources import entity_target, source_entity
from sparekey.services.operation import operation

if TYPE_CHECKING:
    from sparekey.services.operation import Call, Output

#: ``${key}`` and ``${key, 'default'}``
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")

#: Elements that may be missing in a document whose context keys are asked for, and what stands in for them.
_FILLED: Final = {"Action": "*", "Resource": "*"}


@operation("iam:GetContextKeysForCustomPolicy")
def get_context_keys_for_custom_policy(_call: Call, *, policy_input_list: Sequence[str]) -> Output:
    """List the context keys that some documents refer to."""
    return _output(policy_input_list)


@operation("iam:GetContextKeysForPrincipalPolicy", resource=entity_target)
def get_context_keys_for_principal_policy(
    call: Call, *, policy_source_arn: str, policy_input_list: Sequence[str] = ()
) -> Output:
    """List the context keys that the policies of a user (with its groups'), group or role refer to."""
    entity = source_entity(call, policy_source_arn)
    own = [each.text for each in carried(Reads(call.records), entity)]
    return _output([*own, *policy_input_list])


def _output(texts: Sequence[str]) -> Output:
    keys: dict[str, None] = {}
    for text in texts:
        keys.update(dict.fromkeys(keys_in(text)))
    return {"ContextKeyNames": list(keys)}


def keys_in(text: str) -> Iterator[str]:
    """The context keys a document refers to, in the order of their appearance, some more than once.

    Raises:
        InvalidInputException: it is no policy document.
    """
    try:
        data = load(text, SYNTAX)
    except Refused as refused:
        raise InvalidInputException(str(refused)) from None
    if not isinstance(data, dict) or parse_policy(_filled(data), type=PolicyType.IDENTITY).malformed:
        raise InvalidInputException(SYNTAX)
    variables = data.get("Version") == VERSIONS[0]
    for statement in cast("list[Mapping[str, object]]", listed(data["Statement"])):
        yield from _keys_of(statement, variables=variables)


def _filled(data: Mapping[str, object]) -> Mapping[str, object]:
    """The document with what may be missing, and without the principals that may be there."""
    statements = [_filled_statement(each) for each in listed(data.get("Statement", []))]
    return {**data, "Statement": statements}


def _filled_statement(statement: object) -> object:
    if not isinstance(statement, dict):
        return statement
    kept = {name: value for name, value in statement.items() if name not in ("Principal", "NotPrincipal")}
    for name, value in _FILLED.items():
        if f"Not{name}" not in kept:
            kept.setdefault(name, value)
    return kept


def _keys_of(statement: Mapping[str, object], *, variables: bool) -> Iterator[str]:
    for name in statement:
        if name in ("Resource", "NotResource") and variables:
            for resource in listed(statement[name]):
                yield from variables_in(str(resource))
        elif name == "Condition":
            for keys in cast("Mapping[str, Mapping[str, object]]", statement[name]).values():
                for key, values in keys.items():
                    yield key
                    for value in listed(values) if variables else ():
                        yield from variables_in(str(value))


def variables_in(text: str) -> list[str]:
    """The keys of the policy variables in a text."""
    return [found.partition(",")[0].strip() for found in _VARIABLE.findall(text)]


OPERATIONS = (get_context_keys_for_custom_policy, get_context_keys_for_principal_policy)
