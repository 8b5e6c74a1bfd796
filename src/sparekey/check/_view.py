"""What a rule sees: one key, in one branch of the template's conditions, with the deployer and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparekey.check._deployer import Deployer
    from sparekey.check._finding import Call, Verdict
    from sparekey.check._principals import Existence
    from sparekey.policy import Policy
    from sparekey.snapshot import Snapshot
    from sparekey.source import Path, Place
    from sparekey.template import Environment, Resolver, Resource, Template, Value


@dataclass(frozen=True, slots=True, eq=False)
class KeyView:
    """One ``AWS::KMS::Key`` or ``AWS::KMS::ReplicaKey``, resolved, with what the deployment answers for it.

    ``properties`` are the resolved properties; ``policy`` is the parsed key policy (``None`` where the template gives
    none) and ``policy_value`` the resolved value it was parsed from. ``hangs_on`` is what an undecided
    verdict hangs on, ``existence`` what is told of the policy's principals. Compared by identity.
    """

    template: Template
    resource: Resource
    resolver: Resolver
    environment: Environment
    properties: Value
    policy: Policy | None
    policy_value: Value | None
    deployer: Deployer
    snapshot: Snapshot
    verdict: Verdict
    calls: tuple[Call, ...]
    hangs_on: tuple[str, ...] = ()
    existence: Existence | None = None

    @property
    def logical_id(self) -> str:
        """The key's logical ID."""
        return self.resource.logical_id

    def place(self, path: Path) -> Place:
        """The place of a value of the key policy, else of the key itself."""
        found = self.policy.locate(path) if self.policy else None
        return found or self.resource.place
