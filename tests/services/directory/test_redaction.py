"""What the record may hold of a call's parameters and answer."""

from __future__ import annotations

from datetime import UTC, datetime

from sparekey.services.directory.redaction import redacted

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_secrets_and_blobs_are_hidden() -> None:
    shown = redacted(
        "iam",
        {
            "user_name": "ann",
            "password": "hunter2",
            "data": b"\x00",
            "AccessKey": {"AccessKeyId": "AKIA1", "SecretAccessKey": "secret", "CreateDate": NOW},
            "tags": [{"Key": "team", "Value": "x"}, {"Key": "Password", "Value": "hunter2"}],
            "own_secret": "hunter2",
            "nothing": None,
            "policy_names": ("a", "b"),
            "duration_seconds": 900,
        },
        frozenset(("OwnSecret",)),
    )
    hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert shown == {
        "userName": "ann",
        "password": hidden,
        "data": hidden,
        "accessKey": {"accessKeyId": "AKIA1", "secretAccessKey": hidden, "createDate": "2026-11-23T12:00:00Z"},
        "tags": [{"key": "team", "value": "x"}, {"key": "Password", "value": hidden}],
        "ownSecret": hidden,
        "policyNames": ["a", "b"],
        "durationSeconds": 900,
    }


def test_names_are_written_as_cloudtrail_writes_them() -> None:
    given = {"SAMLProviderArn": "1", "saml_provider_arn": "2", "virtual_mfa_device_name": "3", "UserName": "4"}
    assert redacted("iam", given) == {"sAMLProviderArn": "2", "virtualMFADeviceName": "3", "userName": "4"}
    shown = redacted("kms", {"encryption_context": {"Department": "10"}, "plaintext": b"x"})
    assert shown["encryptionContext"] == {"Department": "10"}


def test_who_owns_an_account_is_shown_as_stars() -> None:
    shown = redacted("organizations", {"email": "a@example.com", "account_name": "dev"})
    assert shown == {"email": "****", "accountName": "****"}
