"""What the service models say of services and operations, for the door, its tests and the reference."""

from __future__ import annotations

from functools import cache

from sparekey.wire.models import service_model, snake_case
from sparekey.wire.services import SERVICES


def service_names() -> tuple[str, ...]:
    """The services that can be routed, by their signing names."""
    return tuple(SERVICES)


def operation_names(service: str) -> tuple[str, ...]:
    """All operations of a service's model."""
    return tuple(service_model(service).operations)


def input_members(service: str, operation: str) -> tuple[str, ...]:
    """The members of an operation's input, in snake case."""
    model = service_model(service)
    shape = model.operations[operation].input
    return tuple(snake_case(member) for member in model.shape(shape).members) if shape else ()


def required_members(service: str, operation: str) -> tuple[str, ...]:
    """Those members of an operation's input that a request must have, in snake case."""
    model = service_model(service)
    shape = model.operations[operation].input
    return tuple(snake_case(member) for member in model.shape(shape).required) if shape else ()


@cache
def sensitive_names(service: str) -> frozenset[str]:
    """The members whose values a service's model calls sensitive, in snake case and as the model has them."""
    model = service_model(service)
    named = {
        member
        for shape in map(model.shape, model.shape_names())
        for member, reference in shape.members.items()
        if model.shape(reference.shape).sensitive
    }
    return frozenset((*named, *map(snake_case, named)))


def error_names(service: str) -> tuple[str, ...]:
    """The error shapes of a service's model."""
    model = service_model(service)
    return tuple(name for name in model.shape_names() if model.error_shape(name) is not None)
