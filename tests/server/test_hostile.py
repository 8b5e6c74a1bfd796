"""Hostile requests: whatever comes, there is one answer in the service's form, and it is never a fault of ours."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sparekey.server.control import Control
from sparekey.server.gateway import Gateway
from sparekey.services.operation import Operation
from sparekey.wire import HttpRequest, HttpResponse
from sparekey.wire.models import Shape, service_model
from sparekey.wire.services import SERVICES, Protocol
from tests.server.endpoint import FORM, KEY, START, Served
from tests.services.account import ACCOUNT
from tests.services.world import EVERY, IDS, a_world
from tests.wire.shapes import inputs_of, parsed, request_of
from tests.wire.signed import signed
from tests.wire.theirs import xform_name

DEEP = "[" * 20_000 + "]" * 20_000
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",%s}]}'


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


#: Texts that something somewhere may trip over.
HOSTILE = (
    *("\x00", "\ud800", "\u0663" * 12, "\u202e", "A" * 100_000, "9" * 5000, "%00", "*", "?", "${aws:username}"),
    *(DEEP, '{"a":' * 9000 + "1" + "}" * 9000, POLICY % f'"Condition":{DEEP}', POLICY % '"Sid":"\\ud800"'),
    *(POLICY % '"Condition":{"StringEquals":{"a:b":"\\ud800"}}', POLICY % '"Condition":{"Bool":{"a:b":"\\u0000"}}'),
    *(POLICY % f'"Condition":{{"NumericEquals":{{"a:b":{"9" * 5000}}}}}', "null", "NaN", "1e400"),
    *(encoded(json.dumps(["\ud800"])), encoded(json.dumps(["9" * 5000, "x"])), encoded(DEEP), encoded('["a"]')),
    *("arn:aws:iam::123456789012:user/\x00", "arn:" * 500, ":" * 2000, "arn:aws:iam::\u0663:role/x", "arn::::::"),
    *("https://[::1", "https://[", "https://a:99999999", "e30.e30.", "." * 200, "/" * 512, "//", "../../etc/passwd"),
    *("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "ssh-rsa AAAAB3NzaC1yc2F/////"),
    base64.b64encode(b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>').decode(),
    base64.b64encode(b"<a>" * 20_000).decode(),
)


class Serving:
    """A gateway in front of the world."""

    def __init__(self) -> None:
        self.world = a_world()
        self.saved = self.world.saved()
        cloud = self.world.account.cloud
        self.key = cloud.open_account(ACCOUNT)
        control = Control(cloud, version="1", services=(), storage="memory", host=None, account=ACCOUNT)
        self.gateway = Gateway(cloud, control=control, account=ACCOUNT)

    def send(self, service: str, request: HttpRequest) -> HttpResponse:
        """Sign a request, and send it."""
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        return self.gateway.respond(
            signed(
                headers=headers,
                body=request.body,
                service=service,
                key_id=self.key[0],
                secret=self.key[1],
                at=self.world.account.clock.at,
                host=f"{service}.localhost:4566",
            )
        )


@pytest.fixture(scope="module")
def serving() -> Serving:
    return Serving()


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "sparekey.server")


def check(service: str, operation: str, response: HttpResponse) -> None:
    """The answer is one that botocore parses, and no fault of ours."""
    assert response.status < 500 or response.status == 501, response.body
    assert b"InternalFailure" not in response.body
    parsed(service, operation, response)


def fits(shape: Shape, value: object) -> bool:
    """Whether a value may stand where a shape is expected."""
    kinds: Mapping[str, type] = {"string": str, "list": list, "map": dict, "structure": dict, "integer": int}
    return isinstance(value, kinds.get(shape.type, bool))


@pytest.mark.parametrize(("service", "operation"), EVERY, ids=IDS)
def test_an_operation_answers_whatever_its_model_allows(serving: Serving, service: str, operation: Operation) -> None:
    model = service_model(service)
    input_shape = model.operations[operation.name].input
    members = model.shape(input_shape).members if input_shape else {}
    world = serving.world
    there = {**world.values, **world.special.get(f"{service}:{operation.name}", {})}
    known = {
        name: there[xform_name(name)]
        for name, reference in members.items()
        if xform_name(name) in there and fits(model.shape(reference.shape), there[xform_name(name)])
    }
    serving.world.restore(serving.saved)

    @settings(max_examples=3, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(inputs_of(service, operation.name), st.sets(st.sampled_from(sorted(known) or [""])))
    def answers(made: dict[str, Any], taken: set[str]) -> None:
        parameters = {**made, **{name: known[name] for name in taken & made.keys()}}
        check(service, operation.name, serving.send(service, request_of(service, operation.name, parameters)))

    answers()


def written(service: str, operation: str, parameters: Mapping[str, Any]) -> HttpRequest:
    """A request as botocore writes it, or in JSON with texts that botocore does not take."""
    if SERVICES[service].protocol is Protocol.QUERY:
        return request_of(service, operation, parameters)
    body = json.dumps(parameters, default=str).encode()
    return request_of(service, operation, {})._replace(body=body)


@pytest.mark.parametrize(("service", "operation"), EVERY, ids=IDS)
def test_an_operation_answers_hostile_texts(serving: Serving, service: str, operation: Operation) -> None:
    model = service_model(service)
    input_shape = model.operations[operation.name].input
    members = model.shape(input_shape).members if input_shape else {}
    there = serving.world.parameters(service, operation)
    valid = {name: there[xform_name(name)] for name in members if xform_name(name) in there}
    serving.world.restore(serving.saved)
    number = 0
    for name, reference in members.items():
        shape = model.shape(reference.shape)
        texts = shape.type == "list" and model.shape(shape.element.shape).type == "string"
        if shape.type != "string" and not texts:
            continue
        for text in HOSTILE[number % 5 :: 5]:  # each text meets a fifth of the members
            parameters = {**valid, name: [text] if texts else text}
            try:
                request = written(service, operation.name, parameters)
            except UnicodeEncodeError:  # botocore cannot send it
                continue
            check(service, operation.name, serving.send(service, request))
        number += 1


class TestWebIdentityTokens:
    """Anybody may send one."""

    @pytest.mark.parametrize(
        ("header", "claims"),
        [
            ('{"alg":["RS256"]}', "{}"),
            ('{"alg":"RS256"}', "[" * 5000 + "]" * 5000),
            ('{"a":' * 1500 + "1" + "}" * 1500, "{}"),
            ('{"alg":"RS256"}', '{"iss":"https://\\ud800"}'),
            ('{"alg":"RS256"}', '{"iss":"https://\\u0000"}'),
            ('{"alg":"RS256"}', '{"iss":["x"]}'),
            ("[]", "[]"),
        ],
    )
    def test_one_that_is_none_is_refused(self, header: str, claims: str) -> None:
        token = f"{encoded(header)}.{encoded(claims)}.{encoded('signature')}"
        role = f"arn:aws:iam::{ACCOUNT}:role/R"
        body = f"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={role}&RoleSessionName=me"
        request = HttpRequest("POST", "/", "", {"host": "sts.localhost", "content-type": FORM}, b"")
        answer = Served().send(request._replace(body=f"{body}&WebIdentityToken={token}".encode()))
        assert answer.error[:2] == (400, "InvalidIdentityToken")


#: What stands in a header or a query string: bytes that are no UTF-8 come as surrogates.
SPLINTERS = st.sampled_from(
    [
        *("\udcff", "é", "\x00", ",", "=", "/", ";", " ", "\t", "&", "%ff", "%", "+", "9" * 5000, "AWS4-HMAC-SHA256"),
        *("Credential=", "SignedHeaders=", "Signature=", "host", "x", "&X-Amz-Signature=a", "&X-Amz-", "&Action=a"),
    ]
)
HEADERS = ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-target", "content-type", "host", "date")


@st.composite
def broken(draw: st.DrawFn, text: str) -> str:
    """A text with a few splinters in it."""
    for _ in range(draw(st.integers(1, 3))):
        at, cut = draw(st.integers(0, len(text))), draw(st.integers(0, 8))
        text = text[:at] + draw(SPLINTERS) + text[at + cut :]
    return text


def answered(request: HttpRequest) -> None:
    """A fresh gateway answers a request with an error of the client's, in its protocol."""
    answer = ANYBODYS.send(request)
    assert 400 <= answer.status < 500 or answer.status in (200, 501)
    if answer.status != 200:
        assert answer.error


