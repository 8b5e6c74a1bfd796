"""The key policy is in order; what limits the deployer stands elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check._finding import Call, Finding, Level, Verdict
from sparekey.check._rule import Given, Rule
from sparekey.check.rules._examples import key_template
from sparekey.check.rules._lockout import Cause, Evidence, explain
from sparekey.check.rules._wording import deployer, identity, lasting_arn
from sparekey.policy import Decision, Outcome, PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView

_CREATE_ONLY = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["kms:CreateKey", "cloudformation:*", "iam:PassRole"], "Resource": "*"}
]}"""

_CREATE_AND_PUT = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["kms:CreateKey", "kms:PutKeyPolicy", "cloudformation:*"], "Resource": "*"}
]}"""


def _identity_policies(view: KeyView, evidence: Evidence) -> tuple[str, tuple[str, ...]]:
    label = evidence.statement.label if evidence.statement else "the key policy"
    who = identity(view)
    return (
        f"{label} delegates to the account's IAM policies, and those of {who} do not allow `kms:PutKeyPolicy`",
        (f"leave the key policy alone: allow `kms:CreateKey` and `kms:PutKeyPolicy` in an IAM policy of {who}",),
    )


def _find_identity_policies(view: KeyView) -> Iterator[Finding]:
    return explain(view, Cause.IDENTITY_POLICIES, _identity_policies)


IDENTITY_POLICIES = Rule(
    id="SK103",
    name="identity-policies-silent",
    level=Level.ERROR,
    summary="The key policy delegates to the account, but the deployer's IAM policies lack kms:PutKeyPolicy.",
    explanation="""\
KMS refuses the key with *The new key policy will not allow you to update the key policy in the future*, although
the key policy is AWS's own default.

A statement for the account's root principal gives no user or role anything by itself: it makes the account's IAM
policies count. A deployer whose IAM policies allow `kms:CreateKey` but not `kms:PutKeyPolicy` can make a key
without a policy, and is refused as soon as the template holds one. With an administrator's rights the same template
deploys: this is the commonest *cannot reproduce*.

**Repair.** Leave the key policy alone. Allow `kms:CreateKey` and `kms:PutKeyPolicy` in an IAM policy of the
deployer.

AWS: [Allows access to the AWS account and enables IAM policies](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam).
""",
    bad=key_template(),
    good=key_template(),
    bad_given=Given(iam=_CREATE_ONLY),
    good_given=Given(iam=_CREATE_AND_PUT),
    find=_find_identity_policies,
    causes=("C03",),
)


def _service_role(view: KeyView, evidence: Evidence) -> tuple[str, tuple[str, ...]]:
    role = view.deployer.service_role
    label = evidence.statement.label if evidence.statement else "the key policy"
    policy = f"allow `kms:CreateKey` and `kms:PutKeyPolicy` in an IAM policy of `{role}`"
    if evidence.decision.policy_type is PolicyType.IDENTITY:
        message = (
            f"{label} delegates to IAM policies, and those of the service role `{role}` do not allow `kms:PutKeyPolicy`"
        )
        return message, (f"leave the key policy alone: {policy}",)
    message = f"{label} names `{view.deployer.caller.arn}`, but not the service role `{role}`, which makes the key"
    return message, (
        f"name `{lasting_arn(view)}` in {label}",
        f"or delegate to the account's root principal and {policy}",
    )


def _find_service_role(view: KeyView) -> Iterator[Finding]:
    return explain(view, Cause.SERVICE_ROLE, _service_role)


SERVICE_ROLE = Rule(
    id="SK108",
    name="service-role-forgotten",
    level=Level.ERROR,
    summary="The stack's service role (or CDK's cfn-exec-role) is neither named in the key policy nor allowed in IAM.",
    explanation="""\
KMS refuses the key with *The new key policy will not allow you to update the key policy in the future.*

A stack with a service role is deployed by that role's session, `assumed-role/ROLE/AWSCloudFormation`. What the
person who runs the deployment may do does not matter to KMS. CDK's modern bootstrap always deploys through a role,
`cdk-QUALIFIER-cfn-exec-role-ACCOUNT-REGION`; it works while that role has AdministratorAccess, and fails with a
trimmed execution policy.

**Repair.** Allow `kms:CreateKey` and `kms:PutKeyPolicy` in an IAM policy of the service role (CDK:
`--cloudformation-execution-policies`), if the key policy delegates to the account. Otherwise name the role's ARN in
the administrator statement.

AWS: [CloudFormation service role](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html).
""",
    bad=key_template("""\
- Sid: Allow administration of the key
  Effect: Allow
  Principal:
    AWS: arn:aws:iam::123456789012:user/Alice
  Action: kms:*
  Resource: "*"
