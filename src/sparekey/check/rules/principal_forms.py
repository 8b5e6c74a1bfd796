"""Principals that KMS refuses for their form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check._finding import Finding, Level
from sparekey.check._rule import Rule
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._invalid import error, invalid
from sparekey.check.rules._wording import in_style
from sparekey.check.rules.principals import use_statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView

_REFUSED = "KMS refuses the key with *Policy contains a statement with one or more invalid principals.*\n\n"
_PRINCIPAL_PAGE = (
    "AWS: [AWS JSON policy elements: Principal]"
    "(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).\n"
)


def _find_group(view: KeyView) -> Iterator[Finding]:
    for found in invalid(view, "SK202"):
        yield error(
            view,
            found,
            f"`{found.text}` is a group, and a group is never a principal",
            "name the account's root principal, and attach an IAM policy with the actions to the group",
        )


GROUP = Rule(
    id="SK202",
    name="group-principal",
    level=Level.ERROR,
    summary="The key policy names an IAM group; a group is never a principal.",
    explanation=_REFUSED
    + """\
A group collects users for IAM policies; it signs no requests, so no policy can name it as a principal.

**Repair.** Delegate to the account's root principal, and attach an IAM policy with the actions to the group.

"""
    + _PRINCIPAL_PAGE,
    bad=key_template(ROOT_STATEMENT + use_statement("arn:aws:iam::123456789012:group/Developers")),
    good=key_template(ROOT_STATEMENT + use_statement("arn:aws:iam::123456789012:role/Developers")),
    find=_find_group,
    causes=("C12",),
)


def _find_unique_id(view: KeyView) -> Iterator[Finding]:
    for found in invalid(view, "SK203"):
        yield error(
            view,
            found,
            f"`{found.text}` is the unique id of a deleted user or role, not an ARN",
            "remove it, or write the ARN of the principal that took its place",
        )


UNIQUE_ID = Rule(
    id="SK203",
    name="unique-id-principal",
    level=Level.ERROR,
    summary="The key policy names a unique id (AROA…, AIDA…): what KMS shows for a deleted principal.",
    explanation=_REFUSED
    + """\
KMS stores the unique id of each user and role that a key policy names and shows the ARN in its place. When the
principal is deleted, `GetKeyPolicy` shows the bare id. A policy copied from there cannot be set again: the id names
nobody any more, also if a role of the same name was made since.

**Repair.** Remove the id, or write the ARN of the principal that took its place.

AWS: [AWS KMS: invalid principals](https://repost.aws/knowledge-center/kms-policy-error-invalid-principals).
""",
    bad=key_template(ROOT_STATEMENT + use_statement("AROAEXAMPLEEXAMPLE234")),
    good=key_template(ROOT_STATEMENT + use_statement("arn:aws:iam::123456789012:role/Orders")),
    find=_find_unique_id,
    causes=("C12",),
)


def _find_service(view: KeyView) -> Iterator[Finding]:
    for found in invalid(view, "SK204"):
        fault = found.fault
        yield error(
            view,
            found,
            f"`{found.text}` is not the name of an AWS service as a principal",
            fault.hint if fault and fault.hint else "write the service's full name, such as `logs.amazonaws.com`",
        )


SERVICE_FORM = Rule(
    id="SK204",
    name="service-principal-form",
    level=Level.ERROR,
    summary="A Service principal is not written as an AWS service's name.",
    explanation=_REFUSED
    + """\
A service principal is a DNS name: `logs.amazonaws.com`, in some services with the Region
(`logs.eu-west-1.amazonaws.com`). The short name of the service, its ARN prefix or a wildcard are refused.

**Repair.** Write the name that the service's own documentation gives.

AWS: [AWS service principals](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services).
""",
    bad=key_template(ROOT_STATEMENT + use_statement("logs", "Service")),
    good=key_template(ROOT_STATEMENT + use_statement("logs.amazonaws.com", "Service")),
    find=_find_service,
    causes=("C14",),
)


def _find_literal(view: KeyView) -> Iterator[Finding]:
    for found in invalid(view, "SK205"):
        yield error(
            view,
            found,
            f"`{found.text}` reaches KMS as it stands: nothing replaces `${{…}}` here",
            f"write `{in_style(view, found.text)}`",
        )


LITERAL_PRINCIPAL = Rule(
    id="SK205",
    name="literal-substitution-principal",
    level=Level.ERROR,
    summary="A principal holds a literal ${…}: Fn::Sub is missing.",
    explanation=_REFUSED
    + """\
CloudFormation replaces `${AWS::AccountId}` and its like only inside `Fn::Sub` (`!Sub`). Without it the text reaches
KMS with the dollar sign in it.

**Repair.** Put `!Sub` before the text (JSON: `{"Fn::Sub": "…"}`).

AWS: [Fn::Sub](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html).
""",
    bad=key_template(ROOT_STATEMENT.replace("!Sub ", "")),
    good=key_template(),
    find=_find_literal,
    causes=("C14",),
)


def _find_garbled(view: KeyView) -> Iterator[Finding]:
    for found in invalid(view, "SK208"):
        fault = found.fault
        hint = fault.hint if fault and fault.hint else "write an ARN, a 12-digit account id, or the name of a service"
        yield error(view, found, fault.message if fault else f"`{found.text}` is not a principal", hint)


GARBLED = Rule(
    id="SK208",
    name="garbled-principal",
    level=Level.ERROR,
    summary="A principal is no ARN, no account id and no service: often an ARN one colon short.",
    explanation=_REFUSED
    + """\
An ARN has six parts, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`; in the ARN of a principal the Region is
empty, so two colons follow `iam`. `arn:aws:iam:123456789012:root` is one colon short, `arn:aws::123456789012:root`
lacks `iam`. Names without an ARN, and `CanonicalUser`, are no principals for KMS either.

**Repair.** Write the ARN out, best with `!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:…` or `!GetAtt
Role.Arn`.

"""
    + _PRINCIPAL_PAGE,
    bad=key_template(ROOT_STATEMENT + use_statement("arn:aws:iam:123456789012:role/Orders")),
    good=key_template(ROOT_STATEMENT + use_statement("arn:aws:iam::123456789012:role/Orders")),
    find=_find_garbled,
    causes=("C14",),
)
