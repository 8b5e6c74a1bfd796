"""Users."""

from __future__ import annotations

import pytest

from sparekey.services.directory.identities import LAST_USED, LastUsed
from tests.services.account import TestAccount, allow, an_account, refused
from tests.services.iam.certificates import certificate


@pytest.fixture
def account() -> TestAccount:
    return an_account()


def test_a_new_user_is_shown_with_its_path_id_and_arn(account: TestAccount) -> None:
    user = account.root.iam.create_user(user_name="ann", path="/team/")["User"]
    assert user["Arn"] == f"arn:aws:iam::{account.account_id}:user/team/ann"
    assert user["UserId"].startswith("AIDA")
    assert len(user["UserId"]) == 21
    assert set(user) == {"Path", "UserName", "UserId", "Arn", "CreateDate"}
    assert account.root.iam.get_user(user_name="ann")["User"] == user


def test_a_name_is_found_in_any_letter_case_and_shown_as_it_was_given(account: TestAccount) -> None:
    account.root.iam.create_user(user_name="Ann")
    assert account.root.iam.get_user(user_name="aNN")["User"]["UserName"] == "Ann"


def test_a_name_is_taken_in_any_letter_case(account: TestAccount) -> None:
    account.root.iam.create_user(user_name="Ann")
    with refused("EntityAlreadyExistsException", "User with name ANN already exists."):
        account.root.iam.create_user(user_name="ANN")


@pytest.mark.parametrize("path", ["/", "/team/", "/a//b/"])
def test_a_path_begins_and_ends_with_a_slash(account: TestAccount, path: str) -> None:
    assert account.root.iam.create_user(user_name="ann", path=path)["User"]["Path"] == path


@pytest.mark.parametrize("path", ["//", "/team", "team/", "/a b/", "/\x7f/", "/é/", "/a\n/", "", "/" + 511 * "a" + "/"])
def test_any_other_path_is_refused(account: TestAccount, path: str) -> None:
    with refused("ValidationError") as caught:
        account.root.iam.create_user(user_name="ann", path=path)
    assert caught.value.message.startswith("The specified value for path is invalid.")


def test_a_user_that_is_not_there_cannot_be_found(account: TestAccount) -> None:
    with refused("NoSuchEntityException", "The user with name non-existent-user cannot be found."):
        account.root.iam.get_user(user_name="non-existent-user")


def test_get_user_without_a_name_shows_the_caller(account: TestAccount) -> None:
    ann = account.signed_in("ann", allow("iam:GetUser"))
    assert ann.iam.get_user()["User"]["UserName"] == "ann"


def test_get_user_without_a_name_shows_the_root_user_without_name_and_path(account: TestAccount) -> None:
    user = account.root.iam.get_user()["User"]
    assert user["Arn"] == f"arn:aws:iam::{account.account_id}:root"
    assert user["UserId"] == account.account_id
    assert "UserName" not in user


def test_users_are_listed_below_a_path_in_pages(account: TestAccount) -> None:
    for name in ("c", "A", "b"):
        account.root.iam.create_user(user_name=name, path="/team/")
    account.root.iam.create_user(user_name="alone")
    iam = account.root.iam
    first = iam.list_users(path_prefix="/team/", max_items=2)
    assert [user["UserName"] for user in first["Users"]] == ["A", "b"]
    assert first["IsTruncated"] is True
    last = iam.list_users(path_prefix="/team/", max_items=2, marker=first["Marker"])
    assert [user["UserName"] for user in last["Users"]] == ["c"]
    assert last["IsTruncated"] is False
    assert "Marker" not in last
    assert len(iam.list_users()["Users"]) == 4


def test_lists_leave_out_tags_and_boundaries(account: TestAccount) -> None:
    account.root.iam.create_user(
        user_name="ann",
        tags=[{"Key": "team", "Value": "a"}],
        permissions_boundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
    )
    assert set(account.root.iam.list_users()["Users"][0]) == {"Path", "UserName", "UserId", "Arn", "CreateDate"}


