"""The lockout safety check: may the deployer call kms:PutKeyPolicy on the new key under its new policy?

It is an ordinary authorization; nothing here looks at the shape of a policy.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.arn import Arn
from sparekey.check._context import extend
from sparekey.policy import ABSENT, Decision, Policy, PolicySet, Principal, Request, RequestContext, authorize
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.check._deployer import Deployer

PUT_KEY_POLICY = "kms:PutKeyPolicy"


def lockout_check(deployer: Deployer, policy: Policy, key_arn: str | Unknown, context: RequestContext) -> Decision:
    """Decide the simulated kms:PutKeyPolicy; KMS refuses ``policy`` unless this is allowed.

    ``context`` is that of the call that makes the key, with the key's own context keys. The simulated call asks for the
    policy named ``default`` and does not carry the bypass flag (judged: AWS publishes an Allow with
    ``Null: {kms:BypassPolicyLockoutSafetyCheck: true}`` as sound).
    """
    principal = named_in(policy, deployer.principal)
    return put_key_policy(principal, deployer.with_key_policy(policy), key_arn, simulated(context))


def simulated(context: RequestContext) -> RequestContext:
    """The context of the simulated call, from that of the call that makes the key."""
    return extend(context, {"kms:PolicyName": "default", "kms:BypassPolicyLockoutSafetyCheck": ABSENT})


def put_key_policy(
    principal: Principal, policies: PolicySet, key_arn: str | Unknown, context: RequestContext
) -> Decision:
    """Decide kms:PutKeyPolicy under the new key policy, which is the resource-based one of ``policies``."""
    request = Request(principal, PUT_KEY_POLICY, key_arn, context, resource_account=principal.account)
    return authorize(request, policies)


def named_in(policy: Policy, principal: Principal) -> Principal:
    """Complete a session's role with the path that the key policy names it with.

    A session's ARN does not carry the path of its role, but within an account a role's name is unique whatever its
    path: if the role that the policy names exists at all (KMS refuses the policy otherwise), it is the session's.
    """
    if not isinstance(principal.role_arn, Unknown):
        return principal
    name = principal.arn.rpartition(":assumed-role/")[2].partition("/")[0]
    for statement in policy.statements:
        for element in (statement.principal, statement.not_principal):
            for text in element.aws if element else ():
                if isinstance(text, str) and _is_role(text, principal.account, name):
                    return replace(principal, role_arn=text)
    return principal


def _is_role(text: str, account: str, name: str) -> bool:
    try:
        arn = Arn.parse(text)
    except ValueError:
        return False
    kind, _, path = arn.resource.partition("/")
    return (arn.service, arn.account, kind) == ("iam", account, "role") and path.rpartition("/")[2] == name
