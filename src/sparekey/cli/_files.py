"""Reading the user's files: never more than a file of its kind can hold, and every failure in one line.

``pathlib`` is imported for folders only: it costs as much as checking a small template.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from sparekey.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The most a file of a kind may hold, in bytes.
TEMPLATE = 4 * 1024 * 1024
PARAMETERS = 1024 * 1024
POLICIES = 128 * 1024 * 1024

_TEMPLATES = (".yaml", ".yml", ".json", ".template")
#: Folders that hold no templates of the user's own.
_PASSED_OVER = ("node_modules", "__pycache__", "venv")


def read_file(name: str, limit: int) -> bytes:
    """Read a file; ``-`` is standard input.

    Raises:
        InputError: the file cannot be read, or holds more than ``limit`` bytes.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with open(name, "rb", opener=_at_once) as file:
                os.set_blocking(file.fileno(), True)
                data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read `{name}`: {_reason(error)}") from None
    if len(data) > limit:
        raise InputError(f"`{name}` holds more than {limit // (1024 * 1024)} MiB, the most that is read")
    return data


def _at_once(name: str, flags: int) -> int:
    """Open a file without waiting: a named pipe that nobody writes to reads as empty, instead of forever."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _reason(error: OSError | ValueError) -> str:
    """Say in lower case why a file cannot be read."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]


def _folder(name: str) -> Path | None:
    """The folder of a name; ``None`` if it is none."""
    if name == "-" or not os.path.isdir(name):  # noqa: PTH112 - see above
        return None
    from pathlib import Path

    return Path(name)


def _named(name: str, limit: int) -> tuple[str, bytes]:
    return ("<stdin>" if name == "-" else name), read_file(name, limit)


def templates(name: str) -> Iterator[tuple[str, bytes]]:
    """Read a template; of a folder, those files in it that look like CloudFormation templates.

    Raises:
        InputError: a file cannot be read, or a folder holds no template.
    """
    folder = _folder(name)
    if folder is None:
        yield _named(name, TEMPLATE)
        return
    found = False
    for path in _candidates(folder):
        data = _content(path)
        if data is not None and _looks_like_a_template(data):
            found = True
            yield str(path), data
    if not found:
        raise InputError(f"there is no CloudFormation template in `{name}`")


def _candidates(folder: Path) -> Iterator[Path]:
    """List the files below a folder that may be templates; of a CDK assembly, the synthesized ones only."""
    assembly = (folder / "manifest.json").is_file() and (folder / "cdk.out").is_file()
    passed_over = (".", *_PASSED_OVER, *(("asset.",) if assembly else ()))
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if not path.name.startswith(passed_over) and not path.is_symlink():
                yield from _candidates(path)
        elif path.name.endswith(".template.json" if assembly else _TEMPLATES):
            yield path


def _content(path: Path) -> bytes | None:
    """Read a candidate; what cannot be read or is too large is none."""
    try:
        return read_file(str(path), TEMPLATE)
    except InputError:
        return None


def _looks_like_a_template(data: bytes) -> bool:
    """Whether a file has resources of a CloudFormation template at its top level."""
    import re

    head = rb"^(?:\xef\xbb\xbf)?Resources[ \t]*:|\"Resources\"\s*:"
    return re.search(head, data, re.MULTILINE) is not None and re.search(rb"(?:AWS|Custom|Alexa)::", data) is not None


def policy_files(name: str) -> list[tuple[str, bytes]]:
    """Read a file, or the JSON files of a folder with those of its folders.

    Raises:
        InputError: a file cannot be read, or a folder holds no JSON file.
    """
    folder = _folder(name)
    if folder is None:
        return [_named(name, POLICIES)]
    files = [_named(str(path), POLICIES) for path in sorted(folder.rglob("*.json"))]
    if not files:
        raise InputError(f"there is no JSON file in folder `{name}`")
    return files


def policy_levels(names: list[str]) -> list[list[tuple[str, bytes]]]:
    """Read service control policies by level, root first.

    Every name is one level: a file, or a folder with the level's policies. A folder with folders in it stands for
    several levels, one for each of them, in the order of their names.

    Raises:
        InputError: a file cannot be read, or a folder holds no JSON file.
    """
    levels: list[list[tuple[str, bytes]]] = []
    for name in names:
        folder = _folder(name)
        inner = sorted(str(path) for path in folder.iterdir() if path.is_dir()) if folder else []
        own = sorted(folder.glob("*.json")) if folder and inner else []
        if own:
            levels.append([_named(str(path), POLICIES) for path in own])
        levels.extend(policy_files(path) for path in inner or [name])
    return levels
