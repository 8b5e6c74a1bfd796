"""The key policy has no administrator statement for the deployer, or one that does not suffice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check._finding import Finding, Level
from sparekey.check._rule import Rule
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._lockout import Cause, Evidence, explain
from sparekey.check.rules._questions import named_principals
from sparekey.check.rules._wording import deployer, lasting_arn, listed, root_principal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView

_USE_STATEMENT = """\
- Sid: Allow use of the key
  Effect: Allow
  Principal:
    AWS: arn:aws:iam::123456789012:user/Bob
  Action:
    - kms:Encrypt
    - kms:Decrypt
    - kms:ReEncrypt*
    - kms:GenerateDataKey*
    - kms:DescribeKey
  Resource: "*"
"""


def _no_administrator(view: KeyView, evidence: Evidence) -> tuple[str, tuple[str, ...]]:
    statement = evidence.statement
    if statement is None:
        message = f"no statement of the key policy allows `kms:PutKeyPolicy` to {deployer(view)}"
    else:
        names = listed([named.text for named in named_principals(statement)]) or "other principals"
        message = f"{statement.label} lets {names} change the key policy, but not the deployer {deployer(view)}"
    return message, (
        f"add a statement that allows `kms:*` on `*` to `AWS: {root_principal(view)}`: IAM policies then decide",
        f"or name `{lasting_arn(view)}` in a statement that allows at least `kms:PutKeyPolicy`",
    )


def _find_no_administrator(view: KeyView) -> Iterator[Finding]:
    return explain(view, Cause.NO_ADMINISTRATOR, _no_administrator)


NO_ADMINISTRATOR = Rule(
    id="SK101",
    name="no-administrator",
    level=Level.ERROR,
    summary="No administrator statement of the key policy covers the deployer.",
    explanation="""\
KMS refuses the key with *The new key policy will not allow you to update the key policy in the future.*

When a key policy is given to `CreateKey`, KMS asks whether the caller could call `kms:PutKeyPolicy` under the new
policy. Nobody has rights on a key that its policy does not give: not its creator, not an administrator of the
account, not the root user. The caller is the principal that CloudFormation makes the key with: whoever created the
stack, or the stack's service role.

**Repair.** Add a statement that lets the account's root principal (`arn:aws:iam::ACCOUNT:root`) call `kms:*`; it
delegates to the account's IAM policies. Or name the deployer itself in a statement with at least
`kms:PutKeyPolicy`.

AWS: [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html),
[CreateKey, parameter Policy](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html).
""",
    bad=key_template(
        """\
- Sid: Allow administration of the key
  Effect: Allow
  Principal:
    AWS: arn:aws:iam::123456789012:user/Carol
  Action: kms:*
  Resource: "*"
"""
        + _USE_STATEMENT
    ),
    good=key_template(ROOT_STATEMENT + _USE_STATEMENT),
    find=_find_no_administrator,
    causes=("C01",),
)


def _incomplete(view: KeyView, evidence: Evidence) -> tuple[str, tuple[str, ...]]:
    statement = evidence.statement
    label = statement.label if statement else "the statement"
    reason = f": {evidence.examined.reason}" if evidence.examined else ""
    if "Resource" in evidence.path or "NotResource" in evidence.path:
        return (
            f"{label} covers {deployer(view)}, but its Resource is not this key{reason}",
            ('write `Resource: "*"`: in a key policy it means this key',),
        )
    return (
        f"{label} covers {deployer(view)}, but does not allow `kms:PutKeyPolicy`{reason}",
        ("add `kms:PutKeyPolicy` to its actions, or `kms:Put*`",),
    )


def _find_incomplete(view: KeyView) -> Iterator[Finding]:
    return explain(view, Cause.INCOMPLETE_ADMINISTRATOR, _incomplete)


INCOMPLETE_ADMINISTRATOR = Rule(
    id="SK102",
    name="incomplete-administrator",
    level=Level.ERROR,
    summary="The administrator statement lacks kms:PutKeyPolicy, or its Resource is not this key.",
    explanation="""\
KMS refuses the key with *The new key policy will not allow you to update the key policy in the future.*

The statement names the deployer (or the account that delegates to it), but the safety check asks for one action,
`kms:PutKeyPolicy`, on the new key. A list of actions without it does not pass, however long it is. Neither does a
statement whose `Resource` is something else than the key: the key has no ARN yet that a template could name, and in
a key policy `"*"` means *this key*.

**Repair.** Add `kms:PutKeyPolicy` (or `kms:Put*`) to the statement's actions; write `Resource: "*"`.

AWS: [Allows key administrators to administer the KMS key](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators),
[Elements in a key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html#key-policy-elements).
""",
    bad=key_template("""\
- Sid: Allow administration of the key
  Effect: Allow
  Principal:
    AWS: arn:aws:iam::123456789012:user/Alice
  Action:
    - kms:Describe*
    - kms:Enable*
    - kms:Disable*
    - kms:Get*
    - kms:List*
    - kms:ScheduleKeyDeletion
    - kms:CancelKeyDeletion
  Resource: "*"
"""),
    good=key_template("""\
- Sid: Allow administration of the key
  Effect: Allow
  Principal:
    AWS: arn:aws:iam::123456789012:user/Alice
  Action:
    - kms:Describe*
    - kms:Enable*
    - kms:Disable*
    - kms:Get*
    - kms:List*
    - kms:Put*
    - kms:ScheduleKeyDeletion
    - kms:CancelKeyDeletion
  Resource: "*"
"""),
    find=_find_incomplete,
    causes=("C02",),
)
