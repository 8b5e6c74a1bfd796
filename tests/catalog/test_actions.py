"""What the catalog says of actions."""

from __future__ import annotations

from sparekey.catalog.actions import find_action, find_service, prefixes
from sparekey.catalog.rcp_services import RCP_SERVICES


def test_an_action_has_its_resource_types_keys_and_level() -> None:
    action = find_action("iam:PassRole")
    assert action is not None
    assert (action.service, action.name, action.access_level) == ("iam", "PassRole", "Write")
    assert [(each.name, each.required) for each in action.resources] == [("role", True)]
    assert action.condition_keys == ("iam:AssociatedResourceArn", "iam:PassedToService")


def test_actions_are_found_in_any_letter_case() -> None:
    assert find_action("IAM:createuser") == find_action("iam:CreateUser") is not None


def test_what_is_not_documented_is_not_found() -> None:
    assert find_action("iam:MakeCoffee") is None
    assert find_action("coffee:Make") is None
    assert find_action("iam") is None
    assert find_service("coffee") is None


def test_a_resource_type_has_the_form_of_its_arns() -> None:
    service = find_service("kms")
    assert service is not None
    assert service.name == "AWS Key Management Service"
    assert service.resource_types["key"].arn == "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"
    assert service.condition_keys["kms:EncryptionContextKeys"] == "ArrayOfString"


def test_every_service_can_be_read_and_its_actions_name_known_types() -> None:
    assert {"iam", "sts", "organizations", "kms", "cloudformation", "cloudtrail", "s3", "ec2"} <= prefixes()
    for prefix in prefixes():
        service = find_service(prefix)
        assert service is not None
        for action in service.actions.values():
            assert action.service == prefix
            assert all(each.name for each in action.resources)


def test_dependent_actions_are_known() -> None:
    action = find_action("cloudformation:CreateStack")
    assert action is not None
    assert action.access_level == "Write"
    assert "cloudformation:RoleArn" in action.condition_keys


def test_rcps_are_for_services_that_exist() -> None:
    assert {"s3", "sts", "kms", "sqs", "secretsmanager"} <= RCP_SERVICES <= prefixes()
    assert "iam" not in RCP_SERVICES
