"""Principals that do not exist, or not yet, or only in some accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check._finding import Finding, Level, Verdict
from sparekey.check._rule import Given, Rule
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._invalid import assumed, error, invalid
from sparekey.check.rules._questions import named_principals, statements
from sparekey.check.rules._scalars import scalars
from sparekey.template import UnknownValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView
    from sparekey.template import Concrete

#: An account in which Alice is an administrator, and nobody else exists.
_ALICE_ALONE = """\
{"UserDetailList": [{"Path": "/", "UserName": "Alice", "UserId": "AIDAEXAMPLEALICE",
    "Arn": "arn:aws:iam::123456789012:user/Alice", "GroupList": [], "AttachedManagedPolicies": [],
    "UserPolicyList": [{"PolicyName": "All", "PolicyDocument": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}]}],
 "GroupDetailList": [], "RoleDetailList": [], "Policies": []}"""


def use_statement(principal: str, key: str = "AWS") -> str:
    """A statement that lets a principal use the key."""
    return (
        "- Sid: Allow use of the key\n  Effect: Allow\n  Principal:\n"
        f"    {key}: {principal}\n  Action:\n    - kms:Encrypt\n    - kms:Decrypt\n    - kms:GenerateDataKey*\n"
        '  Resource: "*"\n'
    )


def _find_missing(view: KeyView) -> Iterator[Finding]:
    for found in invalid(view, "SK112"):
        kind = "user" if ":user/" in found.text else "role"
        hints = [f"create the {kind} first, or correct its ARN (its path belongs to it)"]
        if "/aws-service-role/" in found.text:
            hints = [
                "make the service-linked role in the template, with `AWS::IAM::ServiceLinkedRole`, and `DependsOn` it"
            ]
        elif "/cdk-" in found.text:
            hints = ["bootstrap that account and Region first: `cdk bootstrap aws://ACCOUNT/REGION`"]
        elif kind == "role":
            hints.append("for a role that the template makes write `!GetAtt Role.Arn`, which keeps the path")
        yield error(view, found, f"there is no {kind} `{found.text}`", *hints)


MISSING_PRINCIPAL = Rule(
    id="SK112",
    name="missing-principal",
    level=Level.ERROR,
    summary="A principal in the key policy does not exist.",
    explanation="""\
KMS refuses the key with *Policy contains a statement with one or more invalid principals.*

Every user and role that a key policy names must exist when the policy is set, in any statement, also in one that
has nothing to do with the administration of the key. KMS translates the ARN into the principal's unique id; a role
that was deleted and made again is another principal. The usual cases: a service-linked role in an account where the
service was never used, a role of another stack that is not deployed yet, the path left out of the ARN, a CDK role
of an account that was not bootstrapped.

**Repair.** Make the principal first, or correct its ARN. `!GetAtt Role.Arn` keeps the path of a role made in the
same template; `AWS::IAM::ServiceLinkedRole` makes a service-linked role.

`check` knows which principals exist from `--iam`; without it their existence is an assumption, and is listed as
one.

