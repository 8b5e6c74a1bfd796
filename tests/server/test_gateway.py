from __future__ import annotations

import logging
from typing import Any
from unittest.mock import patch

import pytest

from sparekey.services.directory.record import RECORDS
from sparekey.storage.interface import StoreUnavailable
from sparekey.wire.messages import HttpRequest
from tests.server.endpoint import ACCOUNT, FORM, KEY, START, Served, later
from tests.wire.signed import signed

INVALID = "The security token included in the request is invalid."
MISMATCH = "The request signature we calculated does not match the signature you provided."
WHO = "Action=GetCallerIdentity"
ORGANIZATIONS = "AWSOrganizationsV20161128"


def test_a_signed_call_is_answered() -> None:
    answer = Served().query(WHO, service="sts")
    assert answer.status == 200
    assert answer.text("Arn") == f"arn:aws:iam::{ACCOUNT}:root"
    assert answer.headers["x-amzn-requestid"] == answer.text("RequestId")


def test_a_call_takes_effect() -> None:
    served = Served()
    assert served.query("Action=CreateUser&UserName=ann").text("UserName") == "ann"
    assert served.query("Action=GetUser&UserName=ANN").text("UserName") == "ann"
    assert served.query("Action=GetUser&UserName=bob").error[:2] == (404, "NoSuchEntity")


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "ap-southeast-4", "us-gov-west-1"])
def test_any_region_is_taken_from_the_scope(region: str) -> None:
    served = Served()
    assert served.query(WHO, service="sts", region=region, host="localhost:4566").status == 200
    assert served.query("Action=ListUsers", region=region, host="127.0.0.1:4566").status == 200


@pytest.mark.parametrize(
    ("host", "region", "accepted"),
    [
        ("sts.localhost:4566", "eu-west-1", True),
        ("sts.eu-west-1.localhost:4566", "eu-west-1", True),
        ("sts.eu-west-1.amazonaws.com", "eu-west-1", True),
        ("sts.eu-west-1.localhost:4566", "us-east-1", False),
    ],
)
def test_a_host_may_name_service_and_region(host: str, region: str, *, accepted: bool) -> None:
    answer = Served().query(WHO, service="sts", host=host, region=region)
    if accepted:
        assert answer.status == 200
    else:
        told = "Credential should be scoped to a valid region. "
        assert answer.error == (403, "SignatureDoesNotMatch", told)


def test_a_presigned_url_is_answered() -> None:
    query = f"{WHO}&Version=2011-06-15"
    request = signed("GET", "/", query, service="sts", key_id=KEY[0], secret=KEY[1], at=START, expires=60)
    assert Served().send(request).text("Account") == ACCOUNT


@pytest.mark.parametrize("json", [False, True])
def test_a_wrong_secret_is_refused(*, json: bool) -> None:
    served, key = Served(), (KEY[0], "wrong")
    if json:
        answer = served.json(f"{ORGANIZATIONS}.ListAccounts", {}, service="organizations", key=key)
        assert answer.error[:2] == (400, "InvalidSignatureException")
    else:
        answer = served.query(WHO, service="sts", key=key)
        assert answer.error[:2] == (403, "SignatureDoesNotMatch")
    assert answer.error[2].startswith(MISMATCH)


@pytest.mark.parametrize("json", [False, True])
def test_an_unknown_key_is_refused(*, json: bool) -> None:
    served, key = Served(), ("AKIAUNKNOWNUNKNOWNXX", "secret")
    if json:
        answer = served.json(f"{ORGANIZATIONS}.ListAccounts", {}, service="organizations", key=key)
        assert answer.error == (400, "UnrecognizedClientException", INVALID)
    else:
        assert served.query(WHO, service="sts", key=key).error == (403, "InvalidClientTokenId", INVALID)


@pytest.mark.parametrize("json", [False, True])
def test_a_request_that_is_not_signed_is_refused(*, json: bool) -> None:
    headers = {"host": "localhost:4566", "content-type": FORM}
    body = b"Action=ListUsers&Version=2010-05-08"
    if json:
        headers = {"host": "localhost:4566", "x-amz-target": f"{ORGANIZATIONS}.ListAccounts"}
        body = b"{}"
    answer = Served().send(HttpRequest("POST", "/", "", headers, body))
    if json:
        assert answer.error == (400, "MissingAuthenticationTokenException", "Missing Authentication Token")
    else:
        assert answer.error == (403, "MissingAuthenticationToken", "Request is missing Authentication Token")


def test_an_incomplete_signature_is_refused() -> None:
    headers = {"host": "localhost", "content-type": FORM, "authorization": "AWS4-HMAC-SHA256 Credential=AKID"}
    answer = Served().send(HttpRequest("POST", "/", "", headers, b"Action=ListUsers&Version=2010-05-08"))
    assert answer.error[:2] == (400, "IncompleteSignature")


def test_an_old_signature_is_refused() -> None:
    served = Served()
    assert served.query(WHO, service="sts", at=later(-900)).status == 200
    old = served.query(WHO, service="sts", at=later(-901)).error
    assert old[:2] == (403, "SignatureDoesNotMatch")
    assert old[2].startswith("Signature expired: 20261123T114459Z is now earlier than 20261123T114500Z")


