"""Roles that AWS services assume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sparekey.cloud._running import Running
from sparekey.services.directory.callers import caller_of
from sparekey.services.directory.service_roles import assume_service_role
from sparekey.services.directory.sessions import Session
from tests.services.account import ACCOUNT, TestAccount, allow, an_account, refused
from tests.services.sts.trusts import ROLES, a_role, trust

SERVICE = "cloudformation.amazonaws.com"


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def assumed(
    account: TestAccount, role_arn: str, service: str = SERVICE, context: Mapping[str, Any] | None = None
) -> Session:
    """What a service gets that assumes a role in the course of a call of the root user's."""
    client = account.root
    cloud = account.cloud
    running = Running(
        cloud._door, client.caller, "sts", "GetCallerIdentity", {}, client.circumstances, cloud.clock.now()
    )

    def work(records: Any) -> Session:
        call = running._call(records)
        return assume_service_role(
            call, role_arn=role_arn, service_principal=service, session_name="AWSCloudFormation", context=context
        )

    return cloud.store.read(work)


def test_a_service_acts_as_a_role_that_trusts_it(account: TestAccount) -> None:
    role = a_role(account, "Stack", trust({"Service": SERVICE}), allow("iam:ListUsers"), path="/service-role/")
    session = assumed(account, role)
    caller = caller_of(session)
    assert caller.principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/Stack/AWSCloudFormation"
    assert caller.principal.role_arn == role
    assert not session.chained


@pytest.mark.parametrize("principal", [{"Service": "ecs-tasks.amazonaws.com"}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}])
def test_a_role_that_does_not_trust_the_service_stays_closed(account: TestAccount, principal: dict[str, str]) -> None:
    role = a_role(account, "Stack", trust(principal))
    message = f"User: {SERVICE} is not authorized to perform: sts:AssumeRole on resource: {role}"
    with refused("AccessDenied", message):
        assumed(account, role)


def test_a_role_that_does_not_exist_trusts_no_service(account: TestAccount) -> None:
    with refused("AccessDenied"):
        assumed(account, f"{ROLES}Missing")
    with refused("ValidationError", "no-arn is invalid"):
        assumed(account, "no-arn")


def test_the_trust_policy_sees_for_what_the_service_calls(account: TestAccount) -> None:
    stack = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/orders/1"
    condition = {"aws:SourceAccount": ACCOUNT}
    role = a_role(
        account, "Stack", trust({"Service": SERVICE}, StringEquals=condition, ArnLike={"aws:SourceArn": stack})
    )
    assumed(account, role, context={"aws:SourceArn": stack, "aws:SourceAccount": ACCOUNT})
    for context in (None, {"aws:SourceArn": stack, "aws:SourceAccount": "999999999999"}):
        with refused("AccessDenied"):
            assumed(account, role, context=context)
