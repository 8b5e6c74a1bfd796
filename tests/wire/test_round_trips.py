"""botocore → our decoder and our encoder → botocore, for generated values of every operation of every service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparekey.errors import ServiceError
from sparekey.wire import decode, encode, encode_error, error_names, route, service_names
from sparekey.wire.models import service_model
from tests.wire.shapes import OPERATIONS, REQUEST_ID, inputs_of, outputs_of, parsed, request_of, routed
from tests.wire.theirs import xform_name

if TYPE_CHECKING:
    from collections.abc import Callable

few = settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
every_operation = pytest.mark.parametrize(("service", "operation"), OPERATIONS)


@every_operation
def test_what_botocore_sends_is_decoded_to_what_it_was_given(service: str, operation: str) -> None:
    @few
    @given(inputs_of(service, operation))
    def check(given_input: dict[str, Any]) -> None:
        request = request_of(service, operation, given_input)
        found = route(request, service)
        assert (found.service, found.operation) == (service, operation)
        assert decode(found, request) == {xform_name(name): value for name, value in given_input.items()}

    check()


@every_operation
def test_what_is_encoded_is_what_botocore_parses(service: str, operation: str) -> None:
    @few
    @given(outputs_of(service, service_model(service).operations[operation].output))
    def check(output: dict[str, Any]) -> None:
        answer = parsed(service, operation, encode(routed(service, operation), output, REQUEST_ID))
        assert answer.pop("ResponseMetadata")["RequestId"] == REQUEST_ID
        assert answer == output

    check()


ERRORS = [(service, name) for service in service_names() for name in error_names(service)]


@pytest.mark.parametrize(("service", "name"), ERRORS)
def test_every_error_shape_parses_back_to_its_code_text_and_members(service: str, name: str) -> None:
    model = service_model(service)
    shape = model.shape(name)
    assert shape.error is not None
    trait = shape.error
    operation = next(iter(model.operations))
    raised: Callable[..., ServiceError] = type(name, (ServiceError,), {})

    @few
    @given(outputs_of(service, name), st.sampled_from(["", "It is so.", "<a> & 'b' \"c\"\r\n"]))
    def check(members: dict[str, Any], text: str) -> None:
        members = {member: value for member, value in members.items() if member.lower() != "message"}
        found = routed(service, operation)
        response = encode_error(found, request_of(service, operation, {}), raised(text, **members), REQUEST_ID)
        answer = parsed(service, operation, response)
        assert response.status == trait.status
        assert answer["Error"]["Code"] == trait.code
        assert (answer["Error"]["Message"] or "") == text
        assert answer["ResponseMetadata"]["RequestId"] == REQUEST_ID
        assert {member: answer[member] for member in members} == members

    check()


@every_operation
def test_every_error_an_operation_names_is_an_error_shape(service: str, operation: str) -> None:
    model = service_model(service)
    assert all(model.error_shape(name) is not None for name in model.operations[operation].errors)
