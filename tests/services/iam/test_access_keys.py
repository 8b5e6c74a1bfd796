"""Access keys of users and of the root user."""

from __future__ import annotations

from dataclasses import replace

from sparekey.services.directory.credentials import ACCESS_KEYS, KEY_LAST_USED
from sparekey.services.directory.identifiers import account_of
from sparekey.services.directory.identities import LastUsed
from sparekey.storage.interface import Transaction
from tests.services.account import ACCOUNT, START, allow, an_account, refused


def test_a_new_key_signs_calls_of_its_user() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    key = account.root.iam.create_access_key(user_name="ann")["AccessKey"]
    assert key["UserName"] == "ann"
    assert key["Status"] == "Active"
    assert key["CreateDate"] == START
    credential = account.cloud.credential(key["AccessKeyId"])
    assert credential.secret == key["SecretAccessKey"]
    assert len(credential.secret) == 40
    assert credential.caller.name == "ann"


def test_a_key_id_tells_the_account_it_was_made_in() -> None:
    account = an_account()
    key = account.root.iam.create_access_key()["AccessKey"]
    assert key["AccessKeyId"].startswith("AKIA")
    assert account_of(key["AccessKeyId"]) == ACCOUNT


def test_a_user_has_two_keys_at_most() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    for _ in range(2):
        account.root.iam.create_access_key(user_name="ann")
    with refused("LimitExceededException", "Cannot exceed quota for AccessKeysPerUser: 2"):
        account.root.iam.create_access_key(user_name="ann")


def test_a_list_shows_no_secrets_and_comes_in_pages() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    made = {account.root.iam.create_access_key(user_name="ann")["AccessKey"]["AccessKeyId"] for _ in range(2)}
    first = account.root.iam.list_access_keys(user_name="ANN", max_items=1)
    assert first["IsTruncated"]
    second = account.root.iam.list_access_keys(user_name="ANN", max_items=1, marker=first["Marker"])
    assert not second["IsTruncated"]
    shown = first["AccessKeyMetadata"] + second["AccessKeyMetadata"]
    assert {each["AccessKeyId"] for each in shown} == made
    assert all(set(each) == {"UserName", "AccessKeyId", "Status", "CreateDate"} for each in shown)


def test_without_a_name_a_user_manages_its_own_keys() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:*AccessKey*", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"))
    second = ann.iam.create_access_key()["AccessKey"]
    assert second["UserName"] == "ann"
    assert len(ann.iam.list_access_keys()["AccessKeyMetadata"]) == 2
    account.root.iam.create_user(user_name="bob")
    with refused("AccessDenied"):
        ann.iam.create_access_key(user_name="bob")


def test_without_a_name_the_root_user_manages_its_own_keys() -> None:
    account = an_account()
    key = account.root.iam.create_access_key()["AccessKey"]
    assert key["UserName"] == "root"
    assert account.with_key(key["AccessKeyId"]).arn == f"arn:aws:iam::{ACCOUNT}:root"
    account.root.iam.delete_access_key(access_key_id=key["AccessKeyId"])
    assert len(account.root.iam.list_access_keys()["AccessKeyMetadata"]) == 1


def test_a_role_session_must_name_the_user() -> None:
    account = an_account()
    trust = allow("sts:AssumeRole").replace('"Resource": "*"', f'"Principal": {{"AWS": "{ACCOUNT}"}}')
    account.root.iam.create_role(role_name="Admin", assume_role_policy_document=trust)
    account.root.iam.put_role_policy(role_name="Admin", policy_name="all", policy_document=allow("*"))
    ann = account.signed_in("ann", allow("sts:AssumeRole"))
    role_arn = f"arn:aws:iam::{ACCOUNT}:role/Admin"
    session = account.with_session(ann.sts.assume_role(role_arn=role_arn, role_session_name="s")["Credentials"])
    with refused("ValidationError", "Must specify userName when calling with non-User credentials"):
        session.iam.list_access_keys()
    assert len(session.iam.list_access_keys(user_name="ann")["AccessKeyMetadata"]) == 1


def test_an_inactive_key_is_refused_until_it_is_active_again() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    key_id = account.root.iam.create_access_key(user_name="ann")["AccessKey"]["AccessKeyId"]
    account.root.iam.update_access_key(user_name="ann", access_key_id=key_id, status="Inactive")
    assert account.root.iam.list_access_keys(user_name="ann")["AccessKeyMetadata"][0]["Status"] == "Inactive"
    with refused("InvalidClientTokenId"):
        account.with_key(key_id)
    account.root.iam.update_access_key(user_name="ann", access_key_id=key_id, status="Active")
    assert account.with_key(key_id).arn.endswith("user/ann")


