"""The administrator's ARN is the deployer's but for one part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.arn import Arn
from sparekey.check._finding import Finding, Level
from sparekey.check._rule import Rule
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._invalid import error, invalid
from sparekey.check.rules._lockout import Cause, Evidence, explain
from sparekey.check.rules._wording import account_of, deployer, in_style, partition_of, root_principal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView

_SSO_ROLE = "AWSReservedSSO_AdministratorAccess_0123456789abcdef"


def _administrator(arn: str) -> str:
    return (
        "- Sid: Allow administration of the key\n  Effect: Allow\n  Principal:\n"
        f'    AWS: {arn}\n  Action: kms:*\n  Resource: "*"\n'
    )


def _named(evidence: Evidence) -> str:
    """The ARN at fault; the evidence of these causes always has one."""
    return evidence.named.text if evidence.named else ""


def _account(view: KeyView, evidence: Evidence) -> tuple[str, tuple[str, ...]]:
    text = _named(evidence)
    wrong = Arn.parse(text).account
    message = f"`{text}` is in account `{wrong}`, but the key is made in account `{view.deployer.principal.account}`"
    if text.endswith(":root"):
        return message, (f"write `AWS: {root_principal(view)}`",)
    portable = in_style(view, text.replace(f":{wrong}:", ":${AWS::AccountId}:"))
    return message, (f"write `{portable}`, which is `{evidence.correct}`",)


def _find_account(view: KeyView) -> Iterator[Finding]:
    return explain(view, Cause.ACCOUNT, _account)


ACCOUNT = Rule(
    id="SK104",
    name="wrong-account",
    level=Level.ERROR,
    summary="The administrator statement names another account than the one the key is made in.",
    explanation="""\
KMS refuses the key with *The new key policy will not allow you to update the key policy in the future.*

The statement would do if its account id were right: it was copied from another environment, a variable was not set,
or the deployment runs with the credentials of another account than intended. `kms:PutKeyPolicy` is never possible
from another account, so even a correct administrator there could not manage the key.

**Repair.** Use the pseudo parameter `AWS::AccountId` in place of a written account id, and check which account the
credentials belong to (`aws sts get-caller-identity`).

AWS: [Pseudo parameters](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html),
[Allowing users in other accounts to use a KMS key](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html).
""",
    bad=key_template(_administrator("arn:aws:iam::210987654321:root")),
    good=key_template(_administrator("!Sub arn:aws:iam::${AWS::AccountId}:root")),
    find=_find_account,
    causes=("C04",),
)


def _partition_message(view: KeyView, text: str) -> tuple[str, tuple[str, ...]]:
    wrong, right = Arn.parse(text).partition, partition_of(view)
    portable = text.replace(f"arn:{wrong}:", "arn:${AWS::Partition}:", 1)
    if "AWS::AccountId" in view.template.text:
        portable = portable.replace(f":{account_of(view)}:", ":${AWS::AccountId}:")
    return (
        f"`{text}` is in partition `{wrong}`, but the key is made in partition `{right}`",
        (f"write `{in_style(view, portable)}`",),
    )


def _find_partition(view: KeyView) -> Iterator[Finding]:
    for found in invalid(view, "SK105"):
        message, hints = _partition_message(view, found.text)
        yield error(view, found, message, *hints)


PARTITION = Rule(
    id="SK105",
    name="wrong-partition",
    level=Level.ERROR,
    summary="A principal's ARN names another partition than the one the key is made in.",
    explanation="""\
KMS refuses the key: a principal of another partition cannot exist beside it.

ARNs begin with `arn:aws:` in the commercial Regions, with `arn:aws-us-gov:` in AWS GovCloud (US) and with
`arn:aws-cn:` in China. A template with `arn:aws:iam::…` written out deploys in the one and fails in the others.

**Repair.** Use the pseudo parameter `AWS::Partition` in the ARN.

