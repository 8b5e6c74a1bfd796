"""Verdicts, key by key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

import sparekey.check
from sparekey.check import Finding, Level, Rule, Verdict
from sparekey.check._event import INVALID_PRINCIPALS, LOCKOUT, NO_PRINCIPAL
from sparekey.errors import InputError
from sparekey.policy import Outcome
from sparekey.template import Environment
from tests.check.deployments import (
    ACCOUNT,
    ALICE,
    DELEGATING,
    DEPLOY,
    EVERYTHING,
    ROOT,
    SESSION,
    account,
    check,
    check_key,
    document,
    iam_allow,
    key,
    replica,
    role,
    statement,
    user,
)

if TYPE_CHECKING:
    from sparekey.check import KeyReport

CREATE_ONLY = iam_allow("kms:CreateKey")
BOB = f"arn:aws:iam::{ACCOUNT}:user/Bob"


def calls_of(template: object) -> list[tuple[str, str]]:
    return [(call.action, call.decision.outcome.value) for call in check_key(template).calls]


# the golden vectors of AWS's behaviour


def test_the_default_policy_text_passes_for_an_administrator() -> None:
    report = check_key(key(DELEGATING))
    assert report.verdict is Verdict.PASS
    assert report.message == f"KMS accepts the key policy: `{ALICE}` may change it in the future"
    assert report.deciding_statement is not None
    assert report.deciding_statement.label == "statement 1"
    assert report.deciding_statement.policy == "the key policy of `Key`"
    assert report.event is None


def test_the_default_policy_text_locks_out_who_may_only_create_keys() -> None:
    report = check_key(key(DELEGATING), iam=[CREATE_ONLY])
    assert report.verdict is Verdict.LOCKOUT
    assert report.message == f"KMS refuses the key policy: `{ALICE}` could not change it in the future"
    assert report.event is not None
    assert LOCKOUT in report.event
    assert report.call is not None
    assert report.call.action == "kms:PutKeyPolicy"
    assert report.call.reason == (
        f"User: {ALICE} is not authorized to perform: kms:PutKeyPolicy on resource: "
        f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/<key-id> because no identity-based policy allows the kms:PutKeyPolicy "
        "action"
    )


def test_without_a_key_policy_who_may_only_create_keys_passes() -> None:
    report = check_key(key(), iam=[CREATE_ONLY])
    assert report.verdict is Verdict.PASS
    assert report.message.endswith("KMS gives it the default key policy and checks nothing")
    assert [call.action for call in report.calls] == ["kms:CreateKey"]


def test_a_bypassed_check_passes_and_says_so() -> None:
    report = check_key(key(DELEGATING, BypassPolicyLockoutSafetyCheck=True), iam=[CREATE_ONLY])
    assert report.verdict is Verdict.PASS
    assert report.message.endswith("the lockout safety check is bypassed")
    assert [call.action for call in report.calls] == ["kms:CreateKey"]


def test_naming_the_caller_is_enough_although_iam_is_silent() -> None:
    assert check_key(key(document(statement(ALICE, "kms:Put*"))), iam=[CREATE_ONLY]).verdict is Verdict.PASS


def test_naming_another_administrator_locks_the_caller_out() -> None:
    report = check_key(key(document(statement(f"arn:aws:iam::{ACCOUNT}:user/Bob"))))
    assert report.verdict is Verdict.LOCKOUT
    assert report.deciding_statement is None


def test_an_exact_session_passes_and_another_session_of_the_role_does_not() -> None:
    template = key(document(statement(SESSION)))
    assert check_key(template, SESSION).verdict is Verdict.PASS
    assert check_key(template, SESSION.replace("alice", "bob")).verdict is Verdict.LOCKOUT


def test_a_deny_of_everyone_locks_out_and_is_the_deciding_statement() -> None:
    deny = statement("*", "kms:PutKeyPolicy", "Deny", Sid="Frozen")
    report = check_key(key(document(statement(ROOT), deny)))
    assert report.verdict is Verdict.LOCKOUT
    assert report.deciding_statement is not None
    assert (report.deciding_statement.label, report.deciding_statement.effect) == ("`Frozen`", "Deny")
    assert report.deciding_statement.place is not None
    assert report.deciding_statement.place.file == "template"


def test_a_deny_by_iam_locks_out() -> None:
    deny = document({"Sid": "NoPut", "Effect": "Deny", "Action": "kms:PutKeyPolicy", "Resource": "*"})
    report = check_key(key(document(statement(ALICE))), iam=[EVERYTHING, deny])
    assert report.verdict is Verdict.LOCKOUT
    assert report.deciding_statement is not None
    assert report.deciding_statement.policy == "`iam1.json`"
    assert report.deciding_statement.place is not None
    assert str(report.deciding_statement.place).startswith("iam1.json:1:")


def test_an_mfa_condition_locks_out_a_service_role() -> None:
    guarded = statement(ROOT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    snapshot = account(user("Alice", EVERYTHING), role("Deploy", EVERYTHING))
    assert check_key(key(document(guarded)), role_arn=DEPLOY, iam=[snapshot]).verdict is Verdict.LOCKOUT


def test_an_mfa_condition_leaves_a_user_undecided_until_the_context_tells() -> None:
    guarded = key(document(statement(ROOT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})))
    report = check_key(guarded)
    assert report.verdict is Verdict.UNDECIDED
    assert any("aws:MultiFactorAuthPresent" in name for name in report.hangs_on)
    assert check_key(guarded, context={"aws:MultiFactorAuthPresent": "true"}).verdict is Verdict.PASS
    assert check_key(guarded, context={"aws:multifactorauthpresent": "false"}).verdict is Verdict.LOCKOUT


def test_a_resource_that_is_not_the_key_locks_out() -> None:
    other = {**statement(ROOT), "Resource": f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/x"}
    assert check_key(key(document(other))).verdict is Verdict.LOCKOUT


def test_a_group_is_no_principal() -> None:
    report = check_key(key(document(statement(ROOT), statement(f"arn:aws:iam::{ACCOUNT}:group/Admins"))))
    assert report.verdict is Verdict.INVALID_PRINCIPAL
    assert report.event is not None
    assert INVALID_PRINCIPALS in report.event
    assert report.deciding_statement is not None
    assert report.deciding_statement.label == "statement 2"


def test_a_statement_without_a_principal_is_refused_in_aws_words() -> None:
    bare = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    report = check_key(key(document(statement(ROOT), bare)))
    assert report.verdict is Verdict.NO_PRINCIPAL
    assert report.event is not None
    assert NO_PRINCIPAL in report.event


def test_a_statement_without_an_action_alone_locks_out_and_is_not_malformed() -> None:
    inert = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Resource": "*"}
    assert check_key(key(document(inert))).verdict is Verdict.LOCKOUT
    assert check_key(key(document(inert, statement(ROOT)))).verdict is Verdict.PASS


def test_a_malformed_document_has_an_event_without_a_message() -> None:
    report = check_key(key({"Version": "2012-10-17", "Statement": [{**statement(ROOT), "Effect": "Permit"}]}))
    assert report.verdict is Verdict.MALFORMED
    assert report.event is not None
    assert "CreateKey failed due to MalformedPolicyDocumentException" in report.event


def test_a_condition_that_is_overly_permissive_is_refused() -> None:
    condition = {"ForAllValues:StringEquals": {"kms:EncryptionContext:app": "x"}}
    report = check_key(key(document(statement(ROOT), statement(ROOT, Condition=condition))))
    assert report.verdict is Verdict.MALFORMED
    assert report.event is not None
    assert "OverlyPermissiveCondition: Using the ForAllValues set operator" in report.event


def test_a_document_of_more_than_32_kb_is_too_large() -> None:
    large = document(*(statement(ROOT, Sid=f"S{number}-{'x' * 300}") for number in range(100)))
    report = check_key(key(large))
    assert report.verdict is Verdict.TOO_LARGE
    assert report.event is not None
    assert "HandlerErrorCode: ServiceLimitExceeded" in report.event


def test_who_may_not_create_keys_is_denied_access() -> None:
    report = check_key(key(DELEGATING), iam=[iam_allow("kms:PutKeyPolicy")])
    assert report.verdict is Verdict.ACCESS_DENIED
    assert report.message == f"`{ALICE}` is not allowed `kms:CreateKey`"
    assert report.event is not None
    assert "Access denied for operation 'CreateKey'." in report.event


def test_the_root_user_needs_a_statement_for_the_account() -> None:
    assert check_key(key(DELEGATING), ROOT, iam=[]).verdict is Verdict.PASS
    assert check_key(key(document(statement(ALICE))), ROOT, iam=[]).verdict is Verdict.LOCKOUT


def test_a_service_control_policy_may_lock_out() -> None:
    guard = document({"Sid": "Guard", "Effect": "Deny", "Action": "kms:PutKeyPolicy", "Resource": "*"})
    report = check_key(key(DELEGATING), scp=[guard])
    assert report.verdict is Verdict.LOCKOUT
    assert report.deciding_statement is not None
    assert report.deciding_statement.policy_type == "service control policy"


# order: what AWS refuses first decides


def test_a_refusal_that_comes_first_decides_and_later_calls_are_kept() -> None:
    report = check_key(key(document(statement(f"arn:aws:iam::{ACCOUNT}:user/Bob"))), iam=[iam_allow("kms:TagResource")])
    assert report.verdict is Verdict.ACCESS_DENIED
    assert [(call.action, call.decision.outcome) for call in report.calls] == [
        ("kms:CreateKey", Outcome.IMPLICIT_DENY),
        ("kms:PutKeyPolicy", Outcome.IMPLICIT_DENY),
    ]


def test_a_lockout_is_certain_whatever_the_identity_policies_say() -> None:
    report = check_key(key(document(statement(f"arn:aws:iam::{ACCOUNT}:user/Bob"))), iam=[])
    assert report.verdict is Verdict.LOCKOUT


def test_a_malformed_document_is_certain_whatever_the_identity_policies_say() -> None:
    assert check_key(key({"Statement": "x"}), iam=[]).verdict is Verdict.MALFORMED


def test_what_is_said_of_principals_comes_before_the_lockout() -> None:
    policy = document(statement(f"arn:aws:iam::{ACCOUNT}:user/Nobody"))
    report = check_key(key(policy), iam=[account(user("Alice", EVERYTHING))])
    assert report.verdict is Verdict.INVALID_PRINCIPAL
    assert report.message == (
        f"KMS refuses the key policy: `arn:aws:iam::{ACCOUNT}:user/Nobody` is not among the users and roles of account "
        f"{ACCOUNT}"
    )
    assert report.calls[-1].action == "kms:PutKeyPolicy"


# calls


def test_tags_need_tag_resource_in_iam() -> None:
    tags = [{"Key": "team", "Value": "shop"}]
    allowed = iam_allow("kms:CreateKey", "kms:PutKeyPolicy")
    report = check_key(key(DELEGATING, Tags=tags), iam=[allowed])
    assert report.verdict is Verdict.ACCESS_DENIED
    assert report.event is not None
    assert "UnauthorizedTaggingOperation" in report.event
    granted = iam_allow("kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource")
    assert check_key(key(DELEGATING, Tags=tags), iam=[granted]).verdict is Verdict.PASS


def test_tagging_is_not_granted_by_the_new_key_policy() -> None:
    named = document(statement(ALICE))
    report = check_key(key(named, Tags=[{"Key": "a", "Value": "b"}]), iam=[CREATE_ONLY])
    assert report.verdict is Verdict.ACCESS_DENIED
    assert report.call is not None
    assert report.call.action == "kms:TagResource"


def test_tags_of_the_stack_reach_the_key() -> None:
    report = check_key(key(DELEGATING), iam=[iam_allow("kms:CreateKey", "kms:PutKeyPolicy")], stack_tags={"cost": "1"})
    assert report.verdict is Verdict.ACCESS_DENIED
    assert [call.action for call in report.calls] == ["kms:CreateKey", "kms:TagResource", "kms:PutKeyPolicy"]


def test_rotation_is_decided_by_the_new_key_policy() -> None:
    named = document(statement(ALICE, "kms:Put*"))
    report = check_key(key(named, EnableKeyRotation=True))
    assert report.verdict is Verdict.ACCESS_DENIED
    assert report.message == (
        f"`{ALICE}` is not allowed `kms:EnableKeyRotation` by the key policy of the new key, so the rotation it asks "
        "for fails and the key is rolled back"
    )
    assert report.event is not None
    assert "Access denied for operation 'EnableKeyRotation'." in report.event
    wider = document(statement(ALICE, ["kms:Put*", "kms:Enable*"]))
    assert check_key(key(wider, EnableKeyRotation="true")).verdict is Verdict.PASS


def test_a_disabled_key_needs_disable_key() -> None:
    named = document(statement(ALICE, "kms:Put*"))
    assert check_key(key(named, Enabled=False)).call.action == "kms:DisableKey"  # type: ignore[union-attr]  # denied
    assert calls_of(key(named, Enabled=True)) == [("kms:CreateKey", "allowed"), ("kms:PutKeyPolicy", "allowed")]


def test_rotation_of_a_key_without_a_policy_is_decided_by_the_default_policy() -> None:
    assert check_key(key(EnableKeyRotation=True), iam=[CREATE_ONLY]).verdict is Verdict.ACCESS_DENIED
    allowed = iam_allow("kms:CreateKey", "kms:EnableKeyRotation")
    assert check_key(key(EnableKeyRotation=True), iam=[allowed]).verdict is Verdict.PASS


@pytest.mark.parametrize("properties", [{"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, {"Origin": "EXTERNAL"}])
def test_rotation_of_an_asymmetric_or_external_key_is_refused_by_the_handler(properties: dict[str, object]) -> None:
    report = check_key(key(DELEGATING, EnableKeyRotation=True, **properties))
    assert report.verdict is Verdict.NOT_CREATED
    assert report.event is not None
    assert "You cannot set the EnableKeyRotation property to true on asymmetric or external keys." in report.event


@pytest.mark.parametrize("policy", ["", " ", '{"Statement": [{"AWS": "arn:<partition>:iam::<account-id>:root"}]}'])
def test_an_empty_policy_and_the_schemas_default_count_as_none(policy: str) -> None:
    report = check_key(key(policy), iam=[CREATE_ONLY])
    assert report.verdict is Verdict.PASS
    assert [call.action for call in report.calls] == ["kms:CreateKey"]


def test_a_key_without_properties_is_checked() -> None:
    assert check_key({"Resources": {"Key": {"Type": "AWS::KMS::Key"}}}).verdict is Verdict.PASS


# key policies as text


def test_a_policy_as_json_text_knows_its_places_in_a_block_scalar() -> None:
    template = f"""\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: |

        {{"Version": "2012-10-17",
         "Statement": [
           {{"Effect": "Allow", "Principal": {{"AWS": "{ALICE}"}},
            "Action": "kms:*", "Resource": "*"}}
         ]}}
