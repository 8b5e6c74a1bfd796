"""The services the wire speaks, with what routing and error answers need before a service model is read."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Protocol(StrEnum):
    """How a service writes its calls."""

    JSON = "json"
    QUERY = "query"


class ServiceEntry(NamedTuple):
    """One service: its protocol, API version and the name that stands for it on the wire.

    ``identity`` is the prefix of ``X-Amz-Target`` (JSON) or the XML namespace of answers (Query). ``milliseconds``:
    Query timestamps carry them (CloudFormation's do; IAM and STS print whole seconds).
    """

    protocol: Protocol
    version: str
    identity: str
    json_version: str = "1.1"
    milliseconds: bool = False


#: Every service that can be routed, under its signing name. Equal to botocore's metadata; a test proves it.
SERVICES: Final[Mapping[str, ServiceEntry]] = {
    "cloudformation": ServiceEntry(
        Protocol.QUERY, "2010-05-15", "http://cloudformation.amazonaws.com/doc/2010-05-15/", milliseconds=True
    ),
    "cloudtrail": ServiceEntry(Protocol.JSON, "2013-11-01", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"),
    "iam": ServiceEntry(Protocol.QUERY, "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"),
    "kms": ServiceEntry(Protocol.JSON, "2014-11-01", "TrentService"),
    "organizations": ServiceEntry(Protocol.JSON, "2016-11-28", "AWSOrganizationsV20161128"),
    "sts": ServiceEntry(Protocol.QUERY, "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"),
}

#: JSON: target prefix → service.
BY_TARGET: Final[Mapping[str, str]] = {
    entry.identity: name for name, entry in SERVICES.items() if entry.protocol is Protocol.JSON
}

#: Query: API version → service. Unsigned calls (``AssumeRoleWithSAML``) say no more than this.
BY_VERSION: Final[Mapping[str, str]] = {
    entry.version: name for name, entry in SERVICES.items() if entry.protocol is Protocol.QUERY
}
