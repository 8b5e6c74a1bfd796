"""The operations and errors are those of AWS's service models."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest
from botocore import xform_name

from sparekey.cloud import operations_of
from sparekey.errors import ServiceError
from sparekey.wire import error_names, input_members, operation_names

NOT_BUILT = {
    "CreateGovCloudAccount",
    "DescribeResponsibilityTransfer",
    "InviteOrganizationToTransferResponsibility",
    "ListInboundResponsibilityTransfers",
    "ListOutboundResponsibilityTransfers",
    "TerminateResponsibilityTransfer",
    "UpdateResponsibilityTransfer",
}


def test_all_operations_but_those_of_other_partitions_and_of_billing_are_built() -> None:
    assert set(operation_names("organizations")) - set(operations_of("organizations")) == NOT_BUILT


@pytest.mark.parametrize("service", ["organizations", "cloudtrail"])
def test_every_parameter_of_the_model_is_taken(service: str) -> None:
    for name, operation in operations_of(service).items():
        assert operation.parameters == {xform_name(member) for member in input_members(service, name)}, name


@pytest.mark.parametrize("service", ["organizations", "cloudtrail"])
def test_every_error_is_one_of_the_model(service: str) -> None:
    errors = import_module(f"sparekey.services.{service}.errors")
    classes = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, ServiceError)]
    assert {each.__name__ for each in classes} - {"ServiceError"} <= set(error_names(service))
