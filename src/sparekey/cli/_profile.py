"""Writing a profile into the files of the AWS CLI and SDKs, and leaving everything else in them as it is."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.errors import InputError, system_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARK: Final = "# written by sparekey env"
_NAME: Final = re.compile(r"[\w.@:+/-]+", re.ASCII)
_HEADER: Final = re.compile(r"\[\s*(.*?)\s*\]")
_SETTING: Final = re.compile(r"([A-Za-z0-9_]+)\s*=")


class _Edit(NamedTuple):
    """A file as it will be."""

    path: Path
    text: str


def write_profile(
    name: str, profile: tuple[Mapping[str, str], Mapping[str, str]], environment: Mapping[str, str], *, force: bool
) -> None:
    """Write a profile's settings and credentials, both or neither, into files of mode 0600.

    Raises:
        InputError: the name cannot be one, a profile of that name was not written by us, or a file cannot be.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"`{name}` is no profile name", hint="letters, digits and `_.@:+/-`")
    settings, credentials = profile
    config = environment.get("AWS_CONFIG_FILE") or "~/.aws/config"
    shared = environment.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials"
    section = name if name == "default" else f"profile {name}"
    edits = [
        _edited(config, section, settings, force=force),
        _edited(shared, name, credentials, force=force),
    ]
    for edit in edits:
        _write(edit)


def _edited(file: str, section: str, settings: Mapping[str, str], *, force: bool) -> _Edit:
    path = Path(file).expanduser().resolve()  # where a symbolic link points to
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        text = ""
    except OSError as error:
        raise InputError(f"cannot read `{path}`: {system_reason(error)}") from None
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    found = _section(lines, section)
    ours = [f"{_MARK}{newline}", *(f"{key} = {value}{newline}" for key, value in settings.items())]
    if found is None:
        gap = [] if not text else [newline] if text.endswith("\n") else [newline, newline]
        return _Edit(path, "".join((*lines, *gap, f"[{section}]{newline}", *ours)))
    header, end = found
    body = lines[header + 1 : end]
    if any(line.strip() == _MARK for line in body):
        kept = [line for line in body if line.strip() != _MARK and _key(line) not in settings]
    elif force:
        kept = _blank_end(body)
    else:
        hint = "`--force` overwrites it; another name leaves it alone"
        raise InputError(f"`{path}` has a profile `{section}` that sparekey did not write", hint=hint)
    head = lines[header] if lines[header].endswith("\n") else lines[header] + newline
    return _Edit(path, "".join((*lines[:header], head, *ours, *kept, *lines[end:])))


def _section(lines: list[str], section: str) -> tuple[int, int] | None:
    """Where a section's header stands, and where the section ends."""
    header = None
    for number, line in enumerate(lines):
        found = _HEADER.match(line)
        if found is None:
            continue
        if header is not None:
            return header, number
        if " ".join(found.group(1).replace('"', "").replace("'", "").split()) == section:
            header = number
    return None if header is None else (header, len(lines))


def _key(line: str) -> str | None:
    found = _SETTING.match(line)
    return found.group(1) if found else None


def _blank_end(body: list[str]) -> list[str]:
    """The empty lines at the end of a section."""
    count = 0
    while count < len(body) and not body[-1 - count].strip():
        count += 1
    return body[len(body) - count :]


def _write(edit: _Edit) -> None:
    """Write a file at once and whole, for its owner only."""
    new = edit.path.with_name(f"{edit.path.name}.{os.getpid()}.new")
    try:
        edit.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(edit.text.encode("utf-8", "surrogateescape"))
        new.replace(edit.path)
    except OSError as error:
        raise InputError(f"cannot write `{edit.path}`: {system_reason(error)}") from None
