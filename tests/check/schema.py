"""A small validator for the parts of JSON Schema that our schema uses; anything else in a schema is an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
_KNOWN = {
    "$schema", "title", "description", "$defs", "$ref", "type", "enum", "const", "pattern", "minimum", "required",
    "properties", "additionalProperties", "items", "anyOf",
}  # fmt: skip


def violations(value: object, schema: Mapping[str, object], root: Mapping[str, object], at: str = "$") -> Iterator[str]:
    """Tell where a value does not fit a schema."""
    unknown = set(schema) - _KNOWN
    assert not unknown, f"the validator does not know {unknown}"
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        yield from violations(value, _mapping(_mapping(root["$defs"])[name]), root, at)
        return
    if "anyOf" in schema:
        choices = schema["anyOf"]
        assert isinstance(choices, list)
        if not any(not list(violations(value, choice, root, at)) for choice in choices):
            yield f"{at}: fits no choice"
        return
    yield from _scalar(value, schema, at)
    if isinstance(value, dict):
        yield from _object(value, schema, root, at)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from violations(item, _mapping(schema["items"]), root, f"{at}[{index}]")


def _scalar(value: object, schema: Mapping[str, object], at: str) -> Iterator[str]:
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        fits = [name for name in names if isinstance(value, _TYPES[str(name)])]
        if not fits or (isinstance(value, bool) and "boolean" not in fits):
            yield f"{at}: {value!r} is no {schema['type']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if isinstance(schema.get("enum"), list) and value not in schema["enum"]:  # type: ignore[operator]  # a list
        yield f"{at}: {value!r} is not among {schema['enum']}"
    if "pattern" in schema and isinstance(value, str) and not re.search(str(schema["pattern"]), value):
        yield f"{at}: {value!r} does not match"
    if "minimum" in schema and isinstance(value, int) and value < int(str(schema["minimum"])):
        yield f"{at}: {value} is too small"


def _object(
    value: dict[str, object], schema: Mapping[str, object], root: Mapping[str, object], at: str
) -> Iterator[str]:
    properties = _mapping(schema.get("properties", {}))
    required = schema.get("required", [])
    assert isinstance(required, list)
    yield from (f"{at}: `{name}` is missing" for name in required if name not in value)
    for name, inner in value.items():
        if name in properties:
            yield from violations(inner, _mapping(properties[name]), root, f"{at}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{at}: `{name}` is not in the schema"


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, dict)
    return value
