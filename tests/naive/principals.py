"""Who asks, and whom the Principal and NotPrincipal elements name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.naive.language import text_list


class Kind(StrEnum):
    """The kinds of principals."""

    ROOT_USER = "root-user"
    IAM_USER = "iam-user"
    ROLE_SESSION = "role-session"
    FEDERATED_USER = "federated-user"
    AWS_SERVICE = "aws-service"
    SERVICE_LINKED_ROLE = "service-linked-role"
    ANONYMOUS = "anonymous"


class Named(StrEnum):
    """How a policy (or a grant) names the caller; the policies that limit what it is given depend on it."""

    EVERYONE = "everyone"
    ACCOUNT = "account"  # a delegation to the identity policies of that account
    ROOT_USER = "root user"
    USER = "user"
    ROLE = "role"  # of the caller's session
    SESSION = "session"  # the exact role session or federated user
    FEDERATING_USER = "federating user"  # of the caller's federated session
    SERVICE = "service"


#: What is limited by which implicit denies of the caller's own policies, in the account of the resource.
LIMITED_BY: Mapping[Named, frozenset[str]] = {
    Named.EVERYONE: frozenset(),
    Named.ACCOUNT: frozenset({"identity", "boundary", "session"}),
    Named.ROOT_USER: frozenset(),
    Named.USER: frozenset(),
    Named.ROLE: frozenset({"boundary", "session"}),
    Named.SESSION: frozenset(),
    Named.FEDERATING_USER: frozenset({"boundary", "session"}),
    Named.SERVICE: frozenset(),
}


@dataclass(frozen=True)
class Caller:
    """The principal of a request."""

    kind: Kind
    arn: str
    account: str
    role: str | None = None
    user: str | None = None

    @property
    def is_session_of_role(self) -> bool:
        """Whether it is a session of a role, be it a service-linked one."""
        return self.kind in (Kind.ROLE_SESSION, Kind.SERVICE_LINKED_ROLE)

    @property
    def has_identity(self) -> bool:
        """Whether the caller belongs to an account, whose policies may allow it something."""
        return self.kind not in (Kind.AWS_SERVICE, Kind.ANONYMOUS)


def read_caller(given: object) -> Caller:
    """Read the ``principal`` of a case: an ARN, a service's name, ``*``, or a mapping with more about it."""
    more: Mapping[str, object] = given if isinstance(given, Mapping) else {"arn": given}
    arn = str(more.get("arn") or "")
    role, user = more.get("role_arn"), more.get("user_arn")
    kind, account = kind_of(arn)
    if "kind" in more:
        kind = Kind(str(more["kind"]))
    if role is None and kind in (Kind.ROLE_SESSION, Kind.SERVICE_LINKED_ROLE):
        role = f"arn:aws:iam::{account}:role/{arn.split('/')[1]}"
    if kind == Kind.ROLE_SESSION and ":role/aws-service-role/" in str(role):
        kind = Kind.SERVICE_LINKED_ROLE
    return Caller(kind, arn, account, str(role) if role else None, str(user) if user else None)


def kind_of(arn: str) -> tuple[Kind, str]:
    """Tell the kind and the account of a principal from what AWS prints for it."""
    if arn in ("", "*"):
        return Kind.ANONYMOUS, ""
    if not arn.startswith("arn:"):
        return Kind.AWS_SERVICE, ""
    account, name = arn.split(":", 5)[4:]
    if name == "root":
        return Kind.ROOT_USER, account
    prefixes = {
        "user/": Kind.IAM_USER,
        "assumed-role/": Kind.ROLE_SESSION,
        "federated-user/": Kind.FEDERATED_USER,
    }
    for prefix, kind in prefixes.items():
        if name.startswith(prefix):
            return kind, account
    raise ValueError(f"no principal of a request: {arn}")


def namings(arn: str, caller: Caller) -> set[Named]:
    """How an ARN, an account id or a service's name names the caller; empty where it does not."""
    found = set()
    if caller.kind == Kind.AWS_SERVICE:
        return {Named.SERVICE} if arn == caller.arn else set()
    if caller.kind == Kind.ANONYMOUS:
        return set()
    if arn in (caller.account, f"arn:aws:iam::{caller.account}:root"):
        found.add(Named.ROOT_USER if caller.kind == Kind.ROOT_USER else Named.ACCOUNT)
    if arn == caller.arn and caller.kind == Kind.IAM_USER:
        found.add(Named.USER)
    if arn == caller.arn and (caller.is_session_of_role or caller.kind == Kind.FEDERATED_USER):
        found.add(Named.SESSION)
    if caller.is_session_of_role and arn == caller.role:
        found.add(Named.ROLE)
    if caller.kind == Kind.FEDERATED_USER and arn == caller.user:
        found.add(Named.FEDERATING_USER)
    return found


def named_in(element: object, caller: Caller) -> set[Named]:
    """How a Principal element names the caller; empty where it does not."""
    if element == "*":
        return {Named.EVERYONE}
    assert isinstance(element, Mapping)
    found = set()
    for text in text_list(element.get("AWS")):
        if text == "*":
            found.add(Named.EVERYONE)
        elif caller.kind != Kind.AWS_SERVICE:
            found |= namings(text, caller)
    if caller.kind == Kind.AWS_SERVICE:
        for text in text_list(element.get("Service")):
            found |= namings(text, caller)
    return found


def excepted(element: object, caller: Caller, *, denies: bool, has_boundary: bool) -> bool:
    """Whether a NotPrincipal element leaves the caller out.

    Under Deny that takes the ARN of the user or the role, be it the one behind a session: the account alone leaves out
    its root user only, a session alone is not enough, and a principal with a permissions boundary is never left out.
    """
    if denies and has_boundary:
        return False
    found = named_in(element, caller)
    if Named.EVERYONE in found:
        return True
    if not denies:
        return bool(found)
    return bool(found & {Named.ROOT_USER, Named.SERVICE, Named.USER, Named.ROLE, Named.FEDERATING_USER})
