"""Bytes to the root node of a template."""

from __future__ import annotations

import re

from sparekey.errors import InputError
from sparekey.source import Place
from sparekey.template._nodes import MAP, NULL, MappingNode, place_of, refused

#: CloudFormation takes 1 MiB from S3; a text four times as large is no template.
MAX_BYTES = 4 * 1024 * 1024

_FRAGMENT = re.compile(r"""\s*"[^"\n]*"\s*:""")


def read_root(data: bytes, file: str) -> tuple[str, str, MappingNode]:
    """The text of a file without a byte order mark, its format (``json`` or ``yaml``), and its root node.

    Raises:
        InputError: the bytes are no text, or the text is no mapping in YAML or JSON.
    """
    text = _decode(data, file)
    if not text.strip():
        raise InputError("the file is empty", Place(file, 1, 1))
    if text.lstrip().startswith(("{", "//", "/*")):
        from sparekey.template._json import compose_json

        return text, "json", compose_json(text, file)
    return text, "yaml", _yaml_root(text, file)


def _yaml_root(text: str, file: str) -> MappingNode:
    """The root of a YAML document."""
    from sparekey.template._yaml import compose_yaml

    try:
        root = compose_yaml(text, file)
    except InputError as error:
        if _FRAGMENT.match(text) and "typographic" not in error.message:
            raise _fragment(text, file) from None
        raise
    if root is None or root.tag == NULL:
        raise InputError("the file holds no template", Place(file, 1, 1))
    if not isinstance(root, MappingNode) or root.tag != MAP:
        raise refused("Template format error: unsupported structure.", place_of(file, root))
    return root


def _fragment(text: str, file: str) -> InputError:
    """The error for JSON that begins in the middle."""
    start = len(text) - len(text.lstrip())
    return InputError(
        "this is a fragment of JSON without its opening brace",
        _place_at(text[:start], file),
        hint="put `{` before it and `}` behind it; a whole template has its resources under `Resources`",
    )


def _decode(data: bytes, file: str) -> str:
    """The text of a file, without a byte order mark."""
    start = Place(file, 1, 1)
    if len(data) > MAX_BYTES:
        raise InputError(f"the file is larger than a template can be: {len(data):,} bytes", start)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("the file is UTF-16, and CloudFormation reads UTF-8", start, hint="save it as UTF-8")
    if b"\0" in data:
        before = data[: data.index(b"\0")].decode("utf-8", "replace")
        raise InputError("the file is binary: it holds a NUL character", _place_at(before, file))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # error.start counts from behind a byte order mark
        before = data.removeprefix(b"\xef\xbb\xbf")[: error.start].decode("utf-8", "replace")
        raise InputError("the file is not UTF-8 text", _place_at(before, file), hint="save it as UTF-8") from None


def _place_at(before: str, file: str) -> Place:
    """The place right behind a stretch of text."""
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
