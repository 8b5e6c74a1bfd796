"""New values as text, in the style of the text around them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparekey.check.fixes._style import Style


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an intrinsic function, by its long name: ``Call("Fn::Sub", "${AWS::AccountId}")``."""

    name: str
    argument: Tree


#: A value to write.
Tree = str | bool | Call | list["Tree"] | dict[str, "Tree"]

_PLAIN = re.compile(r"[A-Za-z_$/][A-Za-z0-9_$/.:*+=@{},()\- ]*")
_NOT_TEXT = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))


@dataclass(frozen=True, slots=True)
class Flow:
    """How text in brackets and braces is spaced: around the colon, behind a comma, inside the braces.

    ``indent`` is the indentation of the line that the value begins on, ``unit`` what each level adds to it. ``lines``
    tells whether the value itself is spread over lines, ``spread`` whether the values inside it are too.
    """

    colon: str = ": "
    comma: str = ", "
    pad: str = ""
    indent: str = ""
    unit: str = "  "
    lines: bool = False
    spread: bool = False


def render_flow(value: Tree, style: Style, flow: Flow) -> str:
    """Write a value in brackets and braces, as JSON does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return scalar(value, style, flow=True)
    if isinstance(value, Call):
        return _render_call(value, style, flow)
    is_list = isinstance(value, list)
    opening, closing = "[]" if is_list else "{}"
    inner = Flow(flow.colon, flow.comma, flow.pad, flow.indent + flow.unit, flow.unit, flow.spread, flow.spread)
    if isinstance(value, list):
        members = [render_flow(item, style, inner) for item in value]
    else:
        members = [f"{_key(key, style)}{flow.colon}{render_flow(item, style, inner)}" for key, item in value.items()]
    if not members:
        return opening + closing
    if not flow.lines:
        pad = "" if is_list else flow.pad
        return f"{opening}{pad}{flow.comma.join(members)}{pad}{closing}"
    break_in, break_out = style.newline + inner.indent, style.newline + flow.indent
    return f"{opening}{break_in}{f',{break_in}'.join(members)}{break_out}{closing}"


def render_entry(key: str, value: Tree, style: Style, column: int) -> list[str]:
    """Write an entry of a block mapping as whole lines, its key at ``column``."""
    margin = " " * column
    if (line := render_inline(value, style)) is not None:
        return [f"{margin}{_key(key, style)}: {line}"]
    lines = [f"{margin}{_key(key, style)}:"]
    if isinstance(value, list):
        for item in value:
            lines += render_item(item, style, column + style.dash)
        return lines
    return lines + render_mapping(value, style, column + style.step)


def render_item(value: Tree, style: Style, column: int, gap: int = 1) -> list[str]:
    """Write an item of a block list as whole lines, its dash at ``column`` and ``gap`` spaces behind it."""
    lead = " " * column + "-" + " " * gap
    if (line := render_inline(value, style)) is not None:
        return [lead + line]
    lines = render_mapping(value, style, len(lead))
    return [lead + lines[0][len(lead) :], *lines[1:]]


def render_mapping(value: Tree, style: Style, column: int) -> list[str]:
    """Write the entries of a mapping (or of a function's long form) as whole lines."""
    if isinstance(value, Call):
        argument = render_flow(value.argument, style, Flow())
        if value.name == "Fn::Sub" and isinstance(value.argument, str):
            argument = scalar(value.argument, style, quoted=style.quote_sub)
        return [f"{' ' * column}{value.name}: {argument}"]
    entries = value if isinstance(value, dict) else {}
    return [line for key, item in entries.items() for line in render_entry(key, item, style, column)]


def render_inline(value: Tree, style: Style) -> str | None:
    """Write a value on the line of its key or dash; ``None`` for one that takes lines of its own."""
    if isinstance(value, bool | str):
        return render_flow(value, style, Flow()) if isinstance(value, bool) else scalar(value, style)
    if isinstance(value, Call):
        return _render_short(value, style, flow=False) if style.short else None
    return None if value else render_flow(value, style, Flow())


def scalar(text: str, style: Style, *, flow: bool = False, quoted: bool | None = None) -> str:
    """Write a text, with quotation marks where the language needs them or the template is used to them."""
    if style.json:
        return json.dumps(text, ensure_ascii=False)
    plain = _PLAIN.fullmatch(text) and not text.endswith((":", " ")) and ": " not in text
    plain = plain and text.lower() not in _NOT_TEXT and not (flow and any(mark in text for mark in ",{}"))
    if quoted is None:
        quoted = style.quote_names if ":" in text else style.quote_words
    if plain and not quoted:
        return text
    if not text.isprintable():
        return json.dumps(text)
    if style.quote == "'":
        return "'" + text.replace("'", "''") + "'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _key(key: str, style: Style) -> str:
    return scalar(key, style, quoted=style.quote_keys)


def _render_call(call: Call, style: Style, flow: Flow) -> str:
    if style.short:
        return _render_short(call, style, flow=True)
    inline = Flow(flow.colon, flow.comma, flow.pad)
    argument = render_flow(call.argument, style, inline)
    text = f"{_key(call.name, style)}{flow.colon}{argument}"
    if not flow.lines:
        return f"{{{flow.pad}{text}{flow.pad}}}"
    return f"{{{style.newline}{flow.indent}{flow.unit}{text}{style.newline}{flow.indent}}}"


def _render_short(call: Call, style: Style, *, flow: bool) -> str:
    """Write ``!Sub text``, ``!Ref name``, ``!GetAtt Role.Arn`` or ``!Join [...]``."""
    tag = f"!{call.name.removeprefix('Fn::')}"
    if call.name == "Fn::GetAtt" and isinstance(call.argument, list):
        return f"{tag} {'.'.join(map(str, call.argument))}"
    if isinstance(call.argument, str):
        return f"{tag} {scalar(call.argument, style, flow=flow, quoted=call.name == 'Fn::Sub' and style.quote_sub)}"
    return f"{tag} {render_flow(call.argument, style, Flow())}"
