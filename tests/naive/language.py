"""Texts of the policy language, read the slow way: wildcards, variables, actions, resources.

Everything here is written from the rules of evaluation alone, without regard to speed. A pattern is a list of
tokens: ``ANY`` for ``*``, ``ONE`` for ``?``, and an ``int`` (one UTF-16 unit) for everything else, so that text that
came out of a variable can hold a ``*`` that is no wildcard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

ANY = "*"
ONE = "?"
Token = str | int
Pattern = list[Token]

#: A condition key's value: one text, several, or ``None`` where the request does not have the key.
Value = str | tuple[str, ...] | None
Lookup = Callable[[str], Value]

COLON = ord(":")


def units(text: str) -> list[int]:
    """Take a text apart into UTF-16 units, as AWS counts characters."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return [raw[index] + 256 * raw[index + 1] for index in range(0, len(raw), 2)]


def text_list(value: object) -> list[str]:
    """Read a string, number, boolean or a list of them, the way AWS writes each as text."""
    if value is None:
        return []
    if isinstance(value, list):
        return [text for item in value for text in text_list(item)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(value)]


def wildcards(text: str) -> Pattern:
    """Read a text in which ``*`` and ``?`` are wildcards."""
    return [ANY if unit == ord("*") else ONE if unit == ord("?") else unit for unit in units(text)]


def glob(pattern: Sequence[Token], text: Sequence[int]) -> bool:
    """Whether a text matches a pattern: try every length for each ``*``, remembering what was reached."""
    reached = {0}
    for token in pattern:
        if token == ANY:
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(text) and token in (ONE, text[at])}
    return len(text) in reached


def substitute(text: str, version: str, lookup: Lookup) -> Pattern | None:
    """Replace the policy variables of a text; ``None`` when one of them has no value.

    Only documents of version 2012-10-17 have variables. What a variable brings in is data, never a wildcard; the
    text around it keeps its wildcards.
    """
    if version != "2012-10-17":
        return wildcards(text)
    pattern: Pattern = []
    rest = text
    while "${" in rest:
        before, _, after = rest.partition("${")
        inside, closed, tail = after.partition("}")
        if not closed:
            break
        pattern += wildcards(before)
        if inside in ("*", "?", "$"):
            pattern += units(inside)
        else:
            value = variable(inside, lookup)
            if value is None:
                return None
            pattern += units(value)
        rest = tail
    return pattern + wildcards(rest)


def variable(inside: str, lookup: Lookup) -> str | None:
    """Find what stands for ``${key}`` or ``${key, 'default'}``; a multivalued key gives nothing, not even a default."""
    key, comma, default = inside.partition(",")
    value = lookup(key.strip())
    if isinstance(value, str):
        return value
    if value in (None, ()) and comma:
        quoted = default.strip()
        if len(quoted) >= 2 and quoted[0] == quoted[-1] == "'":
            return quoted[1:-1]
    return None


def plain(pattern: Pattern) -> list[int]:
    """Write a pattern back as text: for operators in which ``*`` and ``?`` mean themselves."""
    return [ord(token) if isinstance(token, str) else token for token in pattern]


def segments(pattern: Sequence[Token]) -> list[list[Token]] | None:
    """Split an ARN (or a pattern for one) into its six segments; ``None`` where there are fewer, or it is no ARN."""
    parts: list[list[Token]] = [[]]
    for token in pattern:
        if token == COLON and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(token)
    if len(parts) != 6 or parts[0] != units("arn"):
        return None
    return parts


def arn_matches(pattern: Sequence[Token], arn: Sequence[int]) -> bool:
    """Whether an ARN matches a pattern, segment by segment: wildcards of the first five stay inside theirs."""
    wanted, given = segments(pattern), segments(arn)
    if wanted is None or given is None:
        return False
    return all(
        glob(part, [unit for unit in text if isinstance(unit, int)]) for part, text in zip(wanted, given, strict=True)
    )


def action_matches(pattern: str, action: str) -> bool:
    """Whether an action is covered: service and name apart, neither with regard to case; ``*`` alone covers all."""
    if pattern == "*":
        return True
    service, _, name = action.lower().partition(":")
    wanted_service, colon, wanted_name = pattern.lower().partition(":")
    if not colon:
        return False
    return glob(wildcards(wanted_service), units(service)) and glob(wildcards(wanted_name), units(name))


def resource_matches(text: str, resource: str, version: str, lookup: Lookup) -> bool:
    """Whether a Resource entry covers a resource; one that is asked on ``*`` is covered by a literal ``*`` only."""
    if text == "*":
        return True
    if resource == "*":
        return False
    pattern = substitute(text, version, lookup)
    return pattern is not None and resource_glob(pattern, units(resource))


def resource_glob(pattern: Pattern, resource: Sequence[int]) -> bool:
    """Whether a resource matches a pattern.

    Wildcards of the first five segments stay inside theirs, except that a ``*`` that ends its segment may go on
    beyond the colon (IAM User Guide, reference_policies_elements_resource).
    """
    reached = {0}
    colons = 0
    for index, token in enumerate(pattern):
        ends_segment = index + 1 == len(pattern) or pattern[index + 1] == COLON
        crosses = colons >= 5 or ends_segment
        if token == ANY:
            for at in sorted(reached):
                end = at
                while end < len(resource) and (crosses or resource[end] != COLON):
                    end += 1
                reached |= set(range(at, end + 1))
        elif token == ONE:
            reached = {at + 1 for at in reached if at < len(resource) and (colons >= 5 or resource[at] != COLON)}
        else:
            reached = {at + 1 for at in reached if at < len(resource) and resource[at] == token}
            colons += token == COLON
    return len(resource) in reached