"""),
    good=key_template("""\
- Sid: Allow administration of the key
  Effect: Allow
  Principal:
    AWS:
      - arn:aws:iam::123456789012:user/Alice
      - arn:aws:iam::123456789012:role/Deploy
  Action: kms:*
  Resource: "*"
"""),
    bad_given=Given(role_arn="arn:aws:iam::123456789012:role/Deploy"),
    good_given=Given(role_arn="arn:aws:iam::123456789012:role/Deploy"),
    find=_find_service_role,
    causes=("C08",),
)

#: The policy types that can refuse what the key policy and the identity policies allow.
_GUARDRAILS = (PolicyType.SCP, PolicyType.RCP, PolicyType.BOUNDARY, PolicyType.SESSION, PolicyType.ENDPOINT)


def guardrail_denies(decision: Decision) -> bool:
    """Whether a call fails by a guardrail: an explicit Deny outside the key policy, or a layer that does not allow."""
    if decision.outcome is Outcome.EXPLICIT_DENY:
        return decision.policy_type not in (PolicyType.KEY, PolicyType.RESOURCE)
    return decision.outcome is Outcome.IMPLICIT_DENY and decision.policy_type in _GUARDRAILS


def guardrail_message(view: KeyView, call: Call) -> tuple[str, tuple[str, ...]]:
    """Say which policy refuses a call, and where it stands."""
    decision = call.decision
    kind = decision.policy_type.value if decision.policy_type else "a guardrail"
    because = decision.because
    where = ""
    if because and because.statement and because.policy:
        where = f" ({because.statement.label} of {because.policy.name}" + (
            f", {because.place})" if because.place else ")"
        )
    verb = "denies" if decision.outcome is Outcome.EXPLICIT_DENY else "does not allow"
    article = "an" if kind[0] in "aeiou" else "a"
    return (
        f"{article} {kind}{where} {verb} `{call.action}` to {deployer(view)}",
        (f"exempt {identity(view)} in the {kind}, or deploy as a principal that it does not limit",),
    )


def _guardrail(view: KeyView, evidence: Evidence) -> tuple[str, tuple[str, ...]]:
    message, hints = guardrail_message(view, Call("kms:PutKeyPolicy", evidence.decision))
    return message, (*hints, "or leave `KeyPolicy` out: without one KMS asks nothing and uses its default key policy")


def _find_guardrail(view: KeyView) -> Iterator[Finding]:
    yield from explain(view, Cause.GUARDRAIL, _guardrail)
    if view.verdict is Verdict.ACCESS_DENIED:
        refused = next((call for call in view.calls if guardrail_denies(call.decision)), None)
        if refused and refused is first_refused(view):
            message, hints = guardrail_message(view, refused)
            yield Finding("SK111", Level.ERROR, message, view.resource.place, view.logical_id, hints)


def first_refused(view: KeyView) -> Call | None:
    """The first call of the deployment that fails for sure."""
    denied = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY)
    return next((call for call in view.calls if call.decision.outcome in denied), None)


GUARDRAIL = Rule(
    id="SK111",
    name="guardrail-denies",
    level=Level.ERROR,
    summary="An SCP, permissions boundary, session policy or IAM Deny keeps the deployer from managing the key.",
    explanation="""\
KMS refuses the key with *The new key policy will not allow you to update the key policy in the future*, or
CloudFormation with *Access denied for operation 'CreateKey'.*

The key policy and the deployer's IAM policies may allow everything: a service control policy of the organization,
the role's permissions boundary, the session's own policy or an explicit `Deny` in IAM still takes
`kms:PutKeyPolicy` or `kms:CreateKey` away. An SCP must allow at every level from the root to the account. No key
policy can undo that.

**Repair.** Change the guardrail, exempt the deploying role in it, or deploy as a principal it does not limit. If
only `kms:PutKeyPolicy` is denied, a template without `KeyPolicy` deploys: KMS then uses its default key policy and
skips the check.

AWS: [Policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html),
[Troubleshooting key access](https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html).
""",
    bad=key_template(),
    good=key_template(),
    bad_given=Given(
        scp="""\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "*", "Resource": "*"},
  {"Sid": "ProtectKeys", "Effect": "Deny", "Action": "kms:PutKeyPolicy", "Resource": "*"}
]}"""
    ),
    good_given=Given(
        scp="""\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "*", "Resource": "*"},
  {"Sid": "ProtectKeys", "Effect": "Deny", "Action": "kms:PutKeyPolicy", "Resource": "*",
   "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/Alice"}}}
]}"""
    ),
    find=_find_guardrail,
    causes=("C11",),
)
