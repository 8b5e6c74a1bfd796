"""The calls that CloudFormation's resource handlers make for a key, in their order, and which policies decide each.

From AWS's published handlers (aws-cloudformation/aws-cloudformation-resource-providers-kms): validate; CreateKey (or
ReplicateKey) with tags and policy; EnableKeyRotation; DisableKey. kms:CreateKey and kms:TagResource are asked of IAM
only, the last two of the key policy the new key carries.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sparekey.check._context import direct_context, extend
from sparekey.check._finding import Call
from sparekey.check._safety import named_in, put_key_policy, simulated
from sparekey.check._settings import REPLICA, KeySettings, bypass_context, key_context, tag_context
from sparekey.policy import (
    ContextValue,
    Decision,
    Outcome,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    RequestContext,
    authorize,
    parse_policy,
)
from sparekey.unknown import Unknown, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._deployer import Deployer
    from sparekey.template import Environment

REGION = Unknown(("the region (--region)",))
PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action
ASSUME_ROLE = "sts:AssumeRole"


class Step(NamedTuple):
    """One call, and what it hangs on whether it is made at all (``if_told``; empty: it is made for sure)."""

    call: Call
    if_told: tuple[str, ...] = ()


class Plan:
    """What is to be created, and what all keys created in the same way share: each worked out when it is needed."""

    def __init__(self, deployer: Deployer, environment: Environment, settings: KeySettings) -> None:
        """Take who deploys, where, and the key's settings."""
        self.deployer = deployer
        self.environment = environment
        self.settings = settings

    @cached_property
    def account(self) -> str:
        """The account of the stack."""
        return self.environment.account or self.deployer.principal.account

    @cached_property
    def partition(self) -> str:
        """The partition of the stack."""
        return self.environment.known_partition or self.deployer.principal.partition

    @cached_property
    def key_arn(self) -> str | Unknown:
        """The ARN of the key about to exist; no policy can name it yet."""
        region: str | Unknown = self.environment.region or REGION
        prefix = "mrk-" if self.settings.multi_region is True else ""
        identifier = Unknown(("the id of the new key",), (prefix, None), fresh=True)
        return join((f"arn:{self.partition}:kms:", region, f":{self.account}:key/", identifier))

    @cached_property
    def request_context(self) -> RequestContext:
        """The context of any call for the key: the deployer's, the Region, the key's kind."""
        region: ContextValue = self.environment.region or REGION
        return extend(self.deployer.context, {"aws:RequestedRegion": region, **key_context(self.settings)})

    @cached_property
    def context(self) -> RequestContext:
        """The context of calls on the new key: its kind, and the tags it is made with (judged)."""
        tags, unknown = tag_context(self.settings, "aws:ResourceTag")
        return extend(self.request_context, tags, unknown)

    @cached_property
    def simulated_context(self) -> RequestContext:
        """The context of the safety check's simulated call."""
        return simulated(self.context)

    @cached_property
    def rotation_context(self) -> RequestContext:
        """The context of kms:EnableKeyRotation; the period is there also where the template leaves it to KMS."""
        return extend(self.context, {"kms:RotationPeriodInDays": self.settings.rotation_period})

    @cached_property
    def default_policy(self) -> Policy:
        """The key policy of a key made without one."""
        return default_policy(self.partition, self.account)

    @cached_property
    def under_default_policy(self) -> PolicySet:
        """The policies that apply to a call that IAM alone decides, and to a key made without a key policy."""
        return self.deployer.with_key_policy(self.default_policy)

    @cached_property
    def beside_primary(self) -> bool:
        """Whether the key is a replica in the Region of its primary; both may be the stack's, whichever that is."""
        region = self.environment.region or REGION
        return self.settings.resource_type == REPLICA and self.settings.primary_region == region

    @cached_property
    def creation(self) -> tuple[Step, ...]:
        """The calls that IAM alone decides: making the key, and tagging it."""
        return tuple(_creation(self))


def entrance(deployer: Deployer, environment: Environment) -> Iterator[Step]:
    """The calls of a stack operation with a service role: passing it, and CloudFormation assuming it."""
    role = deployer.service_role
    if role is None:
        return
    told = not isinstance(deployer.caller_policies.identity, Unknown)
    context = extend(
        direct_context(deployer.caller_context), {"iam:PassedToService": "cloudformation.amazonaws.com"},
        ("iam:AssociatedResourceArn", "iam:ResourceTag/*", "aws:ResourceTag/*"),
    )  # fmt: skip
    passing = authorize(Request(deployer.caller, PASS_ROLE, role, context), deployer.caller_policies)
    if told or passing.outcome is Outcome.EXPLICIT_DENY:
        yield Step(Call(PASS_ROLE, passing))
    if isinstance(deployer.trust, Policy):
        yield Step(Call(ASSUME_ROLE, _assume(deployer, deployer.trust, environment)))


