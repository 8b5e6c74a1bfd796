"""What authorization sees of operations on delegation requests: the request, and its condition keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sparekey.policy import Policy, PolicyType
from sparekey.services.directory.carried import parsed
from sparekey.services.directory.delegation import DELEGATION_REQUESTS
from sparekey.services.operation import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.policy import ContextValue
    from sparekey.services.operation import Call


def request(call: Call, *, delegation_request_id: str, **_: object) -> Target:
    """The delegation request a request names; its owner's account owns it."""
    found = call.records.get(DELEGATION_REQUESTS, delegation_request_id)
    account = found.owner_account if found and found.owner_account else call.account
    named = f"arn:{call.partition}:iam::{account}:delegation-request/{delegation_request_id}"
    return Target(named, account, policy=_of_owner(found.owner) if found and found.owner else None)


def _of_owner(owner: str) -> Policy:
    """What the owner of a request may do by default."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": owner},
        "Action": ["iam:GetDelegationRequest", "iam:UpdateDelegationRequest", "iam:GetHumanReadableSummary"],
        "Resource": "*",
    }
    text = json.dumps({"Version": "2008-10-17", "Statement": statement})
    return parsed(text, PolicyType.RESOURCE, "the default permissions of a delegation request's owner")


def request_by_arn(call: Call, *, entity_arn: str, **_: object) -> Target:
    """The delegation request of that ARN."""
    identifier = entity_arn.rpartition("/")[2]
    return request(call, delegation_request_id=identifier)._replace(arn=entity_arn)


def new_request(call: Call, *, owner_account_id: str | None = None, **_: object) -> Target:
    """The delegation request a request would make."""
    return Target(
        f"arn:{call.partition}:iam::{owner_account_id or call.account}:delegation-request/*", account=call.account
    )


def requested(
    _call: Call, *, session_duration: int, notification_channel: str, permissions: Mapping[str, object], **_: object
) -> dict[str, ContextValue]:
    """``iam:DelegationDuration``, ``iam:NotificationChannel`` and ``iam:TemplateArn``: what a partner asks for."""
    keys: dict[str, ContextValue] = {
        "iam:DelegationDuration": str(session_duration),
        "iam:NotificationChannel": notification_channel,
    }
    if "PolicyTemplateArn" in permissions:
        keys["iam:TemplateArn"] = str(permissions["PolicyTemplateArn"])
    return keys


def owner_of_request(call: Call, *, delegation_request_id: str, **_: object) -> dict[str, ContextValue]:
    """``iam:DelegationRequestOwner``: the identity a request is associated with."""
    found = call.records.get(DELEGATION_REQUESTS, delegation_request_id)
    return {"iam:DelegationRequestOwner": found.owner} if found and found.owner else {}


def listed_owner(_call: Call, *, owner_id: str | None = None, **_: object) -> dict[str, ContextValue]:
    """``iam:DelegationRequestOwner``: the owner whose requests are listed."""
    return {} if owner_id is None else {"iam:DelegationRequestOwner": owner_id}
