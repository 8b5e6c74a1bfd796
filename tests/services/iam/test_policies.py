"""Managed policies and their versions."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import pytest

from tests.services.account import TestAccount, allow, an_account, refused

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture
def account() -> TestAccount:
    return an_account()


@pytest.fixture
def policy(account: TestAccount) -> str:
    made = account.root.iam.create_policy(
        policy_name="P", path="/team/", policy_document=allow("s3:GetObject"), description="d"
    )
    arn: str = made["Policy"]["Arn"]
    return arn


def test_create_policy_shows_counts_and_no_description(account: TestAccount) -> None:
    made = account.root.iam.create_policy(policy_name="p", policy_document=allow("s3:*"), description="d")["Policy"]
    assert set(made) == {
        *("PolicyName", "PolicyId", "Arn", "Path", "DefaultVersionId", "AttachmentCount"),
        *("PermissionsBoundaryUsageCount", "IsAttachable", "CreateDate", "UpdateDate"),
    }
    assert made["Arn"] == f"arn:aws:iam::{account.account_id}:policy/p"
    assert made["PolicyId"].startswith("ANPA")
    assert (made["DefaultVersionId"], made["AttachmentCount"], made["IsAttachable"]) == ("v1", 0, True)


def test_create_policy_shows_the_tags_it_was_given(account: TestAccount) -> None:
    tags = [{"Key": "A", "Value": "c"}, {"Key": "a", "Value": "b"}]
    made = account.root.iam.create_policy(policy_name="p", policy_document=allow("s3:*"), tags=tags)["Policy"]
    assert made["Tags"] == tags


def test_get_policy_adds_tags_and_description(account: TestAccount, policy: str) -> None:
    shown = account.root.iam.get_policy(policy_arn=policy)["Policy"]
    assert shown["Tags"] == []
    assert shown["Description"] == "d"


def test_an_aws_managed_policy_is_shown_like_any_other(account: TestAccount) -> None:
    shown = account.root.iam.get_policy(policy_arn=READ_ONLY)["Policy"]
    assert shown["PolicyName"] == "ReadOnlyAccess"
    version = account.root.iam.get_policy_version(policy_arn=READ_ONLY, version_id=shown["DefaultVersionId"])
    assert '"Statement"' in unquote(version["PolicyVersion"]["Document"])


def test_a_policy_name_is_taken_in_any_letter_case_and_below_any_path(account: TestAccount, policy: str) -> None:
    with refused("EntityAlreadyExistsException", "A policy called p already exists. Duplicate names are not allowed."):
        account.root.iam.create_policy(policy_name="p", policy_document=allow("s3:*"))


@pytest.mark.parametrize("name", ["non-existent-policy", "P", "team/p"])
def test_a_policy_is_found_by_exactly_its_arn(account: TestAccount, policy: str, name: str) -> None:
    arn = f"arn:aws:iam::{account.account_id}:policy/{name}"
    with refused("NoSuchEntityException", f"Policy {arn} was not found."):
        account.root.iam.get_policy(policy_arn=arn)
    with refused("NoSuchEntityException", f"Policy {arn} was not found."):
        account.root.iam.delete_policy(policy_arn=arn)


@pytest.mark.parametrize(
    ("arn", "shape", "sentence"),
    [
        ("nothing-valid-at-all-in-here", "ValidationError", "Invalid ARN:  Could not be parsed!"),
        ("arn:aws:iam::123456789012:", "ValidationError", "Invalid ARN:  Could not be parsed!"),
        ("arn:aws-cn:iam::123456789012:policy/p", "ValidationError", "Invalid ARN partition"),
        (
            "arn:aws:iam::123456789012:role/some-role",
            "InvalidInputException",
            "ARN arn:aws:iam::123456789012:role/some-role is not valid.",
        ),
        (
            "arn:aws:s3:::some-bucket-name",
            "InvalidInputException",
            "ARN arn:aws:s3:::some-bucket-name is not valid.",
        ),
    ],
)
def test_what_is_no_arn_of_a_policy_is_refused(account: TestAccount, arn: str, shape: str, sentence: str) -> None:
    with refused(shape, sentence):
        account.root.iam.get_policy(policy_arn=arn)


def test_a_policy_of_another_account_is_not_found(account: TestAccount) -> None:
    other = account.root_of("999988887777")
    arn = other.iam.create_policy(policy_name="p", policy_document=allow("s3:*"))["Policy"]["Arn"]
    with refused("NoSuchEntityException", f"Policy {arn} was not found."):
        account.root.iam.get_policy(policy_arn=arn)


def test_a_document_has_so_many_characters_and_no_more(account: TestAccount) -> None:
    empty = len("".join(allow("s3:GetObject", "arn:aws:s3:::").split()))
    full = allow("s3:GetObject", "arn:aws:s3:::" + (6144 - empty) * "b")
    policy = account.root.iam.create_policy(policy_name="p", policy_document=full)["Policy"]["Arn"]
    longer = full.replace("bb", "bbb", 1)
    with refused("LimitExceededException", "Cannot exceed quota for PolicySize: 6144"):
        account.root.iam.create_policy(policy_name="q", policy_document=longer)
    with refused("LimitExceededException", "Cannot exceed quota for PolicySize: 6144"):
        account.root.iam.create_policy_version(policy_arn=policy, policy_document=longer)


def test_versions_are_numbered_and_listed_newest_first(account: TestAccount, policy: str) -> None:
    iam = account.root.iam
    account.later(hours=1)
    made = iam.create_policy_version(policy_arn=policy, policy_document=allow("s3:PutObject"))["PolicyVersion"]
    assert made == {"VersionId": "v2", "IsDefaultVersion": False, "CreateDate": account.clock.at}
    versions = iam.list_policy_versions(policy_arn=policy)["Versions"]
    assert [(each["VersionId"], each["IsDefaultVersion"]) for each in versions] == [("v2", False), ("v1", True)]
    shown = iam.get_policy(policy_arn=policy)["Policy"]
    assert (shown["DefaultVersionId"], shown["UpdateDate"]) == ("v1", account.clock.at)
    second = iam.get_policy_version(policy_arn=policy, version_id="v2")["PolicyVersion"]
    assert unquote(second["Document"]) == allow("s3:PutObject")


def test_versions_come_in_pages(account: TestAccount, policy: str) -> None:
    iam = account.root.iam
    iam.create_policy_version(policy_arn=policy, policy_document=allow("s3:PutObject"))
    first = iam.list_policy_versions(policy_arn=policy, max_items=1)
    last = iam.list_policy_versions(policy_arn=policy, max_items=1, marker=first["Marker"])
    assert [each["VersionId"] for each in (*first["Versions"], *last["Versions"])] == ["v2", "v1"]


def test_the_default_version_is_the_one_in_force(account: TestAccount, policy: str) -> None:
    iam = account.root.iam
    ann = account.signed_in("ann")
    iam.attach_user_policy(user_name="ann", policy_arn=policy)
    with refused("AccessDenied"):
        ann.iam.list_users()
    iam.create_policy_version(policy_arn=policy, policy_document=allow("iam:ListUsers"), set_as_default=True)
    ann.iam.list_users()
    iam.set_default_policy_version(policy_arn=policy, version_id="v1")
    with refused("AccessDenied"):
        ann.iam.list_users()


def test_a_policy_has_five_versions_at_most_and_no_number_comes_back(account: TestAccount, policy: str) -> None:
    iam = account.root.iam
    for _ in range(4):
        iam.create_policy_version(policy_arn=policy, policy_document=allow("s3:PutObject"))
    with refused(
        "LimitExceededException",
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing "
        "version.",
    ):
        iam.create_policy_version(policy_arn=policy, policy_document=allow("s3:PutObject"))
    iam.delete_policy_version(policy_arn=policy, version_id="v5")
    made = iam.create_policy_version(policy_arn=policy, policy_document=allow("s3:PutObject"))
    assert made["PolicyVersion"]["VersionId"] == "v6"


def test_the_default_version_cannot_be_deleted(account: TestAccount, policy: str) -> None:
    with refused("DeleteConflictException", "Cannot delete the default version of a policy."):
        account.root.iam.delete_policy_version(policy_arn=policy, version_id="v1")


@pytest.mark.parametrize("verb", ["get_policy_version", "set_default_policy_version", "delete_policy_version"])
def test_a_version_that_is_not_there_does_not_exist(account: TestAccount, policy: str, verb: str) -> None:
    with refused("NoSuchEntityException", f"Policy {policy} version v9 does not exist or is not attachable."):
        getattr(account.root.iam, verb)(policy_arn=policy, version_id="v9")


def test_nobody_but_aws_changes_aws_managed_policies(account: TestAccount) -> None:
    iam = account.root.iam
    refusings: list[Callable[[], object]] = [
        lambda: iam.create_policy_version(policy_arn=READ_ONLY, policy_document=allow("*")),
        lambda: iam.delete_policy(policy_arn=READ_ONLY),
        lambda: iam.tag_policy(policy_arn=READ_ONLY, tags=[{"Key": "a", "Value": "b"}]),
    ]
    for refusing in refusings:
        with refused("AccessDenied"):
            refusing()


def test_a_policy_in_use_or_with_versions_cannot_be_deleted(account: TestAccount, policy: str) -> None:
    iam = account.root.iam
    iam.create_user(user_name="ann", permissions_boundary=policy)
    with refused("DeleteConflictException", "Cannot delete a policy attached to entities."):
        iam.delete_policy(policy_arn=policy)
    iam.delete_user_permissions_boundary(user_name="ann")
    iam.attach_user_policy(user_name="ann", policy_arn=policy)
    with refused("DeleteConflictException", "Cannot delete a policy attached to entities."):
        iam.delete_policy(policy_arn=policy)
    iam.detach_user_policy(user_name="ann", policy_arn=policy)
    iam.create_policy_version(policy_arn=policy, policy_document=allow("s3:PutObject"))
    with refused("DeleteConflictException") as caught:
        iam.delete_policy(policy_arn=policy)
    assert caught.value.message.startswith("This policy has more than one version.")
    iam.delete_policy_version(policy_arn=policy, version_id="v2")
    iam.delete_policy(policy_arn=policy)
    assert iam.list_policies(scope="Local")["Policies"] == []


def test_attachments_do_not_count_boundaries(account: TestAccount, policy: str) -> None:
    account.root.iam.create_user(user_name="ann", permissions_boundary=policy)
    shown = account.root.iam.get_policy(policy_arn=policy)["Policy"]
    assert (shown["AttachmentCount"], shown["PermissionsBoundaryUsageCount"]) == (0, 1)


def names(listed: dict[str, list[dict[str, str]]]) -> list[str]:
    return [each["PolicyName"] for each in listed["Policies"]]


def test_the_scope_tells_whose_policies_are_listed(account: TestAccount, policy: str) -> None:
    iam = account.root.iam
    assert names(iam.list_policies(scope="Local")) == ["P"]
    aws = names(iam.list_policies(scope="AWS", max_items=1000))
    assert len(aws) == 1000
    assert "P" not in aws
    assert names(iam.list_policies(max_items=3)) == ["P", *aws[:2]]


def test_all_policies_are_listed_once_page_by_page(account: TestAccount, policy: str) -> None:
    iam = account.root.iam
    iam.create_policy(policy_name="q", policy_document=allow("s3:*"))
    found: list[str] = []
    page = iam.list_policies(max_items=1)
    found += names(page)
    while page["IsTruncated"]:
        page = iam.list_policies(max_items=400, marker=page["Marker"])
        found += names(page)
    assert found[:2] == ["P", "q"]
    assert len(found) == len(set(found)) > 1000


def test_lists_leave_out_tags_and_description(account: TestAccount, policy: str) -> None:
    account.root.iam.tag_policy(policy_arn=policy, tags=[{"Key": "a", "Value": "b"}])
    (listed,) = account.root.iam.list_policies(scope="Local")["Policies"]
    assert not {"Tags", "Description"} & set(listed)


def test_policies_are_listed_below_a_path(account: TestAccount, policy: str) -> None:
    account.root.iam.create_policy(policy_name="other", policy_document=allow("s3:*"))
    assert names(account.root.iam.list_policies(scope="Local", path_prefix="/team/")) == ["P"]


def test_the_usage_filter_acts_only_on_attached_policies(account: TestAccount, policy: str) -> None:
    iam = account.root.iam
    iam.create_user(user_name="ann", permissions_boundary=policy)
    iam.attach_user_policy(user_name="ann", policy_arn=READ_ONLY)
    iam.create_policy(policy_name="unused", policy_document=allow("s3:*"))
    assert names(iam.list_policies(scope="Local", policy_usage_filter="PermissionsPolicy")) == ["P", "unused"]
    assert names(iam.list_policies(only_attached=True)) == ["P", "ReadOnlyAccess"]
    boundaries = iam.list_policies(only_attached=True, policy_usage_filter="PermissionsBoundary")
    assert names(boundaries) == ["P"]
    attached = iam.list_policies(only_attached=True, policy_usage_filter="PermissionsPolicy")
    assert names(attached) == ["ReadOnlyAccess"]


def test_an_account_has_so_many_policies_and_versions_and_no_more() -> None:
    account = an_account(Policies=1, PolicyVersionsInUse=2)
    policy = account.root.iam.create_policy(policy_name="a", policy_document=allow("s3:*"))["Policy"]["Arn"]
    with refused("LimitExceededException", "Cannot exceed quota for PoliciesPerAccount: 1"):
        account.root.iam.create_policy(policy_name="b", policy_document=allow("s3:*"))
    account.root.iam.create_policy_version(policy_arn=policy, policy_document=allow("s3:*"))
    with refused("LimitExceededException", "Cannot exceed quota for PolicyVersionsInUsePerAccount: 2"):
        account.root.iam.create_policy_version(policy_arn=policy, policy_document=allow("s3:*"))
