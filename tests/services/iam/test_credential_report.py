"""The credential report."""

from __future__ import annotations

import csv

from sparekey.services.directory.credentials import KEY_LAST_USED
from sparekey.services.directory.identities import LastUsed
from tests.services.account import ACCOUNT, START, TestAccount, an_account, refused
from tests.services.iam.certificates import certificate
from tests.services.iam.test_mfa import phone


def rows(account: TestAccount) -> dict[str, dict[str, str]]:
    account.root.iam.generate_credential_report()
    content = account.root.iam.get_credential_report()["Content"].decode()
    return {row["user"]: row for row in csv.DictReader(content.splitlines())}


def test_a_report_is_generated_before_it_is_read() -> None:
    account = an_account()
    with refused("CredentialReportNotPresentException"):
        account.root.iam.get_credential_report()
    assert account.root.iam.generate_credential_report()["State"] == "STARTED"
    assert account.root.iam.generate_credential_report() == {"State": "COMPLETE"}
    report = account.root.iam.get_credential_report()
    assert (report["ReportFormat"], report["GeneratedTime"]) == ("text/csv", START)


def test_a_report_is_good_for_four_hours() -> None:
    account = an_account()
    assert list(rows(account)) == ["<root_account>"]
    account.root.iam.create_user(user_name="ann")
    assert list(rows(account)) == ["<root_account>"]
    account.later(hours=4)
    with refused("CredentialReportExpiredException"):
        account.root.iam.get_credential_report()
    assert list(rows(account)) == ["<root_account>", "ann"]


def test_the_columns_are_those_that_iam_documents() -> None:
    account = an_account()
    account.root.iam.generate_credential_report()
    header = account.root.iam.get_credential_report()["Content"].decode().splitlines()[0]
    assert header == (
        "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
        "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
        "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
        "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
        "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
    )


def test_the_root_users_row_says_little_of_its_password() -> None:
    account = an_account()
    row = rows(account)["<root_account>"]
    assert row["arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert (row["password_enabled"], row["password_last_used"]) == ("not_supported", "no_information")
    assert row["access_key_1_active"] == "true"


def test_a_user_without_credentials() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    row = rows(account)["ann"]
    assert row["user_creation_time"] == "2026-11-23T12:00:00+00:00"
    del row["user"], row["arn"], row["user_creation_time"]
    assert set(row.values()) == {"false", "N/A"}


def test_a_user_with_all_credentials() -> None:
    account = an_account()
    root = account.root.iam
    root.create_user(user_name="Ann")
    root.create_login_profile(user_name="ann", password="Correct-Horse7")
    root.update_account_password_policy(max_password_age=90)
    device = phone(account)
    root.enable_mfa_device(user_name="ann", serial_number=device.serial_number, **device.codes())
    first = root.create_access_key(user_name="ann")["AccessKey"]["AccessKeyId"]
    account.later(days=1)
    second = root.create_access_key(user_name="ann")["AccessKey"]["AccessKeyId"]
    root.update_access_key(user_name="ann", access_key_id=second, status="Inactive")
    root.upload_signing_certificate(user_name="ann", certificate_body=certificate("ann"))
    used = LastUsed(START, "", "iam")
    account.cloud.store.write(lambda records: records.put(KEY_LAST_USED, (first,), used))
    row = rows(account)["Ann"]
    assert row["password_enabled"] == "true"
    assert row["password_last_used"] == "no_information"
    assert row["password_last_changed"] == "2026-11-23T12:00:00+00:00"
    assert row["password_next_rotation"] == "2027-02-21T12:00:00+00:00"
    assert row["mfa_active"] == "true"
    assert (row["access_key_1_active"], row["access_key_1_last_rotated"]) == ("true", "2026-11-23T12:00:00+00:00")
    assert row["access_key_1_last_used_date"] == "2026-11-23T12:00:00+00:00"
    assert (row["access_key_1_last_used_region"], row["access_key_1_last_used_service"]) == ("N/A", "iam")
    assert (row["access_key_2_active"], row["access_key_2_last_rotated"]) == ("false", "2026-11-24T12:00:00+00:00")
    assert (row["cert_1_active"], row["cert_1_last_rotated"]) == ("true", "2026-11-24T12:00:00+00:00")
    assert (row["cert_2_active"], row["cert_2_last_rotated"]) == ("false", "N/A")
