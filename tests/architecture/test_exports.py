"""The public names of the packages that others import from."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import pytest

PACKAGES = ("sparekey.cloud", "sparekey.wire", "sparekey.services.iam", "sparekey.services.organizations")


def sort_key(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as ruff sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("package", PACKAGES)
def test_all_is_sorted_and_each_name_is_there_once(package: str) -> None:
    names = import_module(package).__all__
    assert names == sorted(set(names), key=sort_key)


@pytest.mark.parametrize("package", ["sparekey.cloud", "sparekey.wire"])
def test_what_a_package_imports_for_others_is_in_all(package: str) -> None:
    module = import_module(package)
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType) and name != "annotations"
    }
    assert public <= set(module.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_documented(package: str) -> None:
    module = import_module(package)
    for name in module.__all__:
        value = getattr(module, name)
        assert not callable(value) or value.__doc__, name
