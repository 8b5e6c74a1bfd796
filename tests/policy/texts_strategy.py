"""Strategies for cases in which one comparison of texts decides: wildcards, variables, numbers, addresses.

Both sides are put together from few pieces, so that they nearly match.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.policy import alphabet
from tests.policy.conditions_strategy import NUMERIC_OPERATORS
from tests.policy.draws import Source, chance, pick

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.policy.strategies import Case

ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def comparison_case(source: Source) -> Case:
    """A case with one statement, of which one text decides."""
    return pick(source, (resource, action, like, arn, variables, number, letters, address))(source)


def text(source: Source, pieces: Sequence[str], most: int) -> str:
    """Put a text together from pieces."""
    return "".join(pick(source, pieces) for _ in range(source.number(most + 1)))


def condition(source: Source, operator: str, operand: str, value: str) -> Case:
    """A case in which one condition of a session policy decides."""
    conditional = ALLOW_ALL | {"Condition": {operator: {"aws:RequestTag/value": operand}}}
    context = {"aws:RequestTag/value": value, "aws:PrincipalTag/Team": "a*", "aws:TagKeys": ["a"]}
    document = {"Version": "2008-10-17" if chance(source, 10) else "2012-10-17", "Statement": [conditional]}
    return {
        "principal": alphabet.SESSION_CALLER,
        "action": "s3:GetObject",
        "resource": alphabet.OBJECT,
        "context": context,
        "policies": {"identity": [{"Statement": [ALLOW_ALL]}], "session": [document]},
    }


def resource(source: Source) -> Case:
    """Resource and NotResource: ARNs of the right length and others, with wildcards anywhere behind ``arn``."""
    pieces = ("a", "b", "*", "?", ":", ":", ":", ":", "${aws:PrincipalTag/Team}")
    element = "NotResource" if chance(source, 25) else "Resource"
    statement = {"Effect": "Allow", "Action": "*", element: "arn:" + text(source, pieces, 10)}
    given = [text(source, ("a", "b", "*"), 2) for _ in range(5 + source.number(2))]
    return {
        "principal": alphabet.USER,
        "action": "s3:GetObject",
        "resource": "arn:" + ":".join(given),
        "resource_owner": alphabet.HOME,
        "context": {"aws:PrincipalTag/Team": "a*"},
        "policies": {"identity": [{"Version": "2012-10-17", "Statement": [statement]}]},
    }


def action(source: Source) -> Case:
    """Action and NotAction in a key policy, which may hold any text: always with a colon."""
    pieces = ("kms", "K", "*", "?", "m", "s", " ")
    pattern = text(source, pieces, 3) + ":" + text(source, ("De", "crypt", "D", "*", "?", "c", " ", ":"), 4)
    element = "NotAction" if chance(source, 25) else "Action"
    statement = {"Effect": "Allow", "Principal": "*", element: pattern, "Resource": "*"}
    return {
        "principal": alphabet.USER,
        "action": pick(source, ("kms:Decrypt", "kms:DeriveSharedSecret", "KMS:DECRYPT")),
        "resource": alphabet.KEY,
        "context": {},
        "policies": {"resource": {"Version": "2012-10-17", "Statement": [statement]}},
    }


def like(source: Source) -> Case:
    """StringLike: wildcards among characters that mean something elsewhere."""
    pieces = ("a", "a", "b", "*", "?", ".", "[", "\\", "$", "^", "+", "/", "\U00010400")
    value = text(source, [piece for piece in pieces if piece not in "*?"], 7)
    return condition(source, pick(source, ("StringLike", "StringNotLike")), text(source, pieces, 7), value)


def arn(source: Source) -> Case:
    """ArnLike: six segments, sometimes fewer or more."""
    parts = ("a", "*", "b", "?", "a*", "*a", "", "ab", "${aws:PrincipalTag/Team}")
    operand = ":".join(["arn", *(pick(source, parts) for _ in range(pick(source, (5, 5, 5, 4, 6))))])
    value = ":".join(["arn", *(pick(source, ("a", "b", "ab", "", "a*")) for _ in range(pick(source, (5, 5, 6, 4))))])
    return condition(source, pick(source, ("ArnLike", "ArnNotLike")), operand, value)


def variables(source: Source) -> Case:
    """Variables, whole and broken, among wildcards."""
    known = (
        "${aws:PrincipalTag/Team}",
        "${*}",
        "${$}",
        "${?}",
        "${x, 'a'}",
        "${aws:TagKeys}",
        "${AWS:principaltag/TEAM}",
    )
    operand = text(source, (*known, "a", "*", "?", "$", "}"), 4)
    value = text(source, ("a", "*", "$", "?", "}", "${"), 4)
    return condition(source, pick(source, ("StringLike", "StringEquals", "StringNotLike")), operand, value)


def number(source: Source) -> Case:
    """Numbers, and what is none."""
    return condition(source, pick(source, NUMERIC_OPERATORS), numeral(source), numeral(source))


def numeral(source: Source) -> str:
    """Put a number together."""
    if chance(source, 20):
        return text(source, ("1", ".", "e", "-", " ", "+"), 4)
    sign = pick(source, ("", "+", "-"))
    digits = pick(source, ("1", "0", "01", "10", "15", ".5", "1.", "1.50", "0.5", "0.1"))
    return sign + digits + pick(source, ("", "", "e1", "e-1", "E+1", "e0", "e"))


def letters(source: Source) -> Case:
    """StringEqualsIgnoreCase: letters whose lower case is a matter of its own."""
    pieces = (
        "a",
        "A",
        "\u03a3",
        "\u03c3",
        "\u03c2",
        "\u0130",
        "i",
        "\u0131",
        "\u0307",
        "\U00010400",
        "\u00df",
        "\u1e9e",
        ".",
    )
    return condition(source, "StringEqualsIgnoreCase", text(source, pieces, 5), text(source, pieces, 5))


def address(source: Source) -> Case:
    """IpAddress: addresses and networks near each other."""
    build: Callable[[Source], str] = pick(source, (ipv4, ipv6))
    lengths = ("", "/24", "/0", "/32", "/31", "/64", "/127", "/128", "/", "/33", "/-1", "/1a", "/+8", "/024")
    operand = build(source) + pick(source, lengths)
    other = build if chance(source, 80) else pick(source, (ipv4, ipv6))
    return condition(source, pick(source, ("IpAddress", "NotIpAddress")), operand, other(source))


def ipv4(source: Source) -> str:
    """Put an IPv4 address together, or something near one."""
    octets = ("1", "0", "1", "2", "001", "255", "256", "", "a")
    return ".".join(
        pick(source, octets[: 5 if chance(source, 80) else 9]) for _ in range(pick(source, (4, 4, 4, 4, 3, 5)))
    )


def ipv6(source: Source) -> str:
    """Put an IPv6 address together, or something near one."""
    groups = [pick(source, ("1", "0", "db8", "0001", "A", "ffff", "g", "10000")[: 5 if chance(source, 80) else 8])]
    groups += [pick(source, ("0", "0", "1", "a")) for _ in range(7)]
    gap = 1 + source.number(7)
    ends = gap + source.number(8 - gap + 1) if chance(source, 70) else gap
    return ":".join(groups) if ends == gap else ":".join(groups[:gap]) + "::" + ":".join(groups[ends:])
