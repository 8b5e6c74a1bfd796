"""Statements, or parts of them, that KMS stores and that never do anything."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sparekey.catalog._kms import CROSS_ACCOUNT_ACTIONS, KMS_ACTIONS
from sparekey.check._finding import Finding, Level
from sparekey.check._rule import Rule
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._lockout import Cause, diagnose
from sparekey.check.rules._questions import covers, named_principals, statements
from sparekey.check.rules._wording import account_of
from sparekey.check.rules.documents import faults
from sparekey.check.rules.principals import use_statement
from sparekey.policy import Effect, FaultCode, Match, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView

_ORDERS = "arn:aws:iam::123456789012:role/Orders"


def _find_without_effect(view: KeyView) -> Iterator[Finding]:
    yield from faults(view, FaultCode.WITHOUT_EFFECT, "SK308", Level.WARNING)
    explained = diagnose(view)
    for statement in statements(view):
        if not statement.resource or "*" in statement.resource:
            continue
        if explained and explained.cause is Cause.INCOMPLETE_ADMINISTRATOR and explained.statement is statement:
            continue
        if all(isinstance(text, str) for text in statement.resource) and not _is_this_key(view, statement):
            yield Finding(
                "SK308",
                Level.WARNING,
                f"the Resource of {statement.label} is not this key, so the statement has no effect",
                view.place((*statement.path, "Resource")),
                view.logical_id,
                ('write `Resource: "*"`: in a key policy it means this key',),
            )


def _is_this_key(view: KeyView, statement: Statement) -> bool:
    return covers(view, replace(statement, action=("kms:*",), not_action=None), "kms:DescribeKey", maybe=True)


WITHOUT_EFFECT = Rule(
    id="SK308",
    name="statement-without-effect",
    level=Level.WARNING,
    summary="A statement can never apply: it has no Action or no Resource, or its Resource is not this key.",
    explanation="""\
The deployment passes, and the statement does nothing. KMS accepts a key policy statement without `Action` or
without `Resource`, and one whose `Resource` is the ARN of something else; such a statement has no effect. In a key
policy `Resource: "*"` means *this key*. An AWS notice says that from 18 August 2025 such statements are rejected;
the API reference still says that they are accepted.

**Repair.** Add the missing element; write `Resource: "*"`.

