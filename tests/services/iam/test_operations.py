"""The table of IAM's operations."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from botocore import xform_name

import sparekey.services.iam
from sparekey.services.iam import OPERATIONS
from sparekey.wire import input_members


def test_the_table_has_what_the_modules_have() -> None:
    folder = Path(sparekey.services.iam.__file__).parent
    modules = [import_module(f"sparekey.services.iam.{path.stem}") for path in folder.glob("[a-z]*.py")]
    names = [each.name for module in modules for each in getattr(module, "OPERATIONS", ())]
    assert sorted(names) == sorted(OPERATIONS)
    assert len(OPERATIONS) == len(set(names))


def test_an_operation_that_is_not_built_is_not_in_the_table() -> None:
    assert OPERATIONS.get("BrewTea") is None


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_takes_every_parameter_of_the_model(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation.name == name
    assert operation.parameters == {*input_members("iam", name)}
    assert operation.action in (f"iam:{name}", None)
    assert xform_name(name) == operation.function.__name__
