"""Texts in many styles, and the page they make for an edit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml
from hypothesis import strategies as st

from sparekey.check.fixes._nodes import entry
from sparekey.check.fixes._page import Page
from sparekey.check.fixes._style import read_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yaml.nodes import Node

#: Plain data.
Data = str | list["Data"] | dict[str, "Data"]


def page_of(text: str, near: tuple[str | int, ...] = (), *, is_json: bool = False) -> Page:
    root = compose(text)
    return Page(text, root, read_style(text, root, node_at(root, *near), json=is_json))


def compose(text: str) -> Node:
    root = yaml.CSafeLoader(text).get_single_node()
    assert root is not None
    return root


def node_at(node: Node, *path: str | int) -> Node:
    for step in path:
        if isinstance(step, int):
            node = node.value[step]
        else:
            found = entry(node, step)
            assert found is not None, step
            node = found[1]
    return node


class _Functions(yaml.CSafeLoader):
    """Reads short forms as their long form and every scalar as text."""


def _function(loader: _Functions, suffix: str, node: Node) -> Data:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        argument = str(loader.construct_scalar(node))
        parts: list[Data] = [*argument.split(".")]
        return {name: parts if name == "Fn::GetAtt" else argument}
    assert isinstance(node, yaml.SequenceNode)
    return {name: loader.construct_sequence(node, deep=True)}


_Functions.add_multi_constructor("!", _function)
for tag in ("int", "float", "bool", "null", "timestamp"):
    _Functions.add_constructor(f"tag:yaml.org,2002:{tag}", lambda _loader, node: str(node.value))


def data_of(text: str) -> Data:
    """Read a text as data."""
    data: Data = yaml.load(text, _Functions)  # noqa: S506 - a subclass of the safe loader
    return data


@dataclass(frozen=True, slots=True)
class Looks:
    """How to write a text."""

    kind: str  # block, flow, flow-lines, json, compact
    step: int = 2
    dash: int = 2
    gap: int = 1
    tabs: bool = False
    comments: bool = False
    quote: str = ""
    newline: str = "\n"
    final_newline: bool = True

    def write(self, data: Mapping[str, Data]) -> str:
        if self.kind in ("json", "compact"):
            indent: str | int | None = None if self.kind == "compact" else "\t" if self.tabs else self.step
            separators = (",", ":") if self.kind == "compact" else None
            text = json.dumps(data, indent=indent, separators=separators) + "\n"
        elif self.kind == "flow":
            text = f"Outer: {self._flow(data)}\n"
        elif self.kind == "flow-lines":
            text = f"Outer: {self._flow(data, '  ')}\n"
        else:
            text = "\n".join(self._block(data, 0)) + "\n"
        if not self.final_newline:
            text = text.rstrip("\n")
        return text.replace("\n", self.newline)

    def _scalar(self, text: str, *, flow: bool = False) -> str:
        quote = self.quote or ('"' if text == "*" or (flow and set(text) & set("{},[]")) or text[:1].isdigit() else "")
        return f"{quote}{text}{quote}"

    def _flow(self, data: object, indent: str | None = None) -> str:
        if isinstance(data, str):
            return self._scalar(data, flow=True)
        inner = None if indent is None else indent + "  "
        opening, closing = "{}" if isinstance(data, dict) else "[]"
        if isinstance(data, dict):
            members = [f"{key}: {self._flow(value, inner)}" for key, value in data.items()]
        else:
            assert isinstance(data, list)
            members = [self._flow(value, inner) for value in data]
        if indent is None or not members:
            return opening + ", ".join(members) + closing
        comment = "  # a comment, with a comma" if self.comments else ""
        lines = [f"{inner}{member}," for member in members[:-1]] + [f"{inner}{members[-1]}{comment}"]
        return "\n".join((opening, *lines, f"{indent}{closing}"))

    def _block(self, data: object, column: int) -> list[str]:
        lines: list[str] = []
        margin = " " * column
        if isinstance(data, list):
            for item in data:
                if isinstance(item, str):
                    lines.append(f"{margin}-{' ' * self.gap}{self._scalar(item)}{self._comment()}")
                else:
                    inner = self._block(item, column + 1 + self.gap)
                    lines += [f"{margin}-{' ' * self.gap}{inner[0].lstrip()}", *inner[1:]]
                if self.comments:
                    lines.append(f"{margin}  # about the item above")
            return lines
        assert isinstance(data, dict)
        for key, value in data.items():
            if isinstance(value, str):
                lines.append(f"{margin}{key}: {self._scalar(value)}{self._comment()}")
            elif not value:
                lines.append(f"{margin}{key}: []")
            else:
                lines.append(f"{margin}{key}:{self._comment()}")
                lines += self._block(value, column + (self.dash if isinstance(value, list) else self.step))
        return lines

    def _comment(self) -> str:
        return "  # why: it is so" if self.comments else ""


looks = st.builds(
    Looks,
    kind=st.sampled_from(["block", "block", "block", "flow", "flow-lines", "json", "json", "compact"]),
    step=st.sampled_from([2, 4]),
    dash=st.sampled_from([0, 2, 4]),
    gap=st.sampled_from([1, 3]),
    tabs=st.booleans(),
    comments=st.booleans(),
    quote=st.sampled_from(["", "", "'", '"']),
    newline=st.sampled_from(["\n", "\n", "\r\n"]),
    final_newline=st.booleans(),
)

_arns = st.sampled_from(["arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:role/Zoë", "111111111111", "*"])
_actions = st.sampled_from(["kms:*", "kms:Decrypt", "kms:Put*"])


def _one_or_list(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Data]:
    lists: st.SearchStrategy[Data] = st.lists(texts, min_size=1, max_size=3).map(lambda items: [*items])
    return st.one_of(texts, lists)


statements: st.SearchStrategy[dict[str, Data]] = st.fixed_dictionaries(
    {
        "Sid": st.sampled_from(["Administer", "Use it"]),
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": st.fixed_dictionaries({"AWS": _one_or_list(_arns)}),
        "Action": _one_or_list(_actions),
        "Resource": st.just("*"),
    }
)

documents: st.SearchStrategy[dict[str, Data]] = st.fixed_dictionaries(
    {
        "Version": st.just("2012-10-17"),
        "Statement": st.one_of(statements, st.lists(statements, min_size=1, max_size=3).map(lambda items: [*items])),
        "After": st.just("end"),
    }
)
