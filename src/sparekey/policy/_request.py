"""A request: who asks for which action on which resource, under which circumstances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, final

from sparekey.unknown import Unknown


class PrincipalKind(StrEnum):
    """The kinds of principals a request can come from."""

    ROOT_USER = "root-user"
    IAM_USER = "iam-user"
    ROLE_SESSION = "role-session"  # AssumeRole, SAML, OIDC, SSO, service role, instance profile
    FEDERATED_USER = "federated-user"  # GetFederationToken
    AWS_SERVICE = "aws-service"
    SERVICE_LINKED_ROLE = "service-linked-role"  # a role session that no SCP or RCP limits
    ANONYMOUS = "anonymous"


@final
class Absent:
    """The type of :data:`ABSENT`: a context key that is known not to be in the request."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Render as ``ABSENT``."""
        return "ABSENT"


ABSENT: Final = Absent()

#: What a context key holds: one text, a tuple of texts for a multivalued key, absent, or not told.
ContextValue = str | tuple[str, ...] | Absent | Unknown

#: Finds what a context key holds; the key is given in lower case.
Lookup = Callable[[str], ContextValue]


@dataclass(frozen=True, slots=True)
class Principal:
    """The identity that signed a request.

    ``arn`` is what AWS prints: ``…:root``, a user ARN, ``arn:aws:sts::A:assumed-role/R/S``,
    ``arn:aws:sts::A:federated-user/N``, a service principal's name, or empty for an anonymous caller.
    ``role_arn`` is the role behind a session, ``user_arn`` the user behind a federated session (unknown pieces where
    the path or the user is not told). Tags are context keys (``aws:PrincipalTag/…``), not part of the principal.
    """

    kind: PrincipalKind
    arn: str
    account: str = ""
    role_arn: str | Unknown | None = None
    user_arn: str | Unknown | None = None
    has_boundary: bool | None = None  # None: not told; matters to NotPrincipal with Deny

    @property
    def partition(self) -> str:
        """The partition of the principal's ARN; ``aws`` for a principal without one (a service, anonymous)."""
        arn = self.arn
        return arn.split(":", 2)[1] if arn[:4] == "arn:" and arn[4:8] != "aws:" else "aws"

    @classmethod
    def from_arn(cls, text: str) -> Principal:
        """Read a principal from the ARN of a root user, user, role session or federated user.

        A role ARN stands for a session of that role whose session name is not told. A name such as
        ``kms.amazonaws.com`` is a service principal; ``*`` or nothing is the anonymous caller.

        Raises:
            ValueError: the text is none of these, in one sentence for the user.
        """
        from sparekey.policy._principal import principal_from_arn

        return principal_from_arn(text)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The context keys of a request.

    ``values`` maps condition keys (compared without case, tag key included) to their values; one that stands there in
    several spellings, with different values, is not told. A key that is not there is absent, unless a pattern of
    ``unknown`` (``aws:*``, ``aws:PrincipalTag/*``) covers it: then it is not told.
    What the principal itself implies (``aws:PrincipalArn``, ``aws:PrincipalAccount``, ``aws:PrincipalType``,
    ``kms:CallerAccount``, …) need not be given. ``others`` finds keys that ``values`` do not hold, when a condition
    asks for them (in lower case; ``None``: absent): most requests meet no condition that does.
    """

    values: Mapping[str, ContextValue] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    others: Callable[[str], ContextValue | None] | None = None
    _lowered: dict[str, ContextValue] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def lowered(self) -> dict[str, ContextValue]:
        """The values under lower-cased keys, as conditions compare them (worked out once)."""
        lowered = self._lowered
        if lowered is None:
            lowered = {key.lower(): value for key, value in self.values.items()}
            if len(lowered) != len(self.values):
                lowered |= _ambiguous(self.values)
            object.__setattr__(self, "_lowered", lowered)
        return lowered


def _ambiguous(values: Mapping[str, ContextValue]) -> dict[str, ContextValue]:
    """Keys that stand in a request in several spellings, with different values: which one counts is not told."""
    seen: dict[str, set[ContextValue]] = {}
    for key, value in values.items():
        seen.setdefault(key.lower(), set()).add(value)
    return {key: Unknown((f"which value `{key}` has",)) for key, several in seen.items() if len(several) > 1}


@dataclass(frozen=True, slots=True)
class Request:
    """One request to decide on: may ``principal`` call ``action`` on ``resource``?

    ``action`` is ``service:Name``. ``resource`` is an ARN, or ``*`` for actions without a resource.
    ``resource_account`` owns the resource; left out, it is read from the ARN, else it is the principal's account.
    ``grant_request`` holds, for kms:CreateGrant, what the new grant would allow (to weigh it against a parent grant).
    """

    principal: Principal
    action: str
    resource: str | Unknown
    context: RequestContext = field(default_factory=RequestContext)
    resource_account: str | None = None
    grant_request: GrantRequest | None = None

    @property
    def owner(self) -> str:
        """The account that owns the resource."""
        if self.resource_account:
            return self.resource_account
        resource = self.resource
        known = resource if isinstance(resource, str) else resource.pieces[0] or ""
        segments = known.split(":", 5)
        return (segments[4] if len(segments) == 6 else "") or self.principal.account


class GrantConstraints(NamedTuple):
    """The constraints of a KMS grant; ``None`` where the grant has none of that kind."""

    encryption_context_equals: Mapping[str, str] | None = None
    encryption_context_subset: Mapping[str, str] | None = None
    source_arn: str | None = None


class GrantRequest(NamedTuple):
    """What a kms:CreateGrant call asks for."""

    operations: frozenset[str]
    constraints: GrantConstraints = GrantConstraints()


class Grant(NamedTuple):
    """A KMS grant: lets ``grantee`` call ``operations`` on one key; allows only, never denies.

    ``grantee`` is the ARN of an account, user, role, session or federated user, or a service principal's name.
    ``issuing_account`` is the account of the principal that made the grant (the key's own, if left out).
    """

    grantee: str
    operations: frozenset[str]
    constraints: GrantConstraints = GrantConstraints()
    retiring_principal: str | None = None
    issuing_account: str | None = None
    name: str | None = None
