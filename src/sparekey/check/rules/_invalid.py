"""Principals that KMS refuses, each with the rule that explains it most precisely."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sparekey.arn import Arn
from sparekey.check._finding import Finding, Level
from sparekey.check._principals import Existence, existence, principals_made
from sparekey.check.rules._wording import account_of, partition_of
from sparekey.policy import Fault, FaultCode, Policy, PrincipalElement, Statement
from sparekey.policy._principal import is_unique_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView
    from sparekey.source import Path, Place


class InvalidPrincipal(NamedTuple):
    """A principal of the key policy that KMS does not accept.

    ``key`` is the key of the Principal element it stands under (``AWS``, ``Service``, …), ``text`` its text if that
    is told, ``fault`` the parser's remark; without one, the principal is well-formed and does not exist.
    """

    rule: str
    key: str
    text: str
    statement: Statement
    path: Path
    place: Place
    fault: Fault | None = None


def invalid(view: KeyView, rule: str) -> Iterator[InvalidPrincipal]:
    """List the principals that KMS refuses and this rule explains."""
    if view.policy is not None and view.verdict.level is not None:
        yield from (found for found in _invalid(view, view.policy) if found.rule == rule)


def error(view: KeyView, found: InvalidPrincipal, message: str, *hints: str) -> Finding:
    """A finding at an invalid principal."""
    return Finding(found.rule, Level.ERROR, message, found.place, view.logical_id, hints)


def assumed(view: KeyView, text: str) -> bool:
    """Whether the existence of a principal is not told, and taken for granted."""
    return view.policy is not None and text in _existence(view, view.policy).assumed


@lru_cache(maxsize=1)
def _invalid(view: KeyView, policy: Policy) -> tuple[InvalidPrincipal, ...]:
    """Find them all, once for the rules that ask in turn."""
    refused = tuple(_refused(view, policy))
    texts = {found.text for found in refused}
    return (*refused, *(found for found in _missing(view, policy) if found.text not in texts))


@lru_cache(maxsize=1)
def _existence(view: KeyView, policy: Policy) -> Existence:
    if view.existence is not None:
        return view.existence
    partition = partition_of(view)
    account = account_of(view)
    return existence(
        policy, view.deployer, view.snapshot, partition, lambda: principals_made(view.resolver, partition, account)
    )


def _refused(view: KeyView, policy: Policy) -> Iterator[InvalidPrincipal]:
    """Principals whose form KMS does not accept: the parser's faults."""
    refused = [fault for fault in policy.faults if fault.code is FaultCode.INVALID_PRINCIPALS]
    statements = {statement.path: statement for statement in policy.statements} if refused else {}
    for fault in refused:
        statement = next(found for path, found in statements.items() if fault.path[: len(path)] == path)
        rest = fault.path[len(statement.path) :]
        key = str(rest[1]) if len(rest) > 1 else ""
        text = _text(statement, key, rest)
        place = fault.place or view.place(fault.path)
        yield InvalidPrincipal(_rule_for(view, key, text), key, text, statement, fault.path, place, fault)


def _text(statement: Statement, key: str, rest: Path) -> str:
    element = statement.principal or statement.not_principal or PrincipalElement()
    texts = {
        "AWS": element.aws,
        "Service": element.service,
        "Federated": element.federated,
        "CanonicalUser": element.canonical_user,
    }.get(key, ())
    index = rest[2] if len(rest) > 2 and isinstance(rest[2], int) else 0
    return str(texts[index]) if index < len(texts) else ""


def _rule_for(view: KeyView, key: str, text: str) -> str:
    """The rule that explains a principal whose form is refused."""
    if "${" in text:
        return "SK205"
    if key == "Service":
        return "SK204"
    if key not in ("AWS", ""):
        return "SK208"
    if is_unique_id(text):
        return "SK203"
    try:
        arn = Arn.parse(text)
    except ValueError:
        return "SK208"
    if arn.service == "iam" and arn.resource.startswith("group/"):
        return "SK202"
    if "*" in text or "?" in text:
        return "SK106"
    return "SK105" if arn.partition.startswith("aws") and arn.partition != partition_of(view) else "SK208"


def _missing(view: KeyView, policy: Policy) -> Iterator[InvalidPrincipal]:
    """Principals that do not exist, as far as the account's principals are given."""
    for named in _existence(view, policy).missing:
        rule = "SK112"
        if named.arn.partition != partition_of(view):
            rule = "SK105"
        elif named.arn.resource.startswith("role/") and _known_elsewhere(view, named.arn):
            rule = "SK106"
        yield InvalidPrincipal(rule, "AWS", named.text, named.statement, named.path, view.place(named.path))


def _known_elsewhere(view: KeyView, arn: Arn) -> bool:
    """Whether the account has a role of this name under another path, as one of IAM Identity Center always is."""
    if arn.resource.rpartition("/")[2].startswith("AWSReservedSSO_"):
        return True
    return view.snapshot.role_named(arn.account, arn.resource.rpartition("/")[2]) is not None
