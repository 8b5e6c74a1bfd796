"""AssumeRoot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sparekey.services.directory.accounts import ACCOUNTS, DELEGATIONS, ORGANIZATIONS, Delegation, Organization
from sparekey.services.directory.settings import ROOT_FEATURES, RootFeatures
from tests.services.account import ACCOUNT, START, Client, TestAccount, allow, an_account, refused
from tests.services.sts.trusts import a_role, in_role, trust

MEMBER, OTHER = "222222222222", "333333333333"
AUDIT = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"


def an_organization(*features: str, delegated: str | None = None) -> TestAccount:
    """An organization whose management account is the account, with two members."""
    account = an_account()
    for member in (MEMBER, OTHER, "444444444444"):
        account.root_of(member)

    def work(records: Any) -> None:
        records.put(ORGANIZATIONS, ("o-1",), Organization("o-1", "arn", "r-1", ACCOUNT, "a@example.com", START))
        records.put(ROOT_FEATURES, ("o-1",), RootFeatures(features))
        for member in (ACCOUNT, MEMBER, OTHER):
            records.put(ACCOUNTS, (member,), replace(records.get(ACCOUNTS, member), organization="o-1"))
        if delegated is not None:
            records.put(
                DELEGATIONS, ("o-1", delegated, "iam.amazonaws.com"), Delegation(delegated, "iam.amazonaws.com", START)
            )

    account.cloud.store.write(work)
    return account


@pytest.fixture
def account() -> TestAccount:
    return an_organization("RootSessions")


def as_root(client: Client, target: str = MEMBER, task: str = AUDIT, **more: Any) -> Any:
    return client.sts.assume_root(target_principal=target, task_policy_arn={"arn": task}, **more)


def denial(client: Client, account: str = MEMBER) -> str:
    return f"User: {client.arn} is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::{account}:root"


def test_the_management_account_may_begin_a_root_session_of_a_member(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("sts:AssumeRoot", f"arn:aws:iam::{MEMBER}:root"))
    answer = as_root(ann)
    assert answer["Credentials"]["Expiration"] == START + timedelta(minutes=15)
    session = account.with_session(answer["Credentials"])
    assert session.sts.get_caller_identity() == {
        "UserId": MEMBER,
        "Account": MEMBER,
        "Arn": f"arn:aws:iam::{MEMBER}:root",
    }


def test_the_task_s_policy_limits_the_session(account: TestAccount) -> None:
    session = account.with_session(as_root(account.signed_in("ann", allow("sts:*")))["Credentials"])
    session.iam.list_mfa_devices()
    with refused("AccessDenied"):
        session.iam.create_user(user_name="eve")


def test_the_member_may_be_named_by_its_root_user_s_arn(account: TestAccount) -> None:
    as_root(account.signed_in("ann", allow("sts:*")), f"arn:aws:iam::{MEMBER}:root")


@pytest.mark.parametrize("target", ["anything-else", f"arn:aws:iam::{MEMBER}:user/ann", "arn:aws:iam::12:root"])
def test_what_names_no_account_is_invalid(account: TestAccount, target: str) -> None:
    with refused("ValidationError", f"{target} is invalid"):
        as_root(account.signed_in("ann", allow("sts:*")), target)


def test_a_root_session_needs_a_permission_and_is_refused_without_a_reason(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("sts:AssumeRoot", f"arn:aws:iam::{OTHER}:root"))
    with refused("AccessDenied", denial(ann)):
        as_root(ann)


def test_policies_see_the_task_and_whose_root_user_it_is(account: TestAccount) -> None:
    condition = {"sts:TaskPolicyArn": AUDIT, "aws:ResourceAccount": MEMBER}
    ann = account.signed_in("ann", allow("sts:AssumeRoot", StringEquals=condition))
    as_root(ann)
    with refused("AccessDenied", denial(ann)):
        as_root(ann, task="arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy")


def test_only_aws_s_five_tasks_may_be_done(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("sts:*"))
    for name in ("IAMCreateRootUserPassword", "IAMDeleteRootUserCredentials", "SQSUnlockQueuePolicy"):
        as_root(ann, task=f"arn:aws:iam::aws:policy/root-task/{name}")
    task = "arn:aws:iam::aws:policy/AdministratorAccess"
    with refused("ValidationError", f"{task} is invalid"):
        as_root(ann, task=task)


def test_the_root_user_may_not(account: TestAccount) -> None:
    with refused("AccessDenied", denial(account.root)):
        as_root(account.root)


def test_root_sessions_must_be_on() -> None:
    account = an_organization("RootCredentialsManagement")
    ann = account.signed_in("ann", allow("sts:*"))
    with refused("AccessDenied", denial(ann)):
        as_root(ann)


@pytest.mark.parametrize("target", [ACCOUNT, "444444444444", "555555555555"])
def test_other_accounts_than_members_are_out_of_reach(account: TestAccount, target: str) -> None:
    ann = account.signed_in("ann", allow("sts:*"))
    with refused("AccessDenied", denial(ann, target)):
        as_root(ann, target)


def a_member_s_user(account: TestAccount) -> Client:
    root = account.root_of(OTHER)
    root.iam.create_user(user_name="eve")
    root.iam.put_user_policy(user_name="eve", policy_name="p", policy_document=allow("sts:*"))
    return account.with_key(root.iam.create_access_key(user_name="eve")["AccessKey"]["AccessKeyId"])


def test_a_member_may_not_unless_it_is_delegated_administrator(account: TestAccount) -> None:
    eve = a_member_s_user(account)
    with refused("AccessDenied", denial(eve)):
        as_root(eve)
    delegated = an_organization("RootSessions", delegated=OTHER)
    as_root(a_member_s_user(delegated))


def test_the_source_identity_goes_on(account: TestAccount) -> None:
    ann = account.signed_in("ann")
    role = a_role(account, "R", trust(ann.arn, "sts:AssumeRole", "sts:SetSourceIdentity"), allow("sts:AssumeRoot"))
    answer = as_root(in_role(ann, role, source_identity="ann"), duration_seconds=60)
    assert answer["SourceIdentity"] == "ann"
    assert answer["Credentials"]["Expiration"] == START + timedelta(minutes=1)


def test_a_root_session_may_not_assume_roles(account: TestAccount) -> None:
    session = account.with_session(as_root(account.signed_in("ann", allow("sts:*")))["Credentials"])
    with refused("AccessDenied", "Roles may not be assumed by root accounts."):
        in_role(session, f"arn:aws:iam::{MEMBER}:role/R")
