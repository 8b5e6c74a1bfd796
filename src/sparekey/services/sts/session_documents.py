"""Session policies, as STS checks them when a session is made.

Values of condition operators are checked far less than in policies that are stored: only base64 is, recorded live.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sparekey.policy import PolicyType
from sparekey.services.documents.identity import check_action
from sparekey.services.documents.strict import check_whole, read_statements
from sparekey.services.documents.texts import Refused, texts
from sparekey.services.sts.errors import MalformedPolicyDocumentException

_PROHIBITED: Final = ("Principal", "NotPrincipal")


def check_session_policy(text: str) -> None:
    """Check a document that a session is to be made with.

    Raises:
        MalformedPolicyDocumentException: STS does not take it.
    """
    fault = _fault(text)
    if fault is not None:
        raise MalformedPolicyDocumentException(fault)


@lru_cache(maxsize=1024)
def _fault(text: str) -> str | None:
    try:
        for statement in read_statements(text, required=("Action", "Resource"), prohibited=_PROHIBITED):
            for action in texts(statement, "Action", "NotAction"):
                check_action(action)
            for resource in texts(statement, "Resource", "NotResource"):
                _check_resource(resource)
        check_whole(text, PolicyType.SESSION)
    except Refused as refused:
        return str(refused)
    return None


def _check_resource(resource: str) -> None:
    complete = resource.count(":") >= 5 or resource.endswith("*")
    if not resource.startswith(("*", "${")) and not (resource.startswith("arn:") and complete):
        raise Refused(f'Resource {resource} must be in ARN format or "*".')