AWS: [Elements in a key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html#key-policy-elements).
""",
    bad=key_template(
        ROOT_STATEMENT
        + use_statement(_ORDERS).replace(
            'Resource: "*"', "Resource: arn:aws:dynamodb:eu-west-1:123456789012:table/Orders"
        )
    ),
    good=key_template(ROOT_STATEMENT + use_statement(_ORDERS)),
    find=_find_without_effect,
    causes=("C02", "C14"),
)


#: Actions are told of one by one up to here. Looking for the nearest one is slow, and whoever has mended two hundred
#: will check again.
_MOST_FOUND = 200


def _find_unknown_action(view: KeyView) -> Iterator[Finding]:
    found = 0
    for statement in statements(view):
        name = "Action" if statement.action is not None else "NotAction"
        for text in statement.action or statement.not_action or ():
            if isinstance(text, str) and not _known(text.lower()) and _well_formed(text):
                found += 1
                if found > _MOST_FOUND:
                    return
                near = nearest_action(text)
                yield Finding(
                    "SK309",
                    Level.WARNING,
                    f"there is no action `{text}` on a KMS key, so {statement.label} does nothing with it",
                    view.place((*statement.path, name)),
                    view.logical_id,
                    (f"did you mean `{near}`?",) if near else (),
                )


def _well_formed(text: str) -> bool:
    """Whether it is written like an action; what is not, the parser remarks on."""
    service, colon, action = text.partition(":")
    return bool(colon and service.replace("-", "").isalnum() and action.replace("*", "").replace("?", "").isalnum())


@lru_cache(maxsize=1024)
def _known(pattern: str) -> bool:
    """Whether a lower-cased action pattern covers any action of KMS."""
    if pattern in KMS_ACTIONS or pattern in ("*", "kms:*"):
        return True
    if "*" not in pattern and "?" not in pattern:
        return False
    from sparekey.policy import compile_actions

    matches = compile_actions((pattern,))
    return any(matches(action) is Match.YES for action in KMS_ACTIONS)


def nearest_action(text: str) -> str | None:
    """The action of KMS that a text that names none may have meant."""
    if text.lower() == "kms:reencrypt":
        return "kms:ReEncrypt*"
    from difflib import get_close_matches

    near = get_close_matches(text.lower(), KMS_ACTIONS, n=1, cutoff=0.75)
    return KMS_ACTIONS[near[0]] if near else None


UNKNOWN_ACTION = Rule(
    id="SK309",
    name="unknown-action",
    level=Level.WARNING,
    summary="An action in the key policy is not one of KMS.",
    explanation="""\
The deployment passes, and the action does nothing. KMS does not check the names of actions: a misspelt one, one of
another service, or the name of a condition key is stored as it stands. The usual one is `kms:ReEncrypt`: the API
operation is authorized as `kms:ReEncryptFrom` and `kms:ReEncryptTo`, so write `kms:ReEncrypt*`.

**Repair.** Correct the name.

AWS: [Actions, resources, and condition keys for AWS KMS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html).
""",
    bad=key_template(ROOT_STATEMENT + use_statement(_ORDERS).replace("kms:Decrypt", "kms:ReEncrypt")),
    good=key_template(ROOT_STATEMENT + use_statement(_ORDERS).replace("kms:Decrypt", "kms:ReEncrypt*")),
    find=_find_unknown_action,
    causes=("C14",),
)


def _find_across_accounts(view: KeyView) -> Iterator[Finding]:
    account = account_of(view)
    for statement in statements(view):
        if statement.effect is not Effect.ALLOW or not statement.principal or statement.principal.service:
            continue
        arns = [named.arn for named in named_principals(statement)]
        if len(arns) != len(statement.principal.aws) or not arns:
            continue
        if all(arn.account != account for arn in arns) and not _usable_across(view, statement):
            yield Finding(
                "SK305",
                Level.WARNING,
                f"{statement.label} gives another account only actions that work within the key's own account",
                view.place((*statement.path, "Principal")),
                view.logical_id,
                ("name a principal of the key's own account, or leave the statement out",),
            )


def _usable_across(view: KeyView, statement: Statement) -> bool:
    return any(covers(view, statement, f"kms:{name}", maybe=True) for name in CROSS_ACCOUNT_ACTIONS)


ACROSS_ACCOUNTS = Rule(
    id="SK305",
    name="administration-across-accounts",
    level=Level.WARNING,
    summary="A statement gives another account only actions that work within the key's own account.",
    explanation="""\
The deployment passes, and the statement does nothing. Principals of another account can use a key (encrypt,
decrypt, sign, make grants, describe it), but not administer it: `kms:PutKeyPolicy`, `kms:ScheduleKeyDeletion`,
`kms:TagResource` and their like never work across accounts. Often the account id is simply the wrong one.

**Repair.** Name a principal of the account that owns the key (`AWS::AccountId`).

AWS: [Allowing users in other accounts to use a KMS key](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html).
""",
    bad=key_template(
        ROOT_STATEMENT
        + """\
- Sid: Allow administration of the key
  Effect: Allow
  Principal:
    AWS: arn:aws:iam::210987654321:role/KeyAdministrators
  Action:
    - kms:PutKeyPolicy
    - kms:ScheduleKeyDeletion
  Resource: "*"
"""
    ),
    good=key_template(ROOT_STATEMENT + use_statement("arn:aws:iam::210987654321:role/Readers")),
    find=_find_across_accounts,
    causes=("C04",),
)
