"""How a template is written: indentation, quotes, and the form of its intrinsic functions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sparekey.check.fixes._nodes import block_column, children, function_of, is_flow, walk
from sparekey.check.fixes._text import newline_of

if TYPE_CHECKING:
    from collections.abc import Iterable


#: Keys that every key policy has.
_ELEMENTS = ("Sid", "Effect", "Principal", "Action", "Resource", "Statement")


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
    everywhere = _read(text, root)
    around = _read(text, near) if near is not None else everywhere
    return Style(
        newline=newline_of(text),
        json=json,
        step=_commonest(around.steps or everywhere.steps, 2),
        dash=_commonest(around.dashes or everywhere.dashes, 2),
        quote="'" if everywhere.marks["'"] > everywhere.marks['"'] else '"',
        quote_keys=_mostly(around.keys or everywhere.keys),
        quote_words=_mostly(around.words or everywhere.words),
        quote_names=_mostly(around.names or everywhere.names),
        quote_sub=_mostly(around.subs or everywhere.subs),
        short=not json and (everywhere.shorts > 0 or not everywhere.functions),
        join=bool(everywhere.functions["Fn::Join"] and not everywhere.functions["Fn::Sub"]),
        account="AWS::AccountId" in text,
        partition="AWS::Partition" in text,
    )


@dataclass(frozen=True, slots=True)
class _Habits:
    """What a stretch of a template shows: how deep things stand, and which scalars carry quotation marks."""

    functions: Counter[str]
    shorts: int
    marks: Counter[str]
    steps: list[int]
    dashes: list[int]
    keys: list[bool]
    words: list[bool]
    names: list[bool]
    subs: list[bool]


@lru_cache(maxsize=2)
def _read(text: str, root: Node) -> _Habits:
    """Read the habits of a stretch; kept, since every edit of a template asks for those of all of it."""
    nodes = list(walk(root))
    keys = {id(key) for node in nodes if isinstance(node, MappingNode) for key, _ in node.value}
    scalars = [node for node in nodes if isinstance(node, ScalarNode) and node.style not in ("|", ">")]
    values = [node for node in scalars if id(node) not in keys]
    steps, dashes = _indentations(text, nodes)
    return _Habits(
        Counter(name for node in nodes if (name := function_of(node))),
        sum(node.tag.startswith("!") and len(node.tag) > 1 for node in nodes),
        Counter(str(node.style) for node in scalars if node.style in ("'", '"')),
        steps,
        dashes,
        [_is_quoted(node) for node in scalars if node.value in _ELEMENTS],
        [_is_quoted(node) for node in scalars if node.value in ("Allow", "Deny")],
        [_is_quoted(node) for node in values if _is_name(node)],
        [_is_quoted(node) for node in scalars if function_of(node) == "Fn::Sub"],
    )


def _is_quoted(node: ScalarNode) -> bool:
    return node.style in ("'", '"')


def _mostly(quoted: list[bool]) -> bool:
    return sum(quoted) * 2 > len(quoted)


def _is_name(node: ScalarNode) -> bool:
    """Tell whether a text is an action or an ARN."""
    service, colon, _ = node.value.partition(":")
    return bool(colon) and service.islower() and function_of(node) is None


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