def test_a_moved_user_keeps_its_id_and_changes_its_arn(account: TestAccount) -> None:
    before = account.root.iam.create_user(user_name="ann")["User"]
    account.root.iam.update_user(user_name="ann", new_path="/team/")
    after = account.root.iam.get_user(user_name="ann")["User"]
    assert after["UserId"] == before["UserId"]
    assert after["Arn"] == f"arn:aws:iam::{account.account_id}:user/team/ann"


def test_everything_follows_a_renamed_user(account: TestAccount) -> None:
    iam = account.root.iam
    ann = account.signed_in("ann", allow("iam:GetUser"))
    policy = iam.create_policy(policy_name="p", policy_document=allow("s3:*"))["Policy"]["Arn"]
    iam.create_group(group_name="g")
    iam.add_user_to_group(group_name="g", user_name="ann")
    iam.attach_user_policy(user_name="ann", policy_arn=policy)
    iam.put_user_permissions_boundary(user_name="ann", permissions_boundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.update_user(user_name="ann", new_user_name="Bob")

    with refused("NoSuchEntityException"):
        iam.get_user(user_name="ann")
    assert [user["UserName"] for user in iam.get_group(group_name="g")["Users"]] == ["Bob"]
    assert [each["UserName"] for each in iam.list_entities_for_policy(policy_arn=policy)["PolicyUsers"]] == ["Bob"]
    bounded = iam.list_entities_for_policy(
        policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess", policy_usage_filter="PermissionsBoundary"
    )
    assert [each["UserName"] for each in bounded["PolicyUsers"]] == ["Bob"]
    assert iam.get_policy(policy_arn=policy)["Policy"]["AttachmentCount"] == 1
    assert [key["UserName"] for key in iam.list_access_keys(user_name="bob")["AccessKeyMetadata"]] == ["Bob"]
    signed = account.with_key(ann.caller.access_key_id)
    assert signed.arn.endswith(":user/Bob")
    assert signed.iam.get_user()["User"]["UserName"] == "Bob"


def test_the_last_use_and_the_signing_certificates_of_a_user_are_looked_after(account: TestAccount) -> None:
    used = LastUsed(account.clock.at, "eu-central-1")
    account.root.iam.create_user(user_name="ann")
    account.cloud.store.write(lambda records: records.put(LAST_USED, (account.account_id, "user/ann"), used))
    account.root.iam.update_user(user_name="ann", new_user_name="bob")
    read = account.cloud.store.read
    assert read(lambda records: records.get(LAST_USED, account.account_id, "user/bob")) == used
    account.root.iam.upload_signing_certificate(user_name="bob", certificate_body=certificate("bob"))
    with refused("DeleteConflictException", "Cannot delete entity, must delete signing certificates first."):
        account.root.iam.delete_user(user_name="bob")


def test_the_letter_case_of_a_name_can_be_changed(account: TestAccount) -> None:
    iam = account.root.iam
    iam.create_user(user_name="ann")
    iam.create_group(group_name="g")
    iam.add_user_to_group(group_name="g", user_name="ann")
    iam.update_user(user_name="ann", new_user_name="Ann")
    assert iam.get_user(user_name="ann")["User"]["UserName"] == "Ann"
    assert [user["UserName"] for user in iam.get_group(group_name="g")["Users"]] == ["Ann"]


def test_a_user_cannot_take_the_name_of_another(account: TestAccount) -> None:
    account.root.iam.create_user(user_name="ann")
    account.root.iam.create_user(user_name="bob")
    with refused("EntityAlreadyExistsException", "User with name Bob already exists."):
        account.root.iam.update_user(user_name="ann", new_user_name="Bob")


def test_an_update_that_changes_nothing_is_no_error(account: TestAccount) -> None:
    user = account.root.iam.create_user(user_name="ann")["User"]
    account.root.iam.update_user(user_name="ann", new_user_name="ann", new_path="/")
    assert account.root.iam.get_user(user_name="ann")["User"] == user


def test_a_user_with_groups_policies_or_access_keys_cannot_be_deleted(account: TestAccount) -> None:
    iam = account.root.iam
    iam.create_user(user_name="ann")
    iam.create_group(group_name="g")
    iam.add_user_to_group(group_name="g", user_name="ann")
    iam.attach_user_policy(user_name="ann", policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.put_user_policy(user_name="ann", policy_name="p", policy_document=allow("s3:*"))
    key = iam.create_access_key(user_name="ann")["AccessKey"]["AccessKeyId"]
    with refused("DeleteConflictException", "Cannot delete entity, must remove users from group first."):
        iam.delete_user(user_name="ann")
    iam.remove_user_from_group(group_name="g", user_name="ann")
    with refused("DeleteConflictException", "Cannot delete entity, must detach all policies first."):
        iam.delete_user(user_name="ann")
    iam.detach_user_policy(user_name="ann", policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with refused("DeleteConflictException", "Cannot delete entity, must delete policies first."):
        iam.delete_user(user_name="ann")
    iam.delete_user_policy(user_name="ann", policy_name="p")
    with refused("DeleteConflictException", "Cannot delete entity, must delete access keys first."):
        iam.delete_user(user_name="ann")
    iam.delete_access_key(user_name="ann", access_key_id=key)
    iam.delete_user(user_name="ann")
    assert iam.list_users()["Users"] == []


def test_a_user_with_a_password_cannot_be_deleted(account: TestAccount) -> None:
    account.root.iam.create_user(user_name="ann")
    account.root.iam.create_login_profile(user_name="ann", password="correct horse 1 Battery!")
    with refused("DeleteConflictException", "Cannot delete entity, must delete login profile first."):
        account.root.iam.delete_user(user_name="ann")


def test_a_user_with_an_mfa_device_cannot_be_deleted_nor_lose_it_by_another_name(account: TestAccount) -> None:
    iam = account.root.iam
    iam.create_user(user_name="ann")
    _give_device(account, "ann")
    with refused("DeleteConflictException", "Cannot delete entity, must delete MFA device first."):
        iam.delete_user(user_name="ann")
    iam.update_user(user_name="ann", new_user_name="bob")
    assert [each["UserName"] for each in iam.list_mfa_devices(user_name="bob")["MFADevices"]] == ["bob"]


def _give_device(account: TestAccount, user_name: str) -> None:
    from dataclasses import replace

    from sparekey.services.directory.credentials import DEVICES_OF_USER, MFA_DEVICES
    from sparekey.services.directory.identities import Reference
    from sparekey.storage.interface import Transaction

    iam = account.root.iam
    serial = iam.create_virtual_mfa_device(virtual_mfa_device_name="phone")["VirtualMFADevice"]["SerialNumber"]

    def enable(records: Transaction) -> None:
        device = records.get(MFA_DEVICES, account.account_id, serial)
        assert device is not None
        enabled = replace(device, user=user_name, enabled=account.clock.at)
        records.put(MFA_DEVICES, (account.account_id, serial), enabled)
        records.put(DEVICES_OF_USER, (account.account_id, user_name, serial), Reference(serial))

    account.cloud.store.write(enable)


def test_a_user_with_a_service_specific_credential_cannot_be_deleted(account: TestAccount) -> None:
    account.root.iam.create_user(user_name="ann")
    account.root.iam.create_service_specific_credential(user_name="ann", service_name="codecommit.amazonaws.com")
    with refused("DeleteConflictException", "Cannot delete entity, must remove referenced objects first."):
        account.root.iam.delete_user(user_name="ann")


def test_a_boundary_goes_with_its_user(account: TestAccount) -> None:
    iam = account.root.iam
    policy = iam.create_policy(policy_name="p", policy_document=allow("s3:*"))["Policy"]["Arn"]
    iam.create_user(user_name="ann", permissions_boundary=policy)
    iam.delete_user(user_name="ann")
    iam.delete_policy(policy_arn=policy)


def test_a_user_made_anew_is_another_one(account: TestAccount) -> None:
    first = account.root.iam.create_user(user_name="ann")["User"]["UserId"]
    account.root.iam.delete_user(user_name="ann")
    assert account.root.iam.create_user(user_name="ann")["User"]["UserId"] != first


def test_an_account_has_so_many_users_and_no_more() -> None:
    account = an_account(Users=1)
    account.root.iam.create_user(user_name="ann")
    with refused("LimitExceededException", "Cannot exceed quota for UsersPerAccount: 1"):
        account.root.iam.create_user(user_name="bob")
    account.root.iam.delete_user(user_name="ann")
    account.root.iam.create_user(user_name="bob")
