"""Who deploys: the principal that CloudFormation's calls are made as, and what limits it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sparekey.policy import Policy, PolicySet, Principal, RequestContext
from sparekey.unknown import Unknown


@dataclass(frozen=True, slots=True)
class Deployer:
    """The identity behind a stack operation.

    ``caller`` calls CreateStack; ``principal`` is what KMS sees: the caller itself (forwarded session), or the
    session ``assumed-role/NAME/AWSCloudFormation`` of ``service_role``. ``policies`` are the principal's identity
    policies, boundary, session policies and SCPs; ``caller_policies`` the caller's, for iam:PassRole.
    ``context`` holds the context keys of the calls.
    """

    principal: Principal
    caller: Principal
    policies: PolicySet
    caller_policies: PolicySet
    context: RequestContext
    service_role: str | None = None

    def with_key_policy(self, policy: Policy | Unknown | None) -> PolicySet:
        """The policies that apply to a call on a key that carries ``policy``."""
        return replace(self.policies, resource=policy)
