"""Form-encoded parameters of Query requests: bytes to names and values, and dotted names to trees.

A name given twice, a broken percent escape and bytes that are no UTF-8 are refused: AWS's own conduct is not
documented, and whatever is chosen silently could differ from what the client meant.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from typing import TYPE_CHECKING, Final

from sparekey.wire.errors import MalformedInput, MalformedQueryString

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.wire.messages import HttpRequest

#: A parameter's text, or the parameters whose names go on after a dot.
Node = str | dict[str, "Node"]

#: More than the largest request a client could mean (IAM's simulator takes a few thousand).
MOST_PARAMETERS: Final = 10_000
MOST_STEPS: Final = 32

_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def read_form(request: HttpRequest) -> dict[str, str]:
    """The parameters of a request, from its query string and its body.

    Raises:
        MalformedQueryString: a syntax error, a name given twice, too many parameters.
    """
    parameters: dict[str, str] = {}
    try:
        if request.query:
            request.query.encode("utf-8")  # as it came in: bytes that are no UTF-8 would be surrogates here
            _read_into(parameters, request.query)
        if request.body:
            _read_into(parameters, request.body.decode("utf-8"))
    except UnicodeError as error:
        raise MalformedQueryString("The parameters are not UTF-8.") from error
    return parameters


def _read_into(parameters: dict[str, str], text: str) -> None:
    """Add the parameters of a form."""
    pairs = text.split("&", MOST_PARAMETERS)
    if len(pairs) > MOST_PARAMETERS:
        raise MalformedQueryString(f"There are more than {MOST_PARAMETERS} parameters.")
    for pair in pairs:
        name, _, value = pair.partition("=")
        if "%" in pair or "+" in pair:
            name, value = _unescaped(name), _unescaped(value)
        if name in parameters:
            raise MalformedQueryString(f"The parameter {name} is given more than once.")
        if name or value:
            parameters[name] = value


def _unescaped(text: str) -> str:
    """A text without percent escapes; a plus is a space.

    Quoted-printable is the same with another sign, and its decoder is in C: megabytes of escapes take milliseconds
    where ``urllib`` takes seconds, and anybody may send them.
    """
    if "%" not in text:
        return text.replace("+", " ")
    if _BROKEN_ESCAPE.search(text):
        raise MalformedQueryString("A percent sign is not followed by two hexadecimal digits.")
    quoted = text.encode("utf-8").replace(b"+", b" ").replace(b"=", b"=3D").replace(b"%", b"=")
    return a2b_qp(quoted).decode("utf-8")


def tree_of(parameters: Mapping[str, str]) -> dict[str, Node]:
    """Parameters with dotted names (``Tags.member.1.Key``) as a tree.

    Raises:
        MalformedInput: a name is both a value and the beginning of another, or has too many steps.
    """
    tree: dict[str, Node] = {}
    for name, value in parameters.items():
        steps = name.split(".")
        if len(steps) > MOST_STEPS:
            raise MalformedInput(f"The parameter {name} is nested too deeply.")
        node = tree
        for step in steps[:-1]:
            below = node.setdefault(step, {})
            if isinstance(below, str):
                raise MalformedInput(f"The parameter {name} is below one that has a value.")
            node = below
        if steps[-1] in node:
            raise MalformedInput(f"The parameter {name} has a value, and others below it.")
        node[steps[-1]] = value
    return tree
