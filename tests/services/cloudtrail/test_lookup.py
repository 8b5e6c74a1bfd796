from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sparekey.cloud import Circumstances
from tests.services.account import ACCOUNT, START, Client, TestAccount, allow, an_account, refused

if TYPE_CHECKING:
    from collections.abc import Mapping


def events(account: TestAccount, **asked: Any) -> list[Mapping[str, Any]]:
    """What LookupEvents answers, without the calls of LookupEvents itself."""
    found = account.root.cloudtrail.lookup_events(**asked)["Events"]
    return [each for each in found if each["EventName"] != "LookupEvents"]


def content(event: Mapping[str, Any]) -> Any:
    return json.loads(event["CloudTrailEvent"])


def calls(account: TestAccount, *names: str) -> None:
    """Make some users, each a minute after the other."""
    for name in names:
        account.later(minutes=1)
        account.root.iam.create_user(user_name=name)


def test_an_event_has_cloudtrails_shape() -> None:
    account = an_account()
    root = Client(
        account, account.root.caller, Circumstances(source_ip="192.0.2.7", user_agent="boto3", request_id="r-9")
    )
    root.iam.create_user(user_name="ann")
    (event,) = events(account)
    told = content(event)
    assert {name: value for name, value in event.items() if name != "CloudTrailEvent"} == {
        "EventId": told["eventID"],
        "EventName": "CreateUser",
        "ReadOnly": "false",
        "AccessKeyId": root.caller.access_key_id,
        "EventTime": START,
        "EventSource": "iam.amazonaws.com",
        "Username": "root",
        "Resources": [{"ResourceType": "AWS::IAM::User", "ResourceName": "ann"}],
    }
    user = told["responseElements"]["user"]
    assert user["arn"] == f"arn:aws:iam::{ACCOUNT}:user/ann"
    assert told == {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "Root",
            "principalId": ACCOUNT,
            "arn": f"arn:aws:iam::{ACCOUNT}:root",
            "accountId": ACCOUNT,
            "accessKeyId": root.caller.access_key_id,
        },
        "eventTime": "2026-11-23T12:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateUser",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "boto3",
        "requestParameters": {"userName": "ann"},
        "responseElements": told["responseElements"],
        "additionalEventData": told["additionalEventData"],
        "requestID": "r-9",
        "eventID": event["EventId"],
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }
    decided = told["additionalEventData"]["sparekey"]
    assert (decided["outcome"], decided["action"]) == ("allowed", "iam:CreateUser")


def test_a_refused_call_says_why() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:GetUser"))
    with refused("AccessDenied") as caught:
        ann.iam.create_user(user_name="bob")
    (event,) = (each for each in events(account) if each["Username"] == "ann")
    told = content(event)
    assert told["errorCode"] == "AccessDenied"
    assert told["errorMessage"] == caught.value.message
    assert told["responseElements"] is None
    assert told["userIdentity"] == {
        "type": "IAMUser",
        "principalId": ann.caller.user_id,
        "arn": ann.arn,
        "accountId": ACCOUNT,
        "accessKeyId": ann.caller.access_key_id,
        "userName": "ann",
    }
    assert told["additionalEventData"]["sparekey"]["outcome"] == "implicit_deny"
    with refused("NoSuchEntityException"):
        account.root.iam.get_user(user_name="nobody")
    missing = next(each for each in events(account) if each["EventName"] == "GetUser")
    assert content(missing)["errorCode"].startswith("NoSuchEntity")
    assert missing["ReadOnly"] == "true"


def test_a_role_session_is_told_with_its_role() -> None:
    account = an_account()
    trust = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:*"},
    }
    role = account.root.iam.create_role(role_name="app", path="/x/", assume_role_policy_document=json.dumps(trust))[
        "Role"
    ]
    ann = account.signed_in("ann", allow("sts:*"))
    made = ann.sts.assume_role(role_arn=role["Arn"], role_session_name="night", source_identity="ann")
    session = account.with_session(made["Credentials"])
    account.later(minutes=1)
    session.sts.get_caller_identity()
    event = events(account)[0]
    assert (event["EventName"], event["Username"], event["ReadOnly"]) == ("GetCallerIdentity", "night", "true")
    assert content(event)["userIdentity"] == {
        "type": "AssumedRole",
        "principalId": f"{role['RoleId']}:night",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/night",
        "accountId": ACCOUNT,
        "accessKeyId": made["Credentials"]["AccessKeyId"],
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role["RoleId"],
                "arn": role["Arn"],
                "accountId": ACCOUNT,
                "userName": "app",
            },
            "attributes": {"creationDate": "2026-11-23T12:00:00Z", "mfaAuthenticated": "false"},
            "sourceIdentity": "ann",
        },
    }
    assumed = next(each for each in events(account) if each["EventName"] == "AssumeRole")
    secret = made["Credentials"]["SecretAccessKey"]
    assert secret not in assumed["CloudTrailEvent"]
    assert made["Credentials"]["SessionToken"] not in assumed["CloudTrailEvent"]
    assert {"ResourceType": "AWS::IAM::Role", "ResourceName": role["Arn"]} in assumed["Resources"]


def test_temporary_credentials_of_users_are_told_with_their_session() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("*"))
    federated = account.with_session(ann.sts.get_federation_token(name="guest", policy=allow("*"))["Credentials"])
    session = account.with_session(ann.sts.get_session_token()["Credentials"])
    rooted = account.with_session(account.root.sts.get_session_token()["Credentials"])
    told = []
    for client in (federated, session, rooted):
        account.later(minutes=1)
        client.sts.get_caller_identity()
        event = events(account)[0]
        told.append((content(event)["userIdentity"], event["Username"]))
    assert [(each["type"], name) for each, name in told] == [
        ("FederatedUser", "guest"),
        ("IAMUser", "ann"),
        ("Root", "root"),
    ]
    assert told[0][0]["sessionContext"]["sessionIssuer"]["type"] == "IAMUser"
    assert "sessionIssuer" not in told[1][0]["sessionContext"]


