"""Requests written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sparekey.wire import HttpRequest, decode, route

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15", "cloudformation": "2010-05-15"}
TARGETS = {
    "kms": "TrentService",
    "organizations": "AWSOrganizationsV20161128",
    "cloudtrail": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
}


def query(body: str | bytes, **headers: str) -> HttpRequest:
    """A form; headers in snake case."""
    written = {"host": "127.0.0.1:4566", "content-type": "application/x-www-form-urlencoded"}
    written |= {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest("POST", "/", "", written, body.encode() if isinstance(body, str) else body)


def in_json(target: str | None, body: bytes = b"{}", **headers: str) -> HttpRequest:
    """A JSON body; headers in snake case."""
    written = {"host": "127.0.0.1:4566", "content-type": "application/x-amz-json-1.1"}
    if target is not None:
        written["x-amz-target"] = target
    written |= {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest("POST", "/", "", written, body)


def call(service: str, operation: str, parameters: Mapping[str, str]) -> HttpRequest:
    """A Query call."""
    return query(urlencode({"Action": operation, "Version": VERSIONS[service], **parameters}))


def decoded(request: HttpRequest, service: str) -> dict[str, object]:
    """Route and decode."""
    return decode(route(request, service), request)
