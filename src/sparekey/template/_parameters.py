"""The Parameters section: what a template declares, and the values it is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sparekey.errors import InputError
from sparekey.source import Place
from sparekey.template._budget import Effort
from sparekey.template._nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    is_alphanumeric,
    is_text,
    pairs,
    place_of,
    refused,
    scalar_value,
)
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.template._environment import Environment

#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_LONGEST = 4096

#: The value of a parameter: a text, a list of texts, or not known.
ParameterValue = str | tuple[str, ...] | Unknown

_SSM_VALUE = "AWS::SSM::Parameter::Value<"
_SIMPLE = frozenset({"String", "Number", "CommaDelimitedList"})
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\Z")


class Parameter(NamedTuple):
    """A parameter as the template declares it; ``default`` is the text of its default value."""

    name: str
    type: str
    place: Place
    default: str | None = None
    allowed_values: tuple[str, ...] = ()
    allowed_pattern: str | None = None
    min_length: float | None = None
    max_length: float | None = None
    min_value: float | None = None
    max_value: float | None = None
    constraint_description: str | None = None
    no_echo: bool = False

    @property
    def from_ssm(self) -> bool:
        """Whether its value is the name of a Systems Manager parameter that holds the actual value."""
        return self.type.startswith(_SSM_VALUE)

    @property
    def value_type(self) -> str:
        """The type of what ``Ref`` gives."""
        return self.type[len(_SSM_VALUE) : -1] if self.from_ssm else self.type

    @property
    def is_list(self) -> bool:
        """Whether ``Ref`` gives a list."""
        return self.value_type == "CommaDelimitedList" or self.value_type.startswith("List<")


def read_parameter(key: ScalarNode, node: Node, file: str) -> Parameter:
    """Read one declaration.

    Raises:
        InputError: a member is missing or has the wrong type.
    """
    name: str = key.value
    if not is_alphanumeric(name):
        raise refused(f"Template format error: Parameter name {name} is non alphanumeric.", place_of(file, key))
    if not isinstance(node, MappingNode) or node.tag[0] == "!":
        raise InputError(f"parameter `{name}` is not a mapping", place_of(file, key))
    members = {inner.value: value for inner, value in pairs(node)}
    if "Type" not in members:
        raise refused("Template format error: Every Parameters object must contain a Type member.", place_of(file, key))
    reader = _Members(name, members, file)
    if "Default" in members and not isinstance(members["Default"], ScalarNode):
        raise refused(
            "Template format error: Every Default member must be a string.", place_of(file, members["Default"])
        )
    return Parameter(
        name=name,
        type=_type(members["Type"], name, file),
        place=place_of(file, key),
        default=reader.text("Default"),
        allowed_values=reader.texts("AllowedValues"),
        allowed_pattern=reader.text("AllowedPattern"),
        min_length=reader.number("MinLength"),
        max_length=reader.number("MaxLength"),
        min_value=reader.number("MinValue"),
        max_value=reader.number("MaxValue"),
        constraint_description=reader.text("ConstraintDescription"),
        no_echo=(reader.text("NoEcho") or "").lower() == "true",
    )


def _type(node: Node, name: str, file: str) -> str:
    """The type of a parameter, which must be one of CloudFormation's."""
    if not is_text(node):
        raise InputError(f"the Type of parameter `{name}` is not a text", place_of(file, node))
    type_: str = node.value
    inner = type_[len(_SSM_VALUE) : -1] if type_.startswith(_SSM_VALUE) and type_.endswith(">") else type_
    item = inner[len("List<") : -1] if inner.startswith("List<") and inner.endswith(">") else inner
    of_aws = item.startswith("AWS::") and all(is_alphanumeric(part) for part in item.split("::"))
    if not (of_aws or inner in _SIMPLE or inner in ("List<Number>", "List<String>")):
        raise refused(f"Template format error: Unrecognized parameter type: {type_}", place_of(file, node))
    return type_


