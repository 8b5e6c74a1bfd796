"""A key policy that lets anybody in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.check._finding import Finding, Level
from sparekey.check._rule import Rule
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._questions import of_key_policy, only, statements
from sparekey.check.rules._wording import account_of, partition_of, root_principal
from sparekey.policy import (
    Effect,
    Match,
    Policy,
    PolicySet,
    Principal,
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


def _find_everyone(view: KeyView) -> Iterator[Finding]:
    for statement in statements(view):
        element = statement.principal
        open_to_all = (element is not None and element.everyone) or statement.not_principal is not None
        if (
            view.policy
            and statement.effect is Effect.ALLOW
            and open_to_all
            and _admits_stranger(view, view.policy, statement)
        ):
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


def _admits_stranger(view: KeyView, policy: Policy, statement: Statement) -> bool:
    """Whether a statement applies to a principal of an account that nobody here knows, for sure."""
    if not statement.conditions and not statement.unknown:
        return True
    stranger = Principal.from_arn(f"arn:{partition_of(view)}:iam::{_stranger_account(view)}:user/Stranger")
    action = next((text for text in statement.action or () if isinstance(text, str) and "*" not in text), "kms:Decrypt")
    key = f"arn:{partition_of(view)}:kms:us-east-1:{account_of(view)}:key/00000000-0000-0000-0000-000000000000"
    request = Request(stranger, action, key, _ANY_CONTEXT)
    statement = replace(statement, action=(action,), not_action=None, resource=("*",), not_resource=None)
    decision = authorize(request, PolicySet(resource=only(policy, statement)))
    return any(found.match is Match.YES for found in of_key_policy(decision))


def _stranger_account(view: KeyView) -> str:
    return next(account for account in ("999999999999", "888888888888") if account not in view.template.text)


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
