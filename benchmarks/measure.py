"""Timing: runs taken in turn, so that a machine that slows down slows all of them down."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """Seconds of several runs of one thing."""

    seconds: tuple[float, ...]
    peak_kilobytes: int = 0

    @property
    def best(self) -> float:
        """The fastest run: the one the machine disturbed least."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The middle run."""
        return statistics.median(self.seconds)

    @property
    def noise(self) -> float:
        """How far the slowest run lies above the fastest, as a fraction."""
        return max(self.seconds) / min(self.seconds) - 1


def in_turn(runs: Mapping[str, Callable[[], object]], rounds: int = 7) -> dict[str, Figure]:
    """Time callables in turn (A B C, A B C, …) after one uncounted round."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for counted in range(-1, rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if counted >= 0:
                seconds[name].append(time.perf_counter() - start)
    return {name: Figure(tuple(values)) for name, values in seconds.items()}


def processes_in_turn(commands: Mapping[str, Sequence[str]], rounds: int = 7) -> dict[str, Figure]:
    """Time whole processes in turn; peak resident memory is the operating system's own figure for each."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    peaks: dict[str, int] = dict.fromkeys(commands, 0)
    for counted in range(-1, rounds):
        for name, command in commands.items():
            start = time.perf_counter()
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if counted >= 0:
                seconds[name].append(time.perf_counter() - start)
                peaks[name] = max(peaks[name], usage.ru_maxrss)
    return {name: Figure(tuple(values), peaks[name]) for name, values in seconds.items()}


def tool(name: str) -> str | None:
    """The path of a command installed beside this Python, if it is."""
    path = Path(sys.executable).parent / name
    return str(path) if path.exists() else None


def noise(figures: Mapping[str, Figure]) -> str:
    """One line on how restless the machine was."""
    return "noise (slowest over fastest run): " + ", ".join(f"{name} +{f.noise:.0%}" for name, f in figures.items())
