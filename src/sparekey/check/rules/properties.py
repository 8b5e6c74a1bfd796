"""Properties of the key, and scalars that CloudFormation reads otherwise than people do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.check._creation import Plan
from sparekey.check._event import ROTATION, primary_in
from sparekey.check._finding import Finding, Level
from sparekey.check._rule import Rule
from sparekey.check._settings import REPLICA, read_settings
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._scalars import scalars
from sparekey.check.rules.principals import use_statement
from sparekey.template import Concrete, MapValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.check._view import KeyView


def _find_rotation(view: KeyView) -> Iterator[Finding]:
    if not isinstance(view.properties, MapValue) or "EnableKeyRotation" not in view.properties.items:
        return
    if not view.properties.items.keys() & {"KeySpec", "Origin"}:
        return
    settings = read_settings(view.resource.type, view.properties, {})
    if settings.rotation is True and settings.asymmetric_or_external is True:
        kind = f"`Origin: {settings.origin}`" if settings.key_spec == "SYMMETRIC_DEFAULT" else f"`{settings.key_spec}`"
        yield Finding(
            "SK311",
            Level.ERROR,
            f"rotation is asked for a key with {kind}, which cannot rotate: {ROTATION.rstrip('.')}",
            view.properties.key_places["EnableKeyRotation"],
            view.logical_id,
            ("leave `EnableKeyRotation` out, or set it to `false`",),
        )


ROTATION_REFUSED = Rule(
    id="SK311",
    name="rotation-refused",
    level=Level.ERROR,
    summary="Automatic rotation is asked for an asymmetric, HMAC or external key.",
    explanation="""\
CloudFormation refuses the resource before it calls KMS: *You cannot set the EnableKeyRotation property to true on
asymmetric or external keys.*

Automatic rotation exists for symmetric encryption keys whose key material KMS made (`KeySpec: SYMMETRIC_DEFAULT`,
`Origin: AWS_KMS`).

**Repair.** Leave `EnableKeyRotation` out.

AWS: [Rotate AWS KMS keys](https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html),
[AWS::KMS::Key](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html).
""",
    bad=key_template(properties="KeySpec: RSA_2048\nKeyUsage: SIGN_VERIFY\nEnableKeyRotation: true\n"),
    good=key_template(properties="KeySpec: RSA_2048\nKeyUsage: SIGN_VERIFY\nEnableKeyRotation: false\n"),
    find=_find_rotation,
)


def _find_number(view: KeyView) -> Iterator[Finding]:
    for element, scalar in scalars(view):
        if isinstance(scalar, Concrete) and _reads_as_number(scalar, strict=element == "Condition"):
            yield Finding(
                "SK312",
                Level.WARNING,
                f"the account id `{scalar.text}` is not quoted, so CloudFormation reads a number",
                scalar.place,
                view.logical_id,
                (f'quote it: "{scalar.text}"', "better, where it is the stack's own account: `!Ref AWS::AccountId`"),
            )


def _reads_as_number(scalar: Concrete, *, strict: bool) -> bool:
    """Whether a scalar looks like an account id and is a number; ``strict``: one whose leading zeros get lost."""
    text = scalar.text
    if len(text) != 12 or not text.isdigit() or scalar.resource is not None:
        return False
    leading = scalar.reads_as is not None
    return leading or (not strict and isinstance(scalar.value, int))


ACCOUNT_NUMBER = Rule(
    id="SK312",
    name="account-id-as-number",
    level=Level.WARNING,
    summary="An account id is not quoted, so CloudFormation reads a number.",
    explanation="""\
YAML reads twelve bare digits as a number. CloudFormation then passes a number on, without leading zeros: the
account `012345678901` becomes `12345678901`, or another number altogether where the digits read as octal.

**Repair.** Quote account ids everywhere; use `AWS::AccountId` for the stack's own account.

AWS: [AWS JSON policy elements: Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts).
""",
    bad=key_template(ROOT_STATEMENT + use_statement("012345678901")),
    good=key_template(ROOT_STATEMENT + use_statement('"012345678901"')),
    find=_find_number,
    causes=("C04",),
)


def _replica(region: str) -> str:
    """Write a template with a replica of a key of ``region``."""
    arn = f"arn:${{AWS::Partition}}:kms:{region}:${{AWS::AccountId}}:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    template = key_template(properties=f"PrimaryKeyArn: !Sub {arn}\n")
    return template.replace("AWS::KMS::Key", "AWS::KMS::ReplicaKey")


def _find_replica(view: KeyView) -> Iterator[Finding]:
    if view.resource.type != REPLICA or not isinstance(view.properties, MapValue):
        return
    plan = Plan(view.deployer, view.environment, read_settings(view.resource.type, view.properties, {}))
    if plan.beside_primary:
        yield Finding(
            "SK316",
            Level.ERROR,
            f"the primary key is in the Region of the stack: {primary_in(view.environment.region).rstrip('.')}",
            view.properties.items["PrimaryKeyArn"].place,
            view.logical_id,
            ("make the replica in a stack of another Region",),
        )


REPLICA_REFUSED = Rule(
    id="SK316",
    name="replica-beside-primary",
    level=Level.ERROR,
    summary="A replica key is to be made in the Region of its primary key.",
    explanation="""\
KMS refuses to replicate a key into its own Region: *us-east-1 cannot have a replica because it contains the primary.*
A stack makes its resources in one Region, so a replica never belongs into the template of its primary key.

The finding is made where the Region of the primary key is told: its ARN names the Region of the stack (`--region`),
or is put together with `AWS::Region`, or is that of a key of the same template.

**Repair.** Make the replica in a stack of another Region, and give it the ARN of the primary key as a parameter.

AWS: [ReplicateKey](https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html).
""",
    bad=_replica("${AWS::Region}"),
    good=_replica("us-west-2"),
    find=_find_replica,
)
