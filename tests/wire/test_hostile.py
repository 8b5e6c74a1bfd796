"""Mutated requests: whatever comes, the answer is an error of the service, in a form that botocore parses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparekey.errors import ServiceError
from sparekey.wire import HttpRequest, decode, encode_error, operation_names, route, service_names
from tests.wire.shapes import inputs_of, request_of

many = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@st.composite
def mutated(draw: st.DrawFn, service: str) -> HttpRequest:
    """A request of botocore's with some of its bytes changed, in the body, the target and the content type."""
    operation = draw(st.sampled_from(operation_names(service)))
    request = request_of(service, operation, draw(inputs_of(service, operation)))
    body = bytearray(request.body)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(body)))
        cut = draw(st.integers(0, 6))
        body[at : at + cut] = draw(st.one_of(st.binary(max_size=4), st.sampled_from(SPLINTERS)))
    headers = dict(request.headers)
    for name in ("content-type", "x-amz-target"):
        if name in headers and draw(st.integers(0, 9)) == 0:
            headers[name] = draw(st.text(st.characters(codec="latin-1"), max_size=30))
    return request._replace(body=bytes(body), headers=headers)


SPLINTERS = (
    *(b"&", b"=", b".", b"%", b"%00", b"%ff", b".member.1", b".entry.1.key=", b"&Action=", b".0=", b".-1=", b"[", b"]"),
    *(
        b"{",
        b"}",
        b'"',
        b":",
        b",",
        b"null",
        b"true",
        b"1e999",
        b"-",
        b'"\\ud800"',
        b'{"a":{}}',
        b"\xc3",
        b"+",
        b"9" * 30,
    ),
)


@pytest.mark.parametrize("service", service_names())
def test_a_mutated_request_is_decoded_or_refused_with_a_service_error(service: str) -> None:
    @many
    @given(mutated(service), st.sampled_from([service, None]))
    def check(request: HttpRequest, scope: str | None) -> None:
        found = None
        try:
            found = route(request, scope)
            parameters: dict[str, Any] = decode(found, request)
        except ServiceError as error:
            response = encode_error(found, request, error, "r")
            assert 400 <= response.status <= 501
            assert response.body
        else:
            assert all(name.isidentifier() for name in parameters)

    check()


@settings(max_examples=300)
@given(
    st.sampled_from(["GET", "POST", "PUT"]),
    st.text(max_size=5),
    st.text(st.characters(codec="latin-1"), max_size=40),
    st.dictionaries(
        st.sampled_from(["content-type", "x-amz-target", "host", "content-encoding"]), st.text(max_size=40), max_size=4
    ),
    st.binary(max_size=60),
    st.sampled_from([None, "iam", "kms", "s3"]),
)
def test_any_request_is_routed_or_refused_with_a_service_error(
    method: str, path: str, query: str, headers: dict[str, str], body: bytes, scope: str | None
) -> None:
    request = HttpRequest(method, f"/{path}", query, headers, body)
    refusal: ServiceError | None = None
    try:
        decode(route(request, scope), request)
    except ServiceError as error:
        refusal = error
    assert refusal is None or encode_error(None, request, refusal, "r").status >= 400
