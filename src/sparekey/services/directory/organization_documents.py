"""Service control policies and resource control policies, as Organizations checks them.

Whatever is wrong with one, Organizations says the same sentence.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, cast

from sparekey.catalog.rcp_services import RCP_SERVICES
from sparekey.errors import ServiceError
from sparekey.policy import PolicyType, parse_policy
from sparekey.services.directory.document_texts import Refused, listed, texts
from sparekey.services.directory.identity_documents import check_action, check_sids

#: The most characters of a document, white space included.
LARGEST_SCP: Final = 10_240
LARGEST_RCP: Final = 5_120

_REFUSED: Final = "The provided policy document does not meet the requirements of the specified policy type."


class MalformedPolicyDocumentException(ServiceError):
    """The document is none of the type it was given as."""


class ConstraintViolationException(ServiceError):
    """The document is too long (``Reason`` is ``POLICY_CONTENT_LIMIT_EXCEEDED``)."""


def check_service_control_policy(text: str) -> None:
    """Check a document that is to be an SCP.

    Raises:
        MalformedPolicyDocumentException: it is none.
        ConstraintViolationException: it is too long.
    """
    _check(text, PolicyType.SCP, LARGEST_SCP)


def check_resource_control_policy(text: str) -> None:
    """Check a document that is to be an RCP: it denies actions of the services that RCPs are for, to everyone.

    Raises:
        MalformedPolicyDocumentException: it is none.
        ConstraintViolationException: it is too long.
    """
    _check(text, PolicyType.RCP, LARGEST_RCP)


def _check(text: str, policy_type: PolicyType, largest: int) -> None:
    if len(text) > largest:
        message = "You have attempted to create a policy that is larger than the maximum size."
        raise ConstraintViolationException(message, Reason="POLICY_CONTENT_LIMIT_EXCEEDED")
    if not _is_valid(text, policy_type):
        raise MalformedPolicyDocumentException(_REFUSED)


@lru_cache(maxsize=1024)
def _is_valid(text: str, policy_type: PolicyType) -> bool:
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
