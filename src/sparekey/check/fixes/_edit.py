"""Edits to values of a template that leave everything around them as it is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from sparekey.check.fixes._flow import append_flow, read_flow
from sparekey.check.fixes._nodes import (
    block_column,
    children,
    content_start,
    end_of,
    function_of,
    is_collection,
    is_flow,
    start_of,
)
from sparekey.check.fixes._page import NotEditableError
from sparekey.check.fixes._render import render_entry, render_flow, render_inline, render_item, render_mapping
from sparekey.check.fixes._text import Edit, column_of, indentation_of, line_end, line_start, next_line

if TYPE_CHECKING:
    from yaml.nodes import Node

    from sparekey.check.fixes._page import Page
    from sparekey.check.fixes._render import Tree


def append_items(page: Page, sequence: SequenceNode, *values: Tree) -> list[Edit]:
    """Put values at the end of a list."""
    if is_flow(page.text, sequence):
        return append_flow(page, sequence, values)
    column = block_column(page.text, sequence)
    gap = _gap_behind(page.text, content_start(page.text, sequence) + 1)
    lines = [line for value in values for line in render_item(value, page.style, column, gap)]
    return [_after_lines(page, sequence, column, lines)]


def append_entry(page: Page, mapping: MappingNode, key: str, value: Tree) -> list[Edit]:
    """Put an entry at the end of a mapping."""
    if is_flow(page.text, mapping):
        return append_flow(page, mapping, ({key: value},))
    column = block_column(page.text, mapping)
    return [_after_lines(page, mapping, column - 1, render_entry(key, value, page.style, column))]


def add_values(page: Page, node: Node, *values: Tree) -> list[Edit]:
    """Put values beside what stands in a place that takes one text or a list of them."""
    if isinstance(node, SequenceNode) and function_of(node) is None:
        return append_items(page, node, *values)
    return list_with(page, node, *values)


def list_with(page: Page, node: Node, *values: Tree) -> list[Edit]:
    """Turn a single value into a list of itself and others."""
    parent = page.parent(node)
    if is_flow(page.text, parent):
        start, end = start_of(node), end_of(page.text, node)
        spread = isinstance(values[0], dict) and "\n" in page.text[start:end]
        flow = replace(read_flow(page.text, page.root, parent), indent=indentation_of(page.text, start), lines=spread)
        others = "".join(flow.comma + render_flow(value, page.style, flow) for value in values)
        return [Edit(start, start, "["), Edit(end, end, f"{others}]")]
    edits, column = _indent_under(page, parent, node, "- ", page.style.dash)
    lines = [line for value in values for line in render_item(value, page.style, column)]
    return [*edits, _after_lines(page, node, column, lines)]


def wrap_in_mapping(page: Page, node: Node, key: str) -> list[Edit]:
    """Put a value under a key: ``x`` becomes ``{key: x}``."""
    parent = page.parent(node)
    start, end = start_of(node), end_of(page.text, node)
    if is_flow(page.text, parent) or (is_collection(node) and is_flow(page.text, node)):
        flow = read_flow(page.text, page.root, parent)
        head = render_flow({key: ""}, page.style, replace(flow, lines=False)).partition(flow.colon)[0]
        return [Edit(start, start, f"{head}{flow.colon}"), Edit(end, end, f"{flow.pad}}}")]
    name = render_entry(key, "", page.style, 0)[0].partition(":")[0]
    if not is_collection(node):
        edits, _ = _indent_under(page, parent, node, f"{name}: ", page.style.step)
        return edits
    column = block_column(page.text, parent) + page.style.step
    shift = max(0, column - block_column(page.text, node))
    first = line_start(page.text, content_start(page.text, node))
    head = " " * (column) + f"{name}:{page.style.newline}"
    return [Edit(first, first, head), *shift_lines(page.text, first, end, shift)]


def replace_value(page: Page, node: Node, value: Tree) -> list[Edit]:
    """Write a value in place of another; a text keeps the quotation marks that are there, or their absence."""
    if isinstance(node, ScalarNode) and not page.style.json:
        quoted = node.style in ("'", '"')
        style = replace(page.style, quote_names=quoted, quote_words=quoted, quote_sub=quoted)
        page = replace(page, style=replace(style, quote=str(node.style)) if quoted else style)
    parent = page.parent(node)
    start, end = start_of(node), end_of(page.text, node)
    if is_flow(page.text, parent):
        flow = replace(read_flow(page.text, page.root, parent), indent=indentation_of(page.text, start), lines=False)
        return [Edit(start, end, render_flow(value, page.style, flow))]
    line = render_inline(value, page.style)
    behind_key = len(page.text[:start].rstrip())
    comment = "#" in page.text[line_start(page.text, behind_key) : behind_key]
    if isinstance(parent, MappingNode) and not comment:
        if line is not None:
            return [Edit(behind_key, end, f" {line}")]
        lines = render_mapping(value, page.style, block_column(page.text, parent) + page.style.step)
        return [Edit(behind_key, end, "".join(page.style.newline + line for line in lines))]
    column = column_of(page.text, start)
    if line is None:
        line = page.style.newline.join(render_mapping(value, page.style, column))[column:]
    return [Edit(start, end, line)]


def remove_item(page: Page, sequence: SequenceNode, item: Node) -> list[Edit]:
    """Take an item out of a list that has others.

    Raises:
        NotEditableError: it is the only one.
    """
    items = list(children(sequence))
    if len(items) < 2 or item not in items:
        raise NotEditableError("the list holds nothing else")
    start, end = start_of(item), end_of(page.text, item)
    at = items.index(item)
    if not is_flow(page.text, sequence):
        return [Edit(line_start(page.text, page.text.rfind("-", 0, start)), next_line(page.text, end), "")]
    if at + 1 < len(items):
        return [Edit(start, start_of(items[at + 1]), "")]
    return [Edit(end_of(page.text, items[at - 1]), end, "")]


def rename_key(page: Page, key: Node, name: str) -> list[Edit]:
    """Write another name in place of a key."""
    text = page.text[start_of(key) : end_of(page.text, key)]
    quote = text[0] if text[0] in "'\"" else ""
    return [Edit(start_of(key), end_of(page.text, key), f"{quote}{name}{quote}")]


def unwrap_list(page: Page, sequence: SequenceNode) -> list[Edit]:
    """Turn a list of mappings into one mapping: ``[{AWS: x}]`` becomes ``{AWS: x}``."""
    text = page.text
    if is_flow(text, sequence):
        opening, closing = content_start(text, sequence), end_of(text, sequence)
        if len(sequence.value) != 1:
            raise NotEditableError("the list holds several mappings")
        return [Edit(opening, start_of(sequence.value[0]), ""), Edit(end_of(text, sequence.value[0]), closing, "")]
    dashes = [text.rfind("-", 0, start_of(item)) for item in sequence.value]
    if len(dashes) == 1 and end_of(text, sequence) <= line_end(text, dashes[0]):
        return [Edit(dashes[0], start_of(sequence.value[0]), "")]
    if any(is_flow(text, item) for item in sequence.value) and len(dashes) > 1:
        raise NotEditableError("the list holds several mappings")
    return [Edit(dash, dash + 1, " ") for dash in dashes]


def _gap_behind(text: str, at: int) -> int:
    """Count the spaces between a dash and its item (1 where the item begins on a line of its own)."""
    gap = len(text[at:]) - len(text[at:].lstrip(" ")) if text[at : at + 80].strip(" ") else 1
    return gap if gap and text[at + gap : at + gap + 1] not in ("\n", "\r", "#", "") else 1


def _after_lines(page: Page, node: Node, column: int, lines: list[str]) -> Edit:
    """Put lines behind a block value and the comments that belong to it: those deeper than ``column``."""
    text = page.text
    end = line_end(text, end_of(text, node))
    at = end
    while (start := next_line(text, at)) < len(text) and start > at:
        at = line_end(text, start)
        line = text[start:at]
        if line.strip() and not (line.lstrip().startswith("#") and len(indentation_of(text, start)) > column):
            break
        end = at if line.strip() else end
    return Edit(end, end, "".join(page.style.newline + line for line in lines))


def _indent_under(page: Page, parent: Node, node: Node, lead: str, deeper: int) -> tuple[list[Edit], int]:
    """Move a block value behind ``lead`` (a dash or a key) on a line of its own; also tell the column of ``lead``."""
    text = page.text
    start, end = start_of(node), end_of(text, node)
    if isinstance(node, ScalarNode) and node.style in ("|", ">") and text[content_start(text, node) + 1].isdigit():
        raise NotEditableError("the text block states its indentation")
    if not text[line_start(text, start) : start].strip():
        column = column_of(text, start)
        if lead == "- " and column - len(lead) >= block_column(text, parent):
            return [Edit(start - len(lead), start, lead)], column - len(lead)
        return [Edit(start, start, lead), *shift_lines(text, next_line(text, start), end, len(lead))], column
    column = block_column(text, parent) + deeper
    key_end = len(text[:start].rstrip())
    moved = Edit(key_end, start, f"{page.style.newline}{' ' * column}{lead}")
    return [moved, *shift_lines(text, next_line(text, start), end, deeper + len(lead))], column


def shift_lines(text: str, start: int, end: int, columns: int) -> list[Edit]:
    """Indent the lines from ``start`` to ``end`` deeper."""
    edits: list[Edit] = []
    while start < end and columns:
        if text[start : line_end(text, start)].strip():
            edits.append(Edit(start, start, " " * columns))
        start = next_line(text, start)
    return edits