AWS: [Pseudo parameters](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html),
[ARN partitions](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html).
""",
    bad=key_template(_administrator("!Sub arn:aws:iam::${AWS::AccountId}:root")),
    good=key_template(ROOT_STATEMENT),
    find=_find_partition,
    causes=("C05",),
    example_deployer="arn:aws-us-gov:iam::123456789012:user/Alice",
)


def _role_path(view: KeyView, evidence: Evidence) -> tuple[str, tuple[str, ...]]:
    return (
        f"`{_named(evidence)}` lacks the path of the role of {deployer(view)}",
        (
            f"write the full ARN `{evidence.correct}`",
            "or name the account's root principal, and narrow it by `ArnLike` on `aws:PrincipalArn`",
        ),
    )


def _find_role_path(view: KeyView) -> Iterator[Finding]:
    yield from explain(view, Cause.ROLE_PATH, _role_path)
    for found in invalid(view, "SK106"):
        if "*" in found.text or "?" in found.text:
            message = f"`{found.text}` holds a wildcard: a principal is one ARN, or `*` for everyone"
            hint = "name the account's root principal, and narrow it by `ArnLike` on `aws:PrincipalArn`"
        else:
            message = f"there is no role `{found.text}`: it lacks its path, or has another one"
            hint = f"write the role's full ARN, {_full_arn(view, found.text)}"
        yield error(view, found, message, hint)


def _full_arn(view: KeyView, text: str) -> str:
    arn = Arn.parse(text)
    known = view.snapshot.role_named(arn.account, arn.resource.rpartition("/")[2])
    if known:
        return f"`{known.arn}`"
    name = arn.resource.rpartition("/")[2]
    sso = f"{arn._replace(resource=f'role/aws-reserved/sso.amazonaws.com/REGION/{name}')}"
    return f"`{sso}`" if name.startswith("AWSReservedSSO_") else "as `aws iam get-role` shows it"


ROLE_PATH = Rule(
    id="SK106",
    name="role-path-or-wildcard",
    level=Level.ERROR,
    summary="A role's ARN lacks its path (roles of IAM Identity Center have one), or holds a wildcard.",
    explanation="""\
KMS refuses the key: the ARN names no role, or not the one that deploys.

Roles that IAM Identity Center (SSO) makes have a path:
`role/aws-reserved/sso.amazonaws.com/REGION/AWSReservedSSO_…` (without the Region if Identity Center runs in
us-east-1). The ARN of a *session* of the role does not show the path, so an ARN written from one, or from a policy
of another account, lacks it. Wildcards do not help: in a Principal element an ARN is compared as it stands, and
`role/*` is refused as an invalid principal.

**Repair.** Write the role's full ARN. Where the suffix of the role differs by account, name the account's root
principal and add a condition: `ArnLike: {aws:PrincipalArn:
arn:aws:iam::ACCOUNT:role/aws-reserved/sso.amazonaws.com/*}`.

AWS: [Referencing permission sets in resource policies](https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html),
[AWS JSON policy elements: Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
""",
    bad=key_template(_administrator(f"arn:aws:iam::123456789012:role/{_SSO_ROLE}")),
    good=key_template(
        _administrator(f"arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/{_SSO_ROLE}")
    ),
    find=_find_role_path,
    causes=("C06", "C12"),
    example_deployer=f"arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/{_SSO_ROLE}",
)


def _session(view: KeyView, evidence: Evidence) -> tuple[str, tuple[str, ...]]:
    return (
        f"`{_named(evidence)}` is another session of the role than the deployer {deployer(view)}",
        (f"name the role, `{evidence.correct}`: it covers all of its sessions",),
    )


def _find_session(view: KeyView) -> Iterator[Finding]:
    return explain(view, Cause.SESSION, _session)


SESSION = Rule(
    id="SK107",
    name="other-session",
    level=Level.ERROR,
    summary="The administrator statement names another session of the deployer's role.",
    explanation="""\
KMS refuses the key with *The new key policy will not allow you to update the key policy in the future.*

`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` covers exactly one session name. Tools that write the ARN of the
current caller into a policy (`aws sts get-caller-identity`, Terraform's `aws_caller_identity`) pass on the run that
wrote it and fail on the next one, whose session has another name.

**Repair.** Name the role, `arn:aws:iam::ACCOUNT:role/ROLE`, with its path if it has one; a role covers all of its
sessions. Terraform: `aws_iam_session_context.issuer_arn`.

AWS: [Role session principals](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-role-session).
""",
    bad=key_template(_administrator("arn:aws:sts::123456789012:assumed-role/Deploy/run-41")),
    good=key_template(_administrator("arn:aws:iam::123456789012:role/Deploy")),
    find=_find_session,
    causes=("C07",),
    example_deployer="arn:aws:sts::123456789012:assumed-role/Deploy/run-42",
)