def test_nobody_sets_a_key_to_expired() -> None:
    account = an_account()
    key_id = account.root.iam.create_access_key()["AccessKey"]["AccessKeyId"]
    with refused("InvalidInputException"):
        account.root.iam.update_access_key(access_key_id=key_id, status="Expired")


def test_a_deleted_key_is_gone() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    key_id = account.root.iam.create_access_key(user_name="ann")["AccessKey"]["AccessKeyId"]
    account.root.iam.delete_access_key(user_name="ann", access_key_id=key_id)
    with refused("InvalidClientTokenId"):
        account.with_key(key_id)
    with refused("NoSuchEntityException", f"The Access Key with id {key_id} cannot be found."):
        account.root.iam.delete_access_key(user_name="ann", access_key_id=key_id)
    account.root.iam.delete_user(user_name="ann")


def test_a_key_is_found_under_its_own_user_only() -> None:
    account = an_account()
    for name in ("ann", "bob"):
        account.root.iam.create_user(user_name=name)
    key_id = account.root.iam.create_access_key(user_name="ann")["AccessKey"]["AccessKeyId"]
    with refused("NoSuchEntityException"):
        account.root.iam.update_access_key(user_name="bob", access_key_id=key_id, status="Inactive")


def test_a_user_that_does_not_exist_gets_no_key() -> None:
    with refused("NoSuchEntityException", "The user with name bob cannot be found."):
        an_account().root.iam.create_access_key(user_name="bob")


def test_a_user_with_keys_cannot_be_deleted() -> None:
    account = an_account()
    account.signed_in("ann")
    with refused("DeleteConflictException", "Cannot delete entity, must delete access keys first."):
        account.root.iam.delete_user(user_name="ann")


def test_the_last_use_is_not_available_before_there_is_one() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    key_id = account.root.iam.create_access_key(user_name="ann")["AccessKey"]["AccessKeyId"]
    assert account.root.iam.get_access_key_last_used(access_key_id=key_id) == {
        "UserName": "ann",
        "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"},
    }


def test_the_last_use_tells_when_where_and_what_for() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    key_id = account.root.iam.create_access_key(user_name="ann")["AccessKey"]["AccessKeyId"]
    used = LastUsed(START, "eu-central-1", "s3")
    account.cloud.store.write(lambda records: records.put(KEY_LAST_USED, (key_id,), used))
    assert account.root.iam.get_access_key_last_used(access_key_id=key_id)["AccessKeyLastUsed"] == {
        "LastUsedDate": START,
        "Region": "eu-central-1",
        "ServiceName": "s3",
    }


def test_the_last_use_of_the_root_users_key_names_the_root_user() -> None:
    account = an_account()
    key_id = account.root.caller.access_key_id
    assert account.root.iam.get_access_key_last_used(access_key_id=key_id)["UserName"] == "root"


def test_reading_a_keys_last_use_is_authorized_on_the_user_it_belongs_to() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann", path="/team/")
    key_id = account.root.iam.create_access_key(user_name="ann")["AccessKey"]["AccessKeyId"]
    auditor = account.signed_in("bob", allow("iam:GetAccessKeyLastUsed", f"arn:aws:iam::{ACCOUNT}:user/team/*"))
    assert auditor.iam.get_access_key_last_used(access_key_id=key_id)["UserName"] == "ann"
    with refused("AccessDenied"):
        auditor.iam.get_access_key_last_used(access_key_id=auditor.caller.access_key_id)


def test_keys_of_other_accounts_are_nobodys_business() -> None:
    account = an_account()
    other = account.root_of("210987654321")
    other.iam.create_user(user_name="eve")
    key_id = other.iam.create_access_key(user_name="eve")["AccessKey"]["AccessKeyId"]
    admin = account.signed_in("ann", allow("*"))
    for foreign in (key_id, other.caller.access_key_id):
        with refused("AccessDenied"):
            admin.iam.get_access_key_last_used(access_key_id=foreign)


def test_a_key_that_does_not_exist_has_no_last_use() -> None:
    account = an_account()
    with refused("NoSuchEntityException"):
        account.root.iam.get_access_key_last_used(access_key_id="AKIAIOSFODNN7EXAMPLE")


def test_a_key_of_a_user_that_is_gone_is_authorized_on_the_users_name() -> None:
    account = an_account()
    key_id = account.root.iam.create_access_key()["AccessKey"]["AccessKeyId"]

    def orphan(records: Transaction) -> None:
        key = records.get(ACCESS_KEYS, key_id)
        assert key is not None
        records.put(ACCESS_KEYS, (key_id,), replace(key, user="gone"))

    account.cloud.store.write(orphan)
    auditor = account.signed_in("bob", allow("iam:GetAccessKeyLastUsed", f"arn:aws:iam::{ACCOUNT}:user/gone"))
    assert auditor.iam.get_access_key_last_used(access_key_id=key_id)["UserName"] == "gone"
