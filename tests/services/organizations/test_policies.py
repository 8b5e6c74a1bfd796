from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.services.account import ACCOUNT, allow, deny, refused
from tests.services.organizations.an_organization import RCP, SCP, an_organization

if TYPE_CHECKING:
    import pytest

MALFORMED = "The provided policy document does not meet the requirements of the specified policy type."


def test_a_policy_is_created_described_listed_changed_and_deleted() -> None:
    organization = an_organization()
    made = organization.calls.create_policy(content=deny("s3:*"), description="no buckets", name="no-s3", type=SCP)
    summary = made["Policy"]["PolicySummary"]
    assert summary == {
        "Id": summary["Id"],
        "Arn": (
            f"arn:aws:organizations::{ACCOUNT}:policy/{organization.organization_id}/service_control_policy/"
            f"{summary['Id']}"
        ),
        "Name": "no-s3",
        "Description": "no buckets",
        "Type": SCP,
        "AwsManaged": False,
    }
    assert made["Policy"]["Content"] == deny("s3:*")
    assert organization.calls.describe_policy(policy_id=summary["Id"]) == made
    listed = organization.calls.list_policies(filter=SCP)["Policies"]
    assert {each["Name"]: each["AwsManaged"] for each in listed} == {"no-s3": False, "FullAWSAccess": True}
    changed = organization.calls.update_policy(policy_id=summary["Id"], name="none", description="", content=deny("*"))
    assert changed["Policy"]["PolicySummary"] == {**summary, "Name": "none", "Description": ""}
    assert changed["Policy"]["Content"] == deny("*")
    organization.calls.delete_policy(policy_id=summary["Id"])
    with refused("PolicyNotFoundException", "You specified a policy that doesn't exist."):
        organization.calls.describe_policy(policy_id=summary["Id"])


def test_names_are_unique_within_a_type() -> None:
    organization = an_organization(SCP, RCP)
    first = organization.policy(deny("s3:*"), "one")
    second = organization.policy(deny("s3:*"), "two")
    taken = "A policy with the specified name and type already exists."
    with refused("DuplicatePolicyException", taken):
        organization.policy(deny("s3:*"), "one")
    with refused("DuplicatePolicyException", taken):
        organization.policy(deny("s3:*"), "FullAWSAccess")
    with refused("DuplicatePolicyException", taken):
        organization.calls.update_policy(policy_id=second, name="one")
    organization.calls.update_policy(policy_id=first, name="one")
    organization.policy(_everyone("s3:GetObject"), "one", RCP)


def _everyone(action: str) -> str:
    return json.dumps({"Statement": {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}})


def test_a_resource_control_policy_is_stored_with_a_version_and_a_list_of_statements() -> None:
    organization = an_organization(RCP)
    policy = organization.policy(_everyone("s3:GetObject"), kind=RCP)
    content = organization.calls.describe_policy(policy_id=policy)["Policy"]["Content"]
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    assert json.loads(content) == {"Version": "2008-10-17", "Statement": [statement]}
    whole = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    organization.calls.update_policy(policy_id=policy, content=whole)
    assert organization.calls.describe_policy(policy_id=policy)["Policy"]["Content"] == whole


def test_documents_must_fit_their_type() -> None:
    organization = an_organization()
    cases = [
        (SCP, "{"),
        (SCP, _everyone("s3:GetObject")),
        (RCP, allow("s3:GetObject")),
        ("TAG_POLICY", "[]"),
        ("TAG_POLICY", "{"),
        ("TAG_POLICY", '{"plans": {}}'),
        ("SECURITYHUB_POLICY", '"no object"'),
    ]
    for kind, content in cases:
        with refused("MalformedPolicyDocumentException", MALFORMED):
            organization.policy(content, kind=kind)
    policy = organization.policy(deny("*"))
    with refused("MalformedPolicyDocumentException", MALFORMED):
        organization.calls.update_policy(policy_id=policy, content="{}")


def test_documents_have_a_largest_size() -> None:
    organization = an_organization()
    with refused("ConstraintViolationException", "You have exceeded the maximum policy size.") as caught:
        organization.policy(json.dumps({"services": {"default": "x" * 2500}}), kind="AISERVICES_OPT_OUT_POLICY")
    assert caught.value.members["Reason"] == "POLICY_CONTENT_LIMIT_EXCEEDED"
    with refused("ConstraintViolationException"):
        organization.policy(deny("*").ljust(10_241))


def test_policies_are_bounded_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparekey.services.organizations.policies.MOST", {SCP: 1})
    organization = an_organization()
    organization.policy(deny("*"), "one")
    with refused("ConstraintViolationException") as caught:
        organization.policy(deny("*"), "two")
    assert caught.value.members["Reason"] == "POLICY_NUMBER_LIMIT_EXCEEDED"