def _assume(deployer: Deployer, trust: Policy, environment: Environment) -> Decision:
    """May CloudFormation assume the service role? Its trust policy decides alone."""
    account = deployer.principal.account
    stack_name = environment.stack_name or Unknown(("the name of the stack (--stack-name)",))
    prefix = f"arn:{deployer.principal.partition}:cloudformation:"
    new_id = Unknown(("the id of the stack",), fresh=True)
    stack = join((prefix, environment.region or REGION, f":{account}:stack/", stack_name, "/", new_id))
    service = Principal.from_arn("cloudformation.amazonaws.com")
    context = RequestContext(
        {"aws:SourceAccount": account, "aws:SourceArn": stack, "aws:PrincipalIsAWSService": "true"}
    )
    request = Request(service, ASSUME_ROLE, deployer.service_role or "", context, resource_account=account)
    return authorize(request, PolicySet(resource=trust))


def _creation(plan: Plan) -> Iterator[Step]:
    deployer, settings = plan.deployer, plan.settings
    tags, unknown = tag_context(settings, "aws:RequestTag")
    context = extend(plan.request_context, {**tags, **bypass_context(settings)}, unknown)
    if settings.resource_type == REPLICA:
        yield Step(Call("kms:ReplicateKey", _replicate(plan)))
    request = Request(deployer.principal, "kms:CreateKey", "*", context, resource_account=plan.account)
    yield Step(Call("kms:CreateKey", authorize(request, deployer.policies)))
    if tagged := settings.tagged:
        context = extend(plan.context, tags, unknown)
        request = Request(deployer.principal, "kms:TagResource", plan.key_arn, context, resource_account=plan.account)
        decision = authorize(request, plan.under_default_policy)
        if_told = tagged.hangs_on if isinstance(tagged, Unknown) else ()
        yield Step(Call("kms:TagResource", decision), if_told)


def _replicate(plan: Plan) -> Decision:
    """May the primary be replicated? Its own key policy is not in the template, so only a Deny is certain."""
    settings, deployer = plan.settings, plan.deployer
    primary = settings.primary or Unknown(("the primary key",))
    region: ContextValue = settings.primary_region or Unknown(("the region of the primary key",))
    context = extend(
        plan.request_context,
        {
            "aws:RequestedRegion": region, "kms:ReplicaRegion": plan.environment.region or REGION,
            "kms:MultiRegionKeyType": "PRIMARY",
        },
        ("aws:ResourceTag/*",),
    )  # fmt: skip
    request = Request(deployer.principal, "kms:ReplicateKey", primary, context, resource_account=plan.account)
    return authorize(request, deployer.with_key_policy(Unknown((f"the key policy of `{primary}`",))))


def safety_check(plan: Plan, policy: Policy, policies: PolicySet) -> Step:
    """The lockout safety check, unless the template bypasses it."""
    principal = named_in(policy, plan.deployer.principal)
    decision = put_key_policy(principal, policies, plan.key_arn, plan.simulated_context)
    bypass = plan.settings.bypass
    return Step(Call("kms:PutKeyPolicy", decision), bypass.hangs_on if isinstance(bypass, Unknown) else ())


def finishing(plan: Plan, policy: Policy, policies: PolicySet) -> Iterator[Step]:
    """The calls on the new key, which its own policy decides: EnableKeyRotation, DisableKey."""
    rotation, enabled = plan.settings.rotation, plan.settings.enabled
    principal = named_in(policy, plan.deployer.principal)
    for action, setting, wanted, context in (
        ("kms:EnableKeyRotation", rotation, True, "rotation_context"),
        ("kms:DisableKey", enabled, False, "context"),
    ):
        if setting is wanted or isinstance(setting, Unknown):
            request = Request(principal, action, plan.key_arn, getattr(plan, context), resource_account=plan.account)
            if_told = setting.hangs_on if isinstance(setting, Unknown) else ()
            yield Step(Call(action, authorize(request, policies)), if_told)


@lru_cache(maxsize=8)
def default_policy(partition: str, account: str) -> Policy:
    """The key policy that KMS gives a key made without one: it delegates to the account's IAM policies."""
    document = {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    return parse_policy(document, type=PolicyType.KEY, name="the default key policy")
