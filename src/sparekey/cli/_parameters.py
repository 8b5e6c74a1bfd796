"""Values given on the command line and in parameter files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.errors import InputError
from sparekey.source import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    """Read ``NAME=VALUE`` texts; also the AWS CLI's ``ParameterKey=NAME,ParameterValue=VALUE`` and ``Key=…,Value=…``.

    Raises:
        InputError: a text has no ``=``, or a name is given twice with different values.
    """
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = _pair(text)
        if not equals or not name:
            hint = f"write `{option} NAME=VALUE`; templates stand before the options, or after `--`"
            raise InputError(f"`{option} {text}`: this is no `NAME=VALUE`", hint=hint)
        if values.setdefault(name, value) != value:
            raise InputError(f"`{option} {name}` is given twice with different values")
    return values


def _pair(text: str) -> tuple[str, str, str]:
    for key, value in (("ParameterKey=", ",ParameterValue="), ("Key=", ",Value=")):
        if text.startswith(key) and value in text:
            return text[len(key) :].partition(value)
    return text.partition("=")


class ParameterFile(NamedTuple):
    """What a parameter file holds: parameters, and the stack's tags (a CodePipeline configuration has them)."""

    parameters: Mapping[str, str]
    tags: Mapping[str, str]


def read_parameter_file(file: str, data: bytes) -> ParameterFile:
    """Read a parameter file, in JSON or YAML: as the AWS CLI takes it, as CodePipeline does, or a plain mapping.

    Raises:
        InputError: it is none of these.
    """
    document = _load(file, data)
    if isinstance(document, list):
        return ParameterFile(_entries(file, document, "ParameterKey", "ParameterValue"), {})
    if not isinstance(document, dict):
        raise InputError(
            "a parameter file holds a mapping, or a list of `ParameterKey` and `ParameterValue`", Place(file, 1, 1)
        )
    inner = document.get("Parameters")
    if not isinstance(inner, dict | list):
        return ParameterFile(_texts(file, document), {})
    tags = document.get("Tags") or {}
    return ParameterFile(
        _entries(file, inner, "ParameterKey", "ParameterValue") if isinstance(inner, list) else _texts(file, inner),
        _entries(file, tags, "Key", "Value") if isinstance(tags, list) else _texts(file, tags),
    )


def _load(file: str, data: bytes) -> object:
    """Load JSON or YAML with every scalar as it is written: an account id stays its twelve digits."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("this is not text in UTF-8", Place(file, 1, 1)) from None
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 - it makes nothing but text, lists and mappings
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        raise InputError(f"this is neither JSON nor YAML: {error.problem}", place) from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise InputError("this is neither JSON nor YAML", Place(file, 1, 1)) from None


def _entries(file: str, entries: Iterable[object], key: str, value: str) -> dict[str, str]:
    """Read a list of keys and values; an entry without a value (``UsePreviousValue``) tells nothing."""
    found: dict[str, object] = {}
    for entry in entries:
        if not isinstance(entry, dict) or key not in entry:
            raise InputError(f"an entry has no `{key}`", Place(file, 1, 1))
        if value in entry:
            found[str(entry[key])] = entry[value]
    return _texts(file, found)


def _texts(file: str, mapping: object) -> dict[str, str]:
    """Turn values into the texts CloudFormation takes: a list is separated by commas."""
    if not isinstance(mapping, dict):
        raise InputError("parameters and tags are mappings of names to values", Place(file, 1, 1))
    values: dict[str, str] = {}
    for name, value in mapping.items():
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in items):
            raise InputError(f"the value of `{name}` is neither text nor a list of texts", Place(file, 1, 1))
        values[str(name)] = ",".join(items)
    return values
