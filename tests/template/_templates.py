"""Short ways to write a template, resolve a value in it, and read what it is refused for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sparekey.errors import InputError
from sparekey.template import Environment, MapValue, Resolver, Template, Value, expand, load_template
from sparekey.template._values import to_plain

if TYPE_CHECKING:
    from sparekey.template._values import Plain

HERE = Environment(account="111122223333", region="eu-central-1", stack_name="app")
NOWHERE = Environment()


def load(text: str | bytes) -> Template:
    """Load a template named ``t.yaml``."""
    return load_template(text.encode() if isinstance(text, str) else text, "t.yaml")


def with_property(expression: str, sections: str = "") -> str:
    """A template with one resource ``K`` whose property ``X`` is an expression."""
    return f"{sections}\nResources:\n  K:\n    Type: AWS::KMS::Key\n    Properties:\n      X: {expression}\n"


def resolver(text: str, environment: Environment = HERE) -> Resolver:
    """A resolver of a template with its loops expanded."""
    return Resolver(expand(load(text), environment), environment)


def properties(text: str, environment: Environment = HERE, logical_id: str = "K") -> MapValue:
    """The resolved properties of a resource."""
    made = resolver(text, environment)
    node = made.template.resources[logical_id].properties
    assert node is not None
    value = made.resolve(node)
    assert isinstance(value, MapValue)
    return value


def value_of(expression: str, sections: str = "", environment: Environment = HERE) -> Value:
    """What an expression comes to, as a value."""
    return properties(with_property(expression, sections), environment).items["X"]


def plain(expression: str, sections: str = "", environment: Environment = HERE) -> Plain:
    """What an expression comes to, as JSON data."""
    return to_plain(value_of(expression, sections, environment))


def refusal(text: str | bytes, environment: Environment = HERE) -> InputError:
    """Why a template is refused, when it is loaded or when its resources are resolved."""
    with pytest.raises(InputError) as caught:
        _use(text, environment)
    assert caught.value.place is not None
    assert "\n" not in caught.value.message
    return caught.value


def refusal_of(expression: str, sections: str = "", environment: Environment = HERE) -> str:
    """Why an expression is refused, without the place."""
    return refusal(with_property(expression, sections), environment).message


def _use(text: str | bytes, environment: Environment) -> None:
    template = expand(load(text), environment)
    made = Resolver(template, environment)
    for logical_id, resource in template.resources.items():
        if made.exists(logical_id) is not False and resource.properties is not None:
            made.resolve(resource.properties)
