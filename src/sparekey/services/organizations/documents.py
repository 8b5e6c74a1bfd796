"""Whether a document fits its type of policy: size, JSON, and the grammar of the type."""

from __future__ import annotations

import json
from typing import Final

from sparekey.services.directory.organization_documents import (
    LARGEST_RCP,
    LARGEST_SCP,
    check_resource_control_policy,
    check_service_control_policy,
)
from sparekey.services.organizations.errors import MalformedPolicyDocumentException, violated

#: Observed.
MALFORMED: Final = "The provided policy document does not meet the requirements of the specified policy type."

#: The most characters a document of a type may have.
#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
LARGEST: Final = {
    "SERVICE_CONTROL_POLICY": LARGEST_SCP,
    "RESOURCE_CONTROL_POLICY": LARGEST_RCP,
    "AISERVICES_OPT_OUT_POLICY": 2_500,
}
_LARGEST_OTHERS: Final = 10_000

#: The one key at the top of a management policy, for the types whose syntax AWS documents so.
TOP_KEYS: Final = {
    "TAG_POLICY": "tags",
    "BACKUP_POLICY": "plans",
    "AISERVICES_OPT_OUT_POLICY": "services",
    "CHATBOT_POLICY": "chatbot",
    "DECLARATIVE_POLICY_EC2": "ec2_attributes",
}


def check_document(policy_type: str, content: str) -> str:
    """The document as it is stored.

    Raises:
        ConstraintViolationException: it is too large.
        MalformedPolicyDocumentException: it does not fit the type.
    """
    if len(content) > LARGEST.get(policy_type, _LARGEST_OTHERS):
        # observed
        raise violated("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size.")
    if policy_type == "SERVICE_CONTROL_POLICY":
        check_service_control_policy(content)
    elif policy_type == "RESOURCE_CONTROL_POLICY":
        check_resource_control_policy(content)
        return _stored_rcp(content)
    else:
        read_document(content, TOP_KEYS.get(policy_type))
    return content


def _stored_rcp(content: str) -> str:
    """A resource control policy as Organizations stores it (recorded): with a Version, and a list of statements."""
    document = json.loads(content)
    if "Version" in document and isinstance(document["Statement"], list):
        return content
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    stored = {"Version": "2008-10-17", **document, "Statement": statements}
    return json.dumps(stored, separators=(",", ":"), ensure_ascii=False)


def read_document(content: str, top_key: str | None) -> dict[str, object]:
    """A management policy as plain data.

    Raises:
        MalformedPolicyDocumentException: it is no JSON object, or has another key at the top than its type has.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise MalformedPolicyDocumentException(MALFORMED) from None
    if not isinstance(document, dict) or (top_key is not None and set(document) != {top_key}):
        raise MalformedPolicyDocumentException(MALFORMED)
    return document