ANYBODYS = Served()
WHO = b"Action=GetCallerIdentity&Version=2011-06-15"
SIGNED = signed(headers={"Content-Type": FORM}, body=WHO, service="sts", key_id=KEY[0], secret=KEY[1], at=START)
PRESIGNED = signed("GET", "/", WHO.decode(), service="sts", key_id=KEY[0], secret=KEY[1], at=START, expires=60)


@settings(max_examples=300)
@given(st.data(), st.sampled_from(HEADERS))
def test_a_broken_header_is_answered(data: st.DataObject, name: str) -> None:
    headers = {**SIGNED.headers, name: data.draw(broken(SIGNED.headers.get(name, "")))}
    answered(SIGNED._replace(headers=headers))


@settings(max_examples=200)
@given(broken(PRESIGNED.query))
def test_a_broken_presigned_url_is_answered(query: str) -> None:
    answered(PRESIGNED._replace(query=query))


@pytest.mark.parametrize(
    "date",
    [
        *(
            "Mon, 31 Dec 9999 23:59:59 -0100",
            "Mon, 01 Jan 0001 00:00:00 +0100",
            "Mon, 23 Nov 99999999999999 12:00:00 GMT",
        ),
        *("Mon, 23 Nov 2026 12:00:00 +99999999999999999999", "Mon, 23 Nov 2026 12:00:00 +9999", "20261399T999999Z"),
    ],
)
def test_a_date_that_is_none_is_refused(date: str) -> None:
    headers = {**SIGNED.headers, "date": date}
    del headers["x-amz-date"]
    assert ANYBODYS.send(SIGNED._replace(headers=headers)).error[1] in ("IncompleteSignature", "SignatureDoesNotMatch")


def test_a_message_with_bytes_that_are_no_text_is_json_all_the_same() -> None:
    headers = {"host": "localhost", "x-amz-target": "AWSOrganizationsV20161128.ListRoots", "authorization": "a \udcff"}
    status, code, message = ANYBODYS.send(HttpRequest("POST", "/", "", headers, b"{}")).error
    assert (status, code) == (400, "IncompleteSignatureException")
    assert "\ufffd" in message
