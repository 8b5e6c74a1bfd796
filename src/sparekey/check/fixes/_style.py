"""How a template is written: indentation, quotes, and the form of its intrinsic functions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sparekey.check.fixes._nodes import block_column, children, function_of, is_flow, walk
from sparekey.check.fixes._text import newline_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True)
class Style:
    """What new text is written like.

    ``step`` is how much deeper a block mapping inside a mapping stands, ``dash`` how much deeper a list's dashes stand
    than the key they belong to. ``quote`` is the quotation mark for a text that needs one; ``quote_keys``,
    ``quote_words`` (``Allow``), ``quote_names`` (``kms:Decrypt``) and ``quote_sub`` tell which texts carry one without
    need. ``short`` tells whether functions are written ``!Sub``; ``join`` whether texts are put together with
    ``Fn::Join`` and never ``Fn::Sub``. ``account`` and ``partition`` tell whether ``AWS::AccountId`` and
    ``AWS::Partition`` are used. ``substituted`` tells that the text is itself an argument of ``Fn::Sub``.
    """

    newline: str = "\n"
    json: bool = False
    step: int = 2
    dash: int = 2
    quote: str = '"'
    quote_keys: bool = False
    quote_words: bool = False
    quote_names: bool = False
    quote_sub: bool = False
    short: bool = True
    join: bool = False
    account: bool = False
    partition: bool = False
    substituted: bool = False


def read_style(text: str, root: Node, near: Node | None = None, *, json: bool = False) -> Style:
    """Read the style of a template; what is written ``near`` the edit tells more than all the rest."""
    everywhere = list(walk(root))
    around = list(walk(near)) if near is not None else []
    functions = Counter(name for node in everywhere if (name := function_of(node)))
    shorts = sum(node.tag.startswith("!") and len(node.tag) > 1 for node in everywhere)
    marks = Counter(node.style for node in everywhere if isinstance(node, ScalarNode) and node.style in ("'", '"'))
    steps, dashes = _indentations(text, around)
    all_steps, all_dashes = _indentations(text, everywhere)
    return Style(
        newline=newline_of(text),
        json=json,
        step=_commonest(steps or all_steps, 2),
        dash=_commonest(dashes or all_dashes, 2),
        quote="'" if marks["'"] > marks['"'] else '"',
        quote_keys=_quoted(around, everywhere, _is_key),
        quote_words=_quoted(around, everywhere, lambda node: node.value in ("Allow", "Deny")),
        quote_names=_quoted(_values(around), _values(everywhere), _is_name),
        quote_sub=_quoted(around, everywhere, lambda node: function_of(node) == "Fn::Sub"),
        short=not json and (shorts > 0 or not functions),
        join=bool(functions["Fn::Join"] and not functions["Fn::Sub"]),
        account="AWS::AccountId" in text,
        partition="AWS::Partition" in text,
    )


def _values(nodes: list[Node]) -> list[Node]:
    """Leave out the keys of mappings."""
    keys = {id(key) for node in nodes if isinstance(node, MappingNode) for key, _ in node.value}
    return [node for node in nodes if id(node) not in keys]


def _is_key(node: ScalarNode) -> bool:
    return node.value in ("Sid", "Effect", "Principal", "Action", "Resource", "Statement")


def _is_name(node: ScalarNode) -> bool:
    """Tell whether a text is an action or an ARN."""
    service, colon, _ = node.value.partition(":")
    return bool(colon) and service.islower() and function_of(node) is None


def _quoted(around: list[Node], everywhere: list[Node], counts: Callable[[ScalarNode], bool]) -> bool:
    """Tell whether most scalars of a kind stand in quotation marks."""
    for nodes in (around, everywhere):
        scalars = (node for node in nodes if isinstance(node, ScalarNode) and node.style not in ("|", ">"))
        styles = [node.style for node in scalars if counts(node)]
        if styles:
            return sum(style in ("'", '"') for style in styles) * 2 > len(styles)
    return False


def _indentations(text: str, nodes: Iterable[Node]) -> tuple[list[int], list[int]]:
    """Measure how much deeper block mappings and lists stand than the mapping they are in."""
    steps: list[int] = []
    dashes: list[int] = []
    for node in nodes:
        if not isinstance(node, MappingNode) or not node.value or is_flow(text, node):
            continue
        column = block_column(text, node)
        written = set(map(id, children(node)))
        for _, value in node.value:
            if id(value) not in written or not isinstance(value, MappingNode | SequenceNode) or is_flow(text, value):
                continue
            (steps if isinstance(value, MappingNode) else dashes).append(block_column(text, value) - column)
    return [step for step in steps if step > 0], [dash for dash in dashes if dash >= 0]


def _commonest(numbers: list[int], default: int) -> int:
    return Counter(numbers).most_common(1)[0][0] if numbers else default
