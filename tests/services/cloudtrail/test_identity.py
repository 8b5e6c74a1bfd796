"""Identities of records that are cumbersome to make through the door."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sparekey.services.cloudtrail.events import event_of
from sparekey.services.cloudtrail.identity import user_identity, user_name
from sparekey.services.directory.record import CallOutcome, CallRecord

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_record(operation: str = "AssumeRoleWithWebIdentity", **members: str) -> CallRecord:
    told = {"account": "123456789012", "kind": "anonymous", **members}
    return CallRecord(
        event_id="e",
        time=NOW,
        region="us-east-1",
        service="sts",
        operation=operation,
        read_only=False,
        outcome=CallOutcome.ALLOWED,
        **told,  # type: ignore[arg-type]  # by name
    )


def test_a_web_identity_user_is_told_by_its_provider() -> None:
    answer = {"provider": "accounts.example.com", "audience": "app", "subjectFromWebIdentityToken": "ann"}
    record = a_record(response=json.dumps(answer))
    assert user_identity(record) == {
        "type": "WebIdentityUser",
        "principalId": "accounts.example.com:app:ann",
        "userName": "ann",
        "identityProvider": "accounts.example.com",
    }
    assert user_name(record) == "ann"


def test_a_saml_user_is_told_by_its_issuer() -> None:
    answer = {"issuer": "https://idp.example.com", "subject": "ann", "nameQualifier": "q"}
    record = a_record("AssumeRoleWithSAML", response=json.dumps(answer))
    assert user_identity(record)["principalId"] == "q:ann"
    assert user_identity(record)["type"] == "SAMLUser"


def test_nobody_is_told_as_unknown() -> None:
    assert user_identity(a_record("GetUser"))["type"] == "Unknown"
    assert user_identity(a_record())["userName"] == ""
    assert event_of(a_record())["Username"] == ""


def test_another_accounts_principal_is_told_as_its_account() -> None:
    record = a_record(
        kind="iam-user",
        principal="arn:aws:iam::999988887777:user/eve",
        principal_account="999988887777",
        user_id="AIDA9",
    )
    assert user_identity(record) == {"type": "AWSAccount", "principalId": "AIDA9", "accountId": "999988887777"}


def test_a_federated_session_names_its_provider_and_its_service() -> None:
    record = a_record(
        "GetUser",
        kind="role-session",
        principal="arn:aws:sts::123456789012:assumed-role/app/night",
        principal_account="123456789012",
        session_kind="assumed-role",
        federated_provider="accounts.example.com",
        issuer="arn:aws:iam::123456789012:role/app",
        invoked_by="cloudformation.amazonaws.com",
    )
    identity = user_identity(record)
    assert identity["invokedBy"] == "cloudformation.amazonaws.com"
    context = identity["sessionContext"]
    assert isinstance(context, dict)
    assert context["webIdFederationData"] == {"federatedProvider": "accounts.example.com", "attributes": {}}


def test_a_session_of_the_root_user_is_issued_by_it() -> None:
    record = a_record(
        "GetUser",
        kind="federated-user",
        principal="arn:aws:sts::123456789012:federated-user/guest",
        principal_account="123456789012",
        session_kind="federated-user",
        issuer="arn:aws:iam::123456789012:root",
        issuer_id="123456789012",
    )
    context = user_identity(record)["sessionContext"]
    assert isinstance(context, dict)
    assert context["sessionIssuer"] == {
        "type": "Root",
        "principalId": "123456789012",
        "arn": "arn:aws:iam::123456789012:root",
        "accountId": "123456789012",
    }
