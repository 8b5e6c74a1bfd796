"""The door: every call is authorized, runs whole or not at all, and is recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sparekey.clock import MovableClock
from sparekey.cloud import SERVICES, Circumstances, Cloud, is_anonymous, operations_of
from sparekey.cloud._running import Running
from sparekey.errors import InvalidAction, NotImplementedHere
from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.record import RECORDS, CallOutcome, CallRecord
from sparekey.storage.memory import MemoryStore
from tests.cloud.test_record import DOOR
from tests.services.account import ACCOUNT, Client, Drawn, TestAccount, allow, an_account, deny, refused


def recorded(account: TestAccount) -> list[CallRecord]:
    """The decision record of the account, newest first."""
    account.cloud.store.flush()
    return account.cloud.store.read(lambda records: [record for _, record in records.scan(RECORDS, ACCOUNT)])


def test_a_user_without_policies_may_do_nothing() -> None:
    account = an_account()
    ann = account.signed_in("ann")
    with refused("AccessDenied") as error:
        ann.iam.get_user(user_name="ann")
    assert error.value.message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: iam:GetUser on resource: user ann "
        "because no identity-based policy allows the iam:GetUser action"
    ).replace("user ann", f"arn:aws:iam::{ACCOUNT}:user/ann")


def test_an_identity_based_policy_lets_a_user_act() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:GetUser", f"arn:aws:iam::{ACCOUNT}:user/ann"))
    assert ann.iam.get_user(user_name="ann")["User"]["UserName"] == "ann"
    account.root.iam.create_user(user_name="bob")
    with refused("AccessDenied"):
        ann.iam.get_user(user_name="bob")


def test_a_policy_takes_effect_with_the_next_call() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:*"))
    ann.iam.list_users()
    account.root.iam.put_user_policy(user_name="ann", policy_name="stop", policy_document=deny("iam:ListUsers"))
    with refused("AccessDenied") as error:
        ann.iam.list_users()
    assert error.value.message.endswith("with an explicit deny in an identity-based policy")
    account.root.iam.delete_user_policy(user_name="ann", policy_name="stop")
    ann.iam.list_users()


def test_a_refused_change_leaves_nothing_behind() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:CreateUser"))
    with refused("AccessDenied"):  # tagging asks for iam:TagUser besides
        ann.iam.create_user(user_name="bob", tags=[{"Key": "team", "Value": "a"}])
    with refused("NoSuchEntityException"):
        account.root.iam.get_user(user_name="bob")


def test_an_operation_that_is_not_built_is_refused_by_its_name() -> None:
    account = an_account()
    with pytest.raises(NotImplementedHere, match="iam:MakeCoffee"):
        account.root.call("iam", "MakeCoffee")
    with pytest.raises(InvalidAction, match="dynamodb"):
        account.root.call("dynamodb", "ListTables")


def test_a_parameter_that_is_not_built_is_refused_by_its_name() -> None:
    account = an_account()
    with pytest.raises(NotImplementedHere, match="`shoe_size` of iam:GetUser"):
        account.root.call("iam", "GetUser", shoe_size=43)


def test_keys_that_are_unknown_inactive_or_deleted_are_refused() -> None:
    account = an_account()
    ann = account.signed_in("ann")
    key = ann.caller.access_key_id
    with refused("InvalidClientTokenId", "The security token included in the request is invalid."):
        account.with_key("AKIAIOSFODNN7EXAMPLE")
    account.root.iam.update_access_key(user_name="ann", access_key_id=key, status="Inactive")
    with refused("InvalidClientTokenId"):
        account.with_key(key)
    account.root.iam.update_access_key(user_name="ann", access_key_id=key, status="Active")
    account.with_key(key)
    account.root.iam.delete_access_key(user_name="ann", access_key_id=key)
    with refused("InvalidClientTokenId"):
        account.with_key(key)


def test_the_root_users_key_stays_the_same() -> None:
    account = an_account()
    assert account.cloud.open_account(ACCOUNT) == account.cloud.open_account(ACCOUNT)


def test_a_root_key_that_is_given_replaces_the_one_that_was_made() -> None:
    account = an_account()
    old = account.root.caller.access_key_id
    assert account.cloud.open_account(ACCOUNT, ("AKIAGIVEN", "secret")) == ("AKIAGIVEN", "secret")
    assert account.cloud.credential("AKIAGIVEN").secret == "secret"
    with refused("InvalidClientTokenId"):
        account.with_key(old)


def test_every_call_is_recorded_with_the_statement_that_decided() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:Get*"), deny("iam:GetGroup"))
    account.root.iam.create_group(group_name="staff")
    ann.iam.get_user(user_name="ann")
    account.later(seconds=1)
    with refused("AccessDenied"):
        ann.iam.get_group(group_name="staff")
    newest = recorded(account)[0]
    assert (newest.operation, newest.outcome, newest.error_code) == (
        "GetGroup",
        CallOutcome.EXPLICIT_DENY,
        "AccessDenied",
    )
    assert newest.principal == ann.arn
    assert newest.resource == f"arn:aws:iam::{ACCOUNT}:group/staff"
    assert newest.policy_type == "identity-based policy"
    assert "inline-1" in newest.policy


def test_the_record_holds_no_secret() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    key = account.root.iam.create_access_key(user_name="ann")["AccessKey"]
    account.root.iam.create_login_profile(user_name="ann", password="Correct-Horse-1")
    everything = repr(recorded(account))
    assert key["SecretAccessKey"] not in everything
    assert "Correct-Horse-1" not in everything
    assert key["AccessKeyId"] in everything


def test_a_call_that_changed_state_and_its_record_are_one_transaction() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    names = account.cloud.store.read(lambda records: [r.operation for _, r in records.scan(RECORDS, ACCOUNT)])
    assert names == ["CreateUser"]


def test_an_account_that_is_not_active_lets_nobody_in() -> None:
    account = an_account()
    record = account.cloud.store.read(lambda records: records.get(ACCOUNTS, ACCOUNT))
    assert record is not None
    account.cloud.store.write(lambda records: records.put(ACCOUNTS, (ACCOUNT,), replace(record, status="SUSPENDED")))
    with refused("InvalidClientTokenId"):
        account.with_key(account.root.caller.access_key_id)


def test_the_last_use_of_a_key_is_noted() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:ListUsers"))
    ann.iam.list_users()
    used = account.root.iam.get_access_key_last_used(access_key_id=ann.caller.access_key_id)["AccessKeyLastUsed"]
    assert used == {"LastUsedDate": account.clock.at, "ServiceName": "iam", "Region": "us-east-1"}


def test_the_last_use_of_a_role_is_noted() -> None:
    account = an_account()
    session = a_session(account)
    session.sts.get_caller_identity()
    role = account.root.iam.get_role(role_name="work")["Role"]
    assert role["RoleLastUsed"] == {"LastUsedDate": account.clock.at, "Region": "us-east-1"}


def a_session(account: TestAccount, *policies: str) -> Client:
    """A session of a new role `work`, which a user without policies of its own assumed."""
    user = account.signed_in("worker")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": user.arn}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
        ],
    }
    account.root.iam.create_role(
        role_name="work", assume_role_policy_document=json.dumps(trust), tags=[{"Key": "team", "Value": "keys"}]
    )
    for number, document in enumerate(policies):
        account.root.iam.put_role_policy(role_name="work", policy_name=f"p{number}", policy_document=document)
    assumed = user.sts.assume_role(
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/work",
        role_session_name="today",
        tags=[{"Key": "Team", "Value": "audit"}, {"Key": "job", "Value": "7"}],
    )
    return account.with_session(assumed["Credentials"])


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "aws:RequestedRegion", "eu-west-1"),
        ("IpAddress", "aws:SourceIp", "192.0.2.0/24"),
        ("StringLike", "aws:UserAgent", "aws-cli/*"),
        ("Bool", "aws:SecureTransport", "true"),
        ("Bool", "aws:ViaAWSService", "false"),
        ("DateGreaterThan", "aws:CurrentTime", "2026-11-23T11:00:00Z"),
        ("NumericLessThan", "aws:EpochTime", "1795608000"),
        ("DateLessThanEquals", "aws:TokenIssueTime", "2026-11-23T12:00:00Z"),
        ("StringLike", "aws:userid", "AROA*:today"),
        ("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/work"),
        ("StringEquals", "aws:PrincipalTag/team", "audit"),  # the session's tag wins over the role's
        ("StringEquals", "aws:PrincipalTag/job", "7"),
        ("Null", "aws:username", "true"),
        ("Null", "aws:PrincipalOrgID", "true"),
        ("Null", "aws:CalledVia", "true"),
        ("StringEquals", "aws:ResourceAccount", ACCOUNT),
        ("StringEquals", "aws:ResourceTag/kind", "person"),
    ],
)
def test_requests_carry_the_global_condition_keys(operator: str, key: str, value: str) -> None:
    account = an_account()
    condition: dict[str, Any] = {operator: {key: value}}
    session = a_session(account, allow("iam:GetUser", **condition))
    account.root.iam.tag_user(user_name="worker", tags=[{"Key": "kind", "Value": "person"}])
    circumstances = Circumstances("eu-west-1", "192.0.2.7", "aws-cli/2.0", secure=True, request_id="r")
    replace(session, circumstances=circumstances).iam.get_user(user_name="worker")


def test_several_keys_of_a_session_and_its_role_can_be_asked_for_at_once() -> None:
    account = an_account()
    condition: dict[str, Any] = {
        "StringEquals": {"aws:PrincipalTag/job": "7", "aws:PrincipalTag/team": "audit"},
        "Null": {"aws:PrincipalTag/none": "true"},
    }
    assert a_session(account, allow("iam:GetUser", **condition)).iam.get_user(user_name="worker")


def test_a_call_that_services_make_in_turn_names_the_first_and_the_last() -> None:
    account = an_account()
    condition: dict[str, Any] = {
        "StringEquals": {"aws:CalledViaFirst": "a.amazonaws.com", "aws:CalledViaLast": "b.amazonaws.com"},
        "Bool": {"aws:ViaAWSService": "true"},
        "Null": {"aws:SourceIp": "true"},
    }
    ann = account.signed_in("ann", allow("iam:ListUsers", **condition))
    circumstances = Circumstances(source_ip="192.0.2.7", called_via=("a.amazonaws.com", "b.amazonaws.com"))
    assert replace(ann, circumstances=circumstances).iam.list_users()
    with refused("AccessDenied"):
        ann.iam.list_users()


def test_tags_that_differ_by_the_case_of_their_keys_allow_nothing() -> None:
    account = an_account()
    tags = [{"Key": "team", "Value": "a"}, {"Key": "Team", "Value": "b"}]
    made = account.root.iam.create_policy(policy_name="p", policy_document=allow("s3:*"), tags=tags)["Policy"]
    condition: dict[str, Any] = {"StringEquals": {"aws:ResourceTag/team": ["a", "b"]}}
    ann = account.signed_in("ann", allow("iam:GetPolicy", **condition))
    with refused("AccessDenied"):
        ann.iam.get_policy(policy_arn=made["Arn"])


def test_an_organizations_accounts_carry_its_keys() -> None:
    account = an_account()
    organization = account.root.organizations.create_organization()["Organization"]
    root_id = account.root.organizations.list_roots()["Roots"][0]["Id"]
    path = f"{organization['Id']}/{root_id}/"
    condition: dict[str, Any] = {
        "StringEquals": {"aws:PrincipalOrgID": organization["Id"], "aws:ResourceOrgID": organization["Id"]},
        "ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": path, "aws:ResourceOrgPaths": path},
    }
    account.signed_in("ann", allow("iam:GetUser", **condition)).iam.get_user(user_name="ann")


def test_a_denial_by_condition_holds_for_calls_without_the_key() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:*"), deny("iam:*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"}))
    with refused("AccessDenied") as error:
        ann.iam.list_users()
    assert "with an explicit deny in an identity-based policy" in error.value.message


def test_time_is_moved_only_where_the_clock_can_be() -> None:
    account = an_account()
    with pytest.raises(TypeError, match="cannot be moved"):
        account.cloud.move_clock(timedelta(hours=1))
    clock = MovableClock(account.clock)
    Cloud(MemoryStore(), sealer=account.cloud.sealer, clock=clock, entropy=Drawn()).move_clock(timedelta(hours=1))
    assert clock.now() == account.clock.at + timedelta(hours=1)


def test_a_call_into_another_account_is_decided_as_one() -> None:
    account = an_account()
    other = account.root_of("999988887777").caller.account
    running = Running(DOOR, account.root.caller, "iam", "ListUsers", {}, Circumstances(), account.clock.at, other)
    with refused("AccessDenied") as error:
        account.cloud.store.read(running.run)
    assert "because no resource-based policy allows the iam:ListUsers action" in error.value.message
    assert running.asked.target.account == other


def test_anybody_may_call_only_what_takes_no_credentials() -> None:
    assert is_anonymous("sts", "AssumeRoleWithSAML")
    assert not is_anonymous("sts", "AssumeRole")
    assert not is_anonymous("sts", "BrewTea")
    assert not is_anonymous("kms", "Encrypt")


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_operations(service: str) -> None:
    assert operations_of(service)
