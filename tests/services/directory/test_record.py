from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sparekey.policy import (
    Grant,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    authorize,
    parse_policy,
)
from sparekey.services.directory import record as module
from sparekey.services.directory.record import (
    RECORDS,
    RETENTION,
    CallOutcome,
    CallRecord,
    age,
    home_region,
    key_of,
    newest,
    places,
    record_of,
    redacted,
    trim,
)
from sparekey.services.operation import Caller
from sparekey.storage.interface import Transaction
from sparekey.storage.memory import MemoryStore
from tests.services.account import Drawn, allow, deny

if TYPE_CHECKING:
    import pytest

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ANN = "arn:aws:iam::123456789012:user/ann"
ROLE = "arn:aws:iam::123456789012:role/app"


def a_record(
    at: datetime = NOW, account: str = "123456789012", region: str = "us-east-1", **members: object
) -> CallRecord:
    told: dict[str, object] = {"event_id": f"e-{at.isoformat()}", "outcome": CallOutcome.ALLOWED, **members}
    return CallRecord(
        time=at,
        account=account,
        region=region,
        service="iam",
        operation="GetUser",
        read_only=True,
        **told,  # type: ignore[arg-type]  # by name
    )


def keep(store: MemoryStore, *records: CallRecord) -> None:
    def work(transaction: Transaction) -> None:
        for each in records:
            transaction.put(RECORDS, key_of(each), each)

    store.write(work)


def test_the_newest_record_comes_first() -> None:
    store = MemoryStore()
    keep(store, *(a_record(NOW + timedelta(microseconds=number)) for number in range(3)))
    seen = store.read(lambda records: [each.time for each in newest(records, "123456789012", "us-east-1")])
    assert seen == [NOW + timedelta(microseconds=number) for number in (2, 1, 0)]


def test_records_are_read_up_to_a_moment_and_behind_a_record() -> None:
    store = MemoryStore()
    kept = [a_record(NOW + timedelta(seconds=number)) for number in range(4)]
    keep(store, *kept)

    def seen(**bounds: object) -> list[CallRecord]:
        return store.read(lambda records: list(newest(records, "123456789012", "us-east-1", **bounds)))  # type: ignore[arg-type]  # by name

    assert seen(until=NOW + timedelta(seconds=2)) == [kept[2], kept[1], kept[0]]
    assert seen(after=key_of(kept[2])) == [kept[1], kept[0]]
    assert seen(until=NOW, after=key_of(kept[3])) == [kept[0]]
    assert seen(until=NOW + timedelta(days=1), after=key_of(kept[1])) == [kept[0]]
    assert seen(limit=1) == [kept[3]]


def test_ages_have_one_width_and_count_down() -> None:
    moments = [datetime(1970, 1, 1, tzinfo=UTC), NOW, datetime(2999, 1, 1, tzinfo=UTC)]
    ages = [age(each) for each in moments]
    assert {len(each) for each in ages} == {17}
    assert ages == sorted(ages, reverse=True)


def test_the_places_that_have_records_are_known() -> None:
    store = MemoryStore()
    keep(
        store,
        a_record(region="us-east-1"),
        a_record(NOW + timedelta(seconds=1)),
        a_record(region="eu-west-1"),
        a_record(account="999988887777", region="eu-west-1"),
    )
    assert store.read(lambda records: list(places(records))) == [
        ("123456789012", "eu-west-1"),
        ("123456789012", "us-east-1"),
        ("999988887777", "eu-west-1"),
    ]


def test_global_services_are_recorded_at_home() -> None:
    assert home_region("iam", "eu-west-1") == "us-east-1"
    assert home_region("organizations", "") == "us-east-1"
    assert home_region("sts", "eu-west-1") == "eu-west-1"
    assert home_region("sts", "") == "us-east-1"
    assert home_region("iam", "cn-northwest-1", "aws-cn") == "cn-north-1"
    assert home_region("iam", "xx-east-1", "aws-xx") == "xx-east-1"


def trimmed(store: MemoryStore, now: datetime, written: int = 2, request_id: str = "r") -> int:
    return store.write(
        lambda records: trim(
            records, account="123456789012", region="us-east-1", written=written, now=now, request_id=request_id
        )
    )


def test_records_older_than_90_days_are_removed() -> None:
    store = MemoryStore()
    keep(store, a_record(NOW), a_record(NOW + timedelta(seconds=1)))
    assert trimmed(store, NOW + RETENTION) == 0
    assert trimmed(store, NOW + RETENTION + timedelta(microseconds=1), request_id="s") == 1
    assert store.read(lambda records: records.count(RECORDS)) == 1


def test_the_oldest_records_are_removed_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 4)
    store = MemoryStore()
    removed = []
    for batch in range(4):
        moments = [NOW + timedelta(minutes=batch, seconds=number) for number in range(2)]
        keep(store, *map(a_record, moments))
        removed.append(trimmed(store, moments[-1], request_id=str(batch)))
    assert removed == [0, 0, 1, 2]
    left = store.read(lambda records: [each.time.minute for each in newest(records, "123456789012", "us-east-1")])
    assert left == [3, 3, 2, 2, 1]