"""
    statement = check_key(template).deciding_statement
    assert statement is not None
    assert str(statement.place) == "template:9:12"


def test_a_policy_as_text_that_is_not_json_is_called_that() -> None:
    report = check_key(key("not json"))
    assert report.verdict is Verdict.MALFORMED
    assert "the key policy is a text that is not JSON: expected a value, found `not`" in report.message


def test_a_policy_as_json_text_on_one_line_stands_where_the_text_begins() -> None:
    text = json.dumps(document(statement(ALICE)))
    found = check_key(f"Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: '{text}'\n")
    assert found.verdict is Verdict.PASS
    assert found.deciding_statement is not None
    assert str(found.deciding_statement.place) == "template:5:18"


def test_text_that_is_no_json_is_malformed() -> None:
    assert check_key(key("{")).verdict is Verdict.MALFORMED


# service roles


def test_the_service_role_decides_and_the_caller_must_pass_it() -> None:
    snapshot = account(user("Alice", iam_allow("iam:PassRole")), role("Deploy", EVERYTHING))
    report = check_key(key(document(statement(DEPLOY))), role_arn=DEPLOY, iam=[snapshot])
    assert report.verdict is Verdict.PASS
    assert [call.action for call in report.calls] == [
        "iam:PassRole",
        "sts:AssumeRole",
        "kms:CreateKey",
        "kms:PutKeyPolicy",
    ]
    assert report.message == f"KMS accepts the key policy: `{DEPLOY}` may change it in the future"


def test_a_caller_who_may_not_pass_the_role_is_denied_before_anything_else() -> None:
    snapshot = account(user("Alice", iam_allow("cloudformation:*")), role("Deploy", EVERYTHING))
    report = check_key(key(document(statement(ALICE))), role_arn=DEPLOY, iam=[snapshot])
    assert report.verdict is Verdict.ACCESS_DENIED
    assert report.message == f"`{ALICE}` is not allowed `iam:PassRole` on the service role `{DEPLOY}`"
    assert report.event == (
        f"User: {ALICE} is not authorized to perform: iam:PassRole on resource: {DEPLOY} because no identity-based "
        "policy allows the iam:PassRole action"
    )
    assert report.hints == (f"allow `iam:PassRole` on `{DEPLOY}` to `{ALICE}`",)


def test_the_root_user_may_pass_any_role() -> None:
    report = check_key(key(DELEGATING), ROOT, role_arn=DEPLOY, iam=[account(role("Deploy", EVERYTHING))])
    assert report.verdict is Verdict.PASS
    assert report.calls[0].decision.allowed


def test_passing_a_role_for_another_service_only_is_denied() -> None:
    for_lambda = iam_allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})
    snapshot = account(user("Alice", for_lambda), role("Deploy", EVERYTHING))
    assert check_key(key(DELEGATING), role_arn=DEPLOY, iam=[snapshot]).verdict is Verdict.ACCESS_DENIED


def test_a_role_that_does_not_trust_cloudformation_cannot_be_assumed() -> None:
    snapshot = account(user("Alice", EVERYTHING), role("Deploy", EVERYTHING, service="lambda.amazonaws.com"))
    report = check_key(key(DELEGATING), role_arn=DEPLOY, iam=[snapshot])
    assert report.verdict is Verdict.ACCESS_DENIED
    assert report.event == f"Role {DEPLOY} is invalid or cannot be assumed"
    assert report.hints == (
        "let the service `cloudformation.amazonaws.com` call `sts:AssumeRole` in the role's trust policy",
    )


def test_a_role_that_does_not_exist_cannot_be_assumed() -> None:
    report = check_key(key(DELEGATING), role_arn=DEPLOY, iam=[account(user("Alice", EVERYTHING))])
    assert report.event == f"Role {DEPLOY} is invalid or cannot be assumed"
    assert report.message.endswith("it does not exist")


def test_without_a_snapshot_passing_and_trust_are_assumptions() -> None:
    report = check_key(key(DELEGATING), role_arn=DEPLOY)
    assert report.verdict is Verdict.PASS
    assert f"`{ALICE}` may pass `{DEPLOY}` (`iam:PassRole`; give `--iam`)" in report.assumptions
    assert f"`{DEPLOY}` trusts `cloudformation.amazonaws.com` (give `--iam`)" in report.assumptions


def test_a_trust_policy_for_one_stack_hangs_on_the_stacks_name() -> None:
    trust = document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudformation.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/shop/*"}},
        }
    )
    snapshot = account(user("Alice", EVERYTHING), role("Deploy", EVERYTHING, AssumeRolePolicyDocument=trust))
    template = key(DELEGATING)
    report = check_key(template, role_arn=DEPLOY, iam=[snapshot])
    assert report.verdict is Verdict.UNDECIDED
    assert any("--stack-name" in name for name in report.hangs_on)
    for name, verdict in (("shop", Verdict.PASS), ("other", Verdict.ACCESS_DENIED)):
        environment = Environment(region="eu-west-1", stack_name=name)
        assert check_key(template, role_arn=DEPLOY, iam=[snapshot], environment=environment).verdict is verdict


# replica keys


def test_a_replica_key_is_checked_with_its_own_policy() -> None:
    report = check_key(replica(DELEGATING))
    assert report.verdict is Verdict.PASS
    assert [call.action for call in report.calls] == ["kms:ReplicateKey", "kms:CreateKey", "kms:PutKeyPolicy"]
    assert f"the primary key is there, and its key policy lets `{ALICE}` call `kms:ReplicateKey`" in report.assumptions


OWN_ARN = f"arn:aws:kms:${{AWS::Region}}:{ACCOUNT}:key/${{Primary}}"
PRIMARY = {"Primary": {"Type": "AWS::KMS::Key", "Properties": {"MultiRegion": True, "KeyPolicy": DELEGATING}}}


def beside(primary: object) -> dict[str, object]:
    """A template with a primary key and a replica, named `Key`, of `primary`."""
    template = replica(DELEGATING, PrimaryKeyArn=primary)
    return {"Resources": {**PRIMARY, **cast("dict[str, object]", template["Resources"])}}


def replica_report(template: object, **options: object) -> KeyReport:
    return check(template, **options).keys[-1]  # type: ignore[arg-type]  # handed on as they are


@pytest.mark.parametrize("region", ["eu-west-1", None])
@pytest.mark.parametrize(
    "primary", [{"Fn::GetAtt": ["Primary", "Arn"]}, {"Fn::Sub": "${Primary.Arn}"}, {"Fn::Sub": OWN_ARN}]
)
def test_a_replica_beside_its_primary_is_not_made(primary: object, region: str | None) -> None:
    report = replica_report(beside(primary), environment=Environment(region=region))
    assert report.verdict is Verdict.NOT_CREATED
    assert report.message.startswith("KMS refuses the replica: its primary key is in the Region of the stack")
    assert report.event == (
        f'Resource handler returned message: "{region or "<region>"} cannot have a replica because it contains the '
        'primary. (Service: Kms, Status Code: 400, Request ID: <uuid>) (SDK Attempt Count: 1)" '
        "(RequestToken: <uuid>, HandlerErrorCode: InvalidRequest)"
    )
    assert report.hints == ("make the replica in a stack of another Region",)


def test_a_literal_primary_in_the_region_of_the_stack_is_refused_where_that_is_told() -> None:
    template = replica(DELEGATING)
    for region, verdict in (("us-west-2", Verdict.NOT_CREATED), ("eu-west-1", Verdict.PASS), (None, Verdict.PASS)):
        report = check_key(template, environment=Environment(region=region))
        assert report.verdict is verdict
        assert any("in another Region" in name for name in report.assumptions) is (region is None)


def test_a_region_that_is_assumed_does_not_refuse_a_replica() -> None:
    condition = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    policy = document(statement(ROOT, Condition=condition))
    primary = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-1"
    report = check_key(replica(policy, PrimaryKeyArn=primary), environment=Environment())
    assert report.verdict is Verdict.UNDECIDED
    other = primary.replace("us-east-1", "us-west-2")
    assert check_key(replica(policy, PrimaryKeyArn=other), environment=Environment()).verdict is Verdict.PASS


@pytest.mark.parametrize("region", [{"Ref": "P"}, "us-west-2"])
def test_a_primary_elsewhere_or_who_knows_where_is_not_refused(region: object) -> None:
    arn = {"Fn::Join": ["", ["arn:aws:kms:", region, f":{ACCOUNT}:key/", {"Ref": "P"}]]}
    template = {"Parameters": {"P": {"Type": "String"}}, **replica(DELEGATING, PrimaryKeyArn=arn)}
    assert check_key(template).verdict is Verdict.PASS


def test_the_call_that_replicates_is_refused_before_the_region_is() -> None:
    allowed = iam_allow("kms:CreateKey", "kms:PutKeyPolicy")
    denied = document(
        *cast("list[object]", allowed["Statement"]), {"Effect": "Deny", "Action": "kms:Repl*", "Resource": "*"}
    )
    report = check_key(
        replica(DELEGATING), iam=[account(user("Alice", denied))], environment=Environment(region="us-west-2")
    )
    assert report.verdict is Verdict.ACCESS_DENIED
    report = check_key(
        replica(DELEGATING),
        iam=[account(user("Alice", iam_allow("kms:Repl*")))],
        environment=Environment(region="us-west-2"),
    )
    assert report.verdict is Verdict.NOT_CREATED


def test_a_replica_key_that_locks_out_names_its_own_operation() -> None:
    report = check_key(replica({"Statement": []}))
    assert report.event is not None
    assert report.verdict is Verdict.MALFORMED
    assert "ReplicateKey failed due to" in report.event


def test_a_deny_of_replication_by_iam_is_certain() -> None:
    deny = document({"Effect": "Deny", "Action": "kms:ReplicateKey", "Resource": "*"})
    report = check_key(replica(DELEGATING), iam=[EVERYTHING, deny])
    assert report.verdict is Verdict.ACCESS_DENIED
    assert report.event is not None
    assert "Access denied for operation 'ReplicateKey'." in report.event


def test_a_multi_region_primary_assumes_its_service_linked_role() -> None:
    report = check_key(key(DELEGATING, MultiRegion=True))
    assert any("AWSServiceRoleForKeyManagementServiceMultiRegionKeys" in name for name in report.assumptions)


# what is not told


def test_without_identity_policies_the_verdict_says_what_it_needs() -> None:
    report = check_key(key(DELEGATING), iam=[])
    assert report.verdict is Verdict.UNDECIDED
    assert report.hangs_on == (
        f"the identity policies of `{ALICE}` allowing `kms:CreateKey` and `kms:PutKeyPolicy` (give `--iam`)",
    )
    assert report.message == (
        f"the input does not tell whether `{ALICE}` can make the key: it hangs on {report.hangs_on[0]}"
    )


def test_a_caller_who_is_named_needs_iam_for_creating_only() -> None:
    report = check_key(key(document(statement(ALICE))), iam=[])
    (name,) = report.hangs_on
    assert name == (
        f"the identity policies of `{ALICE}` allowing `kms:CreateKey` and not denying `kms:PutKeyPolicy` (give `--iam`)"
    )


def test_an_attached_policy_that_is_not_in_the_snapshot_is_named() -> None:
    attached = [{"PolicyName": "X", "PolicyArn": "arn:aws:iam::aws:policy/NewerThanTheCatalog"}]
    alice = user("Alice", CREATE_ONLY, AttachedManagedPolicies=attached)
    report = check_key(key(DELEGATING), iam=[account(alice)])
    assert report.verdict is Verdict.UNDECIDED
    assert any("arn:aws:iam::aws:policy/NewerThanTheCatalog" in name for name in report.hangs_on)


def test_the_region_stays_open_where_it_does_not_matter() -> None:
    report = check_key(key(DELEGATING), environment=Environment())
    assert report.verdict is Verdict.PASS
    assert not any("region" in name for name in report.assumptions)


def test_the_region_is_assumed_openly_where_it_matters() -> None:
    europe = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    report = check_key(key(DELEGATING), iam=[iam_allow("kms:*", Condition=europe)], environment=Environment())
    assert report.verdict is Verdict.PASS
    assert "the region is us-east-1 (give `--region`)" in report.assumptions


def test_the_region_is_assumed_alike_for_every_key() -> None:
    europe = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    one = key(DELEGATING)["Resources"]["Key"]  # type: ignore[index]  # a plain mapping
    template = {"Resources": {"A": one, "B": one}}
    report = check(template, iam=[iam_allow("kms:*", Condition=europe)], environment=Environment())
    assert [found.verdict for found in report.keys] == [Verdict.PASS, Verdict.PASS]


def test_a_condition_on_the_region_is_decided_in_the_assumed_one() -> None:
    template = key(document(statement({"AWS": {"Fn::If": ["Here", ALICE, BOB]}})))
    template["Conditions"] = {"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
    report = check_key(template, environment=Environment())
    assert report.verdict is Verdict.PASS
    assert report.branches == ()
    assert "the region is us-east-1 (give `--region`)" in report.assumptions


def test_where_another_thing_is_open_too_the_region_is_not_assumed() -> None:
    europe = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    report = check_key(key(DELEGATING), iam=[iam_allow("kms:*", Condition=europe)], environment=Environment())
    assert report.verdict is Verdict.UNDECIDED
    assert not any("us-east-1" in name for name in report.assumptions)


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"EnableKeyRotation": {"Ref": "P"}}, "parameter `P`"),
        ({"EnableKeyRotation": True, "KeySpec": {"Ref": "P"}}, "parameter `P`"),
        ({"Enabled": {"Ref": "P"}}, "parameter `P`"),
        ({"Enabled": ["x"]}, "property `Enabled`"),
    ],
)
def test_an_open_setting_matters_only_if_its_call_would_fail(properties: dict[str, object], name: str) -> None:
    narrow = key(document(statement(ALICE, "kms:Put*")), **properties)
    narrow["Parameters"] = {"P": {"Type": "String"}}
    report = check_key(narrow)
    assert report.verdict is (Verdict.ACCESS_DENIED if "KeySpec" in properties else Verdict.UNDECIDED)
    if report.verdict is Verdict.UNDECIDED:
        assert name in report.hangs_on
    if "KeySpec" not in properties:
        wide = {**narrow, "Resources": key(document(statement(ALICE)), **properties)["Resources"]}
        assert check_key(wide).verdict is Verdict.PASS


def test_rotation_hangs_on_the_kind_of_key() -> None:
    template = key(DELEGATING, EnableKeyRotation=True, KeySpec={"Ref": "Spec"})
    template["Parameters"] = {"Spec": {"Type": "String"}}
    report = check_key(template)
    assert report.verdict is Verdict.UNDECIDED
    assert report.hangs_on == ("parameter `Spec`",)


def test_an_open_bypass_matters_only_if_the_check_would_fail() -> None:
    template = key(document(statement(f"arn:aws:iam::{ACCOUNT}:user/Bob")), BypassPolicyLockoutSafetyCheck={"Ref": "P"})
    template["Parameters"] = {"P": {"Type": "String"}}
    report = check_key(template)
    assert report.verdict is Verdict.UNDECIDED
    assert "parameter `P`" in report.hangs_on


def test_open_tags_matter_only_if_tagging_would_fail() -> None:
    template = key(DELEGATING, Tags={"Ref": "P"})
    template["Parameters"] = {"P": {"Type": "CommaDelimitedList"}}
    assert check_key(template).verdict is Verdict.PASS
    report = check_key(template, iam=[iam_allow("kms:CreateKey", "kms:PutKeyPolicy")])
    assert report.verdict is Verdict.UNDECIDED
    assert "parameter `P`" in report.hangs_on


def test_an_open_administrator_hangs_on_what_names_it() -> None:
    template = key(document(statement({"AWS": {"Fn::ImportValue": "admin-arn"}})))
    report = check_key(template, iam=[CREATE_ONLY])
    assert report.verdict is Verdict.UNDECIDED
    assert any("admin-arn" in name for name in report.hangs_on)
    environment = Environment(region="eu-west-1", imports={"admin-arn": ALICE})
    assert check_key(template, environment=environment).verdict is Verdict.PASS


def test_a_policy_that_is_open_as_a_whole_is_undecided() -> None:
    template = key({"Ref": "Policy"})
    template["Parameters"] = {"Policy": {"Type": "String"}}
    assert check_key(template).verdict is Verdict.UNDECIDED


# branches


CONDITIONAL = {
    "Parameters": {"Env": {"Type": "String"}},
    "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
}


def test_a_key_under_an_open_condition_passes_under_it() -> None:
    template = {**CONDITIONAL, **key(DELEGATING)}
    template["Resources"]["Key"]["Condition"] = "IsProd"  # type: ignore[index]  # a plain mapping
    report = check_key(template)
    assert report.verdict is Verdict.PASS
    assert report.condition == "when `IsProd` is true"
    assert report.message.endswith("when `IsProd` is true")
    assert [branch.verdict for branch in report.branches] == [Verdict.PASS, Verdict.NOT_CREATED]


def test_a_key_that_locks_out_wherever_it_is_made_is_reported_under_its_condition() -> None:
    template = {**CONDITIONAL, **key(document(statement(BOB)))}
    template["Resources"]["Key"]["Condition"] = "IsProd"  # type: ignore[index]  # a plain mapping
    report = check_key(template, rules=[RULE_FOR_LOCKOUT])
    assert report.verdict is Verdict.LOCKOUT
    assert report.condition == "when `IsProd` is true"
    assert report.message.endswith("could not change it in the future, when `IsProd` is true")
    assert report.event is not None
    assert [finding.message for finding in report.findings] == ["locked out"]


def test_a_key_whose_condition_is_false_is_not_created() -> None:
    template = {**CONDITIONAL, **key({"Statement": "x"})}
    template["Resources"]["Key"]["Condition"] = "IsProd"  # type: ignore[index]  # a plain mapping
    report = check_key(template, environment=Environment(region="eu-west-1", parameters={"Env": "dev"}))
    assert report.verdict is Verdict.NOT_CREATED
    assert report.message == "not created: condition `IsProd` is false"
    assert report.event is None
    assert report.branches == ()


def test_branches_that_differ_are_undecided_and_each_says_its_own() -> None:
    either = {"Fn::If": ["IsProd", ALICE, f"arn:aws:iam::{ACCOUNT}:user/Bob"]}
    report = check_key({**CONDITIONAL, **key(document(statement({"AWS": either})))})
    assert report.verdict is Verdict.UNDECIDED
    assert report.event is None
    assert report.hangs_on == ("condition `IsProd` (parameter `Env`)",)
    assert report.message == (
        "the verdict hangs on the template's conditions: `pass` when `IsProd` is true and `lockout` when `IsProd` is "
        "false"
    )
    assert [(branch.condition, branch.verdict) for branch in report.branches] == [
        ("when `IsProd` is true", Verdict.PASS),
        ("when `IsProd` is false", Verdict.LOCKOUT),
    ]


def test_branches_that_agree_are_one_verdict() -> None:
    either = {"Fn::If": ["IsProd", ALICE, [ALICE, f"arn:aws:iam::{ACCOUNT}:user/Bob"]]}
    report = check_key({**CONDITIONAL, **key(document(statement({"AWS": either})))})
    assert report.verdict is Verdict.PASS
    assert report.condition is None
    assert len(report.branches) == 2
    assert f"`arn:aws:iam::{ACCOUNT}:user/Bob` exists (give `--iam`)" in report.assumptions


def test_findings_of_one_branch_say_where_they_hold() -> None:
    either = {"Fn::If": ["IsProd", ALICE, f"arn:aws:iam::{ACCOUNT}:user/Bob"]}
    rule = RULE_FOR_LOCKOUT
    report = check_key({**CONDITIONAL, **key(document(statement({"AWS": either})))}, rules=[rule, RULE_FOR_ALL])
    assert [finding.message for finding in report.findings] == ["always", "locked out, when `IsProd` is false"]


def test_too_many_branches_leave_the_key_undecided_and_never_pass_wrongly() -> None:
    names = [f"C{number}" for number in range(8)]
    template = key(document(*(statement({"AWS": {"Fn::If": [name, ALICE, ROOT]}}, "kms:Get*") for name in names)))
    template["Parameters"] = {name: {"Type": "String"} for name in names}
    template["Conditions"] = {name: {"Fn::Equals": [{"Ref": name}, "x"]} for name in names}
    template["Resources"]["Key"]["Condition"] = "C0"  # type: ignore[index]  # a plain mapping
    report = check_key(template)
    assert report.verdict is Verdict.UNDECIDED
    assert report.message.startswith("if the key is created at all, KMS refuses the key policy")
    assert report.event is None
    properties = template["Resources"]["Key"]["Properties"]  # type: ignore[index]  # a plain mapping
    properties["KeyPolicy"]["Statement"].append(statement(ALICE))
    assert check_key(template).verdict is Verdict.PASS


def test_a_condition_that_decides_nothing_of_the_key_is_not_what_it_hangs_on() -> None:
    either = {"Fn::If": ["IsProd", ALICE, BOB]}
    template = {**CONDITIONAL, **key(document(statement({"AWS": either})))}
    template["Conditions"] = {
        **CONDITIONAL["Conditions"],  # type: ignore[dict-item]  # a plain mapping
        "IsTest": {"Fn::Equals": [{"Ref": "Env"}, "test"]},
        "Never": {"Fn::Equals": ["a", "b"]},
    }
    properties = template["Resources"]["Key"]["Properties"]  # type: ignore[index]  # a plain mapping
    properties["Description"] = {"Fn::If": ["Never", "a", "b"]}
    assert check_key(template).hangs_on == ("condition `IsProd` (parameter `Env`)",)


def test_the_package_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        sparekey.check.nonsense  # noqa: B018 - the access is the test


# rules and what the template ignores


def _find(condition: str, message: str) -> Rule:
    return Rule(
        id="SK999" if condition else "SK998",
        name="test",
        level=Level.ERROR,
        summary="",
        explanation="",
        bad="",
        good="",
        find=lambda view: (
            [Finding("SK999" if condition else "SK998", Level.ERROR, message, view.resource.place, view.logical_id)]
            if not condition or view.verdict.value == condition
            else []
        ),
    )


RULE_FOR_LOCKOUT = _find("lockout", "locked out")
RULE_FOR_ALL = _find("", "always")
WITHOUT_REASON = RULE_FOR_ALL._replace(id="SK003", find=lambda _view: [])


def with_metadata(place: str, entries: object) -> dict[str, object]:
    template: dict[str, object] = key(DELEGATING)
    metadata = {"sparekey": {"ignore": entries}, "other": 1}
    if place == "template":
        template["Metadata"] = metadata
    else:
        template["Resources"]["Key"]["Metadata"] = metadata  # type: ignore[index]  # a plain mapping
    return template


@pytest.mark.parametrize("place", ["template", "resource"])
def test_a_finding_is_ignored_with_a_reason(place: str) -> None:
    template = with_metadata(place, [{"id": "SK998", "reason": "it is a test"}, {"id": "SK111", "reason": "x"}])
    (finding,) = check_key(template, rules=[RULE_FOR_ALL]).findings
    assert finding.suppressed == "it is a test"


@pytest.mark.parametrize("place", ["template", "resource"])
@pytest.mark.parametrize("entry", [{"id": "SK998"}, {"id": "SK998", "reason": " "}, "SK998"])
def test_an_entry_without_a_reason_ignores_nothing_and_is_a_finding(place: str, entry: object) -> None:
    report = check(with_metadata(place, [entry]), rules=[RULE_FOR_ALL, WITHOUT_REASON])
    (key_report,) = report.keys
    assert all(finding.suppressed is None for finding in key_report.findings)
    found = report.findings if place == "template" else key_report.findings[1:]
    assert [(finding.rule, finding.message) for finding in found] == [
        ("SK003", "`SK998` is ignored without a reason, so it is not ignored")
    ]


def test_who_deselects_the_rule_hears_nothing_of_missing_reasons() -> None:
    report = check(with_metadata("template", ["SK998"]), rules=[RULE_FOR_ALL])
    assert report.findings == ()


@pytest.mark.parametrize("entries", [[{"reason": "x"}], [["SK998"]], [{"id": ["SK998"], "reason": "x"}]])
def test_entries_of_another_shape_ignore_nothing(entries: object) -> None:
    (finding,) = check_key(with_metadata("template", entries), rules=[RULE_FOR_ALL]).findings
    assert finding.suppressed is None


def test_one_entry_needs_no_list() -> None:
    (finding,) = check_key(with_metadata("template", {"id": "SK998", "reason": "r"}), rules=[RULE_FOR_ALL]).findings
    assert finding.suppressed == "r"


def test_metadata_of_other_tools_is_passed_over() -> None:
    template = key(DELEGATING)
    template["Metadata"] = {"sparekey": "yes"}
    assert check(template).findings == ()


# templates


def test_every_key_of_a_template_is_reported_in_order_and_nothing_else() -> None:
    template: dict[str, object] = {
        "Resources": {
            "B": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": DELEGATING}},
            "Topic": {"Type": "AWS::SNS::Topic"},
            "A": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(statement("*", "kms:Get*"))}},
        }
    }
    report = check(template)
    assert [(found.logical_id, found.verdict) for found in report.keys] == [("B", Verdict.PASS), ("A", Verdict.LOCKOUT)]
    assert report.path == "template"


def test_the_lines_a_report_may_quote_are_kept() -> None:
    text = "Resources:\r\n  Key:\r\n    Type: AWS::KMS::Key\r\n    Properties:\r\n      Enabled: true\r\n"
    report = check(text)
    assert report.lines == {2: "  Key:"}


def test_parameters_that_the_template_does_not_have_are_an_error() -> None:
    with pytest.raises(InputError):
        check(key(DELEGATING), environment=Environment(parameters={"Nope": "1"}))


def test_the_partition_follows_the_deployer() -> None:
    caller = f"arn:aws-cn:iam::{ACCOUNT}:user/Alice"
    template = key(document(statement({"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}})))
    assert check_key(template, caller, environment=Environment()).verdict is Verdict.PASS
    bare = key(document(statement({"AWS": {"Ref": "AWS::AccountId"}})))
    assert check_key(bare, caller, environment=Environment()).verdict is Verdict.PASS
    wrong = check_key(key(DELEGATING), caller, environment=Environment())
    assert wrong.verdict is Verdict.INVALID_PRINCIPAL
    assert wrong.message.endswith(f"`{ROOT}` belongs to partition `aws`, not to `aws-cn`")


# keys that are alike


def test_keys_with_equal_policies_are_decided_once_and_each_keeps_its_name_and_places() -> None:
    template: dict[str, object] = {"Resources": {}}
    for name in ("First", "Second", "Third"):
        template["Resources"][name] = {  # type: ignore[index]  # a plain mapping
            "Type": "AWS::KMS::Key",
            "Properties": {"Description": name, "KeyPolicy": DELEGATING, "EnableKeyRotation": True},
        }
    report = check(template)
    for found in report.keys:
        assert found.verdict is Verdict.PASS
        assert found.deciding_statement is not None
        assert found.deciding_statement.policy == f"the key policy of `{found.logical_id}`"
        assert found.deciding_statement.place is not None
        assert found.deciding_statement.place.line > found.place.line
        assert found.call is next(call for call in found.calls if call.action == "kms:PutKeyPolicy")
        assert found.call is not None
        because = found.call.decision.delegated_by
        assert because is not None
        assert because.policy is not None
        assert because.policy.name == f"the key policy of `{found.logical_id}`"
        assert because.place == found.deciding_statement.place
    first, second, _ = report.keys
    assert first.calls[0] is second.calls[0] or first.calls[0].decision is second.calls[0].decision


def test_equal_policies_that_are_refused_are_each_judged_on_their_own() -> None:
    template: dict[str, object] = {"Resources": {}}
    for name in ("First", "Second"):
        template["Resources"][name] = {  # type: ignore[index]  # a plain mapping
            "Type": "AWS::KMS::Key",
            "Properties": {"KeyPolicy": document(statement("*", "kms:*", "Deny", Sid="No"))},
        }
    for found in check(template).keys:
        assert found.verdict is Verdict.LOCKOUT
        assert found.deciding_statement is not None
        assert found.deciding_statement.policy == f"the key policy of `{found.logical_id}`"


def test_equal_policies_of_keys_with_other_settings_are_told_apart() -> None:
    template: dict[str, object] = {"Resources": {}}
    for name, tags in (("First", []), ("Second", [{"Key": "a", "Value": "b"}])):
        template["Resources"][name] = {  # type: ignore[index]  # a plain mapping
            "Type": "AWS::KMS::Key",
            "Properties": {"KeyPolicy": DELEGATING, "Tags": tags},
        }
    first, second = check(template, iam=[iam_allow("kms:CreateKey", "kms:PutKeyPolicy")]).keys
    assert (first.verdict, second.verdict) == (Verdict.PASS, Verdict.ACCESS_DENIED)


def test_policies_that_are_open_in_different_ways_are_told_apart() -> None:
    template: dict[str, object] = {"Resources": {}, "Parameters": {}}
    for name in ("First", "Second"):
        template["Parameters"][name] = {"Type": "String"}  # type: ignore[index]  # a plain mapping
        template["Resources"][name + "Key"] = {  # type: ignore[index]  # a plain mapping
            "Type": "AWS::KMS::Key",
            "Properties": {"KeyPolicy": document(statement({"AWS": {"Ref": name}}))},
        }
    hangs_on = [found.hangs_on for found in check(template, iam=[CREATE_ONLY]).keys]
    assert [any("`First`" in name for name in names) for names in hangs_on] == [True, False]
    assert [any("`Second`" in name for name in names) for names in hangs_on] == [False, True]
