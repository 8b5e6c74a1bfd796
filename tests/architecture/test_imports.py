"""What ``import-linter`` is told is complete, and private modules stay private."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from pkgutil import iter_modules

import pytest

from sparekey.cloud import SERVICES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
BY_NAME = {contract["name"]: contract for contract in CONTRACTS}

#: Packages whose modules with an underscore nobody outside imports.
PRIVATE = ("cloud", "cli", "server", "services", "storage", "wire")


def modules(package: str) -> set[str]:
    folder = SOURCE / Path(*package.split("."))
    return {f"{package}.{module.name}" for module in iter_modules([str(folder)])}


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_every_service_is_kept_from_the_others() -> None:
    services = {f"sparekey.services.{name}" for name in SERVICES}
    assert set(BY_NAME["A service knows no other service"]["modules"]) == services
    shared = BY_NAME["What services share knows no service"]
    assert set(shared["forbidden_modules"]) == services
    assert set(shared["source_modules"]) == modules("sparekey.services") - services


@pytest.mark.parametrize("package", PRIVATE)
def test_nobody_imports_another_package_s_private_modules(package: str) -> None:
    inside = SOURCE / "sparekey" / package
    taken = {
        f"{path.relative_to(SOURCE)}: {name}"
        for path in SOURCE.rglob("*.py")
        if inside not in path.parents
        for name in imports(path)
        if name.startswith(f"sparekey.{package}._")
    }
    assert taken == set()