def recorded(**told: object) -> CallRecord:
    given: dict[str, object] = {
        "caller": Caller(Principal.from_arn(ANN), "AIDA1", "ann", "AKIA1"),
        "account": "123456789012",
        "region": "eu-west-1",
        "service": "iam",
        "operation": "CreateUser",
        "read_only": False,
        "now": NOW,
        "request_id": "r-1",
        "entropy": Drawn(),
        **told,
    }
    return record_of(**given)  # type: ignore[arg-type]  # by name


def test_a_record_says_who_called_what() -> None:
    made = recorded(parameters={"userName": "bob"}, source_ip="127.0.0.1", user_agent="boto3")
    assert made.outcome is CallOutcome.NOT_ASKED
    assert (made.principal, made.kind, made.user_id, made.user_name) == (ANN, "iam-user", "AIDA1", "ann")
    assert (made.region, made.access_key_id, made.session_kind) == ("us-east-1", "AKIA1", "")
    assert json.loads(made.parameters) == {"userName": "bob"}
    assert made.response == ""
    assert made.event_id[14] == "4"
    assert len(made.event_id) == 36


def test_a_call_that_nobody_signed_is_in_the_trail_of_the_resources_owner() -> None:
    made = recorded(caller=Caller(Principal.from_arn("*")), account="", resource=ROLE)
    assert made.account == "123456789012"
    assert recorded(caller=Caller(Principal.from_arn("*")), account="", resource="*").account == ""


def test_large_parameters_are_left_out() -> None:
    made = recorded(parameters={"policyDocument": "x" * 100_000})
    assert json.loads(made.parameters) == {"omitted": True, "originalSize": 100_021}


def identity(text: str, name: str = "inline `p`") -> Policy:
    return parse_policy(text, type=PolicyType.IDENTITY, name=name)


def test_a_record_names_the_policy_and_statement_that_decided() -> None:
    request = Request(Principal.from_arn(ANN), "iam:CreateUser", "arn:aws:iam::123456789012:user/bob")
    made = recorded(decision=authorize(request, PolicySet((identity(allow("iam:*")),))))
    assert (made.outcome, made.policy, made.statement) == (CallOutcome.ALLOWED, "inline `p`", "#1")
    scp = parse_policy(
        deny("iam:CreateUser").replace('"Effect"', '"Sid": "NoUsers", "Effect"'),
        type=PolicyType.SCP,
        name="`guard`",
        arn="arn:aws:organizations::123456789012:policy/o-1/service_control_policy/p-1",
    )
    made = recorded(decision=authorize(request, PolicySet((identity(allow("*")),), scp=((scp,),))))
    assert made.outcome is CallOutcome.EXPLICIT_DENY
    assert (made.policy_type, made.policy, made.statement) == ("service control policy", scp.arn, "NoUsers")


def test_a_record_names_the_statement_that_comes_nearest() -> None:
    request = Request(Principal.from_arn(ANN), "iam:CreateUser", "arn:aws:iam::123456789012:user/bob")
    near = identity(allow("iam:CreateUser", "arn:aws:iam::123456789012:user/eve"))
    made = recorded(decision=authorize(request, PolicySet((near,))))
    assert (made.outcome, made.policy, made.statement) == (CallOutcome.IMPLICIT_DENY, "", "")
    assert made.nearest.startswith("statement 1 of inline `p`: ")
    made = recorded(decision=authorize(request, PolicySet()))
    assert (made.outcome, made.nearest) == (CallOutcome.IMPLICIT_DENY, "")


def test_a_record_names_the_grant_that_allowed() -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    request = Request(Principal.from_arn(ANN), "kms:Decrypt", key)
    statement = '{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:*","Resource":"*"}'
    text = f'{{"Version":"2012-10-17","Statement":{statement}}}'
    policy = parse_policy(text, type=PolicyType.KEY, name="key policy")
    grant = Grant(ANN, frozenset(("Decrypt",)), name="reading")
    made = recorded(service="kms", decision=authorize(request, PolicySet(resource=policy, grants=(grant,))))
    assert (made.outcome, made.policy_type, made.policy, made.region) == (
        CallOutcome.ALLOWED,
        "grant",
        "reading",
        "eu-west-1",
    )


def test_secrets_and_blobs_are_hidden() -> None:
    shown = redacted(
        "iam",
        "CreateLoginProfile",
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
    assert redacted("iam", "X", given) == {"sAMLProviderArn": "2", "virtualMFADeviceName": "3", "userName": "4"}
    shown = redacted("kms", "Encrypt", {"encryption_context": {"Department": "10"}, "plaintext": b"x"})
    assert shown["encryptionContext"] == {"Department": "10"}


def test_who_owns_an_account_is_shown_as_stars() -> None:
    shown = redacted("organizations", "CreateAccount", {"email": "a@example.com", "account_name": "dev"})
    assert shown == {"email": "****", "accountName": "****"}
