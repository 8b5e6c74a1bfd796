"""Values in brackets and braces (all of JSON, and YAML's flow style): how they are spaced, and adding to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from yaml.nodes import MappingNode

from sparekey.check.fixes._nodes import children, content_start, end_of, is_collection, is_flow, start_of, walk
from sparekey.check.fixes._render import Flow, render_flow
from sparekey.check.fixes._text import Edit, indentation_of, line_end, line_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yaml.nodes import Node

    from sparekey.check.fixes._page import Page
    from sparekey.check.fixes._render import Tree


def read_flow(text: str, root: Node, collection: Node) -> Flow:
    """Read how a collection in brackets or braces is spaced, and what is around it where it does not tell."""
    colons: Counter[str] = Counter()
    commas: Counter[str] = Counter()
    pads: Counter[str] = Counter()
    units: Counter[str] = Counter()
    for scope in (collection, root):
        for node in walk(scope):
            if is_collection(node) and is_flow(text, node):
                _measure(text, node, colons, commas, pads, units)
        if colons and (commas or units):
            break
    colon = colons.most_common(1)[0][0] if colons else ": "
    comma = commas.most_common(1)[0][0] if commas else ("," if colon == ":" else ", ")
    pad = pads.most_common(1)[0][0] if pads else ""
    unit = units.most_common(1)[0][0] if units else "  "
    return Flow(colon, comma, pad, indentation_of(text, start_of(collection)), unit, *_spread(text, collection))


def append_flow(page: Page, collection: Node, values: Sequence[Tree]) -> list[Edit]:
    """Put items or entries before a closing bracket or brace, with the commas where they belong."""
    text = page.text
    flow = read_flow(text, page.root, collection)
    members = list(children(collection))
    closing = end_of(text, collection) - 1
    mapping = isinstance(collection, MappingNode)
    if not members:
        flow = replace(flow, indent=indentation_of(text, closing) + flow.unit, lines=False)
        added = flow.comma.join(_member(page, value, flow, mapping=mapping) for value in values)
        return [Edit(content_start(text, collection) + 1, closing, added)]
    last = max(end_of(text, node) for node in members)
    comma = _comma_behind(text, last, closing)
    start = start_of(members[-2] if mapping else members[-1])
    if text[line_start(text, start) : start].strip():
        added = flow.comma.join(_member(page, value, flow, mapping=mapping) for value in values)
        lead = flow.comma if comma is None else flow.comma.removeprefix(",")
        at = last if comma is None else comma + 1
        return [Edit(at, at, lead + added)]
    indent = indentation_of(text, start)
    flow = replace(flow, indent=indent)
    added = f",{page.style.newline}{indent}".join(_member(page, value, flow, mapping=mapping) for value in values)
    behind = last if comma is None else comma + 1
    broken = "\n" in text[last:closing] or "\r" in text[last:closing]
    end = line_end(text, behind) if broken else behind
    edit = Edit(end, end, page.style.newline + indent + added)
    return [edit] if comma is not None else [Edit(last, last, ","), edit]


def _member(page: Page, value: Tree, flow: Flow, *, mapping: bool) -> str:
    """Write an item, or an entry without the braces around it."""
    if not mapping or not isinstance(value, dict):
        return render_flow(value, page.style, flow)
    ((key, item),) = value.items()
    name = render_flow({key: ""}, page.style, Flow()).partition(": ")[0][1:]
    return f"{name}{flow.colon}{render_flow(item, page.style, flow)}"


def _comma_behind(text: str, start: int, end: int) -> int | None:
    """Find a trailing comma between the last item and the closing bracket, past comments."""
    at = start
    while at < end:
        if text[at] == ",":
            return at
        at = line_end(text, at) if text[at] == "#" else at + 1
    return None


def _measure(
    text: str, node: Node, colons: Counter[str], commas: Counter[str], pads: Counter[str], units: Counter[str]
) -> None:
    """Count the white space inside one collection."""
    members = list(children(node))
    if isinstance(node, MappingNode):
        for key, value in zip(members[::2], members[1::2], strict=False):
            between = text[end_of(text, key) : start_of(value)]
            if between.strip() == ":" and "\n" not in between:
                colons[between] += 1
    pairs = members[1::2] if isinstance(node, MappingNode) else members
    follow = members[2::2] if isinstance(node, MappingNode) else members[1:]
    for before, after in zip(pairs, follow, strict=False):
        between = text[end_of(text, before) : start_of(after)]
        if between.strip() == "," and "\n" not in between:
            commas[between] += 1
    if not members:
        return
    opening = content_start(text, node)
    first = text[opening + 1 : start_of(members[0])]
    if not first.strip(" "):
        if isinstance(node, MappingNode):
            pads[first] += 1
    elif not first.strip():
        outer, inner = indentation_of(text, opening), indentation_of(text, start_of(members[0]))
        if inner.startswith(outer) and inner != outer:
            units[inner[len(outer) :]] += 1


def _spread(text: str, collection: Node) -> tuple[bool, bool]:
    """Tell whether the items of a collection are spread over lines, and the values inside the items too."""
    items = [node for node in children(collection) if is_collection(node)]
    inner = [node for item in items for node in walk(item) if node is not item and is_collection(node)]
    lines, spread = (
        sum("\n" in text[start_of(node) : end_of(text, node)] for node in nodes) * 2 >= len(nodes) if nodes else None
        for nodes in (items, inner)
    )
    whole = "\n" in text[start_of(collection) : end_of(text, collection)]
    lines = whole if lines is None else lines
    return lines, lines if spread is None else lines and spread
