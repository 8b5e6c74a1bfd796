"""The principals and the circumstances under which an old and a new key policy are compared."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from sparekey.arn import Arn
from sparekey.policy import ABSENT, PolicyType, Principal, PrincipalKind, RequestContext, parse_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sparekey.policy import Condition, ContextValue, Policy, PrincipalElement

#: An account that no policy names.
ELSEWHERE = "999999999998"

#: Services that key policies often admit; those a policy names come on top.
_SERVICES = ("cloudformation.amazonaws.com", "ec2.amazonaws.com", "s3.amazonaws.com", "unlisted.amazonaws.com")

#: How many combinations of context values are tried.
_COMBINATIONS = 512

ALLOW_ALL = parse_policy(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
    type=PolicyType.IDENTITY,
    name="everything",
)


class Witness(NamedTuple):
    """A principal whose decisions are compared, and whether its identity policies allow everything or nothing."""

    principal: Principal
    powerful: bool

    def is_one_of(self, administrators: Iterable[str]) -> bool:
        """Whether it may gain: it is an administrator, or one is its account and its own policies allow the call."""
        principal = self.principal
        own = [arn for arn in (principal.arn, principal.role_arn, principal.user_arn) if isinstance(arn, str)]
        for arn in administrators:
            if arn in own or ("*" in arn and any(fnmatchcase(name, arn) for name in own)):
                return True
            if arn.endswith(":root") and arn.split(":")[4] == principal.account:
                return self.powerful or principal.kind is PrincipalKind.ROOT_USER
        return False

    def __str__(self) -> str:
        """Name the principal."""
        if self.principal.kind is PrincipalKind.ANONYMOUS:
            return "an anonymous caller"
        role = self.principal.role_arn
        return f"`{role if isinstance(role, str) else self.principal.arn}`"


def witnesses(policies: Iterable[Policy], account: str, partition: str) -> tuple[Witness, ...]:
    """List everybody who could gain: whoever a policy names, and one of each kind that it does not name."""
    arns = list(dict.fromkeys(_named(policies)))
    accounts = dict.fromkeys((account, ELSEWHERE, *(arn.split(":")[4] for arn in arns if arn.count(":") > 4)))
    for number in filter(None, accounts):
        iam, sts = f"arn:{partition}:iam::{number}", f"arn:{partition}:sts::{number}"
        unlisted = (f"{iam}:root", f"{iam}:user/unlisted", f"{iam}:role/unlisted", f"{sts}:federated-user/unlisted")
        arns += unlisted if number == account else unlisted[:3]
    found: dict[tuple[object, ...], Witness] = {}
    for text in (*arns, *_SERVICES, "*"):
        try:
            principal = Principal.from_arn(text)
        except ValueError:
            continue  # a principal that nobody can be
        for powerful in (False, True) if principal.account else (False,):
            found.setdefault((principal.arn, principal.role_arn, powerful), Witness(principal, powerful))
    return tuple(found.values())


def _named(policies: Iterable[Policy]) -> Iterator[str]:
    """List the principals that the statements and conditions of policies name."""
    for policy in policies:
        for statement in policy.statements:
            for element in (statement.principal, statement.not_principal):
                yield from _in_element(element) if element else ()
            for condition in statement.conditions:
                for value in condition.values:
                    if isinstance(value, str) and value.startswith("arn:") and _names_iam(value):
                        yield value.replace("*", "x").replace("?", "x")


def _in_element(element: PrincipalElement) -> Iterator[str]:
    for text in (*element.aws, *element.service):
        if isinstance(text, str) and text != "*":
            yield text


def _names_iam(text: str) -> bool:
    try:
        return Arn.parse(text).service in ("iam", "sts")
    except ValueError:
        return False


def circumstances(policies: Iterable[Policy]) -> Iterator[RequestContext]:
    """List contexts in which the conditions of policies come out one way and the other.

    Each context key that a condition names is absent, holds each value that a condition compares it with, and others.
    """
    keys: dict[str, dict[ContextValue, None]] = {}
    for policy in policies:
        for statement in policy.statements:
            for condition in statement.conditions:
                if isinstance(condition.key, str):
                    values = keys.setdefault(condition.key.lower(), {ABSENT: None, "another": None})
                    for text in _telling(condition):
                        values[(text,) if condition.qualifier else text] = None
    names = [name for name in keys if not name.startswith(("aws:principalarn", "aws:principalaccount"))]
    for held in islice(product(*(keys[name] for name in names)), _COMBINATIONS):
        yield RequestContext(dict(zip(names, held, strict=True)))


def _telling(condition: Condition) -> Iterator[str]:
    """List values at which a condition turns: those it names, the ends of networks, the ends of a scale."""
    operator = condition.operator
    for value in condition.values:
        text = value if isinstance(value, str) else "x"
        if operator.endswith("IpAddress"):
            yield from _ends(text)
        else:
            yield text.replace("*", "x").replace("?", "x") if operator.startswith(("String", "Arn")) else text
    yield from next((others for kind, others in _OTHERS.items() if kind in operator), ())


def _ends(network: str) -> Iterator[str]:
    from ipaddress import ip_network

    try:
        addresses = ip_network(network, strict=False)
    except ValueError:
        return
    yield str(addresses[0])
    yield str(addresses[-1])


_OTHERS = {
    "IpAddress": ("203.0.113.77", "2001:db8::77"),
    "Numeric": ("-1000000000", "1000000000000"),
    "Date": ("1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z"),
    "Bool": ("true", "false"),
}
