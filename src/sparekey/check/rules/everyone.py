"""A key policy that lets anybody in."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sparekey.check._finding import Finding, Level
from sparekey.check._rule import Rule
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._questions import of_key_policy, statements
from sparekey.check.rules._wording import partition_of, root_principal
from sparekey.policy import (
    Condition,
    Effect,
    Match,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    PrincipalElement,
    Request,
    RequestContext,
    Statement,
    authorize,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView

#: Nothing is told about a stranger's request but that it is a stranger's.
_ANY_CONTEXT = RequestContext({"aws:SecureTransport": "true"}, ("*",))

#: A condition that holds for both of two unheard-of accounts names neither.
_STRANGERS = ("999999999999", "888888888888")


def _find_everyone(view: KeyView) -> Iterator[Finding]:
    for statement in statements(view):
        named = statement.not_principal is not None or (statement.principal and statement.principal.everyone)
        if statement.effect is Effect.ALLOW and named and _admits_strangers(view, statement):
            yield Finding(
                "SK303",
                Level.WARNING,
                f"{statement.label} lets every AWS account in the world use the key",
                view.place((*statement.path, "NotPrincipal" if statement.not_principal else "Principal")),
                view.logical_id,
                (
                    f"name `AWS: {root_principal(view)}`, and let IAM policies decide",
                    "or add a condition on who asks: `StringEquals` on `kms:CallerAccount` or `aws:PrincipalOrgID`",
                ),
            )


def _admits_strangers(view: KeyView, statement: Statement) -> bool:
    """Whether a statement for everyone applies to principals that nobody here knows, for sure."""
    version = view.policy.version if view.policy else ""
    return not statement.unknown and _hold_for_strangers(statement.conditions, version, partition_of(view))


@lru_cache(maxsize=256)
def _hold_for_strangers(conditions: tuple[Condition, ...], version: str, partition: str) -> bool:
    everyone = PrincipalElement(everyone=True)
    statement = Statement(0, Effect.ALLOW, principal=everyone, action=("*",), resource=("*",), conditions=conditions)
    policies = PolicySet(resource=Policy(PolicyType.KEY, "conditions", (statement,), version))
    key = f"arn:{partition}:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    for account in _STRANGERS if conditions else ():
        stranger = Principal.from_arn(f"arn:{partition}:iam::{account}:user/Stranger")
        decision = authorize(Request(stranger, "kms:Decrypt", key, _ANY_CONTEXT), policies)
        if any(found.match is not Match.YES for found in of_key_policy(decision)):
            return False
    return True


EVERYONE = Rule(
    id="SK303",
    name="everyone",
    level=Level.WARNING,
    summary='A statement allows everyone: Principal "*" that no condition narrows, or NotPrincipal with Allow.',
    explanation="""\
The deployment passes, and the key is open to every AWS account. `Principal: "*"` in a key policy allows each
principal of the key's own account at once, whatever its IAM policies say, and each principal of any other account
whose own IAM policies allow it. `Allow` with `NotPrincipal` allows everyone who is not listed, anonymous callers
included. It makes the lockout error go away, and is never its cure.

Conditions that say who may ask are fine: `kms:CallerAccount`, `aws:PrincipalOrgID`, `aws:PrincipalArn`,
`aws:SourceAccount` and the like.

**Repair.** Name the account's root principal, or add such a condition.

AWS: [Key policies, principals](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html#key-policy-elements),
[NotPrincipal with Allow](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
""",
    bad=key_template("""\
- Sid: Allow administration of the key
  Effect: Allow
  Principal: "*"
  Action: kms:*
  Resource: "*"
"""),
    good=key_template(
        ROOT_STATEMENT
        + """\
- Sid: Allow use through Secrets Manager for the whole account
  Effect: Allow
  Principal: "*"
  Action:
    - kms:Decrypt
    - kms:GenerateDataKey*
  Resource: "*"
  Condition:
    StringEquals:
      kms:CallerAccount: !Ref AWS::AccountId
      kms:ViaService: !Sub secretsmanager.${AWS::Region}.amazonaws.com
"""
    ),
    find=_find_everyone,
)
