"""Handshakes: invitations to an organization, and the agreement to enable all features.

An account that was invited has to agree before all features are enabled: EnableAllFeatures asks each of them
(``ENABLE_ALL_FEATURES``); when all have agreed, the management account finds an ``APPROVE_ALL_FEATURES`` handshake, and
enables the features by accepting it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sparekey.arn import is_account_id
from sparekey.services.directory.accounts import (
    ACCOUNTS,
    EMAILS,
    HANDSHAKES,
    ORGANIZATIONS,
    Account,
    Handshake,
)
from sparekey.services.directory.identities import Reference
from sparekey.services.operation import Call, Output, Tags, operation
from sparekey.services.organizations.accounts import TOO_MANY, check_room, has_room
from sparekey.services.organizations.attachments import attach_full_access
from sparekey.services.organizations.errors import (
    IS_MEMBER,
    NOT_PERMITTED,
    AccessDeniedException,
    DuplicateHandshakeException,
    HandshakeAlreadyInStateException,
    HandshakeNotFoundException,
    InvalidHandshakeTransitionException,
    invalid,
)
from sparekey.services.organizations.features import enable_all, propose_approval
from sparekey.services.organizations.handshake_records import (
    OPEN,
    OVER,
    addresses_of,
    ask,
    handshakes_of,
    is_enabling,
    is_old,
    state_of,
    violates,
)
from sparekey.services.organizations.ids import is_email
from sparekey.services.organizations.linked_role import authorize_linked_role, make_linked_role
from sparekey.services.organizations.membership import as_management, as_reader, organization_of
from sparekey.services.organizations.organization import enter
from sparekey.services.organizations.paging import page
from sparekey.services.organizations.resources import handshake_target, invited_target, tag_context
from sparekey.services.organizations.shapes import email_of, handshake_shape
from sparekey.services.organizations.tagging import authorize_tags, given_tags


@operation("organizations:InviteAccountToOrganization", resource=invited_target, context=tag_context)
def invite_account_to_organization(
    call: Call, *, target: Mapping[str, str], notes: str = "", tags: Tags | None = None
) -> Output:
    """Ask an account, by its id or e-mail address, to join the organization.

    Raises:
        InvalidInputException: the target is no account.
        HandshakeConstraintViolationException: the account is in an organization, or all features are being enabled.
        DuplicateHandshakeException: it is invited already.
        ConstraintViolationException: the organization has as many accounts as it may.
    """
    organization = as_management(call)
    authorize_tags(call, tags)
    kept = given_tags(tags)
    account = _invited(call, target)
    if account is not None and account.organization is not None:
        raise violates("ALREADY_IN_AN_ORGANIZATION", IS_MEMBER)
    if is_enabling(call, organization):
        raise violates(
            "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
            "You can't issue new invitations to join an organization while it's in the process of enabling all "
            "features.",
        )
    asked = account.account_id if account else target["Id"].lower()
    for handshake in handshakes_of(call, organization.organization_id):
        if handshake.account == asked and handshake.action == "INVITE" and state_of(call, handshake) in OPEN:
            raise DuplicateHandshakeException("A handshake with the same action and target already exists.")
    check_room(call, organization)
    handshake = ask(call, organization, "INVITE", asked, target["Id"], target["Type"])
    handshake = replace(handshake, notes=notes, tags=kept)
    call.records.put(HANDSHAKES, (handshake.handshake_id,), handshake)
    return {"Handshake": handshake_shape(call, handshake, handshake.state)}


def _invited(call: Call, target: Mapping[str, str]) -> Account | None:
    """The account that is meant; ``None`` for an address that none has, which AWS does not tell."""
    kind, name = target["Type"], target["Id"]
    if kind == "ACCOUNT":
        account = call.records.get(ACCOUNTS, name) if is_account_id(name) else None
        if account is None:
            raise invalid("INVALID_PARTY_TYPE_TARGET", "You specified an account that doesn't exist.")
        return account
    if kind != "EMAIL":
        raise invalid("INVALID_PARTY_TYPE_TARGET", "You specified the wrong type of entity as a party.")
    if not is_email(name):
        raise invalid(
            "INVALID_EMAIL_ADDRESS_TARGET", "You specified an invalid email address for the invited account owner."
        )
    known = call.records.get(EMAILS, name.lower())
    if known is not None:
        return call.records.get(ACCOUNTS, known.name)
    local = name.partition("@")[0]
    account = call.records.get(ACCOUNTS, local) if is_account_id(local) else None
    return account if account and email_of(account) == name.lower() else None


def _find(call: Call, handshake_id: str) -> tuple[Handshake, bool, bool]:
    """A handshake that the calling account is a party of, and whether it asked, and is asked."""
    handshake = call.records.get(HANDSHAKES, handshake_id)
    organization = organization_of(call)
    asks = asked = False
    if handshake is not None and not is_old(call, handshake):
        own = organization is not None and organization.management_account == call.account
        asks = own and organization is not None and handshake.organization == organization.organization_id
        asked = handshake.account in addresses_of(call) or (asks and not handshake.account)
    if handshake is None or not (asks or asked):
        raise HandshakeNotFoundException("You specified a handshake that doesn't exist.")
    return handshake, asks, asked


def _end(call: Call, handshake: Handshake, state: str) -> Output:
    """Bring an open handshake to an end."""
    current = state_of(call, handshake)
    if current == state:
        raise HandshakeAlreadyInStateException(
            "The specified handshake is already in the requested state. For example, you can't accept a handshake that "
            "was already accepted."
        )
    if current not in OPEN:
        raise InvalidHandshakeTransitionException(OVER)
    ended = replace(handshake, state=state, ended=call.now)
    call.records.put(HANDSHAKES, (handshake.handshake_id,), ended)
    return {"Handshake": handshake_shape(call, ended, state)}


@operation("organizations:AcceptHandshake", resource=handshake_target)
def accept_handshake(call: Call, *, handshake_id: str) -> Output:
    """Agree: join the organization, or to all features; as the management account, enable them.

    Raises:
        HandshakeNotFoundException: there is none of that id for the caller's account.
        AccessDeniedException: the caller's account is the one that asks.
        HandshakeAlreadyInStateException: it was accepted already.
        InvalidHandshakeTransitionException: it is over.
        HandshakeConstraintViolationException: the account is in an organization, or this one has no room.
        AccessDeniedForDependencyException: the caller may not make the service-linked role.
    """
    handshake, _, asked = _find(call, handshake_id)
    if not asked:
        raise AccessDeniedException(NOT_PERMITTED)
    answer = _end(call, handshake, "ACCEPTED")
    if handshake.action == "INVITE":
        _join(call, handshake)
    elif handshake.parent is None or handshake.action == "APPROVE_ALL_FEATURES":
        enable_all(call, handshake)
    else:
        propose_approval(call, handshake)
    return answer


def _join(call: Call, handshake: Handshake) -> None:
    account = call.records.get(ACCOUNTS, call.account)
    organization = call.records.get(ORGANIZATIONS, handshake.organization)
    if account is None or organization is None:
        raise HandshakeNotFoundException("You specified a handshake that doesn't exist.")
    if account.organization is not None:
        raise violates("ALREADY_IN_AN_ORGANIZATION", IS_MEMBER)
    if not has_room(call, organization):
        raise violates("ACCOUNT_NUMBER_LIMIT_EXCEEDED", TOO_MANY)
    if organization.feature_set == "ALL":
        authorize_linked_role(call)
    call.records.put(EMAILS, (email_of(account).lower(),), Reference(account.account_id))
    enter(call, organization, replace(account, tags=handshake.tags), method="INVITED")
    attach_full_access(call, organization, account.account_id)
    make_linked_role(call, account.account_id)


@operation("organizations:DeclineHandshake", resource=handshake_target)
def decline_handshake(call: Call, *, handshake_id: str) -> Output:
    """Say no, as the account that is asked.

    Raises:
        HandshakeNotFoundException: there is none of that id for the caller's account.
        AccessDeniedException: the caller's account is the one that asks.
        HandshakeAlreadyInStateException: it was declined already.
        InvalidHandshakeTransitionException: it is over.
    """
    handshake, _, asked = _find(call, handshake_id)
    if not asked:
        raise AccessDeniedException(NOT_PERMITTED)
    return _end(call, handshake, "DECLINED")


@operation("organizations:CancelHandshake", resource=handshake_target)
def cancel_handshake(call: Call, *, handshake_id: str) -> Output:
    """Take the question back, as the account that asks.

    Raises:
        HandshakeNotFoundException: there is none of that id for the caller's account.
        AccessDeniedException: the caller's account is the one that is asked.
        HandshakeAlreadyInStateException: it was canceled already.
        InvalidHandshakeTransitionException: it is over.
    """
    handshake, asks, _ = _find(call, handshake_id)
    if not asks:
        raise AccessDeniedException(NOT_PERMITTED)
    return _end(call, handshake, "CANCELED")


@operation("organizations:DescribeHandshake", resource=handshake_target)
def describe_handshake(call: Call, *, handshake_id: str) -> Output:
    """A handshake that the caller's account is a party of.

    Raises:
        HandshakeNotFoundException: there is none of that id.
    """
    handshake, _, _ = _find(call, handshake_id)
    return {"Handshake": handshake_shape(call, handshake, state_of(call, handshake))}


@operation("organizations:ListHandshakesForAccount")
def list_handshakes_for_account(
    call: Call,
    *,
    filter: Mapping[str, str] | None = None,  # noqa: A002 - the member's name
    next_token: str | None = None,
    max_results: int | None = None,
) -> Output:
    """What the caller's account is asked."""
    found = [each for address in addresses_of(call) for each in handshakes_of(call, address)]
    return _listed(call, found, filter, next_token, max_results)


