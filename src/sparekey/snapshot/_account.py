"""An account's identities as values: who exists, and which policies each carries."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.policy import Policy


class Identity(NamedTuple):
    """A user or role: its policies (groups' included, for a user), permissions boundary, tags and trust policy."""

    arn: str
    unique_id: str | None
    policies: tuple[Policy, ...]
    boundary: Policy | None = None
    trust: Policy | None = None
    tags: Mapping[str, str] = MappingProxyType({})


class Snapshot(NamedTuple):
    """Identities of one or more accounts.

    ``complete`` names the accounts whose every user and role is in the snapshot, so that a principal that is not there
    does not exist. ``deployer_policies`` are plain policy documents that were given for the deployer.
    """

    identities: Mapping[str, Identity] = MappingProxyType({})
    complete: frozenset[str] = frozenset()
    deployer_policies: tuple[Policy, ...] | None = None
    warnings: tuple[str, ...] = ()

    def role_named(self, account: str, name: str) -> Identity | None:
        """Find a role by account and name; a session ARN does not carry the role's path."""
        ending = f"/{name}"
        for arn in self.identities:
            segments = arn.split(":", 5)
            if arn.endswith(ending) and segments[4] == account and segments[5].startswith("role/"):
                return self.identities[arn]
        return None
