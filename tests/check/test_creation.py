"""The calls of the resource handlers: their order, and what the requests hold."""

from __future__ import annotations

import pytest

from sparekey.check import Verdict
from sparekey.check._creation import default_policy
from sparekey.check._settings import KEY, KeySettings, read_settings
from sparekey.policy import ABSENT, RequestContext
from sparekey.template import Environment
from sparekey.unknown import Unknown
from tests.check.deployments import (
    ACCOUNT,
    ALICE,
    DELEGATING,
    DEPLOY,
    EVERYTHING,
    account,
    check_key,
    document,
    iam_allow,
    key,
    replica,
    role,
    user,
)


def contexts(template: object, **options: object) -> dict[str, RequestContext]:
    calls = check_key(template, **options).calls  # type: ignore[arg-type]  # handed on as they are
    return {call.action: call.decision.request.context for call in calls}


def test_the_calls_come_in_the_handlers_order() -> None:
    template = key(DELEGATING, EnableKeyRotation=True, Enabled=False, Tags=[{"Key": "a", "Value": "b"}])
    snapshot = account(user("Alice", EVERYTHING), role("Deploy", EVERYTHING))
    report = check_key(template, role_arn=DEPLOY, iam=[snapshot])
    assert [call.action for call in report.calls] == [
        "iam:PassRole",
        "sts:AssumeRole",
        "kms:CreateKey",
        "kms:TagResource",
        "kms:PutKeyPolicy",
        "kms:EnableKeyRotation",
        "kms:DisableKey",
    ]


def test_create_key_is_asked_with_the_handlers_defaults() -> None:
    values = contexts(key(DELEGATING))["kms:CreateKey"].values
    assert values["kms:KeySpec"] == values["kms:CustomerMasterKeySpec"] == "SYMMETRIC_DEFAULT"
    assert values["kms:KeyUsage"] == values["kms:CustomerMasterKeyUsage"] == "ENCRYPT_DECRYPT"
    assert values["kms:KeyOrigin"] == "AWS_KMS"
    assert values["kms:MultiRegion"] == "false"
    assert values["kms:MultiRegionKeyType"] is ABSENT
    assert values["aws:RequestedRegion"] == "eu-west-1"
    assert not {"aws:TagKeys", "kms:BypassPolicyLockoutSafetyCheck"} & set(values)


def test_create_key_carries_the_tags_of_stack_and_key_and_the_keys_win() -> None:
    tags = [{"Key": "team", "Value": "shop"}, {"Key": "n", "Value": 1}, {"Key": "none"}]
    found = contexts(key(DELEGATING, Tags=tags), stack_tags={"team": "all", "cost": "7"})
    for action in ("kms:CreateKey", "kms:TagResource"):
        values = found[action].values
        assert values["aws:TagKeys"] == ("team", "cost", "n", "none")
        assert values["aws:RequestTag/team"] == "shop"
        assert (values["aws:RequestTag/n"], values["aws:RequestTag/none"]) == ("1", "")
    values = found["kms:PutKeyPolicy"].values
    assert values["aws:ResourceTag/cost"] == "7"
    assert "aws:RequestTag/cost" not in values


def test_tags_that_are_not_told_leave_every_tag_open() -> None:
    template = key(DELEGATING, Tags=[{"Key": {"Ref": "P"}, "Value": "x"}])
    template["Parameters"] = {"P": {"Type": "String"}}
    found = contexts(template)
    assert "aws:RequestTag/*" in found["kms:CreateKey"].unknown
    assert found["kms:CreateKey"].values["aws:TagKeys"] == Unknown(("parameter `P`",))
    assert "aws:ResourceTag/*" in found["kms:PutKeyPolicy"].unknown


def test_a_tag_that_is_not_told_leaves_every_tag_open() -> None:
    template = key(DELEGATING, Tags=[{"Key": "a", "Value": "b"}, {"Fn::ImportValue": "tag"}])
    found = contexts(template)
    assert "aws:RequestTag/*" in found["kms:CreateKey"].unknown
    assert "aws:ResourceTag/*" in found["kms:PutKeyPolicy"].unknown


@pytest.mark.parametrize(("flag", "value"), [(True, "true"), (False, "false"), ("true", "true")])
def test_the_bypass_flag_is_in_the_request_only_where_the_template_sets_it(flag: object, value: str) -> None:
    guard = document({"Effect": "Deny", "Action": "kms:CreateKey", "Resource": "*",
                      "Condition": {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}})  # fmt: skip
    template = key(DELEGATING, BypassPolicyLockoutSafetyCheck=flag)
    found = check_key(template, iam=[EVERYTHING, guard])
    assert found.calls[0].decision.request.context.values["kms:BypassPolicyLockoutSafetyCheck"] == value
    assert found.verdict is (Verdict.ACCESS_DENIED if value == "true" else Verdict.PASS)