AWS: [Key policies, principals](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html),
[AWS KMS: invalid principals](https://repost.aws/knowledge-center/kms-policy-error-invalid-principals).
""",
    bad=key_template(ROOT_STATEMENT + use_statement("arn:aws:iam::123456789012:role/Orders")),
    good=key_template(ROOT_STATEMENT + use_statement("arn:aws:iam::123456789012:user/Alice")),
    bad_given=Given(iam=_ALICE_ALONE),
    good_given=Given(iam=_ALICE_ALONE),
    find=_find_missing,
    causes=("C12",),
)


#: What makes a principal.
_MAKERS = ("AWS::IAM::Role", "AWS::IAM::User")


def _find_fresh(view: KeyView) -> Iterator[Finding]:
    for element, scalar in scalars(view):
        if element != "Condition" and (what := _made_now(view, scalar)):
            yield Finding(
                "SK113",
                Level.NOTE,
                f"the key policy names {what}, which the same deployment makes moments before",
                scalar.place,
                view.logical_id,
                (
                    "deploy the role in an earlier stack; `DependsOn` alone does not cure it",
                    "if the deployment fails with `invalid principals`, wait a minute and run it again",
                ),
            )


def _made_now(view: KeyView, scalar: Concrete | UnknownValue) -> str | None:
    """Name the user or role that this template makes and a scalar stands for."""
    if scalar.resource is not None:
        made = view.template.resources.get(scalar.resource)
        return f"`{scalar.resource}`" if made and made.type in _MAKERS else None
    if isinstance(scalar, UnknownValue) and scalar.unknown.fresh:
        return f"a principal ({', '.join(scalar.unknown.hangs_on)})"
    return None


FRESH_PRINCIPAL = Rule(
    id="SK113",
    name="fresh-principal",
    level=Level.NOTE,
    summary="The key policy names a role that the same deployment makes moments before.",
    explanation="""\
The deployment may fail with *Policy contains a statement with one or more invalid principals*, and pass when it is
run again.

IAM is eventually consistent: a role that was made a moment ago may not be visible to KMS yet, and KMS then refuses
the key policy that names it. `!GetAtt Role.Arn` and `DependsOn` put the role before the key, but do not wait for
KMS to see it. Clients that call KMS themselves retry for up to two minutes; CloudFormation's handler does not.

**Repair.** Make the role in a stack that is deployed earlier. Or let the key policy name only the account's root
principal, and give the role its permissions in an IAM policy, which is not checked for existence.

AWS: [Troubleshooting IAM: changes are not always immediately visible](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency),
[CreateKey, parameter Policy](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html).
""",
    bad=key_template(
        ROOT_STATEMENT + use_statement("!GetAtt Orders.Arn"),
        resources="""\
Orders:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: lambda.amazonaws.com
          Action: sts:AssumeRole
""",
    ),
    good=key_template(
        ROOT_STATEMENT,
        resources="""\
Orders:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: lambda.amazonaws.com
          Action: sts:AssumeRole
    Policies:
      - PolicyName: UseOrdersKey
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: [kms:Encrypt, kms:Decrypt]
              Resource: !GetAtt OrdersKey.Arn
""",
    ),
    find=_find_fresh,
    causes=("C13",),
)


def _find_service_linked(view: KeyView) -> Iterator[Finding]:
    if view.verdict is Verdict.INVALID_PRINCIPAL:
        return
    for statement in statements(view):
        for named in named_principals(statement):
            if "/aws-service-role/" in named.text and assumed(view, named.text) and not _made_here(view, named.text):
                yield Finding(
                    "SK313",
                    Level.WARNING,
                    f"{statement.label} names `{named.text}`, a service-linked role that a fresh account lacks",
                    view.place(named.path),
                    view.logical_id,
                    (
                        "make it in the template with `AWS::IAM::ServiceLinkedRole`, or use the service once first",
                        "give `--iam` with the account's principals, and the check knows",
                    ),
                )


def _made_here(view: KeyView, text: str) -> bool:
    """Whether the template makes a service-linked role for the service in the role's path."""
    service = text.split("/aws-service-role/", 1)[1].split("/", 1)[0]
    return any(
        resource.type == "AWS::IAM::ServiceLinkedRole" and service in view.template.text
        for resource in view.template.resources.values()
    )


SERVICE_LINKED_ROLE = Rule(
    id="SK313",
    name="service-linked-role",
    level=Level.WARNING,
    summary="The key policy names a service-linked role, which a fresh account does not have.",
    explanation="""\
In an account where the service was never used the deployment fails with *Policy contains a statement with one or
more invalid principals.*

A service-linked role (`…:role/aws-service-role/SERVICE/AWSServiceRoleFor…`) is made when the service is first used,
or by `iam:CreateServiceLinkedRole`. A key policy that names one passes in old accounts and fails in new ones. It is
the commonest missing principal in the reports from the field, mostly of Auto Scaling.

**Repair.** Make the role in the template, with `AWS::IAM::ServiceLinkedRole`, and let the key `DependsOn` it. Where
the role may exist already, make it beside the template (`aws iam create-service-linked-role`).

AWS: [Required KMS key policy for encrypted volumes (Auto Scaling)](https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html),
[AWS::IAM::ServiceLinkedRole](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-servicelinkedrole.html).
""",
    bad=key_template(
        ROOT_STATEMENT
        + use_statement(
            "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
        )
    ),
    good=key_template(
        ROOT_STATEMENT
        + use_statement(
            "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
        ),
        resources="""\
AutoScalingRole:
  Type: AWS::IAM::ServiceLinkedRole
  Properties:
    AWSServiceName: autoscaling.amazonaws.com
""",
    ),
    find=_find_service_linked,
    causes=("C12",),
)
