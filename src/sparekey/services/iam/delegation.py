"""Delegation requests: a partner asks an account for temporary access.

On AWS, partners register policy templates before they may make requests, and the token for an accepted request goes to
a topic of the partner's. Here any account may make requests, no template has a content, whether a caller's own
permissions cover one stays ``UNSURE``, and SendDelegationToken is not built: no request gets beyond ``ACCEPTED``.
Summaries are a language model's work: ``NOT_SUPPORTED``.
https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sparekey.policy import PrincipalKind
from sparekey.services.directory.accounts import ACCOUNTS
from sparekey.services.directory.delegation import (
    DELEGATION_REQUESTS,
    DELEGATION_WORKFLOWS,
    DELEGATIONS_OWNED,
    DelegationRequest,
    DelegationState,
    PolicyParameter,
)
from sparekey.services.directory.identifiers import random_uuid
from sparekey.services.directory.identities import Reference
from sparekey.services.iam.delegation_targets import (
    listed_owner,
    new_request,
    owner_of_request,
    request,
    request_by_arn,
    requested,
)
from sparekey.services.iam.errors import EntityAlreadyExistsException, InvalidInputException, NoSuchEntityException
from sparekey.services.iam.names import arn
from sparekey.services.iam.paging import listed
from sparekey.services.iam.resources import nothing
from sparekey.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.services.operation import Call, Output

_CONSOLE: Final = "https://console.aws.amazon.com/iam/home#/delegation-requests/"

#: Requests that nobody acts upon, and rejected ones, expire.
_LIFETIME: Final = timedelta(days=7)

_OPEN: Final = (DelegationState.ASSIGNED, DelegationState.PENDING_APPROVAL)

#: From which states an operation leads to its own.
TRANSITIONS: Final[Mapping[DelegationState, tuple[DelegationState, ...]]] = {
    DelegationState.ASSIGNED: (DelegationState.UNASSIGNED,),
    DelegationState.PENDING_APPROVAL: _OPEN,
    DelegationState.ACCEPTED: _OPEN,
    DelegationState.REJECTED: (*_OPEN, DelegationState.ACCEPTED),
}


@operation("iam:CreateDelegationRequest", resource=new_request, context=requested)
def create_delegation_request(  # noqa: PLR0913 - the members of the API
    call: Call,
    *,
    description: str,
    permissions: Mapping[str, object],
    requestor_workflow_id: str,
    notification_channel: str,
    session_duration: int,
    owner_account_id: str | None = None,
    request_message: str | None = None,
    redirect_url: str | None = None,
    only_send_by_owner: bool = False,
) -> Output:
    """Ask an account, or whoever associates the request with itself, for temporary access."""
    workflow = (call.account, requestor_workflow_id)
    if call.records.get(DELEGATION_WORKFLOWS, *workflow) is not None:
        raise EntityAlreadyExistsException(f"A request with workflow id {requestor_workflow_id} already exists.")
    account = call.records.get(ACCOUNTS, call.account)
    made = DelegationRequest(
        request_id=random_uuid(call.entropy),
        requestor=call.account,
        requestor_name=(account.name if account else "")[:30],
        description=description,
        workflow_id=requestor_workflow_id,
        notification_channel=notification_channel,
        session_duration=session_duration,
        created=call.now,
        updated=call.now,
        expires=call.now + _LIFETIME,
        owner_account=owner_account_id or "",
        template=str(permissions.get("PolicyTemplateArn", "")),
        template_parameters=_parameters(permissions),
        message=request_message,
        redirect_url=redirect_url,
        only_send_by_owner=only_send_by_owner,
    )
    call.records.put(DELEGATION_WORKFLOWS, workflow, Reference(made.request_id))
    call.records.put(DELEGATION_REQUESTS, (made.request_id,), made)
    return {"ConsoleDeepLink": _CONSOLE + made.request_id, "DelegationRequestId": made.request_id}


@operation("iam:AssociateDelegationRequest", resource=request, context=owner_of_request)
def associate_delegation_request(call: Call, *, delegation_request_id: str) -> None:
    """Make the calling identity the owner of a delegation request."""
    found = _find(call, delegation_request_id)
    owner = _identity(call)
    _move(call, found, DelegationState.ASSIGNED, owner=owner, owner_account=call.account)
    call.records.put(DELEGATIONS_OWNED, (call.account, found.request_id), Reference(owner))


@operation("iam:GetDelegationRequest", resource=request, context=owner_of_request)
def get_delegation_request(
    call: Call, *, delegation_request_id: str, delegation_permission_check: bool = False
) -> Output:
    """Read a delegation request; without a content of its template, no check of permissions is sure."""
    shown: dict[str, object] = {"DelegationRequest": _shown(call, _find(call, delegation_request_id))}
    if delegation_permission_check:
        shown.update(PermissionCheckStatus="COMPLETE", PermissionCheckResult="UNSURE")
    return shown


@operation("iam:ListDelegationRequests", resource=nothing, context=listed_owner)
def list_delegation_requests(
    call: Call, *, owner_id: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Output:
    """List the delegation requests that identities of the account own."""
    owned = [
        key[1]
        for key, reference in call.records.scan(DELEGATIONS_OWNED, call.account)
        if owner_id is None or reference.name == owner_id
    ]
    found = listed(owned, str, marker=marker, max_items=max_items)
    requests = [call.records.get(DELEGATION_REQUESTS, each) for each in found.items]
    members = found.members
    members["isTruncated"] = members.pop("IsTruncated")
    return {"DelegationRequests": [_shown(call, each) for each in requests if each is not None], **members}


@operation("iam:UpdateDelegationRequest", resource=request, context=owner_of_request)
def update_delegation_request(call: Call, *, delegation_request_id: str, notes: str | None = None) -> None:
    """Pass a delegation request on to an administrator, with notes."""
    found = _find(call, delegation_request_id)
    _move(call, found, DelegationState.PENDING_APPROVAL, notes=notes if notes is not None else found.notes)


@operation("iam:AcceptDelegationRequest", resource=request, context=owner_of_request)
def accept_delegation_request(call: Call, *, delegation_request_id: str) -> None:
    """Grant what a delegation request asks for, with the permissions of the calling identity."""
    _move(call, _find(call, delegation_request_id), DelegationState.ACCEPTED, approver=_identity(call))


@operation("iam:RejectDelegationRequest", resource=request, context=owner_of_request)
def reject_delegation_request(call: Call, *, delegation_request_id: str, notes: str | None = None) -> None:
    """Refuse a delegation request for good."""
    _move(call, _find(call, delegation_request_id), DelegationState.REJECTED, rejection_reason=notes)


@operation("iam:GetHumanReadableSummary", resource=request_by_arn)
def get_human_readable_summary(call: Call, *, entity_arn: str, locale: str = "en") -> Output:
    """Tell that nobody summarizes delegation requests here."""
    kind, _, identifier = entity_arn.rpartition(":")[2].partition("/")
    if kind != "delegation-request":
        raise InvalidInputException(f"Invalid ARN: {entity_arn}")
    _find(call, identifier)
    return {"SummaryState": "NOT_SUPPORTED", "Locale": locale}


def _parameters(permissions: Mapping[str, object]) -> tuple[PolicyParameter, ...]:
    given: Sequence[Mapping[str, object]] = permissions.get("Parameters", ())  # type: ignore[assignment]  # the model
    return tuple(
        PolicyParameter(
            str(each.get("Name", "")),
            tuple(str(value) for value in each.get("Values", ())),  # type: ignore[attr-defined]  # a list of texts
            str(each.get("Type", "string")),
        )
        for each in given
    )


def _identity(call: Call) -> str:
    """The identity that calls: for a session of a role, the role."""
    if call.caller.principal.kind is PrincipalKind.ROOT_USER:
        return arn(call, "root")
    return call.caller.session.parent_arn if call.caller.session else call.caller.principal.arn


def _find(call: Call, identifier: str) -> DelegationRequest:
    """A delegation request; that it is for the calling account, or nobody's yet, is part of its authorization.

    Raises:
        NoSuchEntityException: there is none.
    """
    found = call.records.get(DELEGATION_REQUESTS, identifier)
    if found is None:
        raise NoSuchEntityException(f"Delegation request {identifier} does not exist.")
    return found


def _state(call: Call, found: DelegationRequest) -> DelegationState:
    return DelegationState.EXPIRED if found.expires <= call.now else found.state


def _move(call: Call, found: DelegationRequest, state: DelegationState, **changes: str | None) -> None:
    """Let a request change its state, if it may.

    Raises:
        InvalidInputException: not from the state it is in.
    """
    present = _state(call, found)
    if present not in TRANSITIONS[state]:
        raise InvalidInputException(f"Delegation request {found.request_id} is in state {present}.")
    moved = replace(
        found,
        state=state,
        updated=call.now,
        expires=call.now + _LIFETIME,
        **changes,  # type: ignore[arg-type]  # texts of the record, named by the callers above
    )
    call.records.put(DELEGATION_REQUESTS, (found.request_id,), moved)


def _shown(call: Call, found: DelegationRequest) -> dict[str, object]:
    permissions: dict[str, object] = {
        "Parameters": [
            {"Name": each.name, "Values": list(each.values), "Type": each.type} for each in found.template_parameters
        ]
    }
    if found.template:
        permissions["PolicyTemplateArn"] = found.template
    shown: dict[str, object] = {
        "DelegationRequestId": found.request_id,
        "Description": found.description,
        "Permissions": permissions,
        "State": _state(call, found).value,
        "ExpirationTime": found.expires,
        "RequestorId": found.requestor,
        "CreateDate": found.created,
        "SessionDuration": found.session_duration,
        "OnlySendByOwner": found.only_send_by_owner,
        "UpdatedTime": found.updated,
    }
    optional = {
        "OwnerAccountId": found.owner_account,
        "RequestMessage": found.message,
        "OwnerId": found.owner,
        "ApproverId": found.approver,
        "RequestorName": found.requestor_name,
        "RedirectUrl": found.redirect_url,
        "Notes": found.notes,
        "RejectionReason": found.rejection_reason,
    }
    return shown | {name: value for name, value in optional.items() if value}


OPERATIONS = (
    create_delegation_request,
    associate_delegation_request,
    get_delegation_request,
    list_delegation_requests,
    update_delegation_request,
    accept_delegation_request,
    reject_delegation_request,
    get_human_readable_summary,
)
