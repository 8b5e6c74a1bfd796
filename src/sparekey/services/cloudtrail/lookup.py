"""LookupEvents: the decision record of an account and Region, as CloudTrail's event history."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sparekey.services.cloudtrail.errors import (
    InvalidLookupAttributesException,
    InvalidNextTokenException,
    InvalidTimeRangeException,
)
from sparekey.services.cloudtrail.events import event_of, resources_of, source_of
from sparekey.services.cloudtrail.identity import user_name
from sparekey.services.directory.record import RETENTION, CallRecord, key_of, newest
from sparekey.services.operation import Call, Output, operation
from sparekey.storage.interface import Key

#: The most events of a page.
PAGE: Final = 50
#: The most records that one call looks through; a page may be short, or empty, and not the last.
LOOKED_THROUGH: Final = 10_000

#: Event times are told by the second: the last moment of one.
_LAST: Final = timedelta(microseconds=999_999)

#: How each lookup attribute finds its events.
ATTRIBUTES: Final[Mapping[str, Callable[[CallRecord, str], bool]]] = {
    "EventId": lambda record, value: record.event_id == value,
    "EventName": lambda record, value: record.operation == value,
    "ReadOnly": lambda record, value: str(record.read_only).lower() == value.lower(),
    "Username": lambda record, value: user_name(record) == value,
    "ResourceType": lambda record, value: any(kind == value for kind, _ in resources_of(record)),
    "ResourceName": lambda record, value: any(name == value for _, name in resources_of(record)),
    "EventSource": lambda record, value: source_of(record) == value,
    "AccessKeyId": lambda record, value: record.access_key_id == value,
}


@operation("cloudtrail:LookupEvents")
def lookup_events(
    call: Call,
    *,
    lookup_attributes: Sequence[Mapping[str, str]] | None = None,
    start_time: datetime | None = None,
    end_time: datetime | None = None,
    event_category: str | None = None,
    max_results: int | None = None,
    next_token: str | None = None,
) -> Output:
    """The calls of the last 90 days in the account and Region, newest first.

    There are no Insights events. Calls of IAM and Organizations are in the partition's first Region.

    Raises:
        InvalidLookupAttributesException: more than one attribute is given.
        InvalidTimeRangeException: the start is after the end.
        InvalidNextTokenException: the token is none, or was given for other parameters.
    """
    wanted = _wanted(lookup_attributes or ())
    if start_time is not None and end_time is not None and start_time > end_time:
        raise InvalidTimeRangeException("The start time is after the end time.")
    mark = sha256(repr((lookup_attributes, start_time, end_time, event_category)).encode()).hexdigest()[:16]
    after = _read_token(next_token, mark) if next_token else None
    if event_category is not None:
        return {"Events": []}
    since = max(call.now - RETENTION, start_time or call.now - RETENTION)
    until = min(call.now, end_time) if end_time else call.now
    key = (call.account, call.region, *after) if after else None
    return _page(call, key, (since, until), wanted, max_results or PAGE, mark)


def _page(
    call: Call,
    after: Key | None,
    between: tuple[datetime, datetime],
    wanted: Callable[[CallRecord], bool],
    most: int,
    mark: str,
) -> Output:
    """A page of events, and a token where there may be more."""
    since, until = between[0].replace(microsecond=0), between[1].replace(microsecond=0) + _LAST
    events: list[dict[str, object]] = []
    last: CallRecord | None = None
    found = newest(call.records, call.account, call.region, until=until, after=after, limit=LOOKED_THROUGH)
    for seen, record in enumerate(found, 1):
        if record.time < since:
            break
        if wanted(record):
            if len(events) == most and last is not None:
                return {"Events": events, "NextToken": _token(last, mark)}
            events.append(event_of(record))
        last = record
        if seen == LOOKED_THROUGH:
            return {"Events": events, "NextToken": _token(record, mark)}
    return {"Events": events}


def _wanted(attributes: Sequence[Mapping[str, str]]) -> Callable[[CallRecord], bool]:
    if not attributes:
        return lambda _record: True
    if len(attributes) > 1:
        raise InvalidLookupAttributesException("You can specify only one lookup attribute.")
    name, value = attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]
    matches = ATTRIBUTES[name]
    return lambda record: matches(record, value)


def _token(last: CallRecord, mark: str) -> str:
    text = json.dumps((mark, *key_of(last)[2:]))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_token(token: str, mark: str) -> tuple[str, str]:
    try:
        given, age, event_id = json.loads(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidNextTokenException("The token is not valid.") from error
    if given != mark or not isinstance(age, str) or not isinstance(event_id, str):
        raise InvalidNextTokenException("The token was given for other parameters.")
    return age, event_id
