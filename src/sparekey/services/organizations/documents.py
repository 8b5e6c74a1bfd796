"""Whether a document fits its type of policy: size, JSON, and the grammar of the type.

Whatever is wrong with a document, Organizations says the same sentence.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, cast

from sparekey.catalog.rcp_services import RCP_SERVICES
from sparekey.policy import PolicyType, parse_policy
from sparekey.services.directory.organization import RCP, SCP
from sparekey.services.documents.identity import check_action, check_sids
from sparekey.services.documents.texts import Refused, listed, texts
from sparekey.services.organizations.errors import MalformedPolicyDocumentException, violated

#: Observed.
MALFORMED: Final = "The provided policy document does not meet the requirements of the specified policy type."

#: The most characters a document of a type may have.
#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
LARGEST: Final = {
    SCP: 10_240,
    RCP: 5_120,
    "AISERVICES_OPT_OUT_POLICY": 2_500,
}
_LARGEST_OTHERS: Final = 10_000

#: The types that authorization asks, and what the engine calls them.
_GUARDRAILS: Final = {SCP: PolicyType.SCP, RCP: PolicyType.RCP}

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
    guardrail = _GUARDRAILS.get(policy_type)
    if guardrail is None:
        read_document(content, TOP_KEYS.get(policy_type))
    elif not _is_guardrail(content, guardrail):
        raise MalformedPolicyDocumentException(MALFORMED)
    return _stored_rcp(content) if guardrail is PolicyType.RCP else content


@lru_cache(maxsize=1024)
def _is_guardrail(text: str, policy_type: PolicyType) -> bool:
    """Whether a document is an SCP, or an RCP: which denies actions of the services that RCPs are for, to everyone."""
    if parse_policy(text, type=policy_type).malformed:
        return False
    try:
        statements = cast("list[Mapping[str, object]]", listed(json.loads(text)["Statement"]))
        check_sids(statements)
        for statement in statements:
            for action in texts(statement, "Action", "NotAction"):
                check_action(action)
                if policy_type is PolicyType.RCP and action.partition(":")[0].lower() not in RCP_SERVICES:
                    return False
    except (Refused, ValueError):  # a number may have more digits than are read
        return False
    resources = [each for statement in statements for each in texts(statement, "Resource", "NotResource")]
    allows = policy_type is PolicyType.RCP and any(each["Effect"] == "Allow" for each in statements)
    return not allows and all(each == "*" or each.startswith("arn:") for each in resources)


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