def test_a_multi_region_primary_is_asked_as_one() -> None:
    report = check_key(key(DELEGATING, MultiRegion=True))
    request = report.calls[-1].decision.request
    assert request.context.values["kms:MultiRegion"] == "true"
    assert request.context.values["kms:MultiRegionKeyType"] == "PRIMARY"
    assert isinstance(request.resource, Unknown)
    assert request.resource.pieces == (f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/mrk-", None)


def test_an_open_multi_region_leaves_its_kind_open() -> None:
    template = key(DELEGATING, MultiRegion={"Ref": "P"})
    template["Parameters"] = {"P": {"Type": "String"}}
    values = contexts(template)["kms:CreateKey"].values
    assert values["kms:MultiRegionKeyType"] == values["kms:MultiRegion"] == Unknown(("parameter `P`",))


def test_no_policy_can_name_the_new_key() -> None:
    named = iam_allow("kms:CreateKey")
    existing = {"Effect": "Allow", "Action": "kms:PutKeyPolicy",
                "Resource": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"}  # fmt: skip
    any_key = {**existing, "Resource": f"arn:aws:kms:*:{ACCOUNT}:key/*"}
    assert check_key(key(DELEGATING), iam=[named, document(existing)]).verdict is Verdict.LOCKOUT
    assert check_key(key(DELEGATING), iam=[named, document(any_key)]).verdict is Verdict.PASS


def test_key_arns_do_not_cover_create_key() -> None:
    scoped = document({"Effect": "Allow", "Action": "kms:*", "Resource": f"arn:aws:kms:*:{ACCOUNT}:key/*"})
    report = check_key(key(DELEGATING), iam=[scoped])
    assert report.verdict is Verdict.ACCESS_DENIED


def test_rotation_is_asked_with_its_period() -> None:
    values = contexts(key(DELEGATING, EnableKeyRotation=True))["kms:EnableKeyRotation"].values
    assert values["kms:RotationPeriodInDays"] == "365"
    values = contexts(key(DELEGATING, EnableKeyRotation=True, RotationPeriodInDays=180))["kms:EnableKeyRotation"].values
    assert values["kms:RotationPeriodInDays"] == "180"


def test_a_replica_is_asked_for_in_the_primarys_region() -> None:
    found = contexts(replica(DELEGATING))
    values = found["kms:ReplicateKey"].values
    assert (values["aws:RequestedRegion"], values["kms:ReplicaRegion"]) == ("us-west-2", "eu-west-1")
    assert values["kms:MultiRegionKeyType"] == "PRIMARY"
    assert found["kms:CreateKey"].values["kms:MultiRegionKeyType"] == "REPLICA"
    assert isinstance(found["kms:CreateKey"].values["kms:KeySpec"], Unknown)


@pytest.mark.parametrize("primary", [{"Ref": "P"}, "mrk-1", "arn:aws:kms::123456789012:key/mrk-1"])
def test_a_primary_that_is_not_told_leaves_its_region_open(primary: object) -> None:
    template = replica(DELEGATING, PrimaryKeyArn=primary)
    template["Parameters"] = {"P": {"Type": "String"}}
    assert isinstance(contexts(template)["kms:ReplicateKey"].values["aws:RequestedRegion"], Unknown)


def test_a_disabled_replica_needs_disable_key() -> None:
    assert "kms:DisableKey" in contexts(replica(DELEGATING, Enabled=False))


def test_the_default_policy_delegates_to_the_account_and_is_made_once() -> None:
    policy = default_policy("aws", ACCOUNT)
    assert policy is default_policy("aws", ACCOUNT)
    assert not policy.faults
    assert [statement.sid for statement in policy.statements] == ["Enable IAM User Permissions"]


# settings


def test_a_key_without_properties_has_the_handlers_defaults() -> None:
    settings = read_settings(KEY, None, {})
    assert settings == KeySettings(KEY)
    assert (settings.tagged, settings.asymmetric_or_external, settings.operation) == (False, False, "CreateKey")


def test_settings_that_are_not_told_are_unknown() -> None:
    unknown = Unknown(("x",))
    assert KeySettings(KEY, tags=unknown).tagged == unknown
    assert KeySettings(KEY, key_spec=unknown).asymmetric_or_external == unknown
    assert KeySettings(KEY, key_spec=unknown, origin="EXTERNAL").asymmetric_or_external is True


@pytest.mark.parametrize(
    ("properties", "calls"),
    [
        ({"Tags": "x"}, "property `Tags`"),
        ({"Tags": [{"Key": ["x"]}]}, "property `Tags`"),
        ({"KeySpec": ["x"]}, "property `KeySpec`"),
    ],
)
def test_a_setting_of_a_wrong_type_is_taken_as_not_told(properties: dict[str, object], calls: str) -> None:
    values = contexts(key(DELEGATING, **properties))["kms:CreateKey"].values
    assert Unknown((calls,)) in values.values()


def test_one_tag_needs_no_list() -> None:
    values = contexts(key(DELEGATING, Tags={"Key": "a", "Value": "b"}))["kms:CreateKey"].values
    assert values["aws:RequestTag/a"] == "b"


def test_passing_the_role_is_a_call_of_the_caller_itself() -> None:
    snapshot = account(user("Alice", EVERYTHING), role("Deploy", EVERYTHING))
    context = contexts(key(DELEGATING), role_arn=DEPLOY, iam=[snapshot])["iam:PassRole"]
    assert context.values["iam:PassedToService"] == "cloudformation.amazonaws.com"
    assert context.values["aws:ViaAWSService"] == "false"


def test_a_deny_of_pass_role_is_certain_even_where_the_rest_is_not_told() -> None:
    guard = document({"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"})
    report = check_key(key(DELEGATING), role_arn=DEPLOY, scp=[guard])
    assert report.verdict is Verdict.ACCESS_DENIED
    assert report.call is not None
    assert report.call.action == "iam:PassRole"
    assert report.deciding_statement is not None


def test_without_a_region_the_new_keys_arn_leaves_it_open() -> None:
    request = check_key(key(DELEGATING), environment=Environment()).calls[-1].decision.request
    assert isinstance(request.resource, Unknown)
    assert request.resource.pieces == ("arn:aws:kms:", None, f":{ACCOUNT}:key/", None)
    assert request.principal.arn == ALICE
