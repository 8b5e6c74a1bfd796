from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from sparekey.errors import (
    AccessDenied,
    InternalFailure,
    InvalidAction,
    NotImplementedHere,
    ServiceError,
    Throttling,
    ValidationError,
)
from sparekey.wire import MismatchedOutput, encode, encode_error, error_code, route
from sparekey.wire.errors import COMMON, MalformedInput, SerializationException
from tests.wire.requests import TARGETS, call, in_json

if TYPE_CHECKING:
    from sparekey.wire import HttpRequest, HttpResponse

AT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
USER = {"UserName": "a", "Path": "/", "Arn": "arn", "UserId": "AIDA", "CreateDate": AT}


def of(service: str, operation: str) -> HttpRequest:
    return in_json(f"{TARGETS[service]}.{operation}") if service in TARGETS else call(service, operation, {})


def answer(service: str, operation: str, output: dict[str, object] | None) -> bytes:
    return encode(route(of(service, operation), service), output, "r-1").body


def refusal(service: str, operation: str, error: ServiceError) -> HttpResponse:
    request = of(service, operation)
    return encode_error(route(request, service), request, error, "r-1")


def test_a_query_answer() -> None:
    response = encode(route(of("iam", "GetUser"), "iam"), {"User": USER | {"Tags": None}}, "r-1")
    assert response.status == 200
    assert response.headers == (("Content-Type", "text/xml"), ("x-amzn-RequestId", "r-1"))
    assert response.body.decode() == (
        '<GetUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetUserResult><User>'
        "<UserName>a</UserName><Path>/</Path><Arn>arn</Arn><UserId>AIDA</UserId>"
        "<CreateDate>2026-01-02T03:04:05Z</CreateDate></User></GetUserResult>"
        "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetUserResponse>"
    )


def test_a_query_answer_without_output_has_the_request_id_only() -> None:
    assert answer("iam", "DeleteUser", None) == (
        b'<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        b"<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DeleteUserResponse>"
    )


def test_cloudformation_prints_milliseconds() -> None:
    stack = {"StackName": "a", "CreationTime": AT, "StackStatus": "CREATE_COMPLETE"}
    assert b"<CreationTime>2026-01-02T03:04:05.678Z</CreationTime>" in answer(
        "cloudformation", "DescribeStacks", {"Stacks": [stack]}
    )


def test_a_json_answer() -> None:
    response = encode(route(of("kms", "CreateKey"), "kms"), {"KeyMetadata": {"KeyId": "k", "CreationDate": AT}}, "r-1")
    assert response.headers == (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "r-1"))
    assert response.body == b'{"KeyMetadata":{"KeyId":"k","CreationDate":1767323045.678}}'


def test_a_json_answer_without_output_is_empty_but_an_empty_output_is_an_object() -> None:
    assert answer("kms", "EnableKey", None) == b""
    assert answer("kms", "ListKeys", None) == b"{}"


def test_texts_are_escaped_for_xml() -> None:
    body = answer("iam", "GetUser", {"User": USER | {"Path": "<a> & \"b\" 'c'\r\n\t\x00\x1f\uffff"}})
    assert b"<Path>&lt;a&gt; &amp; &quot;b&quot; 'c'&#xD;&#xA;\t\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd</Path>" in body


@pytest.mark.parametrize(
    ("service", "operation", "output"),
    [
        ("iam", "GetUser", {"Usr": USER}),
        ("iam", "GetUser", {"User": {"UserName": 1}}),
        ("iam", "GetUser", {"User": "a"}),
        ("iam", "GetUser", {"User": {"CreateDate": "2026"}}),
        ("iam", "ListUsers", {"Users": "a"}),
        ("iam", "ListUsers", {"Users": [None]}),
        ("iam", "ListUsers", {"IsTruncated": "true"}),
        ("iam", "GetAccountSummary", {"SummaryMap": []}),
        ("iam", "GetAccountSummary", {"SummaryMap": {"Users": True}}),
        ("iam", "DeleteUser", {"User": USER}),
        ("kms", "EnableKey", {"KeyId": "k"}),
        ("kms", "CreateKey", {"KeyMetadata": []}),
        ("kms", "CreateKey", {"KeyMetadata": {"Unknown": 1}}),
        ("kms", "Encrypt", {"CiphertextBlob": "text"}),
        ("kms", "ListKeys", {"Truncated": 1}),
        ("kms", "ListKeys", {"Keys": {}}),
        ("cloudtrail", "GetQueryResults", {"QueryResultRows": [[[]]]}),
        ("kms", "ListGrants", {"Grants": [{"Constraints": {"EncryptionContextSubset": {1: "a"}}}]}),
    ],
)
def test_an_output_that_is_not_of_its_shape_is_a_loud_fault_of_ours(
    service: str, operation: str, output: dict[str, object]
) -> None:
    with pytest.raises(MismatchedOutput):
        answer(service, operation, output)


