"""Every operation against the service models and the door's rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sparekey.cloud import SERVICES, operations_of
from sparekey.services.operation import Operation
from sparekey.wire import input_members, operation_names, required_members


def _every() -> Iterator[tuple[str, Operation]]:
    for service in SERVICES:
        for operation in operations_of(service).values():
            yield service, operation


#: Members the door refuses by name, and why.
REFUSED = {
    "sts:AssumeRole": {"provided_contexts"},  # assertions of IAM Identity Center, which is not served
}

EVERY = [pytest.param(service, each, id=f"{service}:{each.name}") for service, each in _every()]


@pytest.mark.parametrize(("service", "operation"), EVERY)
def test_an_operation_is_one_of_the_service_model(service: str, operation: Operation) -> None:
    assert operation.name in operation_names(service)


@pytest.mark.parametrize(("service", "operation"), EVERY)
def test_an_operation_takes_the_members_of_its_input_and_no_others(service: str, operation: Operation) -> None:
    refused = REFUSED.get(f"{service}:{operation.name}", set())
    assert operation.parameters | refused == set(input_members(service, operation.name))


@pytest.mark.parametrize(("service", "operation"), EVERY)
def test_exactly_the_required_members_have_no_default(service: str, operation: Operation) -> None:
    defaults = operation.function.__kwdefaults__ or {}
    assert operation.parameters - defaults.keys() == set(required_members(service, operation.name))


@pytest.mark.parametrize("service", SERVICES)
def test_the_table_finds_an_operation_under_its_own_name(service: str) -> None:
    assert {name: each.name for name, each in operations_of(service).items()} == {
        name: name for name in operations_of(service)
    }
