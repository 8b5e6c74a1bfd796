"""What AWS was seen to make of requests, and to answer: the cases of ``corpus/wire``."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sparekey.errors import ServiceError
from sparekey.wire import HttpResponse, decode, encode, encode_error, route
from sparekey.wire.services import SERVICES, Protocol
from tests.conformance.corpus import Case, items
from tests.wire.requests import in_json, query
from tests.wire.shapes import botocore_model, request_of, routed
from tests.wire.theirs import create_parser

CASES = list(items("wire"))
REQUEST = "REQUEST"
EXPECTED = {"status", "code", "message", "message_begins", "message_ends", "answer", "parameters"}


def of(*members: str) -> list[object]:
    """The cases that have one of these members, as parameters."""
    return [pytest.param(case, id=str(case["id"])) for _, case in CASES if set(members) & set(case)]


def value(written: Any) -> Any:
    """A value as a case writes it."""
    match written:
        case {"repeat": str(text), "times": int(times)}:
            return text * times
        case {"bytes": int(times)}:
            return b"\0" * times
        case dict():
            return {name: value(each) for name, each in written.items()}
        case list():
            return [value(each) for each in written]
        case _:
            return written


def check(case: Case, response: HttpResponse) -> None:
    """Hold an answer against what a case expects."""
    expect = cast("dict[str, Any]", case["expect"])
    service = str(case["service"])
    assert response.status == expect["status"]
    if "answer" in expect:
        assert response.body.decode() == expect["answer"]
        return
    headers = {name.lower(): text for name, text in response.headers}
    raw = {"status_code": response.status, "headers": headers, "body": response.body}
    operation = botocore_model(service).operation_model(botocore_model(service).operation_names[0])
    error = create_parser(str(SERVICES[service].protocol)).parse(raw, operation.output_shape)["Error"]
    assert error["Code"] == expect["code"]
    message = error["Message"] or ""
    assert message == expect.get("message", message)
    assert message.startswith(expect.get("message_begins", ""))
    assert message.endswith(expect.get("message_ends", ""))


@pytest.mark.parametrize("case", of("parameters"))
def test_what_botocore_sends_is_answered_as_by_aws(case: Case) -> None:
    service, operation = str(case["service"]), str(case["operation"])
    request = request_of(service, operation, value(case["parameters"]))
    found = route(request, service)
    with pytest.raises(ServiceError) as refused:
        decode(found, request)
    check(case, encode_error(found, request, refused.value, REQUEST))


@pytest.mark.parametrize("case", of("body"))
def test_these_bytes_are_taken_or_refused_as_by_aws(case: Case) -> None:
    body, service = str(case["body"]), str(case["service"])
    protocol = SERVICES[service].protocol
    request = query(body) if protocol is Protocol.QUERY else in_json(str(case["target"]), body.encode())
    expect = cast("dict[str, Any]", case["expect"])
    if "parameters" in expect:
        assert decode(route(request, service), request) == expect["parameters"]
        return
    found = None
    with pytest.raises(ServiceError) as refused:
        decode(found := route(request, service), request)
    check(case, encode_error(found, request, refused.value, REQUEST))


@pytest.mark.parametrize("case", of("error", "output"))
def test_these_answers_are_aws_bytes(case: Case) -> None:
    service, operation = str(case["service"]), str(case["operation"])
    found = routed(service, operation)
    if "output" in case:
        check(case, encode(found, value(case["output"]), REQUEST))
        return
    error = cast("dict[str, str]", case["error"])
    raised = type(error["shape"], (ServiceError,), {})(error.get("message", ""))
    check(case, encode_error(found, request_of(service, operation, {}), raised, REQUEST))


def test_every_case_has_an_id_a_source_and_an_evidence_mark() -> None:
    seen = [str(case["id"]) for _, case in CASES]
    assert len(seen) == len(set(seen))
    for _, case in CASES:
        assert str(case["id"]).startswith("wire-")
        assert case["source"]
        assert case["evidence"] in {"observed", "documented", "inferred"}
        assert set(cast("dict[str, Any]", case["expect"])) <= EXPECTED
