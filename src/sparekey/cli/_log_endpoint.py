"""Reading the decision record from a server, by ``cloudtrail:LookupEvents``, as any client would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.cli._log_sources import Line
from sparekey.errors import InputError, system_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from http.client import HTTPConnection

#: The most pages of events that one look goes through.
_PAGES: Final = 200


class Credentials(NamedTuple):
    """What requests are signed with."""

    access_key_id: str
    secret_access_key: str
    session_token: str = ""


#: A request's time, as its signature tells it.
_BASIC: Final = "%Y%m%dT%H%M%SZ"
_TARGET: Final = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
_TYPE: Final = "application/x-amz-json-1.1"


@dataclass(frozen=True, slots=True)
class EndpointSource:
    """A server's answer to LookupEvents; ``certificate`` is a file that its TLS certificate is checked with."""

    endpoint: str
    region: str
    credentials: Credentials
    certificate: str = ""

    def newest(self, since: datetime | None, most: int, keep: Callable[[Line], bool]) -> list[Line]:
        """See :meth:`Source.newest`."""
        found: list[Line] = []
        for line in self._events(since):
            if len(found) == most:
                break
            if keep(line):
                found.append(line)
        return found[::-1]

    def _events(self, since: datetime | None) -> Iterator[Line]:
        """The calls, newest first; those of this command itself are left out."""
        asked: dict[str, object] = {} if since is None else {"StartTime": since.timestamp()}
        for _ in range(_PAGES):
            answer = self._ask(asked)
            for event in _listed(answer.get("Events")):
                line = _line_of_event(event)
                if line.operation != "cloudtrail:LookupEvents":
                    yield line
            if not answer.get("NextToken"):
                return
            asked["NextToken"] = answer["NextToken"]

    def _ask(self, asked: Mapping[str, object]) -> Mapping[str, object]:
        """One request.

        Raises:
            InputError: the server cannot be reached, or refuses.
        """
        from urllib.parse import urlsplit

        url = urlsplit(self.endpoint)
        body = json.dumps(asked).encode()
        connection = self._connection(url.scheme, url.hostname or "", url.port)
        try:
            connection.request("POST", "/", body, self._headers(url.netloc, body))
            response = connection.getresponse()
            text, status = response.read().decode("utf-8", "replace"), response.status
        except OSError as error:
            told = system_reason(error)
            raise InputError(f"cannot reach `{self.endpoint}`: {told}", hint="is the server running?") from None
        finally:
            connection.close()
        return _answer(self.endpoint, status, text)

    def _connection(self, scheme: str, host: str, port: int | None) -> HTTPConnection:
        from http.client import HTTPConnection, HTTPSConnection

        if scheme != "https":
            return HTTPConnection(host, port, timeout=30)
        import ssl

        context = ssl.create_default_context(cafile=self.certificate or None)
        return HTTPSConnection(host, port, timeout=30, context=context)

    def _headers(self, host: str, body: bytes) -> dict[str, str]:
        """The headers of a request, its signature among them."""
        from sparekey.wire.messages import HttpRequest
        from sparekey.wire.sigv4 import ALGORITHM, Signature, calculate

        stamp = machine_time().strftime(_BASIC)
        key_id, secret, token = self.credentials
        headers = {"content-type": _TYPE, "host": host, "x-amz-date": stamp, "x-amz-target": _TARGET}
        if token:
            headers["x-amz-security-token"] = token
        names = tuple(sorted(headers))
        unsigned = Signature(
            key_id, stamp[:8], self.region, "cloudtrail", "aws4_request", stamp, names, "", token, None
        )
        signature = calculate(unsigned, HttpRequest("POST", "/", "", headers, body), secret)
        headers["authorization"] = (
            f"{ALGORITHM} Credential={key_id}/{stamp[:8]}/{self.region}/cloudtrail/aws4_request, "
            f"SignedHeaders={';'.join(names)}, Signature={signature}"
        )
        return headers


def machine_time() -> datetime:
    """The time that requests are signed at."""
    return datetime.now(UTC)


def _answer(endpoint: str, status: int, text: str) -> Mapping[str, object]:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise InputError(f"`{endpoint}` answers as no AWS endpoint does (HTTP {status})")
    if status != 200:
        code = str(answer.get("__type", status)).rpartition("#")[2]
        message = answer.get("message") or answer.get("Message") or ""
        raise InputError(f"the server refuses cloudtrail:LookupEvents: {code}: {message}")
    return answer


def _listed(value: object) -> Sequence[Mapping[str, object]]:
    return value if isinstance(value, list) else []


def _line_of_event(event: Mapping[str, object]) -> Line:
    """A CloudTrail event as it is printed."""
    told = json.loads(str(event.get("CloudTrailEvent", "{}")))
    decided = told.get("additionalEventData", {}).get("sparekey", {})
    who = told.get("userIdentity", {})
    operation = f"{str(told.get('eventSource', '')).partition('.')[0]}:{told.get('eventName', '')}"
    return Line(
        time=datetime.fromisoformat(told["eventTime"]),
        account=told.get("recipientAccountId", ""),
        region=told.get("awsRegion", ""),
        principal=who.get("arn") or who.get("invokedBy") or who.get("userName") or "anonymous",
        action=decided.get("action") or operation,
        resource=decided.get("resource", ""),
        outcome=decided.get("outcome", "not_asked"),
        event_id=told.get("eventID", ""),
        operation=operation,
        policy_type=decided.get("policyType", ""),
        policy=decided.get("policy", ""),
        statement=decided.get("statement", ""),
        nearest=decided.get("nearest", ""),
        error_code=told.get("errorCode", ""),
        error_message=told.get("errorMessage", ""),
        source_ip=told.get("sourceIPAddress", ""),
        request_id=told.get("requestID", ""),
    )
