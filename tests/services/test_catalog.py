"""The services' operations against what AWS documents of their actions: resource types and condition keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from sparekey.catalog.actions import Action, find_action, find_service
from sparekey.cloud import SERVICES, operations_of
from sparekey.policy import Principal, PrincipalKind
from sparekey.services.iam.simulation_resources import is_foreign
from sparekey.services.operation import Call, Caller, Operation, Target
from sparekey.storage.interface import Transaction
from tests.services.account import ACCOUNT, START, TestAccount, an_account

ARN: Final = f"arn:aws:iam::{ACCOUNT}"

#: What AWS has, and the reference does not name yet.
UNDOCUMENTED: Final = {"iam:UpdateDelegationRequest"}

#: Operations that authorize themselves, once they know who the caller is.
SELF_AUTHORIZED: Final = {"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"}

#: An operation that asks for the organization's features before it says what it acts on.
CONDITIONAL: Final = {"sts:AssumeRoot"}

#: Parameters that would have to be true.
MFA: Final = {("AssumeRole", "serial_number"), ("AssumeRole", "token_code")}

#: Keys that every request may have.
GLOBAL: Final = re.compile(r"aws:(?!RequestTag|ResourceTag|TagKeys).*")

#: Actions the reference gives no resource, and AWS's messages do: the list of all entities under a path.
NAMED_BY_MESSAGES: Final = {
    "iam:GetAccountPasswordPolicy",
    "iam:ListGroups",
    "iam:ListInstanceProfiles",
    "iam:ListPolicies",
    "iam:ListRoles",
    "iam:ListServerCertificates",
    "iam:ListUsers",
    "organizations:DeleteResourcePolicy",
    "organizations:DescribeResourcePolicy",
}

#: Parameters as a client may give them.
GIVEN: Final[Mapping[str, object]] = {
    "access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "account_id": ACCOUNT,
    "arn": f"{ARN}:user/ann",
    "child_id": ACCOUNT,
    "aws_service_name": "ecs.amazonaws.com",
    "delegation_request_id": "dr-example",
    "deletion_task_id": "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/1234",
    "entity_arn": f"{ARN}:delegation-request/dr-example",
    "entity_path": "o-exampleorg/r-1234/123456789012",
    "handshake_id": "h-examplehandshake",
    "job_id": "12345678-1234-1234-1234-123456789012",
    "name": "example",
    "new_path": "/",
    "open_id_connect_provider_arn": f"{ARN}:oidc-provider/accounts.example.com",
    "organizational_unit_id": "ou-1234-abcdefgh",
    "owner_account_id": ACCOUNT,
    "parent_id": "r-1234",
    "path": "/",
    "path_prefix": "/",
    "permissions_boundary": f"{ARN}:policy/Limits",
    "policy_arn": f"{ARN}:policy/Reads",
    "policy_id": "p-examplepolicy",
    "policy_source_arn": f"{ARN}:user/ann",
    "policy_type": "SERVICE_CONTROL_POLICY",
    "resource_id": ACCOUNT,
    "role_arn": f"{ARN}:role/deploy",
    "role_session_name": "me",
    "root_id": "r-1234",
    "saml_provider_arn": f"{ARN}:saml-provider/P",
    "serial_number": f"{ARN}:mfa/phone",
    "service_namespace": "s3",
    "service_namespaces": ["s3"],
    "service_principal": "config.amazonaws.com",
    "source_identity": "ann",
    "tag_keys": ["team"],
    "tags": [{"Key": "team", "Value": "a"}],
    "target": {"Id": ACCOUNT, "Type": "ACCOUNT"},
    "target_id": ACCOUNT,
    "target_principal": ACCOUNT,
    "task_policy_arn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"},
    "type": "SERVICE_CONTROL_POLICY",
    "url": "https://accounts.example.com",
    "virtual_mfa_device_name": "phone",
}


def operations() -> Iterator[tuple[str, Operation]]:
    for service in SERVICES:
        for name, operation in operations_of(service).items():
            if operation.action is not None:
                yield f"{service}:{name}", operation


def documented(action: str) -> Action:
    found = find_action(action)
    assert found is not None, action
    return found


LEFT_OUT: Final = UNDOCUMENTED | CONDITIONAL
OPERATIONS = [pytest.param(name, each, id=name) for name, each in operations() if name not in LEFT_OUT]


@pytest.fixture(scope="module")
def account() -> TestAccount:
    account = an_account()
    account.root.organizations.create_organization()
    account.signed_in("ann")
    return account


def given(operation: Operation) -> dict[str, object]:
    """Values for the parameters of an operation, of which a resolver takes what it needs."""
    values = {name: GIVEN.get(name, "example") for name in operation.parameters}
    return {name: value for name, value in values.items() if (operation.name, name) not in MFA}


def asked(account: TestAccount, work: Any, operation: Operation) -> Any:
    """What a resolver of an operation answers for a call with example parameters."""

    principal = Principal(PrincipalKind.IAM_USER, f"{ARN}:user/ann", ACCOUNT)
    caller = Caller(principal, "AIDAEXAMPLE", "ann")

    def run(records: Transaction) -> Any:
        call = SimpleNamespace(
            caller=caller, account=ACCOUNT, region="us-east-1", records=records, now=START, partition="aws"
        )
        return work(cast("Call", call), **given(operation))

    return account.cloud.store.read(run)


def test_every_action_is_documented_but_these() -> None:
    assert {name for name, each in operations() if find_action(str(each.action)) is None} == UNDOCUMENTED


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_an_operation_acts_on_a_resource_its_action_is_documented_for(
    account: TestAccount, name: str, operation: Operation
) -> None:
    action = documented(str(operation.action))
    if operation.resource is None:
        assert name in SELF_AUTHORIZED or not any(each.required for each in action.resources)
        return
    target: Target = asked(account, operation.resource, operation)
    if target.arn == "*" or name in NAMED_BY_MESSAGES:
        assert not action.resources or not all(each.required for each in action.resources)
        return
    assert action.resources, f"{target.arn} for an action without resources"
    assert not is_foreign(str(operation.action), target.arn), target.arn


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_an_operation_brings_condition_keys_its_action_is_documented_with(
    account: TestAccount, name: str, operation: Operation
) -> None:
    if operation.context is None:
        return
    action = documented(str(operation.action))
    service = find_service(action.service)
    assert service is not None
    known = set(action.condition_keys)
    for each in action.resources:
        known |= {*each.condition_keys}
        if each.name in service.resource_types:
            known |= {*service.resource_types[each.name].condition_keys}
    patterns = [re.compile(re.sub(r"\\\$\\\{[^}]*\\\}", ".*", re.escape(key)), re.IGNORECASE) for key in known]
    keys = asked(account, operation.context, operation)
    strange = [key for key in keys if not any(each.fullmatch(key) for each in (GLOBAL, *patterns))]
    assert strange == []