@operation("organizations:ListHandshakesForOrganization")
def list_handshakes_for_organization(
    call: Call,
    *,
    filter: Mapping[str, str] | None = None,  # noqa: A002 - the member's name
    next_token: str | None = None,
    max_results: int | None = None,
) -> Output:
    """What the organization asks."""
    organization = as_reader(call, "ListHandshakesForOrganization")
    return _listed(call, list(handshakes_of(call, organization.organization_id)), filter, next_token, max_results)


def _listed(
    call: Call, found: list[Handshake], wanted: Mapping[str, str] | None, token: str | None, most: int | None
) -> Output:
    wanted = wanted or {}
    if len(wanted) > 1:
        raise invalid("MAX_LIMIT_EXCEEDED_FILTER", "You can specify only one filter parameter for the operation.")
    action, parent = wanted.get("ActionType"), wanted.get("ParentHandshakeId")
    kept = [each for each in found if action in (None, each.action) and parent in (None, each.parent)]
    return page(
        "Handshakes",
        sorted(kept, key=lambda each: each.handshake_id),
        lambda each: each.handshake_id,
        lambda each: handshake_shape(call, each, state_of(call, each)),
        next_token=token,
        max_results=most,
    )


OPERATIONS = (
    *(invite_account_to_organization, accept_handshake, decline_handshake, cancel_handshake, describe_handshake),
    *(list_handshakes_for_account, list_handshakes_for_organization),
)
