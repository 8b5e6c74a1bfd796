"""A statement of the key policy that would let the deployer pass is cancelled: by its condition, or by a Deny."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check._finding import Finding, Level
from sparekey.check._rule import Rule
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._lockout import Cause, Evidence, explain
from sparekey.check.rules._wording import deployer, lasting_arn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView


def _condition(view: KeyView, evidence: Evidence) -> tuple[str, tuple[str, ...]]:
    label = evidence.statement.label if evidence.statement else "the statement"
    reason = evidence.examined.reason if evidence.examined else "its condition is false"
    hint = (
        "keep one administrator statement without a condition, or with one that holds in CloudFormation's calls too, "
        f"for `{lasting_arn(view)}` or the account's root principal"
    )
    return f"the condition of {label} shuts {deployer(view)} out: {reason}", (hint,)


def _find_condition(view: KeyView) -> Iterator[Finding]:
    return explain(view, Cause.CONDITION, _condition)


CONDITION = Rule(
    id="SK109",
    name="condition-shuts-out",
    level=Level.ERROR,
    summary="A condition on the administrator statement is false for the deployer's call.",
    explanation="""\
KMS refuses the key with *The new key policy will not allow you to update the key policy in the future.*

The statement names the deployer and allows `kms:PutKeyPolicy`, but the safety check weighs its conditions too, in
the circumstances of the call that makes the key. Conditions that hold for a person at a console fail for a
deployment:

- `aws:MultiFactorAuthPresent` is absent for access keys and for the sessions of service roles;
- `aws:PrincipalType` is `Account` for the root user alone;
- `aws:PrincipalArn` is the role's ARN, never the session's;
- `kms:ViaService` is absent, for CloudFormation calls KMS on nobody's behalf but the deployer's;
- `aws:SourceIp` is not the address of the person who runs the deployment.

**Repair.** Keep one administrator statement that has no condition, or one that holds in the deployment.

AWS: [AWS global condition context keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html),
[AWS KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html).
""",
    bad=key_template("""\
- Sid: Administrators
  Effect: Allow
  Principal:
    AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root
  Action: kms:*
  Resource: "*"
  Condition:
    ArnEquals:
      aws:PrincipalArn: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:user/Carol
"""),
    good=key_template("""\
- Sid: Administrators
  Effect: Allow
  Principal:
    AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root
  Action: kms:*
  Resource: "*"
  Condition:
    ArnEquals:
      aws:PrincipalArn:
        - !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:user/Carol
        - !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:user/Alice
"""),
    find=_find_condition,
    causes=("C09",),
)


def _deny(view: KeyView, evidence: Evidence) -> tuple[str, tuple[str, ...]]:
    statement = evidence.statement
    label = statement.label if statement else "a statement"
    if statement and statement.not_principal:
        message = f"{label} denies `kms:PutKeyPolicy` to everyone but its NotPrincipal, and so to {deployer(view)}"
        return message, (
            f"add `{lasting_arn(view)}` to its NotPrincipal, with each session and the account",
            'better: deny `Principal: "*"` with a condition `ArnNotLike` on `aws:PrincipalArn`',
        )
    return (
        f"{label} denies `kms:PutKeyPolicy` to {deployer(view)}",
        (
            f"exempt the deployer: add a condition `ArnNotLike: {{aws:PrincipalArn: {lasting_arn(view)}}}` to {label}",
            "or leave `kms:PutKeyPolicy` out of its actions",
        ),
    )


def _find_deny(view: KeyView) -> Iterator[Finding]:
    return explain(view, Cause.DENY, _deny)


DENY = Rule(
    id="SK110",
    name="deny-covers-deployer",
    level=Level.ERROR,
    summary="A Deny in the key policy, perhaps by NotPrincipal, covers the deployer.",
    explanation="""\
KMS refuses the key with *The new key policy will not allow you to update the key policy in the future.*

An explicit `Deny` wins over every `Allow`, also over the statement for the account's root principal. `NotPrincipal`
with `Deny` denies everyone who is not listed: listing the account does not exempt its users and roles, listing a
role does not surely exempt its sessions, and it always denies a principal that has a permissions boundary.

**Repair.** Exempt the deployer, or deny named principals instead of all but some:
`Principal: "*"` with `Condition: {ArnNotLike: {aws:PrincipalArn: [...]}}`.

AWS: [AWS JSON policy elements: NotPrincipal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
""",
    bad=key_template(
        ROOT_STATEMENT
        + """\
- Sid: Only Carol changes the policy
  Effect: Deny
  Principal: "*"
  Action: kms:PutKeyPolicy
  Resource: "*"
  Condition:
    ArnNotLike:
      aws:PrincipalArn: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:user/Carol
"""
    ),
    good=key_template(
        ROOT_STATEMENT
        + """\
- Sid: Only Alice and Carol change the policy
  Effect: Deny
  Principal: "*"
  Action: kms:PutKeyPolicy
  Resource: "*"
  Condition:
    ArnNotLike:
      aws:PrincipalArn:
        - !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:user/Carol
        - !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:user/Alice
"""
    ),
    find=_find_deny,
    causes=("C10",),
)
