"""Moving a condition from a principal to the statement around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yaml.nodes import ScalarNode, SequenceNode

from sparekey.check.fixes._edit import shift_lines
from sparekey.check.fixes._flow import read_flow
from sparekey.check.fixes._nodes import block_column, end_of, function_of, is_flow, start_of
from sparekey.check.fixes._render import Call, render_flow, render_inline, scalar
from sparekey.check.fixes._text import Edit, next_line

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node

    from sparekey.check.fixes._page import Page

_NO_VALUE = Call("Ref", "AWS::NoValue")


def conditional_statement(page: Page, statement: MappingNode, principal: Node) -> list[Edit]:
    """Turn a statement whose principal is ``Fn::If`` with an empty branch into a statement under that condition.

    No edits where the principal is anything else.
    """
    arguments = _arguments(principal)
    if function_of(principal) != "Fn::If" or len(arguments) != 3 or not isinstance(arguments[0], ScalarNode):
        return []
    condition, if_true, if_false = arguments
    if _names_nobody(if_true) is _names_nobody(if_false):
        return []
    kept, first = (if_false, False) if _names_nobody(if_true) else (if_true, True)
    if kept.start_mark.line != kept.end_mark.line:
        return []
    text = page.text[start_of(kept) : end_of(page.text, kept)]
    inner = Edit(start_of(principal), end_of(page.text, principal), text)
    write = _in_braces if is_flow(page.text, page.parent(statement)) or is_flow(page.text, statement) else _in_lines
    return [inner, *write(page, statement, str(condition.value), first=first)]


def _arguments(call: Node) -> list[Node]:
    inner = call if isinstance(call, SequenceNode) else call.value[0][1] if isinstance(call.value, list) else None
    return list(inner.value) if isinstance(inner, SequenceNode) else []


def _names_nobody(node: Node) -> bool:
    """Whether a branch is an empty list, an empty text or ``AWS::NoValue``."""
    if function_of(node) == "Ref":
        name = node.value if isinstance(node, ScalarNode) else node.value[0][1].value
        return bool(name == "AWS::NoValue")
    return not node.value


def _in_braces(page: Page, statement: MappingNode, condition: str, *, first: bool) -> list[Edit]:
    flow = read_flow(page.text, page.root, page.parent(statement))
    nothing = render_flow(_NO_VALUE, page.style, flow)
    name = scalar(condition, page.style, flow=True)
    before, after = (name, f"{flow.comma}{nothing}") if first else (f"{name}{flow.comma}{nothing}", "")
    key = scalar("Fn::If", page.style, quoted=page.style.quote_keys)
    opening = f"!If [{before}{flow.comma}" if page.style.short else f"{{{key}{flow.colon}[{before}{flow.comma}"
    closing = f"{after}]" if page.style.short else f"{after}]}}"
    start, end = start_of(statement), end_of(page.text, statement)
    return [Edit(start, start, opening), Edit(end, end, closing)]


def _in_lines(page: Page, statement: MappingNode, condition: str, *, first: bool) -> list[Edit]:
    start, end = start_of(statement), end_of(page.text, statement)
    column = block_column(page.text, statement)
    newline = page.style.newline
    margin = f"{newline}{' ' * column}"
    head = "!If" if page.style.short else "Fn::If:"
    nothing = render_inline(_NO_VALUE, page.style) or "Ref: AWS::NoValue"
    opening = f"{head}{margin}- {condition}{margin}- " + ("" if first else f"{nothing}{margin}- ")
    closing = f"{margin}- {nothing}" if first else ""
    shifted = shift_lines(page.text, next_line(page.text, start), end, 2)
    return [Edit(start, start, opening), *shifted, Edit(end, end, closing)]
