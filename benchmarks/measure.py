"""Timing: runs taken in turn, so that a machine that slows down slows all of them down."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


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
            elapsed, peak = _run_small(command)
            if counted >= 0:
                seconds[name].append(elapsed)
                peaks[name] = max(peaks[name], peak)
    return {name: Figure(tuple(values), peaks[name]) for name, values in seconds.items()}


#: Starts a command from a process that is itself small: a child's peak memory begins with its parent's.
_LAUNCHER = """
import os, sys, time
start = time.perf_counter()
quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (1, 2)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
usage = os.wait4(child, 0)[2]
print(time.perf_counter() - start, usage.ru_maxrss)
"""


def _run_small(command: Sequence[str]) -> tuple[float, int]:
    """Run a command once; the wall-clock seconds and the peak resident kilobytes of its process."""
    launched = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    )
    elapsed, peak = launched.stdout.split()
    return float(elapsed), int(peak)


def tool(name: str) -> str | None:
    """The path of a command installed beside this Python, if it is."""
    path = Path(sys.executable).parent / name
    return str(path) if path.exists() else None


def noise(figures: Mapping[str, Figure]) -> str:
    """One line on how restless the machine was."""
    return "noise (slowest over fastest run): " + ", ".join(f"{name} +{f.noise:.0%}" for name, f in figures.items())