def test_what_aws_manages_cannot_be_changed() -> None:
    organization = an_organization(SCP, RCP)
    described = organization.calls.describe_policy(policy_id="p-FullAWSAccess")["Policy"]["PolicySummary"]
    assert described["Arn"] == "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
    assert described["AwsManaged"] is True
    for operation in ("update_policy", "delete_policy"):
        with refused("InvalidInputException") as caught:
            getattr(organization.calls, operation)(policy_id="p-FullAWSAccess")
        assert caught.value.members["Reason"] == "IMMUTABLE_POLICY"
    with refused("InvalidInputException") as caught:
        organization.calls.detach_policy(policy_id="p-RCPFullAWSAccess", target_id=organization.root_id)
    assert caught.value.members["Reason"] == "NON_DETACHABLE_POLICY"


def test_the_last_service_control_policy_stays() -> None:
    organization = an_organization()
    with refused(
        "ConstraintViolationException",
        "You cannot remove the last policy attached to the specified target. You must have at least one attached at "
        "all times.",
    ) as caught:
        organization.calls.detach_policy(policy_id="p-FullAWSAccess", target_id=organization.root_id)
    assert caught.value.members["Reason"] == "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    organization.attached(allow("iam:*"), organization.root_id)
    organization.calls.detach_policy(policy_id="p-FullAWSAccess", target_id=organization.root_id)


def test_five_service_control_policies_can_be_attached_to_one_target() -> None:
    organization = an_organization()
    for number in range(4):
        organization.attached(deny("s3:*"), organization.root_id, f"p{number}")
    with refused(
        "ConstraintViolationException", "You have attached the maximum number of policies to the specified target."
    ) as caught:
        organization.attached(deny("s3:*"), organization.root_id, "p5")
    assert caught.value.members["Reason"] == "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"


def test_attaching_names_what_is_wrong() -> None:
    organization = an_organization()
    policy = organization.attached(deny("s3:*"), organization.root_id)
    with refused("DuplicatePolicyAttachmentException"):
        organization.calls.attach_policy(policy_id=policy, target_id=organization.root_id)
    with refused("PolicyNotFoundException"):
        organization.calls.attach_policy(policy_id="p-12345678", target_id=organization.root_id)
    for target in ("111122223333", "r-none", "ou-none-12345678"):
        with refused("TargetNotFoundException", "You specified a target that doesn't exist."):
            organization.calls.attach_policy(policy_id=policy, target_id=target)
    with refused("PolicyNotAttachedException"):
        organization.calls.detach_policy(policy_id=policy, target_id=ACCOUNT)
    tags = organization.policy('{"tags": {}}', kind="TAG_POLICY")
    with refused("PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types."):
        organization.calls.attach_policy(policy_id=tags, target_id=organization.root_id)


def test_a_policy_is_deleted_when_it_is_attached_to_nothing() -> None:
    organization = an_organization()
    unit, member = organization.unit("unit"), organization.member()
    policy = organization.attached(deny("s3:*"), organization.root_id)
    for target in (unit, member):
        organization.calls.attach_policy(policy_id=policy, target_id=target)
    own = organization.organization_id
    prefix = f"arn:aws:organizations::{ACCOUNT}"
    targets = organization.calls.list_targets_for_policy(policy_id=policy)["Targets"]
    assert {each["TargetId"]: (each["Type"], each["Name"], each["Arn"]) for each in targets} == {
        organization.root_id: ("ROOT", "Root", f"{prefix}:root/{own}/{organization.root_id}"),
        unit: ("ORGANIZATIONAL_UNIT", "unit", f"{prefix}:ou/{own}/{unit}"),
        member: ("ACCOUNT", "dev", f"{prefix}:account/{own}/{member}"),
    }
    with refused("PolicyInUseException"):
        organization.calls.delete_policy(policy_id=policy)
    for target in (organization.root_id, unit, member):
        organization.calls.detach_policy(policy_id=policy, target_id=target)
    organization.calls.delete_policy(policy_id=policy)
    with refused("PolicyNotFoundException"):
        organization.calls.list_targets_for_policy(policy_id=policy)


def test_attaching_is_authorized_for_the_policy_and_for_the_target() -> None:
    organization = an_organization()
    policy = organization.policy(deny("s3:*"))
    arn = organization.calls.describe_policy(policy_id=policy)["Policy"]["PolicySummary"]["Arn"]
    ann = organization.account.signed_in("ann", allow("organizations:AttachPolicy", arn))
    with refused("AccessDenied") as caught:
        ann.organizations.attach_policy(policy_id=policy, target_id=organization.root_id)
    assert f":root/{organization.organization_id}/{organization.root_id} because" in caught.value.message


def test_the_type_of_a_policy_is_a_condition_key() -> None:
    organization = an_organization(SCP, RCP)
    only = {"StringEquals": {"organizations:PolicyType": RCP}}
    ann = organization.account.signed_in("ann", allow("organizations:*", "*", **only))
    ann.organizations.list_policies(filter=RCP)
    with refused("AccessDenied"):
        ann.organizations.list_policies(filter=SCP)
    policy = organization.policy(deny("s3:*"))
    with refused("AccessDenied"):
        ann.organizations.attach_policy(policy_id=policy, target_id=organization.root_id)
    with refused("AccessDenied"):
        ann.organizations.create_policy(content=deny("*"), description="", name="x", type=SCP)
