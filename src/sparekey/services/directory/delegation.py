"""Delegation requests: a partner asks an account for temporary access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sparekey.services.directory.identities import Reference
from sparekey.storage.interface import Kind


class DelegationState(StrEnum):
    """Where a delegation request stands."""

    UNASSIGNED = "UNASSIGNED"
    ASSIGNED = "ASSIGNED"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    ACCEPTED = "ACCEPTED"
    FINALIZED = "FINALIZED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class PolicyParameter:
    """A parameter of a delegation's policy template, with its values."""

    name: str
    values: tuple[str, ...]
    type: str


@dataclass(frozen=True, slots=True)
class DelegationRequest:
    """A delegation request; ``owner`` is the ARN of the identity it is associated with."""

    request_id: str
    requestor: str
    requestor_name: str
    description: str
    workflow_id: str
    notification_channel: str
    session_duration: int
    created: datetime
    updated: datetime
    expires: datetime
    state: DelegationState = DelegationState.UNASSIGNED
    owner_account: str = ""
    owner: str = ""
    approver: str = ""
    template: str = ""
    template_parameters: tuple[PolicyParameter, ...] = ()
    message: str | None = None
    redirect_url: str | None = None
    only_send_by_owner: bool = False
    notes: str | None = None
    rejection_reason: str | None = None


#: (request id,): any account may come to own it
DELEGATION_REQUESTS = Kind("iam.delegation-request", DelegationRequest)
#: (requesting account, workflow id) → the request's id
DELEGATION_WORKFLOWS = Kind("iam.delegation-workflow", Reference)
#: (owning account, request id) → the owner's ARN
DELEGATIONS_OWNED = Kind("iam.delegation-owned", Reference)
