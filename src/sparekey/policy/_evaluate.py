"""How a statement's Principal element names a caller, and how strongly.

A Principal element names a caller by itself, by its parent (the role of a session, the user of a federated session)
or by its account. The three differ in what else must allow: see ``_plan.py``.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from sparekey.policy._context import role_of
from sparekey.policy._request import Principal, PrincipalKind
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.policy._document import PrincipalElement


class Named(IntEnum):
    """How a Principal element names a caller; each way grants whatever the weaker ways grant."""

    NOT = 0
    BY_ACCOUNT = 1  # delegation: identity-based policies must allow too
    BY_PARENT = 2  # the role of a session, the user of a federated session: boundary and session policy limit it
    ITSELF = 3  # the user, the exact session, the service, the root user; or everyone


#: Surely and possibly: they differ where a part of the element, or of the caller, is not told.
NamedRange = tuple[Named, Named]

_NOT: NamedRange = (Named.NOT, Named.NOT)
_ITSELF: NamedRange = (Named.ITSELF, Named.ITSELF)

_ROLE_KINDS = (PrincipalKind.ROLE_SESSION, PrincipalKind.SERVICE_LINKED_ROLE)

#: Kinds of principals that belong to an account, so that identity-based policies and SCPs can apply.
ACCOUNT_KINDS = frozenset(PrincipalKind) - {PrincipalKind.AWS_SERVICE, PrincipalKind.ANONYMOUS}


class Caller(NamedTuple):
    """A principal under every name a Principal element may call it by.

    ``names`` maps known ARNs to how strongly they name the caller, strongest first; ``pathless_role`` is its role's
    ARN without the path, where the path is not told (a role's name is unique in its account). ``open_names`` are names
    that are not told in full. ``boundary`` says whether it has a permissions boundary (``None``: not told).
    """

    principal: Principal
    names: dict[str, Named]
    service: str | None
    pathless_role: str | None
    open_names: tuple[tuple[Unknown, Named], ...]
    boundary: bool | None

    @property
    def vague(self) -> bool:
        """Whether an ARN that is none of ``names`` may name the caller all the same (a role without its path apart)."""
        told = Named.NOT if self.pathless_role is None else Named.BY_PARENT
        return any(strength is not told for _, strength in self.open_names)


def caller_of(principal: Principal, boundary: bool | None) -> Caller:
    """Gather the names of a principal; ``boundary`` is what the policies tell where the principal itself does not."""
    names: dict[str, Named] = {}
    open_names: list[tuple[Unknown, Named]] = []
    session_told = principal.kind not in _ROLE_KINDS or ":assumed-role/" in principal.arn
    if principal.kind in ACCOUNT_KINDS:
        if session_told:
            names[principal.arn] = Named.ITSELF
        parent, strength = _parent(principal)
        if isinstance(parent, str):
            names[parent] = strength
        elif parent is not None:
            open_names.append((parent, strength))
        names.setdefault(_account_arn(principal), Named.BY_ACCOUNT)
    if not session_told:
        prefix, _, role = principal.arn.replace(":iam:", ":sts:").partition(":role/")
        session = (f"{prefix}:assumed-role/{role.rpartition('/')[2]}/", None)
        open_names.append((Unknown((f"the session name of `{principal.arn}`",), session), Named.ITSELF))
    return Caller(
        principal,
        names,
        principal.arn if principal.kind is PrincipalKind.AWS_SERVICE else None,
        _pathless(principal),
        tuple(open_names),
        boundary if principal.has_boundary is None else principal.has_boundary,
    )


def _parent(principal: Principal) -> tuple[str | Unknown | None, Named]:
    if principal.kind in _ROLE_KINDS:
        return role_of(principal), Named.BY_PARENT
    if principal.kind is PrincipalKind.FEDERATED_USER:
        pieces = (f"{_account_arn(principal).removesuffix('root')}user/", None)
        return principal.user_arn or Unknown((f"the user behind `{principal.arn}`",), pieces), Named.BY_PARENT
    return None, Named.NOT


def _account_arn(principal: Principal) -> str:
    return f"arn:{principal.partition}:iam::{principal.account}:root"


def _pathless(principal: Principal) -> str | None:
    if principal.kind not in _ROLE_KINDS:
        return None
    if not isinstance(role_of(principal), Unknown):
        return None
    head, session, tail = principal.arn.partition(":assumed-role/")
    role = f"{head.replace(':sts:', ':iam:')}:role/{tail.split('/', 1)[0]}"
    return role if session else without_path(principal.arn)


def without_path(arn: str) -> str:
    """The ARN of a role without its path, and other ARNs as they are."""
    head, role, tail = arn.partition(":role/")
    return f"{head}:role/{tail.rpartition('/')[2]}" if role else arn


class Principals:
    """A compiled Principal or NotPrincipal element."""

    __slots__ = ("_aws", "_open", "_pathless", "_service", "_wholly_open", "element", "everyone")

    def __init__(self, element: PrincipalElement) -> None:
        """Sort the element's entries by what is known of them."""
        self.element = element
        self.everyone = element.everyone or "*" in element.aws
        self._aws = frozenset(entry for entry in element.aws if isinstance(entry, str))
        self._service = frozenset(entry for entry in element.service if isinstance(entry, str))
        self._open = tuple(
            entry for entry in (*element.aws, *element.service) if isinstance(entry, Unknown) and not entry.fresh
        )
        self._wholly_open = bool(element.unknown or element.canonical_user)
        self._pathless: frozenset[str] | None = None

    def name(self, caller: Caller) -> NamedRange:
        """How the element names the caller, surely and possibly. Federated entries are asked elsewhere."""
        if self.everyone:
            return _ITSELF
        surely = self._surely(caller)
        if surely is Named.ITSELF:
            return _ITSELF
        if not (self._open or self._wholly_open or caller.open_names):
            return (surely, surely)
        return (surely, max(surely, self._possibly(caller)))

    def exempts_from_deny(self, caller: Caller) -> bool | None:
        """Whether NotPrincipal with Deny spares the caller; ``None`` where a part is not told.

        A user must be listed itself, a session by its role, a federated user by its user; the account alone spares
        only its root user. A caller with a permissions boundary is never spared.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
        """
        if caller.boundary:
            return False
        parent = caller.principal.kind in (*_ROLE_KINDS, PrincipalKind.FEDERATED_USER)
        needed = Named.BY_PARENT if parent else Named.ITSELF
        surely, possibly = self._listed(caller)
        if needed in surely:
            return None if caller.boundary is None else True
        return None if needed in possibly else False

    def exempts_from_allow(self, caller: Caller) -> bool | None:
        """Whether NotPrincipal with Allow leaves the caller out: under whichever of its names it is listed."""
        surely, possibly = self._listed(caller)
        if surely:
            return True
        return None if possibly or self.element.federated else False

    def _listed(self, caller: Caller) -> tuple[set[Named], set[Named]]:
        """The strengths of all names of the caller that the element lists, surely and possibly."""
        if self.everyone:
            return set(Named), set(Named)
        surely = {strength for name, strength in caller.names.items() if name in self._aws}
        if caller.service is not None and caller.service in self._service:
            surely.add(Named.ITSELF)
        if caller.pathless_role is not None and caller.pathless_role in self._roles_without_path():
            surely.add(Named.BY_PARENT)
        possibly = self._possibly(caller)
        return surely, surely | set(Named) if possibly is not Named.NOT else surely

    def _surely(self, caller: Caller) -> Named:
        if caller.service is not None:
            return Named.ITSELF if caller.service in self._service else Named.NOT
        aws = self._aws
        for name, strength in caller.names.items():
            if name in aws:
                return strength
        if caller.pathless_role is not None and caller.pathless_role in self._roles_without_path():
            return Named.BY_PARENT
        return Named.NOT

    def _possibly(self, caller: Caller) -> Named:
        if self._wholly_open:
            return Named.ITSELF
        best = Named.NOT
        for entry in self._open:
            if could_be(entry, "*") or (caller.service is not None and could_be(entry, caller.service)):
                return Named.ITSELF
            best = max([best, *(strength for name, strength in caller.names.items() if could_be(entry, name))])
            best = max([best, *(strength for name, strength in caller.open_names if overlap(entry, name))])
            if caller.principal.account and could_be(entry, caller.principal.account):
                best = max(best, Named.BY_ACCOUNT)
        for name, strength in caller.open_names:
            if caller.pathless_role is not None and strength is Named.BY_PARENT:
                continue  # by its name alone the role is told
            if any(could_be(name, entry) for entry in self._aws):
                best = max(best, strength)
        return best

    def _roles_without_path(self) -> frozenset[str]:
        if self._pathless is None:
            self._pathless = frozenset(without_path(entry) for entry in self._aws if ":role/" in entry)
        return self._pathless


def could_be(unknown: Unknown, text: str) -> bool:
    """Whether some text in the holes of ``unknown`` makes it equal ``text``."""
    if unknown.fresh:
        return False
    first, last = unknown.pieces[0], unknown.pieces[-1]
    if len(unknown.pieces) == 1:
        return first is None or first == text
    end = len(text)
    position = 0
    if first is not None:
        if not text.startswith(first):
            return False
        position = len(first)
    if last is not None:
        end -= len(last)
        if end < position or not text.endswith(last):
            return False
    for piece in unknown.pieces[1:-1]:
        if piece is not None:
            found = text.find(piece, position, end)
            if found < 0:
                return False
            position = found + len(piece)
    return True


def overlap(one: Unknown, other: Unknown) -> bool:
    """Whether two texts of which parts are unknown may be the same; errs on the side of yes."""
    if one.fresh or other.fresh:
        return False
    heads = (one.pieces[0] or "", other.pieces[0] or "")
    tails = (one.pieces[-1] or "", other.pieces[-1] or "")
    return (heads[0].startswith(heads[1]) or heads[1].startswith(heads[0])) and (
        tails[0].endswith(tails[1]) or tails[1].endswith(tails[0])
    )
