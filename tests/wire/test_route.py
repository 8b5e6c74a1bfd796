from __future__ import annotations

import pytest

from sparekey.errors import InvalidAction, NotImplementedHere, ServiceError
from sparekey.wire import Protocol, encode_error, protocol_of, route
from sparekey.wire.errors import MalformedInput, MalformedQueryString, MissingAction, SerializationException
from sparekey.wire.messages import HttpRequest
from tests.wire.requests import in_json, query

GET_USER = "Action=GetUser&Version=2010-05-08"


def test_a_json_request_names_service_and_operation_in_its_target() -> None:
    found = route(in_json("TrentService.DescribeKey"), "kms")
    assert found[:4] == ("kms", "DescribeKey", Protocol.JSON, "2014-11-01")
    target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
    assert route(in_json(target), None).operation == "LookupEvents"


def test_a_query_request_names_its_operation_in_the_body_or_in_the_query_string_or_in_both() -> None:
    assert route(query(GET_USER), "iam")[:4] == ("iam", "GetUser", Protocol.QUERY, "2010-05-08")
    presigned = HttpRequest("GET", "/", "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Date=x", {"host": "a"}, b"")
    assert route(presigned, "sts").operation == "GetCallerIdentity"
    both = query("UserName=a")._replace(query=GET_USER)
    assert route(both, "iam").form == {"Action": "GetUser", "Version": "2010-05-08", "UserName": "a"}


@pytest.mark.parametrize(
    "host",
    ["iam.amazonaws.com", "iam.us-gov.amazonaws.com", "IAM.localhost:4566", "iam-fips.amazonaws.com", "localhost"],
)
def test_without_a_scope_the_host_or_the_version_names_the_service(host: str) -> None:
    assert route(query(GET_USER, host=host), None).service == "iam"


@pytest.mark.parametrize(
    ("body", "scope", "message"),
    [
        ("Action=FlyUser&Version=2010-05-08", "iam", "Could not find operation FlyUser for version 2010-05-08"),
        ("Action=GetUser&Version=2010-05-08", "sts", "Could not find operation GetUser for version 2010-05-08"),
        ("Action=GetUser&Version=1999-01-01", "iam", "Could not find operation GetUser for version 1999-01-01"),
        ("Action=GetUser", "iam", "Could not find operation GetUser for version NO_VERSION_SPECIFIED"),
        ("Action=GetUser", None, "Could not find operation GetUser for version NO_VERSION_SPECIFIED"),
        ("Action=DescribeKey&Version=2014-11-01", "kms", "Could not find operation DescribeKey for version 2014-11-01"),
    ],
)
def test_an_unknown_query_operation_is_an_invalid_action(body: str, scope: str | None, message: str) -> None:
    with pytest.raises(InvalidAction) as refused:
        route(query(body), scope)
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("target", "scope"),
    [
        ("TrentService.FlyKey", "kms"),
        ("TrentService.DescribeKey", "organizations"),
        ("Nobody.DescribeKey", "kms"),
        ("DescribeKey", "kms"),
        (None, "kms"),
        ("", None),
    ],
)
def test_an_unknown_target_is_an_unknown_operation(target: str | None, scope: str | None) -> None:
    with pytest.raises(InvalidAction):
        route(in_json(target), scope)


def test_a_request_without_an_action_misses_it() -> None:
    for body in ("Version=2010-05-08", "", "Action="):
        with pytest.raises(MissingAction):
            route(query(body), "iam")


def test_a_service_that_is_not_served_is_refused_by_its_name() -> None:
    with pytest.raises(NotImplementedHere, match="sparekey does not serve s3"):
        route(HttpRequest("GET", "/bucket", "", {}, b"")._replace(path="/"), "s3")


@pytest.mark.parametrize(("method", "path"), [("POST", "/users"), ("PUT", "/"), ("DELETE", "/")])
def test_other_paths_and_methods_are_refused(method: str, path: str) -> None:
    with pytest.raises(InvalidAction):
        route(query(GET_USER)._replace(method=method, path=path), "iam")


def test_json_is_not_fetched_with_get() -> None:
    with pytest.raises(InvalidAction):
        route(in_json("TrentService.DescribeKey")._replace(method="GET"), "kms")


def test_a_character_set_other_than_utf_8_is_refused() -> None:
    form = "application/x-www-form-urlencoded; charset="
    assert route(query(GET_USER, content_type=f'{form}"UTF-8"; x=y'), "iam").operation == "GetUser"
    with pytest.raises(MalformedInput, match="utf-16"):
        route(query(GET_USER, content_type=f"{form}utf-16"), "iam")
    with pytest.raises(SerializationException, match="latin-1"):
        route(in_json("TrentService.DescribeKey", content_type="application/x-amz-json-1.1; charset=latin-1"), "kms")


def test_a_compressed_body_is_refused_but_the_encoding_of_java_clients_is_fine() -> None:
    with pytest.raises(NotImplementedHere, match="gzip"):
        route(query(GET_USER, content_encoding="gzip"), "iam")
    assert route(in_json("TrentService.ListKeys", content_encoding="amz-1.0"), "kms").operation == "ListKeys"


def test_a_body_that_is_no_form_is_refused() -> None:
    with pytest.raises(MalformedInput, match="text/xml"):
        route(query("<a/>", content_type="text/xml"), "iam")
    assert route(query(GET_USER)._replace(headers={}), "iam").operation == "GetUser"


@pytest.mark.parametrize(
    "body",
    [
        "Action=GetUser&Action=GetRole",
        "Action=%zz",
        "Action=%e9",
        b"Action=\xe9",
        "&".join(f"a{n}=" for n in range(10_001)),
    ],
)
def test_a_form_with_a_syntax_error_is_malformed(body: str | bytes) -> None:
    with pytest.raises(MalformedQueryString) as refused:
        route(query(body), "iam")
    assert refused.value.status == 404


def test_empty_pairs_and_names_without_a_value_are_read() -> None:
    assert route(query(f"&{GET_USER}&&UserName&"), "iam").form["UserName"] == ""


@pytest.mark.parametrize(
    ("request_", "protocol"),
    [
        (in_json(None), Protocol.JSON),
        (query("", x_amz_target="a"), Protocol.JSON),
        (query("a=b"), Protocol.QUERY),
        (HttpRequest("GET", "/x", "", {}, b""), Protocol.QUERY),
    ],
)
def test_a_request_that_cannot_be_routed_is_answered_in_the_protocol_it_looks_like(
    request_: HttpRequest, protocol: Protocol
) -> None:
    assert protocol_of(request_) is protocol
    response = encode_error(None, request_, ServiceError("No."), "r")
    assert (b"<ErrorResponse" in response.body) == (protocol is Protocol.QUERY)


def test_an_answer_without_a_route_has_the_json_version_of_the_request() -> None:
    request = in_json("a.b", content_type="application/x-amz-json-1.0")
    assert ("Content-Type", "application/x-amz-json-1.0") in encode_error(None, request, InvalidAction(), "r").headers
