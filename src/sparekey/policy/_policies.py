"""The policies that apply to a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sparekey.policy._document import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.policy._plan import Plans
    from sparekey.policy._request import Grant
    from sparekey.unknown import Unknown


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class PolicySet:
    """Every policy that applies to one request, by type. What is not told is an :class:`Unknown`.

    - ``identity``: managed and inline policies of the user and its groups, or of the role
    - ``resource``: the key policy, trust policy or bucket policy; ``None`` where the resource has none
    - ``boundary``: the principal's permissions boundary; ``None`` where it has none
    - ``session``: the session policies; ``None`` where the session was made without one (a federated user's session
      then may do nothing but what a resource-based policy lets it do)
    - ``scp``, ``rcp``: one tuple of policies a level, root first; ``None`` where no organization applies
      (a management account's principals, for SCPs). A level without SCPs allows nothing.
    - ``endpoint``: the VPC endpoint's policy; ``None`` where the call goes through none
    - ``grants``: the KMS grants on the key

    Raises:
        ValueError: one of the policies is malformed, so AWS would never have stored it.
    """

    identity: tuple[Policy, ...] | Unknown = ()
    resource: Policy | Unknown | None = None
    boundary: Policy | Unknown | None = None
    session: tuple[Policy, ...] | Unknown | None = None
    scp: tuple[tuple[Policy, ...], ...] | Unknown | None = None
    rcp: tuple[tuple[Policy, ...], ...] | Unknown | None = None
    endpoint: Policy | Unknown | None = None
    grants: tuple[Grant, ...] | Unknown = ()
    _plans: Plans | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse policies that AWS would never have stored."""
        for policy in self.all():
            if policy.malformed:
                fault = next(fault for fault in policy.faults if fault.refused)
                raise ValueError(f"{policy.name} is malformed: {fault.message}")

    def with_resource(self, resource: Policy | Unknown | None) -> PolicySet:
        """The same policies with another resource-based one; what is worked out about them is shared.

        Raises:
            ValueError: the policy is malformed.
        """
        from sparekey.policy._plan import Plans, plans_of

        made = PolicySet(
            self.identity, resource, self.boundary, self.session, self.scp, self.rcp, self.endpoint, self.grants
        )
        object.__setattr__(made, "_plans", Plans(made, plans_of(self)))
        return made

    def all(self) -> Iterator[Policy]:
        """Every policy of the set that is told, of whatever type."""
        for told in (self.resource, self.boundary, self.endpoint):
            if isinstance(told, Policy):
                yield told
        for policies in (self.identity, self.session, *_levels(self.scp), *_levels(self.rcp)):
            if isinstance(policies, tuple):
                yield from policies


def _levels(levels: tuple[tuple[Policy, ...], ...] | Unknown | None) -> tuple[tuple[Policy, ...], ...]:
    return levels if isinstance(levels, tuple) else ()
