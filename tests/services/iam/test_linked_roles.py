"""Service-linked roles."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from sparekey.catalog import managed_policies
from sparekey.services.iam.linked_services import LINKED_SERVICES
from tests.services.account import TestAccount, allow, an_account, refused


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def test_a_service_linked_role_has_the_name_path_and_policy_of_its_service(account: TestAccount) -> None:
    role = account.root.iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com", description="d")["Role"]
    assert role["Arn"] == (
        f"arn:aws:iam::{account.account_id}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    )
    trust = json.loads(unquote(role["AssumeRolePolicyDocument"]))
    assert trust["Statement"] == [
        {"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": ["ecs.amazonaws.com"]}}
    ]
    attached = account.root.iam.list_attached_role_policies(role_name="AWSServiceRoleForECS")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AmazonECSServiceRolePolicy"]
    assert account.root.iam.get_role(role_name="AWSServiceRoleForECS")["Role"]["Description"] == "d"


@pytest.mark.parametrize("service", sorted(LINKED_SERVICES))
def test_the_policy_of_every_service_linked_role_is_in_the_catalog(service: str) -> None:
    policy = LINKED_SERVICES[service].policy
    assert managed_policies.find(f"arn:aws:iam::aws:policy/aws-service-role/{policy}") is not None


def test_a_second_role_of_a_service_is_refused(account: TestAccount) -> None:
    account.root.iam.create_service_linked_role(aws_service_name="batch.amazonaws.com")
    with refused(
        "InvalidInputException",
        "Service role name AWSServiceRoleForBatch has been taken in this account, please try a different suffix.",
    ):
        account.root.iam.create_service_linked_role(aws_service_name="batch.amazonaws.com")


def test_only_some_services_take_a_suffix(account: TestAccount) -> None:
    made = account.root.iam.create_service_linked_role(
        aws_service_name="autoscaling.amazonaws.com", custom_suffix="two"
    )
    assert made["Role"]["RoleName"] == "AWSServiceRoleForAutoScaling_two"
    with refused("InvalidInputException", "Custom suffix is not allowed for ecs.amazonaws.com"):
        account.root.iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com", custom_suffix="two")


def test_a_service_that_is_not_known_here_is_refused_by_name(account: TestAccount) -> None:
    with refused("NotImplementedHere", "sparekey knows no service-linked role of `tea.amazonaws.com`"):
        account.root.iam.create_service_linked_role(aws_service_name="tea.amazonaws.com")


def test_only_aws_changes_a_service_linked_role(account: TestAccount) -> None:
    iam, name = account.root.iam, "AWSServiceRoleForECS"
    iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com")
    iam.create_instance_profile(instance_profile_name="p")
    trust = unquote(iam.get_role(role_name=name)["Role"]["AssumeRolePolicyDocument"])
    policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    sentence = f"Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
    refusings: list[Callable[[], object]] = [
        lambda: iam.delete_role(role_name=name),
        lambda: iam.update_assume_role_policy(role_name=name, policy_document=trust),
        lambda: iam.put_role_policy(role_name=name, policy_name="p", policy_document=allow("s3:*")),
        lambda: iam.delete_role_policy(role_name=name, policy_name="p"),
        lambda: iam.attach_role_policy(role_name=name, policy_arn=policy),
        lambda: iam.detach_role_policy(role_name=name, policy_arn=policy),
        lambda: iam.put_role_permissions_boundary(role_name=name, permissions_boundary=policy),
        lambda: iam.delete_role_permissions_boundary(role_name=name),
        lambda: iam.add_role_to_instance_profile(instance_profile_name="p", role_name=name),
    ]
    for refusing in refusings:
        with refused("UnmodifiableEntityException", sentence):
            refusing()
    with refused(
        "UnmodifiableEntityException", f"{name} is an AWS service linked role, max session duration cannot be changed."
    ):
        iam.update_role(role_name=name, max_session_duration=7200)


def test_description_and_tags_of_a_service_linked_role_may_change(account: TestAccount) -> None:
    iam, name = account.root.iam, "AWSServiceRoleForECS"
    iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com")
    iam.update_role(role_name=name, description="ours")
    iam.tag_role(role_name=name, tags=[{"Key": "a", "Value": "b"}])
    role = iam.get_role(role_name=name)["Role"]
    assert (role["Description"], role["Tags"]) == ("ours", [{"Key": "a", "Value": "b"}])


def test_a_deletion_has_a_task_and_a_repeated_one_the_same(account: TestAccount) -> None:
    iam, name = account.root.iam, "AWSServiceRoleForECS"
    iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com")
    task = iam.delete_service_linked_role(role_name=name)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/ecs.amazonaws.com/{name}/")
    assert iam.delete_service_linked_role(role_name=name)["DeletionTaskId"] == task
    assert iam.get_service_linked_role_deletion_status(deletion_task_id=task) == {"Status": "SUCCEEDED"}
    with refused("NoSuchEntityException"):
        iam.get_role(role_name=name)
    assert iam.list_policies(only_attached=True)["Policies"] == []


def test_a_role_made_anew_is_deleted_by_another_task(account: TestAccount) -> None:
    iam, name = account.root.iam, "AWSServiceRoleForECS"
    iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com")
    first = iam.delete_service_linked_role(role_name=name)["DeletionTaskId"]
    iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com")
    assert iam.delete_service_linked_role(role_name=name)["DeletionTaskId"] != first
    with refused("NoSuchEntityException", "Cannot find deletion status for given id."):
        iam.get_service_linked_role_deletion_status(deletion_task_id=first)


def test_an_ordinary_role_is_not_deleted_as_a_service_linked_one(account: TestAccount) -> None:
    trust = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
        '"Action":"sts:AssumeRole"}]}'
    )
    account.root.iam.create_role(role_name="r", assume_role_policy_document=trust)
    for name in ("r", "gone"):
        with refused("NoSuchEntityException", f"The role with name {name} cannot be found."):
            account.root.iam.delete_service_linked_role(role_name=name)


def test_a_task_id_that_is_none_is_refused(account: TestAccount) -> None:
    with refused("InvalidInputException", "Invalid task id"):
        account.root.iam.get_service_linked_role_deletion_status(deletion_task_id="task/1")


def test_making_one_is_authorized_on_its_arn_and_service(account: TestAccount) -> None:
    arn = f"arn:aws:iam::{account.account_id}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    only_ecs = allow("iam:CreateServiceLinkedRole", arn, StringEquals={"iam:AWSServiceName": "ecs.amazonaws.com"})
    ann = account.signed_in("ann", only_ecs)
    with refused("AccessDenied"):
        ann.iam.create_service_linked_role(aws_service_name="batch.amazonaws.com")
    ann.iam.create_service_linked_role(aws_service_name="ecs.amazonaws.com")
