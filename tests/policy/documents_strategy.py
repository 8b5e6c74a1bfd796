"""Strategies for policy documents of every type."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.policy import alphabet
from tests.policy.conditions_strategy import condition_block
from tests.policy.draws import Source, chance, one_or_list, pick, some_of

if TYPE_CHECKING:
    from collections.abc import Sequence


Document = dict[str, object]
Statement = dict[str, object]


class About(NamedTuple):
    """What the documents of a case are drawn around, and how much there is in them."""

    caller: alphabet.Caller
    action: str
    resource: str
    statements: int = 2  # at most, in a document
    conditions: int = 20  # percent of statements that have some
    denies: int = 20  # percent of statements that deny
    near: int = 75  # percent of entries that fit the request

    @property
    def is_key(self) -> bool:
        """Whether the request is about a key."""
        return self.resource in (alphabet.KEY, alphabet.OTHER_KEY)

    @property
    def is_trust(self) -> bool:
        """Whether the request assumes a role."""
        return self.action.lower() == "sts:assumerole"

    @property
    def names(self) -> list[str]:
        """The texts that name the caller in a Principal element."""
        if isinstance(self.caller, str):
            if not self.caller.startswith("arn:"):
                return ["*"]
            account = self.caller.split(":")[4]
            return [self.caller, f"arn:aws:iam::{account}:root", "*", account]
        account = self.caller["arn"].split(":")[4]
        parent = self.caller.get("role_arn") or self.caller["user_arn"]
        return [parent, self.caller["arn"], f"arn:aws:iam::{account}:root", "*", account]


def statement(
    source: Source, about: About, *, session: bool = False, key_policy: bool = False, trust: bool = False
) -> Statement:
    """Draw a statement without principals and resources."""
    effect = "Deny" if chance(source, about.denies) else "Allow"
    drawn: Statement = {"Effect": effect}
    if trust:
        drawn["Action"] = one_or_list(source, alphabet.TRUST_ACTION_PATTERNS)
    elif chance(source, 10):
        drawn["NotAction"] = one_or_list(source, alphabet.ACTION_PATTERNS)
    else:
        service = about.action.split(":")[0]
        near = (about.action, f"{service}:*", "*", about.action.swapcase(), about.action[:-3] + "*")
        drawn["Action"] = one_or_list(source, near if chance(source, about.near) else alphabet.ACTION_PATTERNS)
    if chance(source, about.conditions):
        drawn["Condition"] = condition_block(source, 3, session=session, key_policy=key_policy)
    return drawn


def resources(source: Source, about: About, *, session: bool = False) -> Statement:
    """Draw the Resource or NotResource element of a statement; a session policy takes no ARN without its end."""
    patterns = [
        text for text in alphabet.RESOURCE_PATTERNS if not session or text.count(":") >= 5 or text.endswith("*")
    ]
    if chance(source, 10):
        return {"NotResource": one_or_list(source, patterns)}
    return {"Resource": one_or_list(source, ("*", about.resource) if chance(source, about.near) else patterns)}


def document(source: Source, statements: Sequence[Statement]) -> Document:
    """Draw the frame around some statements: mostly of the current version."""
    for index, each in enumerate(statements):
        if chance(source, 8):
            each["Sid"] = f"Statement{index}"
    listed: object = statements[0] if len(statements) == 1 and chance(source, 10) else list(statements)
    # Of an older version, where a variable is plain text, it is no ARN, and the document refused.
    if chance(source, 12) and not ("Arn" in str(listed) and "'${aws:PrincipalTag/Team}'" in str(listed)):
        return {"Statement": listed} | ({"Version": "2008-10-17"} if chance(source, 50) else {})
    return {"Version": "2012-10-17", "Statement": listed}


def identity_document(source: Source, about: About, *, session: bool = False) -> Document:
    """Draw an identity-based policy, or with ``session`` a session policy, whose operands AWS does not check."""
    count = 1 + draw_extra(source, about.statements)
    return document(
        source,
        [statement(source, about, session=session) | resources(source, about, session=session) for _ in range(count)],
    )


def draw_extra(source: Source, most: int) -> int:
    """Draw how many statements there are beyond the first."""
    return sum(chance(source, 50) for _ in range(most - 1))


def principals(source: Source, about: About) -> object:
    """Draw what stands in a Principal or NotPrincipal element, often something that names the caller."""
    if chance(source, 8):
        return "*"
    if about.caller == alphabet.SERVICE or chance(source, 8):
        element: dict[str, object] = {"Service": one_or_list(source, (alphabet.SERVICE, "lambda.amazonaws.com"))}
        if chance(source, 20):
            element["AWS"] = pick(source, alphabet.NAMED)
        return element
    names = about.names if chance(source, about.near) else alphabet.NAMED
    return {"AWS": one_or_list(source, names, 3)}


def resource_document(source: Source, about: About) -> Document:
    """Draw a key policy, trust policy or bucket policy."""
    return document(
        source, [resource_statement(source, about) for _ in range(1 + draw_extra(source, about.statements))]
    )


def resource_statement(source: Source, about: About) -> Statement:
    """Draw a statement of a resource-based policy."""
    drawn = statement(source, about, key_policy=about.is_key, trust=about.is_trust)
    element = "NotPrincipal" if chance(source, 25 if drawn["Effect"] == "Deny" else 3) else "Principal"
    drawn[element] = principals(source, about)
    if element == "NotPrincipal" and drawn[element] in ("*", {"AWS": "*"}):
        drawn[element] = {"AWS": alphabet.ROOT}
    if about.is_trust:
        return drawn
    if about.is_key and chance(source, 6):
        # KMS accepts a statement without one of them, which then has no effect.
        if chance(source, 50):
            return drawn
        drawn.pop("Action", None)
        drawn.pop("NotAction", None)
    if about.is_key and chance(source, 60):
        return drawn | {"Resource": "*"}
    return drawn | resources(source, about)


def control_document(source: Source, about: About) -> Document:
    """Draw a resource control policy: Denies for everyone, on actions of services that have them."""
    drawn = []
    for _ in range(1 + draw_extra(source, 2)):
        service = about.action.split(":")[0].lower()
        known = service if service in ("kms", "s3", "sts") else "s3"
        actions = (f"{known}:*", about.action if known == service else "s3:Get*", "kms:Decrypt", "s3:*")
        entry: Statement = {"Effect": "Deny", "Principal": pick(source, ("*", {"AWS": "*"}))}
        entry["Action"] = one_or_list(source, actions)
        if chance(source, 70):
            entry["Condition"] = condition_block(source, 2)
        drawn.append(entry | resources(source, about))
    return document(source, drawn)


def endpoint_document(source: Source, about: About) -> Document:
    """Draw a VPC endpoint policy."""
    drawn = [
        statement(source, about) | resources(source, about) | {"Principal": pick(source, ("*", {"AWS": "*"}))}
        for _ in range(1 + draw_extra(source, about.statements))
    ]
    return document(source, drawn)


def levels(source: Source, documents: Sequence[Document], most: int) -> list[list[Document]]:
    """Draw the levels of an organization out of some documents; seldom a level holds none."""
    return [
        [] if chance(source, 3) else some_of(source, documents, 2)
        for _ in range(1 + sum(chance(source, 50) for _ in range(most - 1)))
    ]
