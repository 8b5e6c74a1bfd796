"""What a simulation is asked: actions, resources, the simulated caller and the context of its request.

Sentences that no recording shows are ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from sparekey.policy import ABSENT, ContextValue, Principal, PrincipalKind
from sparekey.services.iam.errors import InvalidInputException

if TYPE_CHECKING:
    from sparekey.services.operation import Call

_ACTION: Final = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9_.]+")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

#: The resources an EC2 scenario wants, by the types at the beginning of an ARN's last part.
_SCENARIOS: Final[Mapping[str, tuple[str, ...]]] = {
    "EC2-VPC-InstanceStore": ("instance", "image", "security-group", "network-interface"),
    "EC2-VPC-InstanceStore-Subnet": ("instance", "image", "security-group", "network-interface", "subnet"),
    "EC2-VPC-EBS": ("instance", "image", "security-group", "network-interface", "volume"),
    "EC2-VPC-EBS-Subnet": ("instance", "image", "security-group", "network-interface", "subnet", "volume"),
}

#: What a principal's ARN implies; the simulator knows it of a caller that is given only.
_IMPLIED: Final = ("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:userid", "aws:username")


def check_actions(action_names: Sequence[str]) -> None:
    """Check the names of the actions.

    Raises:
        InvalidInputException: one of them is none, or a pattern.
    """
    for name in action_names:
        if not _ACTION.fullmatch(name):
            raise InvalidInputException("The action is invalid since it is missing names")


def checked_resources(resource_arns: Sequence[str] | None, option: str | None) -> tuple[str, ...]:
    """The resources to simulate; ``*`` where none are named.

    Raises:
        InvalidInputException: one is no ARN, or the scenario lacks one.
    """
    resources = tuple(resource_arns or ("*",))
    wrong = [each for each in resources if each != "*" and not (each.startswith("arn:") and each.count(":") >= 5)]
    if wrong:
        raise InvalidInputException(f"ResourceNames are not in a valid ARN format: {', '.join(wrong)}.")
    if option is not None:
        if option not in _SCENARIOS:
            raise InvalidInputException(f"Invalid resource handling option: {option}")
        types = {each.split(":", 5)[5].partition("/")[0] for each in resources if each != "*"}
        missing = [each for each in _SCENARIOS[option] if each not in types]
        if missing:
            raise InvalidInputException(f"The {option} scenario is missing resources: {', '.join(missing)}")
    return resources


def simulated_caller(call: Call, arn: str | None) -> Principal:
    """The caller whose requests are simulated: a user or role, or nobody in particular of the account.

    A group's ARN is taken as well: it stands for one of its members.

    Raises:
        InvalidInputException: the ARN is none of a user, group or role.
    """
    if arn is None:
        nobody = f"arn:{call.partition}:iam::{call.account}:user/simulated"
        return Principal(PrincipalKind.IAM_USER, nobody, call.account)
    segments = arn.split(":", 5)
    if len(segments) == 6 and segments[2] == "iam" and segments[5].startswith("group/"):
        return Principal(PrincipalKind.IAM_USER, arn, segments[4])
    try:
        principal = Principal.from_arn(arn)
    except ValueError:
        raise InvalidInputException(_not_an_entity(arn)) from None
    if principal.kind is PrincipalKind.ROOT_USER or ":iam:" not in arn:
        raise InvalidInputException(_not_an_entity(arn))
    return principal


def _not_an_entity(arn: str) -> str:
    return f"Invalid Entity Arn: {arn} does not clearly define entity type and name."


def account_of_owner(resource_owner: str | None, caller: Principal) -> str:
    """The account that owns resources whose ARN does not tell.

    Raises:
        InvalidInputException: the owner is no account.
    """
    if resource_owner is None:
        return caller.account
    found = re.fullmatch(r"(?:arn:[a-z-]+:iam::)?([0-9]{12})(?::root)?", resource_owner)
    if found is None:
        raise InvalidInputException(f"Invalid resource owner: {resource_owner}")
    return found.group(1)


def context_of(entries: Sequence[Mapping[str, object]], caller: Principal, *, known: bool) -> dict[str, ContextValue]:
    """The context of the simulated requests; ``known``: the caller was named, and its ARN tells some keys.

    Raises:
        InvalidInputException: an entry's values are not of its type.
    """
    context: dict[str, ContextValue] = dict.fromkeys(_IMPLIED, ABSENT)
    if known:
        del context["aws:PrincipalArn"], context["aws:PrincipalAccount"], context["aws:PrincipalType"]
        if caller.kind is PrincipalKind.IAM_USER:
            context["aws:username"] = caller.arn.rpartition("/")[2]
    given: dict[str, ContextValue] = {}
    for entry in entries:
        name, kind = str(entry.get("ContextKeyName", "")), str(entry.get("ContextKeyType", "string"))
        raw = entry.get("ContextKeyValues", ())
        values = tuple(str(value) for value in raw) if isinstance(raw, list | tuple) else ()
        given[name] = _value(name, kind, values)
    lowered = {name.lower() for name in given}
    return {**{name: value for name, value in context.items() if name.lower() not in lowered}, **given}


def _value(name: str, kind: str, values: tuple[str, ...]) -> ContextValue:
    single = kind.removesuffix("List")
    if single == kind and len(values) != 1:
        raise InvalidInputException(f"Context key {kind} expected a single value, but received {len(values)}.")
    for value in values:
        if not _is_of(single, value):
            raise InvalidInputException(f"Invalid context value for key {name}: expected {single} format.")
    return values[0] if single == kind else values


def _is_of(kind: str, value: str) -> bool:
    match kind:
        case "numeric":
            return _NUMBER.fullmatch(value) is not None
        case "boolean":
            return value.lower() in ("true", "false")
        case "ip":
            return _is_address(value)
        case "binary":
            return _BASE64.fullmatch(value) is not None
        case "date":
            return _is_date(value)
        case _:
            return True


def _is_address(value: str) -> bool:
    try:
        ip_address(value.partition("/")[0])
    except ValueError:
        return False
    return True


def _is_date(value: str) -> bool:
    if _NUMBER.fullmatch(value):  # seconds since 1970
        return True
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