class NoSuchEntityException(ServiceError):
    """Modelled by IAM."""


class NotFoundException(ServiceError):
    """Modelled by KMS."""


class KMSInternalException(ServiceError):
    """Modelled by KMS as a fault."""


class ServiceFailureException(ServiceError):
    """Modelled by IAM as a fault."""


class NobodysException(ServiceError):
    """Modelled by nobody."""

    status = 418


def test_a_query_error() -> None:
    response = refusal("iam", "GetUser", NoSuchEntityException("The user with name a cannot be found."))
    assert response.status == 404
    assert response.headers == (("Content-Type", "text/xml"), ("x-amzn-RequestId", "r-1"))
    assert response.body.decode() == (
        '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
        "<Code>NoSuchEntity</Code><Message>The user with name a cannot be found.</Message></Error>"
        "<RequestId>r-1</RequestId></ErrorResponse>"
    )
    assert (
        b"<Type>Receiver</Type><Code>ServiceFailure</Code>" in refusal("iam", "GetUser", ServiceFailureException()).body
    )


def test_a_json_error_has_a_text_only_where_there_is_one() -> None:
    assert (
        refusal("kms", "DescribeKey", NotFoundException("No.")).body
        == b'{"__type":"NotFoundException","message":"No."}'
    )
    response = refusal("kms", "DescribeKey", KMSInternalException())
    assert (response.status, response.body) == (500, b'{"__type":"KMSInternalException"}')


@pytest.mark.parametrize(
    ("error", "query", "in_json_"),
    [
        (AccessDenied("No."), (403, "AccessDenied"), (400, b'{"__type":"AccessDeniedException","Message":"No."}')),
        (ValidationError("No."), (400, "ValidationError"), (400, b'{"__type":"ValidationException","message":"No."}')),
        (InvalidAction("No."), (400, "InvalidAction"), (400, b'{"__type":"UnknownOperationException"}')),
        (Throttling("No."), (400, "Throttling"), (400, b'{"__type":"ThrottlingException","message":"No."}')),
        (InternalFailure("No."), (500, "InternalFailure"), (500, b'{"__type":"InternalFailure","message":"No."}')),
        (NotImplementedHere("No."), (501, "NotImplemented"), (501, b'{"__type":"NotImplemented","message":"No."}')),
        (MalformedInput("No."), (400, "MalformedInput"), (400, b'{"__type":"SerializationException","Message":"No."}')),
        (SerializationException(), (400, "SerializationException"), (400, b'{"__type":"SerializationException"}')),
        (NobodysException("No."), (418, "NobodysException"), (418, b'{"__type":"NobodysException","message":"No."}')),
    ],
)
def test_common_errors_have_a_name_and_status_in_each_protocol(
    error: ServiceError, query: tuple[int, str], in_json_: tuple[int, bytes]
) -> None:
    response = refusal("sts", "GetCallerIdentity", error)
    assert (response.status, f"<Code>{query[1]}</Code>".encode() in response.body) == (query[0], True)
    answered = refusal("kms", "ListKeys", error)
    assert (answered.status, answered.body) == in_json_


@pytest.mark.parametrize(
    ("code", "status", "json_code"),
    [
        ("IncompleteSignature", 400, "IncompleteSignatureException"),
        ("SignatureDoesNotMatch", 403, "InvalidSignatureException"),
        ("InvalidClientTokenId", 403, "UnrecognizedClientException"),
        ("ExpiredToken", 403, "ExpiredTokenException"),
        ("MissingAuthenticationToken", 403, "MissingAuthenticationTokenException"),
    ],
)
def test_who_is_not_known_is_told_so_in_each_protocol(code: str, status: int, json_code: str) -> None:
    assert COMMON[code][:3] == (status, json_code, 400)


@pytest.mark.parametrize("module", ["errors", "wire.errors", "server.application", "server.gateway"])
def test_every_error_that_no_model_has_is_in_the_table(module: str) -> None:
    defined = vars(import_module(f"sparekey.{module}")).values()
    classes = [each for each in defined if isinstance(each, type) and issubclass(each, ServiceError)]
    coded = {each: each.code for each in classes if each.code is not None}
    assert coded
    assert {code: COMMON[code].query_status for code in coded.values()} == {
        code: each.status for each, code in coded.items()
    }


def test_the_code_of_an_error_is_what_clients_of_the_service_see() -> None:
    assert error_code("iam", NoSuchEntityException()) == "NoSuchEntity"
    assert error_code("sts", AccessDenied()) == "AccessDenied"
    assert error_code("kms", AccessDenied()) == "AccessDeniedException"
