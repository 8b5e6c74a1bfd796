"""Texts that mean another place than the one the template is deployed to, or nothing at all."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sparekey.check._finding import Finding, Level
from sparekey.check._rule import Rule
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._questions import statements
from sparekey.check.rules._wording import in_style, partition_of
from sparekey.check.rules.principals import use_statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView
    from sparekey.policy import Statement
    from sparekey.source import Path

_SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9:.]+)\}")
_VARIABLE = re.compile(r"\$\{(?:aws|kms|sts|saml|iam|ec2):[^}]+\}", re.IGNORECASE)


class _Text(NamedTuple):
    """A text of a statement outside its principals, with the path to its element."""

    text: str
    statement: Statement
    path: Path


@lru_cache(maxsize=1)
def _texts(view: KeyView) -> tuple[_Text, ...]:
    """List the texts of actions, resources and conditions. Kept for the last view asked about."""
    return tuple(text for statement in statements(view) for text in _texts_of(statement))


def _texts_of(statement: Statement) -> Iterator[_Text]:
    elements = (
        ("Action", statement.action),
        ("NotAction", statement.not_action),
        ("Resource", statement.resource),
        ("NotResource", statement.not_resource),
        *(("Condition", condition.values) for condition in statement.conditions),
    )
    for name, texts in elements:
        for text in texts or ():
            if isinstance(text, str) and ("${" in text or text.startswith("arn:")):
                yield _Text(text, statement, (*statement.path, name))


def _find_partition(view: KeyView) -> Iterator[Finding]:
    here = partition_of(view)
    for text, statement, path in _texts(view):
        wrong = text.split(":", 2)[1] if text.startswith("arn:aws") and text.count(":") >= 5 else here
        if wrong != here and "*" not in wrong and "?" not in wrong:
            yield Finding(
                "SK304",
                Level.WARNING,
                f"`{text}` in {statement.label} is in partition `{wrong}`, so it never matches in `{here}`",
                view.place(path),
                view.logical_id,
                (f"write `{in_style(view, text.replace(f'arn:{wrong}:', 'arn:${AWS::Partition}:', 1))}`",),
            )


OTHER_PARTITION = Rule(
    id="SK304",
    name="other-partition",
    level=Level.WARNING,
    summary="A condition or resource names an ARN of another partition, so it never matches.",
    explanation="""\
The deployment passes, but the statement does not do what it says. Everything in AWS GovCloud (US) has ARNs that
begin with `arn:aws-us-gov:`, everything in China with `arn:aws-cn:`. A condition on `aws:PrincipalArn` or
`aws:SourceArn` with `arn:aws:` written out never holds there, and its negation always does.

**Repair.** Use the pseudo parameter `AWS::Partition` in the ARN.

AWS: [Pseudo parameters](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html).
""",
    bad=key_template(
        ROOT_STATEMENT
        + use_statement("logs.amazonaws.com", "Service")
        + "  Condition:\n    ArnLike:\n      aws:SourceArn: !Sub arn:aws:logs:*:${AWS::AccountId}:*\n"
    ),
    good=key_template(
        ROOT_STATEMENT
        + use_statement("logs.amazonaws.com", "Service")
        + "  Condition:\n    ArnLike:\n      aws:SourceArn: !Sub arn:${AWS::Partition}:logs:*:${AWS::AccountId}:*\n"
    ),
    find=_find_partition,
    causes=("C05",),
    example_deployer="arn:aws-us-gov:iam::123456789012:user/Alice",
)


def _find_literal(view: KeyView) -> Iterator[Finding]:
    for text, statement, path in _texts(view):
        if "${" in text and any(_named_here(view, name) for name in _SUBSTITUTION.findall(text)):
            yield Finding(
                "SK306",
                Level.WARNING,
                f"`{text}` in {statement.label} reaches KMS as it stands: nothing replaces `${{…}}` here",
                view.place(path),
                view.logical_id,
                (f"write `{in_style(view, text)}`",),
            )


def _named_here(view: KeyView, name: str) -> bool:
    """Whether ``Fn::Sub`` would replace the name: a pseudo parameter, or a parameter or resource of the template."""
    return (
        name.startswith("AWS::")
        or name in view.template.parameters
        or name.partition(".")[0] in view.template.resources
    )


LITERAL = Rule(
    id="SK306",
    name="literal-substitution",
    level=Level.WARNING,
    summary="A condition or resource holds a literal ${…}: Fn::Sub is missing.",
    explanation="""\
The deployment passes, but the statement does not do what it says. CloudFormation replaces `${AWS::AccountId}` and
its like only inside `Fn::Sub` (`!Sub`); elsewhere the text reaches KMS with the dollar sign in it, and IAM reads
`${…}` as a policy variable without a value.

**Repair.** Put `!Sub` before the text (JSON: `{"Fn::Sub": "…"}`).

AWS: [Fn::Sub](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html).
""",
    bad=key_template(
        ROOT_STATEMENT
        + use_statement("logs.amazonaws.com", "Service")
        + "  Condition:\n    StringEquals:\n      aws:SourceAccount: ${AWS::AccountId}\n"
    ),
    good=key_template(
        ROOT_STATEMENT
        + use_statement("logs.amazonaws.com", "Service")
        + "  Condition:\n    StringEquals:\n      aws:SourceAccount: !Sub ${AWS::AccountId}\n"
    ),
    find=_find_literal,
)


def _find_variable(view: KeyView) -> Iterator[Finding]:
    if view.policy is None or view.policy.version == "2012-10-17":
        return
    for text, statement, path in _texts(view):
        if found := _VARIABLE.search(text):
            yield Finding(
                "SK315",
                Level.WARNING,
                f"`{found[0]}` in {statement.label} is plain text: policy variables need `Version: 2012-10-17`",
                view.place(path),
                view.logical_id,
                ('add `Version: "2012-10-17"` to the key policy',),
            )


PLAIN_VARIABLE = Rule(
    id="SK315",
    name="variable-without-version",
    level=Level.WARNING,
    summary="A policy variable stands in a document without Version 2012-10-17, where it is plain text.",
    explanation="""\
The deployment passes, but the condition compares with the text of the variable itself. Policy variables such as
`${aws:PrincipalTag/team}` exist since version 2012-10-17 of the policy language; a document without `Version` is
read as 2008-10-17.

**Repair.** Add `Version: "2012-10-17"` to the key policy.

AWS: [Policy variables](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
""",
    bad=key_template(
        ROOT_STATEMENT
        + use_statement("arn:aws:iam::123456789012:user/Alice")
        + "  Condition:\n    StringEquals:\n      kms:EncryptionContext:user: ${aws:username}\n"
    ).replace('        Version: "2012-10-17"\n', ""),
    good=key_template(
        ROOT_STATEMENT
        + use_statement("arn:aws:iam::123456789012:user/Alice")
        + "  Condition:\n    StringEquals:\n      kms:EncryptionContext:user: ${aws:username}\n"
    ),
    find=_find_variable,
)
