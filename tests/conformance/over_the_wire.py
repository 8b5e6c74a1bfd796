"""Calls as bytes: botocore writes the request and reads the answer, and what lies between is ours.

wired = Wired(account)
wired.call(account.root, "iam", "GetUser", UserName="ann")      # {"User": {…}}, named as on the wire
wired.refusal(ann, "iam", "GetUser", UserName="bob")            # Refusal(403, "AccessDenied", "User: … is not …")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sparekey import wire
from sparekey.errors import ServiceError
from sparekey.wire import HttpRequest, HttpResponse
from tests.services.account import Client, TestAccount
from tests.wire.theirs import Loader, TheirModel, create_parser, create_serializer, percent_encode_sequence


class Refusal(NamedTuple):
    """An error as clients see it."""

    status: int
    code: str
    message: str


@cache
def their_model(service: str) -> Any:
    """A service's model, as botocore reads it."""
    return TheirModel(Loader().load_service_model(service, "service-2"), service)


@cache
def _serializer(protocol: str) -> Any:
    return create_serializer(protocol, include_validation=False)


@cache
def _parser(protocol: str) -> Any:
    return create_parser(protocol)


@dataclass(frozen=True)
class Wired:
    """An account that is called over the wire; signatures are left out, the caller is told."""

    account: TestAccount

    def call(self, client: Client, service: str, operation: str, /, **members: object) -> dict[str, Any]:
        """The output of a call that must succeed."""
        response, parsed = self._exchange(client, service, operation, members)
        assert response.status == 200, parsed
        return {name: value for name, value in parsed.items() if name != "ResponseMetadata"}

    def refusal(self, client: Client, service: str, operation: str, /, **members: object) -> Refusal:
        """The error of a call that must fail."""
        response, parsed = self._exchange(client, service, operation, members)
        assert response.status >= 400, parsed
        return Refusal(response.status, parsed["Error"]["Code"], parsed["Error"].get("Message", ""))

    def code(self, client: Client, service: str, operation: str, /, **members: object) -> str:
        """The code of a call's error; empty if it succeeds."""
        response, parsed = self._exchange(client, service, operation, members)
        return "" if response.status == 200 else str(parsed["Error"]["Code"])

    def _exchange(
        self, client: Client, service: str, operation: str, members: Mapping[str, object]
    ) -> tuple[HttpResponse, dict[str, Any]]:
        model = their_model(service)
        shape = model.operation_model(operation)
        protocol = model.metadata["protocol"]
        response = self._respond(client, service, _request(_serializer(protocol).serialize_to_request(members, shape)))
        told = {
            "status_code": response.status,
            "headers": {name.lower(): value for name, value in response.headers},
            "body": response.body,
        }
        return response, _parser(protocol).parse(told, shape.output_shape)

    def _respond(self, client: Client, service: str, request: HttpRequest) -> HttpResponse:
        found: wire.Route | None = None
        try:
            found = wire.route(request, service)
            parameters = wire.decode(found, request)
            output = self.account.cloud.invoke(
                client.caller, found.service, found.operation, parameters, client.circumstances
            )
            return wire.encode(found, output, "r-1")
        except ServiceError as error:
            return wire.encode_error(found, request, error, "r-1")


def _request(written: Mapping[str, Any]) -> HttpRequest:
    """What botocore's serializer wrote, as a request."""
    body = written["body"]
    if isinstance(body, dict):
        body = percent_encode_sequence(body)
    headers = {name.lower(): value for name, value in written["headers"].items()}
    return HttpRequest(
        written["method"],
        written["url_path"],
        "",
        {"host": "127.0.0.1:4566", **headers},
        body if isinstance(body, bytes) else body.encode(),
    )
