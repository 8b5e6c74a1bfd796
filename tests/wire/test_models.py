from __future__ import annotations

import pytest

from sparekey.wire import (
    error_names,
    input_members,
    operation_names,
    required_members,
    service_names,
)
from sparekey.wire.limits import ENUM, constraints_of
from sparekey.wire.models import service_model
from sparekey.wire.recorded import ENUM_ORDERS, MAXIMA, PATTERNS, SENTENCES
from sparekey.wire.services import SERVICES, Protocol
from tests.wire.shapes import OPERATIONS, botocore_model
from tests.wire.theirs import Loader, xform_name


@pytest.mark.parametrize("service", service_names())
def test_the_table_of_services_says_what_botocores_metadata_say(service: str) -> None:
    metadata, entry = botocore_model(service).metadata, SERVICES[service]
    assert metadata["protocol"] == entry.protocol
    assert metadata["apiVersion"] == entry.version
    assert metadata.get("signingName", metadata["endpointPrefix"]) == service
    if entry.protocol is Protocol.QUERY:
        assert metadata["xmlNamespace"] == entry.identity
    else:
        assert (metadata["targetPrefix"], metadata["jsonVersion"]) == (entry.identity, entry.json_version)


@pytest.mark.parametrize("service", service_names())
def test_it_is_the_newest_version_that_botocore_knows(service: str) -> None:
    assert Loader().determine_latest_version(service, "service-2") == SERVICES[service].version


def test_operations_and_their_members_are_botocores() -> None:
    assert len(operation_names("iam")) == len(botocore_model("iam").operation_names)
    for service, operation in OPERATIONS:
        shape = botocore_model(service).operation_model(operation).input_shape
        members, required = (shape.members, shape.required_members) if shape else ({}, [])
        assert input_members(service, operation) == tuple(xform_name(name) for name in members)
        assert required_members(service, operation) == tuple(xform_name(name) for name in required)


def test_no_two_members_of_an_input_have_the_same_parameter_name() -> None:
    for service, operation in OPERATIONS:
        members = input_members(service, operation)
        assert len(set(members)) == len(members)
        assert all(name.isidentifier() for name in members)


@pytest.mark.parametrize("service", service_names())
def test_error_shapes_are_botocores(service: str) -> None:
    theirs = {shape.name: shape for shape in botocore_model(service).error_shapes}
    assert set(error_names(service)) == set(theirs)
    for name, shape in theirs.items():
        error = service_model(service).shape(name).error
        assert error is not None
        assert error.code == shape.error_code


@pytest.mark.parametrize("service", service_names())
def test_every_shape_that_is_used_can_be_read(service: str) -> None:
    model = service_model(service)
    for name in model.shape_names():
        shape = model.shape(name)
        for reference in (*shape.members.values(), shape.element, shape.key, shape.value):
            assert not reference.shape or model.shape(reference.shape).name


def test_what_was_recorded_is_about_shapes_that_exist() -> None:
    for service, name in (*ENUM_ORDERS, *PATTERNS, *MAXIMA):
        assert name in service_model(service).shape_names()
    for service, pattern in SENTENCES:
        model = service_model(service)
        assert pattern in {model.shape(name).pattern for name in model.shape_names()}


def test_enums_begin_as_aws_was_seen_to_list_them() -> None:
    for (service, name), recorded in ENUM_ORDERS.items():
        shape = service_model(service).shape(name)
        (words,) = (each.words for each in constraints_of(service, shape) if each.kind is ENUM)
        listed = words.partition(": [")[2].removesuffix("]").split(", ")
        assert tuple(listed[: len(recorded)]) == recorded
        assert sorted(listed) == sorted(shape.enum)
