"""Records of calls in CloudTrail's shapes.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

``additionalEventData`` holds what sparekey knows beside AWS: how the call was decided, and by which statement.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from sparekey.services.cloudtrail.identity import user_identity, user_name

if TYPE_CHECKING:
    from sparekey.services.directory.record import CallRecord

#: The types of the resources that parameters and answers name.
_RESOURCES: Final[Mapping[str, str]] = {
    "userName": "AWS::IAM::User",
    "groupName": "AWS::IAM::Group",
    "roleName": "AWS::IAM::Role",
    "roleArn": "AWS::IAM::Role",
    "policyArn": "AWS::IAM::Policy",
    "policyName": "AWS::IAM::Policy",
    "instanceProfileName": "AWS::IAM::InstanceProfile",
    "accessKeyId": "AWS::IAM::AccessKey",
    "serialNumber": "AWS::IAM::MfaDevice",
    "serverCertificateName": "AWS::IAM::ServerCertificate",
    "sAMLProviderArn": "AWS::IAM::SAMLProvider",
    "openIDConnectProviderArn": "AWS::IAM::OIDCProvider",
    "keyId": "AWS::KMS::Key",
    "stackName": "AWS::CloudFormation::Stack",
}

#: The members of answers that hold further resources.
_INSIDE: Final = ("accessKey", "credentials", "user", "group", "role", "policy", "keyMetadata")


def event_of(record: CallRecord) -> dict[str, object]:
    """``Event``, an item of LookupEvents' answer."""
    event: dict[str, object] = {
        "EventId": record.event_id,
        "EventName": record.operation,
        "ReadOnly": str(record.read_only).lower(),
        "EventTime": record.time.replace(microsecond=0),
        "EventSource": source_of(record),
        "Username": user_name(record),
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in resources_of(record)],
        "CloudTrailEvent": json.dumps(content_of(record), separators=(",", ":"), ensure_ascii=False),
    }
    if record.access_key_id:
        event["AccessKeyId"] = record.access_key_id
    return event


def source_of(record: CallRecord) -> str:
    """``EventSource``: the service's domain name."""
    return f"{record.service}.amazonaws.com"


def resources_of(record: CallRecord) -> list[tuple[str, str]]:
    """The resources a call names, as (type, name), each once."""
    return list(dict.fromkeys((*_named(_read(record.parameters)), *_named(_read(record.response)))))


def _read(text: str) -> dict[str, object]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _named(members: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in members.items():
        if name in _RESOURCES and isinstance(value, str):
            yield _RESOURCES[name], value
        elif name in _INSIDE and isinstance(value, dict):
            yield from _named(value)


def content_of(record: CallRecord) -> dict[str, object]:
    """The record of an event as CloudTrail writes it."""
    source = record.invoked_by or record.source_ip
    content: dict[str, object] = {
        "eventVersion": "1.11",
        "userIdentity": user_identity(record),
        "eventTime": f"{record.time:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": source_of(record),
        "eventName": record.operation,
        "awsRegion": record.region,
        "sourceIPAddress": source,
        "userAgent": record.invoked_by or record.user_agent,
    }
    if record.error_code:
        content["errorCode"] = record.error_code
        content["errorMessage"] = record.error_message
    content |= {
        "requestParameters": _read(record.parameters) or None,
        "responseElements": None if record.read_only or record.error_code else _read(record.response) or None,
        "additionalEventData": {"sparekey": decision_of(record)},
        "requestID": record.request_id,
        "eventID": record.event_id,
        "readOnly": record.read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": record.account,
        "eventCategory": "Management",
    }
    return content


def decision_of(record: CallRecord) -> dict[str, object]:
    """How a call was decided: what was asked, what came out, and what decided."""
    told = {
        "outcome": record.outcome.value,
        "action": record.action,
        "resource": record.resource,
        "policyType": record.policy_type,
        "policy": record.policy,
        "statement": record.statement,
        "nearest": record.nearest,
    }
    return {name: value for name, value in told.items() if value}