def test_what_a_service_does_is_told_as_its_doing() -> None:
    account = an_account()
    account.root.organizations.create_organization()
    event = next(each for each in events(account) if each["EventName"] == "CreateServiceLinkedRole")
    told = content(event)
    assert told["userIdentity"] == {"type": "AWSService", "invokedBy": "organizations.amazonaws.com"}
    assert told["sourceIPAddress"] == told["userAgent"] == "organizations.amazonaws.com"
    assert event["Username"] == "organizations.amazonaws.com"
    assert "AccessKeyId" not in event


def test_the_newest_events_come_first_in_pages() -> None:
    account = an_account()
    calls(account, *(f"user-{number}" for number in range(5)))
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        only = {"lookup_attributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]}
        answer = account.root.cloudtrail.lookup_events(max_results=2, **only, **token)
        seen += [content(each)["requestParameters"]["userName"] for each in answer["Events"]]
        if "NextToken" not in answer:
            break
        token = {"next_token": answer["NextToken"]}
    assert seen == [f"user-{number}" for number in (4, 3, 2, 1, 0)]


def test_a_page_that_looked_through_many_records_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparekey.services.cloudtrail.lookup.LOOKED_THROUGH", 2)
    account = an_account()
    calls(account, "a", "b", "c")
    answer = account.root.cloudtrail.lookup_events(
        lookup_attributes=[{"AttributeKey": "ResourceName", "AttributeValue": "a"}]
    )
    assert answer["Events"] == []
    assert "NextToken" in answer


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("EventName", "CreateUser", True),
        ("EventName", "DeleteUser", False),
        ("ReadOnly", "false", True),
        ("ReadOnly", "true", False),
        ("Username", "root", True),
        ("Username", "ann", False),
        ("ResourceType", "AWS::IAM::User", True),
        ("ResourceType", "AWS::IAM::Role", False),
        ("ResourceName", "ann", True),
        ("ResourceName", "bob", False),
        ("EventSource", "iam.amazonaws.com", True),
        ("EventSource", "sts.amazonaws.com", False),
        ("AccessKeyId", "AKIAX", False),
        ("EventId", "none", False),
    ],
)
def test_events_are_looked_up_by_an_attribute(name: str, value: str, found: bool) -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    wanted = [{"AttributeKey": name, "AttributeValue": value}]
    assert bool(events(account, lookup_attributes=wanted)) == found


def test_events_are_looked_up_by_their_id_and_key() -> None:
    account = an_account()
    calls(account, "ann", "bob")
    event = events(account)[1]
    by_id = events(account, lookup_attributes=[{"AttributeKey": "EventId", "AttributeValue": event["EventId"]}])
    assert by_id == [event]
    key = {"AttributeKey": "AccessKeyId", "AttributeValue": event["AccessKeyId"]}
    assert len(events(account, lookup_attributes=[key])) == 2


def test_events_are_looked_up_by_time() -> None:
    account = an_account()
    calls(account, "a", "b", "c", "d")

    def names(**bounds: int) -> list[str]:
        asked = {name: START + timedelta(minutes=minutes) for name, minutes in bounds.items()}
        return [content(each)["requestParameters"]["userName"] for each in events(account, **asked)]

    assert names(start_time=2, end_time=3) == ["c", "b"]
    assert names(start_time=4) == ["d"]
    assert names(end_time=1) == ["a"]
    with refused("InvalidTimeRangeException"):
        names(start_time=2, end_time=1)
    account.later(days=91)
    assert events(account) == []


def test_events_are_those_of_the_account_and_region() -> None:
    account = an_account()
    account.root.iam.create_user(user_name="ann")
    elsewhere = Client(account, account.root.caller, Circumstances(region="eu-west-1", request_id="r-2"))
    elsewhere.iam.create_user(user_name="bob")
    elsewhere.sts.get_caller_identity()
    assert {each["EventName"] for each in elsewhere.cloudtrail.lookup_events()["Events"]} == {"GetCallerIdentity"}
    assert [each["EventName"] for each in events(account)] == ["CreateUser", "CreateUser"]
    other = account.root_of("999988887777")
    assert other.cloudtrail.lookup_events()["Events"] == []


def test_there_are_no_insights() -> None:
    account = an_account()
    calls(account, "a")
    assert events(account, event_category="insight") == []


def test_lookups_that_aws_refuses_are_refused() -> None:
    account = an_account()
    calls(account, "a", "b")
    two = [{"AttributeKey": "Username", "AttributeValue": "a"}, {"AttributeKey": "ReadOnly", "AttributeValue": "true"}]
    with refused("InvalidLookupAttributesException"):
        account.root.cloudtrail.lookup_events(lookup_attributes=two)
    token = account.root.cloudtrail.lookup_events(max_results=1)["NextToken"]
    for asked in ({"next_token": "?"}, {"next_token": "W10="}, {"next_token": token, "end_time": START}):
        with refused("InvalidNextTokenException"):
            account.root.cloudtrail.lookup_events(**asked)


def test_looking_up_needs_permission() -> None:
    account = an_account()
    ann = account.signed_in("ann", allow("iam:*"))
    with refused("AccessDenied"):
        ann.cloudtrail.lookup_events()
