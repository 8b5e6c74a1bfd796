"""Changing documents by their structure: any part of a sound one becomes something of another kind, or moves."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]

#: What takes the place of a part, in plain data.
STRANGE: tuple[object, ...] = (
    None,
    True,
    False,
    0,
    -1,
    12.5,
    10**40,
    1e300,
    "",
    " ",
    "*",
    "x",
    "a\nb",
    "\x1b[31m",
    "\x00",
    "\ud800",
    "\ue0001\ue001",
    "\u202e",
    "\u041a",
    "${aws:x}",
    "${",
    "{{resolve:",
    "{{resolve:ssm:x}}",
    "arn:",
    "arn:aws:iam::1:root",
    "2012-10-17",
    "%0A::",
    "1e999999",
    "9" * 5000,
    "[" * 500,
    "*a" * 200,
    "(a+)+$",
    [],
    [[]],
    [None],
    {},
    {"": {}},
    {"x": None},
    ["x", 1, {}],
    {"Ref": "AWS::NoValue"},
    {"Ref": "Nowhere"},
    {"Ref": []},
    {"Fn::GetAtt": "x"},
    {"Fn::Sub": {}},
    {"Fn::Sub": "${!x}${Key}"},
    {"Fn::If": ["Is", 1, 2]},
    {"Fn::If": []},
    {"Fn::Join": ["", {"Ref": "AWS::NoValue"}]},
    {"Fn::Unheard": 1},
    {"Fn::Select": [0, []]},
    {"Fn::Transform": {}},
    {"Fn::ForEach::A": ["A", ["1"], {"${A}": 1}]},
    {"Condition": "Is"},
    {"unknown": "why"},
    {"unknown": "why", "pieces": ["x", None]},
    {"unknown": 1, "pieces": {}},
    {"AWS": "*"},
    {"Fn::ToJsonString": {"a": 1}},
    {"Fn::FindInMap": ["M", "a", "b"]},
    {"Fn::Cidr": ["10.0.0.0/8", 9**9, 8]},
    {"Fn::Base64": {"Ref": "AWS::Region"}},
)


def paths(document: object, path: Path = ()) -> Iterator[Path]:
    """The way to every part of a document."""
    yield path
    if isinstance(document, dict):
        for key, value in document.items():
            yield from paths(value, (*path, key))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from paths(value, (*path, index))


def part(document: object, path: Path) -> object:
    """The part at the end of a way."""
    for step in path:
        document = document[step]  # type: ignore[index]  # a way through the document
    return document


def put(document: object, path: Path, value: object) -> object:
    """The document with another value at the end of a way."""
    if not path:
        return value
    changed = copy.deepcopy(document)
    around = part(changed, path[:-1])
    around[path[-1]] = value  # type: ignore[index]  # the end of a way has something around it
    return changed


@st.composite
def mutated(draw: st.DrawFn, document: object) -> object:
    """A document of which one to three parts are another value, another part, text of themselves, renamed or gone."""
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(paths(document))))
        around = part(document, path[:-1])
        match draw(st.sampled_from(("strange", "part", "text", "listed", "named", "gone"))):
            case "strange":
                document = put(document, path, draw(st.sampled_from(STRANGE)))
            case "part":
                other = draw(st.sampled_from(list(paths(document))))
                document = put(document, path, copy.deepcopy(part(document, other)))
            case "text":
                document = put(document, path, json.dumps(part(document, path)))
            case "listed":
                document = put(document, path, [part(document, path)] * draw(st.integers(0, 3)))
            case "named" if path and isinstance(around, dict):
                name = draw(st.sampled_from([text for text in STRANGE if isinstance(text, str)]) | st.text(max_size=3))
                document = put(document, path[:-1], {name if k == path[-1] else k: v for k, v in around.items()})
            case "gone" if path and isinstance(around, dict):
                document = put(document, path[:-1], {k: v for k, v in around.items() if k != path[-1]})
            case _:
                document = put(document, path, None)
    return document


@st.composite
def torn(draw: st.DrawFn, text: bytes) -> bytes:
    """A text of which a stretch is cut out, repeated, or something else."""
    start = draw(st.integers(0, len(text)))
    end = min(len(text), start + draw(st.integers(0, 40)))
    other = draw(st.integers(0, len(text)))
    pieces = [
        b"",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xc2\x85",
        b"[",
        b"}",
        b'"',
        b"'",
        b"&a ",
        b"*a",
        b"!Ref ",
        b"- ",
        b"\t",
        b"\n",
    ]
    piece = draw(st.sampled_from([*pieces, text[other : other + 50]]))
    return text[:start] + piece + text[end:]


def encoded(document: object) -> bytes:
    """A document as JSON; what Python's writer leaves out of UTF-8 is written as an escape."""
    return json.dumps(document).encode()
