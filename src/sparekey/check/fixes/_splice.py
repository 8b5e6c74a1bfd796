"""Correcting an ARN inside the text that a template writes it with: what is right in it stays as it is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yaml.nodes import ScalarNode

from sparekey.check.fixes._nodes import function_of
from sparekey.check.fixes._render import Call

if TYPE_CHECKING:
    from yaml.nodes import Node

    from sparekey.check.fixes._render import Tree
    from sparekey.check.fixes._style import Style

_COLON = re.compile(r":(?![^{]*\})")
_SLASH = re.compile(r"/(?![^{]*\})")
_PARTITION, _ACCOUNT, _RESOURCE = 1, 4, 5


def spliced(node: Node, old: str, new: str, style: Style, *, partition: str, account: str) -> Tree | None:
    """Write ``new`` with the words that a node writes ``old`` with; ``None`` where they do not line up."""
    raw, substituted = _text_of(node)
    if raw is None:
        return None
    substituted = substituted or style.substituted
    written, before, after = (_COLON.split(text, maxsplit=5) for text in (raw, old, new))
    if not len(written) == len(before) == len(after) == 6:
        return None
    for at in range(6):
        if before[at] == after[at]:
            continue
        written[at] = after[at]
        if at == _PARTITION and after[at] == partition and style.partition:
            written[at] = "${AWS::Partition}"
        elif at == _ACCOUNT and after[at] == account and style.account:
            written[at] = "${AWS::AccountId}"
        elif at == _RESOURCE:
            written[at] = _with_path(raw, before[at], after[at])
    text = ":".join(written)
    if style.substituted or "${" not in text:
        return text
    return Call("Fn::Sub", text)


def _with_path(raw: str, before: str, after: str) -> str:
    """Put another path before a name that stays as it is written."""
    kind, *_, name = _SLASH.split(_COLON.split(raw, maxsplit=5)[_RESOURCE])
    if before.rpartition("/")[2] != after.rpartition("/")[2] or before.partition("/")[0] != after.partition("/")[0]:
        return after
    if kind != after.partition("/")[0]:
        return after
    return f"{after.rpartition('/')[0]}/{name}"


def _text_of(node: Node) -> tuple[str | None, bool]:
    """The text a value is written as, and whether ``Fn::Sub`` fills it in."""
    function = function_of(node)
    if function is None:
        return (node.value, False) if isinstance(node, ScalarNode) and "${" not in node.value else (None, False)
    if function != "Fn::Sub":
        return None, False
    inner = node if isinstance(node, ScalarNode) else node.value[0][1] if isinstance(node.value[0], tuple) else None
    return (inner.value, True) if isinstance(inner, ScalarNode) else (None, False)
