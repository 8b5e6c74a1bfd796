"""What KMS refuses in the document as a whole, and what it accepts although it is garbled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.check._finding import Finding, Level
from sparekey.check._rule import Rule
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules.principals import use_statement
from sparekey.policy import FaultCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView

_ELEMENTS_PAGE = (
    "AWS: [Elements in a key policy]"
    "(https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html#key-policy-elements).\n"
)


def faults(view: KeyView, code: FaultCode, rule: str, level: Level, *hints: str) -> Iterator[Finding]:
    """Turn the parser's faults of one kind into findings; ``hints`` stand in where the parser gives none."""
    for fault in view.policy.faults if view.policy else ():
        if fault.code is code:
            place = fault.place or view.place(fault.path)
            yield Finding(rule, level, fault.message, place, view.logical_id, (fault.hint,) if fault.hint else hints)


def _find_malformed(view: KeyView) -> Iterator[Finding]:
    return faults(view, FaultCode.MALFORMED, "SK114", Level.ERROR)


MALFORMED = Rule(
    id="SK114",
    name="malformed-document",
    level=Level.ERROR,
    summary="The key policy is not a policy document: an element is missing, misspelt or of the wrong type.",
    explanation="""\
KMS refuses the key with `MalformedPolicyDocumentException`, which carries no text; CloudFormation shows *CreateKey
failed due to MalformedPolicyDocumentException*.

A policy document has `Version` (`2012-10-17`), perhaps `Id`, and `Statement`. A statement has `Effect` (`Allow` or
`Deny`, with a capital), `Principal`, `Action`, `Resource`, perhaps `Sid` and `Condition`. Anything else is refused:
an unknown element, an operator that does not exist, a list where a mapping belongs. Typographic quotation marks and
a missing brace are common in policies that were copied from a web page.

**Repair.** Correct what the finding points at; each fault of the document has its own finding.

"""
    + _ELEMENTS_PAGE,
    bad=key_template(ROOT_STATEMENT.replace("Effect: Allow", "Effect: allow")),
    good=key_template(),
    find=_find_malformed,
    causes=("C14",),
)


def _find_no_principal(view: KeyView) -> Iterator[Finding]:
    return faults(
        view,
        FaultCode.NO_PRINCIPAL,
        "SK201",
        Level.ERROR,
        "say whom the statement is about: in a key policy every statement needs a Principal",
    )


NO_PRINCIPAL = Rule(
    id="SK201",
    name="no-principal",
    level=Level.ERROR,
    summary="A statement of the key policy has no principal, or an empty list of them.",
    explanation="""\
KMS refuses the key with *Policy contains a statement with no principal.*

An identity policy belongs to a user or role and has no `Principal`; a key policy belongs to a key, and each of its
statements must say whom it is about. An empty list counts as none: a `!Ref` to an empty parameter makes one.

**Repair.** Add the `Principal`, or leave the statement out (`Fn::If` with `AWS::NoValue`) when there is nobody.

"""
    + _ELEMENTS_PAGE,
    bad=key_template(
        ROOT_STATEMENT
        + """\
- Sid: Allow use of the key
  Effect: Allow
  Action: kms:Decrypt
  Resource: "*"
"""
    ),
    good=key_template(ROOT_STATEMENT + use_statement("arn:aws:iam::123456789012:role/Orders")),
    find=_find_no_principal,
    causes=("C14",),
)


def _find_too_large(view: KeyView) -> Iterator[Finding]:
    return faults(
        view,
        FaultCode.TOO_LARGE,
        "SK206",
        Level.ERROR,
        "put principals that need the same actions into one statement, or give them IAM policies instead",
    )


def _large() -> str:
    lines = "".join(
        f"      - arn:aws:iam::123456789012:role/tenants/tenant-number-{number:04}\n" for number in range(700)
    )
    return use_statement("\n" + lines.rstrip("\n"))


TOO_LARGE = Rule(
    id="SK206",
    name="policy-too-large",
    level=Level.ERROR,
    summary="The key policy is larger than 32 KB.",
    explanation="""\
KMS refuses the key with `LimitExceededException`.

A key policy document may have 32 KB (32,768 bytes), and the quota cannot be raised. It is the JSON that reaches KMS
that counts, with every value filled in.

**Repair.** Join statements that differ in their principals only; delegate to the account's root principal and give
the principals IAM policies; use grants for principals that come and go; or a condition such as `aws:PrincipalOrgID`
or `aws:PrincipalTag/…` in place of a long list.

AWS: [Resource quotas](https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html).
""",
    bad=key_template(ROOT_STATEMENT + _large()),
    good=key_template(),
    find=_find_too_large,
)


def _find_overly_permissive(view: KeyView) -> Iterator[Finding]:
    for finding in faults(view, FaultCode.OVERLY_PERMISSIVE_CONDITION, "SK207", Level.ERROR):
        yield replace(
            finding,
            message="KMS refuses `ForAllValues` with a single-valued condition key: it holds where the key is missing",
            hints=("remove `ForAllValues:` from the operator",),
        )


OVERLY_PERMISSIVE = Rule(
    id="SK207",
    name="overly-permissive-condition",
    level=Level.ERROR,
    summary="A condition uses ForAllValues with a single-valued key, which KMS refuses.",
    explanation="""\
KMS refuses the key with *Using the ForAllValues set operator with a single-valued condition key matches requests
without the specified [encryption context or tag] or with an unspecified [encryption context or tag]. To fix, remove
ForAllValues.*

`ForAllValues:` holds when there is nothing to compare, so a request without the encryption context would pass. KMS
refuses it for `kms:EncryptionContext:…`, `aws:RequestTag/…` and `aws:ResourceTag/…`.

**Repair.** Use the plain operator: these keys have one value.

AWS: [AWS KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html).
""",
    bad=key_template(
        ROOT_STATEMENT
        + use_statement("arn:aws:iam::123456789012:role/Orders")
        + "  Condition:\n    ForAllValues:StringEquals:\n      kms:EncryptionContext:department: orders\n"
    ),
    good=key_template(
        ROOT_STATEMENT
        + use_statement("arn:aws:iam::123456789012:role/Orders")
        + "  Condition:\n    StringEquals:\n      kms:EncryptionContext:department: orders\n"
    ),
    find=_find_overly_permissive,
)


def _find_suspicious(view: KeyView) -> Iterator[Finding]:
    for finding in faults(view, FaultCode.SUSPICIOUS, "SK314", Level.WARNING):
        if "${" not in finding.message:  # text that is not filled in has rules of its own, SK306 and SK315
            yield finding


SUSPICIOUS = Rule(
    id="SK314",
    name="suspicious-text",
    level=Level.WARNING,
    summary="KMS accepts this text in the key policy, but it can hardly be meant.",
    explanation="""\
KMS checks neither action names nor resources nor values of conditions, so a slip there is stored without a word,
and the statement then does not do what it says: `kms=Decrypt`, two actions in one string, a typographic quotation
mark or another look-alike character.

**Repair.** Correct the text.

"""
    + _ELEMENTS_PAGE,
    bad=key_template(
        ROOT_STATEMENT + use_statement("arn:aws:iam::123456789012:role/Orders").replace("kms:Decrypt", "kms=Decrypt")
    ),
    good=key_template(ROOT_STATEMENT + use_statement("arn:aws:iam::123456789012:role/Orders")),
    find=_find_suspicious,
    causes=("C14",),
)