def test_clients_need_not_know_that_the_clock_was_moved() -> None:
    served = Served()
    served.page("POST", "/_sparekey/clock", b'{"advance": 86400}')
    for moment in (0, -900, 900, 86400, 85500, 87300):
        assert served.query(WHO, service="sts", at=later(moment)).status == 200, moment
    for moment in (-901, 901, 85499, 87301):
        assert served.query(WHO, service="sts", at=later(moment)).error[1] == "SignatureDoesNotMatch", moment


def test_a_signature_for_another_service_is_refused() -> None:
    served = Served()
    body = b"Action=ListUsers&Version=2010-05-08"
    query = signed(headers={"Content-Type": FORM}, body=body, service="organizations", key_id=KEY[0], at=START)
    told = "Credential should be scoped to correct service: 'iam'. "
    assert served.send(query).error == (403, "SignatureDoesNotMatch", told)
    json = signed(headers={"X-Amz-Target": f"{ORGANIZATIONS}.ListAccounts"}, service="sts", key_id=KEY[0], at=START)
    told = "Credential should be scoped to correct service: 'organizations'. "
    assert served.send(json).error == (400, "InvalidSignatureException", told)


def test_an_inactive_or_deleted_key_is_refused_at_once() -> None:
    served = Served()
    key = served.new_user("ann")
    assert served.query(WHO, service="sts", key=key).text("Arn").endswith(":user/ann")
    served.query(f"Action=UpdateAccessKey&UserName=ann&AccessKeyId={key[0]}&Status=Inactive")
    assert served.query(WHO, service="sts", key=key).error == (403, "InvalidClientTokenId", INVALID)
    served.query(f"Action=UpdateAccessKey&UserName=ann&AccessKeyId={key[0]}&Status=Active")
    assert served.query(WHO, service="sts", key=key).status == 200
    served.query(f"Action=DeleteAccessKey&UserName=ann&AccessKeyId={key[0]}")
    assert served.query(WHO, service="sts", key=key).error == (403, "InvalidClientTokenId", INVALID)


def session(served: Served) -> tuple[str, str, str]:
    made = served.query("Action=GetSessionToken&DurationSeconds=900", service="sts", key=served.new_user("ann"))
    return made.text("AccessKeyId"), made.text("SecretAccessKey"), made.text("SessionToken")


def test_a_session_is_good_until_it_ends() -> None:
    served = Served()
    key = session(served)
    assert served.query(WHO, service="sts", key=key).text("Arn").endswith(":user/ann")
    served.page("POST", "/_sparekey/clock", b'{"advance": 901}')
    expired = served.query(WHO, service="sts", key=key, at=later(901)).error
    assert expired == (403, "ExpiredToken", "The security token included in the request is expired")


def test_a_tampered_or_missing_token_is_refused() -> None:
    served = Served()
    key_id, secret, token = session(served)
    other = "A" if token[40] != "A" else "B"
    tampered = (key_id, secret, token[:40] + other + token[41:])
    assert served.query(WHO, service="sts", key=tampered).error == (403, "InvalidClientTokenId", INVALID)
    assert served.query(WHO, service="sts", key=(key_id, secret)).error == (403, "InvalidClientTokenId", INVALID)


def test_the_caller_is_known_before_the_parameters_are_read() -> None:
    served = Served()
    bad = "Action=CreateUser&UserName="
    assert served.query(bad).error[:2] == (400, "ValidationError")
    assert served.query(bad, key=("AKIAUNKNOWNUNKNOWNXX", "x")).error[1] == "InvalidClientTokenId"
    assert served.query(bad, key=served.new_user("ann")).error[1] == "ValidationError"  # before authorization


def test_what_is_not_allowed_is_refused() -> None:
    served = Served()
    error = served.query("Action=ListUsers", key=served.new_user("ann")).error
    assert error[:2] == (403, "AccessDenied")
    assert "is not authorized to perform: iam:ListUsers on resource" in error[2]


def test_federation_needs_no_signature() -> None:
    body = b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/R"
    headers = {"host": "localhost:4566", "content-type": FORM}
    request = HttpRequest("POST", "/", "", headers, body + b"&RoleSessionName=me&WebIdentityToken=abcd")
    assert Served().send(request).error[1] == "InvalidIdentityToken"


def test_what_nobody_checked_is_not_recorded() -> None:
    served = Served()
    body = b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/R"
    body += b"&RoleSessionName=me&WebIdentityToken=abcd"
    for region in ("x" * 5000, "eu-west-1"):
        request = signed(headers={"Content-Type": FORM}, body=body, service="sts", region=region, at=START)
        request = request._replace(headers={**request.headers, "user-agent": "a" * 5000})
        assert served.send(request).error[1] == "InvalidIdentityToken"
    served.store.flush()
    records = served.store.read(lambda found: [each for _, each in found.scan(RECORDS)])
    assert {(each.region, len(each.user_agent)) for each in records} == {("us-east-1", 1024)}


