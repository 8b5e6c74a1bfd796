"""Whole processes: ``sparekey`` beside the template linters, on 1, 50 and 500 keys; start-up and memory."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.measure import noise, processes_in_turn, tool
from benchmarks.templates import template

if TYPE_CHECKING:
    from collections.abc import Sequence

DEPLOYER = "arn:aws:iam::123456789012:user/Alice"
_VALIDATE = "import sys, cloudformation_validate as c; c.CompositeEngine().validate_template(sys.argv[1])"


def run() -> None:
    """Print the tables."""
    command = tool("sparekey") or "sparekey"
    figures = processes_in_turn({"python": [sys.executable, "-c", "pass"], "version": [command, "--version"]}, 15)
    print("## Processes\n")
    print(f"  python -c pass       {figures['python'].median * 1e3:6.0f} ms")
    print(f"  sparekey --version   {figures['version'].median * 1e3:6.0f} ms, aim under 50 ms")
    print(f"  {noise(figures)}\n")
    with TemporaryDirectory() as folder:
        policy = Path(folder, "admin.json")
        policy.write_text('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')
        for keys, aim in ((1, "aim under 120 ms"), (50, ""), (500, "aim under 400 ms")):
            path = Path(folder, f"{keys}.yaml")
            path.write_text(template(keys))
            _side_by_side(keys, str(path), [command, "check", str(path), "--as", DEPLOYER, "--iam", str(policy)], aim)
        megabyte = Path(folder, "large.yaml")
        megabyte.write_text(template(1_000_000 // len(template(1)) + 100))
        figure = processes_in_turn(
            {"1 MB": [command, "check", str(megabyte), "--as", DEPLOYER, "--iam", str(policy)]}, 3
        )["1 MB"]
        size = megabyte.stat().st_size
        print(f"  a template of {size / 1e6:.2f} MB: {figure.median:.2f} s, {figure.peak_kilobytes / 1024:.0f} MB\n")


def _side_by_side(keys: int, path: str, ours: Sequence[str], aim: str) -> None:
    commands: dict[str, Sequence[str]] = {"sparekey": ours}
    if linter := tool("cfn-lint"):
        commands["cfn-lint"] = [linter, path]
    if find_spec("cloudformation_validate"):
        commands["cloudformation-validate"] = [sys.executable, "-c", _VALIDATE, path]
    figures = processes_in_turn(commands, 3 if keys > 50 else 7)
    print(f"{keys} key{'s' * (keys > 1)}, {Path(path).stat().st_size / 1024:.0f} KB {aim}")
    own = figures["sparekey"].median
    for name, figure in figures.items():
        milliseconds, megabytes = figure.median * 1e3, figure.peak_kilobytes / 1024
        print(f"  {name:<24}{milliseconds:8.0f} ms  {megabytes:6.0f} MB  x{figure.median / own:.1f}")
    print(f"  {noise(figures)}\n")
