"""The Parameters section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.source import Place
from sparekey.template._nodes import MappingNode, Node, ScalarNode, SequenceNode, is_text, pairs, place_of
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.template._environment import Environment

_SSM_VALUE = "AWS::SSM::Parameter::Value<"


@dataclass(frozen=True, slots=True)
class Parameter:
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
        InputError: a member has the wrong type.
    """
    name: str = key.value
    if not isinstance(node, MappingNode):
        raise InputError(f"parameter `{name}` is not a mapping", place_of(file, key))
    members = {key.value: value for key, value in pairs(node)}
    type_ = members.get("Type")
    if type_ is None or not is_text(type_):
        raise InputError(f"parameter `{name}` needs a Type", place_of(file, type_ or key))
    allowed = members.get("AllowedValues")
    return Parameter(
        name=name,
        type=type_.value,
        place=place_of(file, key),
        default=_text(members.get("Default"), name, "Default", file),
        allowed_values=tuple(item.value for item in allowed.value) if isinstance(allowed, SequenceNode) else (),
    )


def _text(node: Node | None, name: str, member: str, file: str) -> str | None:
    """A member that is a scalar, as text."""
    if node is None:
        return None
    if not isinstance(node, ScalarNode):
        raise InputError(f"{member} of parameter `{name}` is not text", place_of(file, node))
    return str(node.value)


#: The value of a parameter: a text, a list of texts, or not known.
ParameterValue = str | tuple[str, ...] | Unknown


def parameter_values(
    parameters: Mapping[str, Parameter], environment: Environment, file: str
) -> dict[str, ParameterValue]:
    """The value of every parameter of a template.

    Raises:
        InputError: a parameter is given that the template does not have.
    """
    if unknown := [name for name in environment.parameters if name not in parameters]:
        raise InputError(f"Parameters: [{', '.join(unknown)}] do not exist in the template", Place(file, 1, 1))
    return {name: _value(parameter, environment) for name, parameter in parameters.items()}


def _value(parameter: Parameter, environment: Environment) -> ParameterValue:
    """The value given, else the default, else unknown."""
    text = environment.parameters.get(parameter.name, parameter.default)
    if text is None:
        return Unknown((f"parameter `{parameter.name}`",))
    if parameter.from_ssm:
        if text not in environment.ssm:
            return Unknown((f"the SSM parameter `{text}` (--ssm {text}=…)",))
        text = environment.ssm[text]
    if parameter.is_list:
        return tuple(item.strip() for item in text.split(",")) if text else ()
    return text