@pytest.mark.parametrize("action", ["Action=Nonsense", "NoAction=1"])
def test_what_aws_does_not_have_is_refused_by_name(action: str) -> None:
    assert Served().query(action).error[1] in ("InvalidAction", "MissingAction")


def test_a_service_that_is_not_here_is_refused_by_name() -> None:
    answer = Served().json("DynamoDB_20120810.ListTables", {}, service="dynamodb")
    assert answer.status == 501
    assert "dynamodb" in str(answer.json)


def test_a_fault_of_ours_is_told_by_its_request_id_only(caplog: pytest.LogCaptureFixture) -> None:
    served = Served()

    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("secret detail")

    with patch.object(served.cloud, "invoke", broken), caplog.at_level(logging.ERROR, "sparekey.server"):
        answer = served.query("Action=ListUsers")
    status, code, message = answer.error
    assert (status, code) == (500, "InternalFailure")
    assert "secret detail" not in message
    assert answer.headers["x-amzn-requestid"] in caplog.text
    assert "secret detail" in caplog.text
    assert "iam:ListUsers" in caplog.text


def test_a_fault_before_the_operation_is_known_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    with patch("sparekey.wire.route", side_effect=RuntimeError("broken")), caplog.at_level(logging.ERROR):
        assert Served().query("Action=ListUsers").error[:2] == (500, "InternalFailure")
    assert "no operation" in caplog.text


def test_a_store_that_is_gone_is_a_reason_to_try_again(caplog: pytest.LogCaptureFixture) -> None:
    served = Served()
    with patch.object(served.cloud, "invoke", side_effect=StoreUnavailable("locked")):
        assert served.query("Action=ListUsers").error[:2] == (503, "ServiceUnavailable")
    assert "locked" in caplog.text


class TestAnyCredentials:
    """``--unsafe-accept-any-credentials``."""

    def test_unknown_credentials_are_the_root_users(self) -> None:
        served = Served(unsafe=True)
        answer = served.query(WHO, service="sts", key=("test", "test"))
        assert answer.text("Arn") == f"arn:aws:iam::{ACCOUNT}:root"
        assert served.query("Action=ListUsers", key=("test", "test", "token")).status == 200

    def test_twelve_digits_name_an_account_that_is_there(self) -> None:
        served = Served(unsafe=True)
        served.cloud.open_account("111111111111")
        assert served.query(WHO, service="sts", key=("111111111111", "x")).text("Account") == "111111111111"
        assert served.query(WHO, service="sts", key=("222222222222", "x")).text("Account") == ACCOUNT

    def test_known_keys_are_held_to_their_secret(self) -> None:
        served = Served(unsafe=True)
        assert served.query(WHO, service="sts", key=(KEY[0], "x")).error[1] == "SignatureDoesNotMatch"
        key = served.new_user("ann")
        assert served.query(WHO, service="sts", key=(key[0], "x")).error[1] == "SignatureDoesNotMatch"
        served.query(f"Action=UpdateAccessKey&UserName=ann&AccessKeyId={key[0]}&Status=Inactive")
        assert served.query(WHO, service="sts", key=key).error[1] == "InvalidClientTokenId"
        served.query(f"Action=DeleteAccessKey&UserName=ann&AccessKeyId={key[0]}")
        assert served.query(WHO, service="sts", key=key).error[1] == "InvalidClientTokenId"

    def test_a_key_given_by_hand_that_is_inactive_is_refused(self) -> None:
        served = Served(unsafe=True)
        from dataclasses import replace

        from sparekey.services.directory.credentials import ACCESS_KEYS

        def deactivate(records: Any) -> None:
            records.put(ACCESS_KEYS, (KEY[0],), replace(records.get(ACCESS_KEYS, KEY[0]), active=False))

        served.store.write(deactivate)
        assert served.query(WHO, service="sts", key=KEY).error[1] == "InvalidClientTokenId"

    def test_a_tampered_token_is_refused(self) -> None:
        served = Served(unsafe=True)
        key_id, secret, token = session(served)
        assert served.query(WHO, service="sts", key=(key_id, secret, f"A{token}")).error[1] == "InvalidClientTokenId"

    @pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Site"])
    def test_a_page_in_a_browser_is_not_let_in(self, header: str) -> None:
        headers = {header: "https://evil.example"}
        assert Served(unsafe=True).query(WHO, service="sts", key=("test", "test"), headers=headers).error[1] == (
            "InvalidClientTokenId"
        )
        assert Served(unsafe=True).query(WHO, service="sts", headers=headers).status == 200  # who knows a secret may

    def test_nobody_is_still_nobody(self) -> None:
        headers = {"host": "localhost:4566", "content-type": FORM}
        request = HttpRequest("POST", "/", "", headers, b"Action=ListUsers&Version=2010-05-08")
        assert Served(unsafe=True).send(request).error[1] == "MissingAuthenticationToken"

    def test_without_it_nobody_unknown_is_let_in(self) -> None:
        assert Served().query(WHO, service="sts", key=("test", "test")).error[1] == "InvalidClientTokenId"