class _Members(NamedTuple):
    """Reads the members of one declaration."""

    parameter: str
    members: Mapping[str, Node]
    file: str

    def text(self, member: str) -> str | None:
        """A scalar as text: booleans in lower case, numbers as written."""
        node = self.members.get(member)
        return None if node is None else self._scalar(node, member)

    def texts(self, member: str) -> tuple[str, ...]:
        """A list of scalars."""
        node = self.members.get(member)
        if node is None:
            return ()
        if not isinstance(node, SequenceNode):
            raise InputError(f"{member} of parameter `{self.parameter}` is not a list", place_of(self.file, node))
        return tuple(self._scalar(item, member) for item in node.value)

    def number(self, member: str) -> float | None:
        """A number."""
        text = self.text(member)
        if text is None:
            return None
        if not _NUMBER.match(text):
            place = place_of(self.file, self.members[member])
            raise InputError(f"{member} of parameter `{self.parameter}` is not a number", place)
        return float(text)

    def _scalar(self, node: Node, member: str) -> str:
        if not isinstance(node, ScalarNode) or node.tag[0] == "!":
            raise InputError(f"{member} of parameter `{self.parameter}` is not a text", place_of(self.file, node))
        value = scalar_value(node)
        return str(value).lower() if isinstance(value, bool) else str(node.value)


def parameter_values(
    parameters: Mapping[str, Parameter], environment: Environment, file: str, effort: Effort | None = None
) -> dict[str, ParameterValue]:
    """The value of every parameter of a template.

    Raises:
        InputError: a parameter is given that the template does not have, or a value violates its constraints.
    """
    if foreign := [name for name in environment.parameters if name not in parameters]:
        raise InputError(f"Parameters: [{', '.join(foreign)}] do not exist in the template", Place(file, 1, 1))
    effort = effort or Effort()
    return {name: _value(parameter, environment, effort) for name, parameter in parameters.items()}


def _value(parameter: Parameter, environment: Environment, effort: Effort) -> ParameterValue:
    """The value given, else the default, else unknown."""
    text = environment.parameters.get(parameter.name, parameter.default)
    if text is None:
        return Unknown((f"parameter `{parameter.name}`",))
    if len(text) > _LONGEST:
        message = f"Parameter '{parameter.name}' is longer than {_LONGEST:,} bytes, the most that CloudFormation takes"
        raise InputError(message, parameter.place)
    items = tuple(item.strip() for item in text.split(",")) if parameter.is_list and not parameter.from_ssm else (text,)
    for item in items:
        _check(parameter, item, effort)
    if parameter.from_ssm:
        given = environment.ssm.get(text)
        if given is None:
            return Unknown((f"the SSM parameter `{text}` (--ssm {text}=…)",))
        return tuple(item.strip() for item in given.split(",")) if parameter.is_list else given
    if parameter.is_list:
        return items if text else ()
    return text


def _check(parameter: Parameter, text: str, effort: Effort) -> None:
    """Hold one value against the constraints of its parameter."""
    problem = problem_with(parameter, text, effort)
    if problem is None:
        return
    if parameter.constraint_description and "must be a number." not in problem:
        problem = f"failed to satisfy constraint: {parameter.constraint_description}"
    shown = "" if parameter.no_echo else f" (it is `{text[:100]}`)"
    raise InputError(f"Parameter '{parameter.name}' {problem}{shown}", parameter.place)


def problem_with(parameter: Parameter, text: str, effort: Effort) -> str | None:
    """Which constraint a value violates, in CloudFormation's words; ``None`` for a value the parameter may have.

    ``effort`` is what matching patterns may still cost; beyond it they are not examined.
    """
    number = None
    if parameter.type in ("Number", "List<Number>"):
        if not _NUMBER.match(text):
            return "must be a number."
        number = float(text)
    if parameter.allowed_values and text not in parameter.allowed_values:
        return "must be one of AllowedValues"
    if parameter.min_length is not None and len(text) < parameter.min_length:
        return f"must contain at least {parameter.min_length:g} characters"
    if parameter.max_length is not None and len(text) > parameter.max_length:
        return f"must contain at most {parameter.max_length:g} characters"
    if number is not None and parameter.min_value is not None and number < parameter.min_value:
        return f"must be a number not less than {parameter.min_value:g}"
    if number is not None and parameter.max_value is not None and number > parameter.max_value:
        return f"must be a number not greater than {parameter.max_value:g}"
    if parameter.allowed_pattern is not None:
        from sparekey.template._allowed_pattern import matches_pattern

        if matches_pattern(parameter.allowed_pattern, text, effort) is False:
            return f"must match pattern {parameter.allowed_pattern}"
    return None
