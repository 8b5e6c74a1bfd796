"""From consolidated billing to all features: the invited accounts agree, then the management account goes ahead."""

from __future__ import annotations

from dataclasses import replace

from sparekey.services.directory.accounts import HANDSHAKES, ORGANIZATIONS, Handshake
from sparekey.services.operation import Call, Output, operation
from sparekey.services.organizations.errors import InvalidHandshakeTransitionException
from sparekey.services.organizations.handshake_records import OPEN, OVER, ask, handshakes_of, is_enabling, violates
from sparekey.services.organizations.membership import as_management, members
from sparekey.services.organizations.shapes import handshake_shape


@operation("organizations:EnableAllFeatures")
def enable_all_features(call: Call) -> Output:
    """Ask the invited accounts of an organization with consolidated billing to agree to all features.

    Raises:
        HandshakeConstraintViolationException: it has all features, or they are being asked.
    """
    organization = as_management(call)
    if organization.feature_set == "ALL":
        raise violates("ORGANIZATION_ALREADY_HAS_ALL_FEATURES", "The organization has already enabled all features.")
    if is_enabling(call, organization):
        raise violates(
            "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
            "The organization has already started the process to enable all features.",
        )
    request = ask(call, organization, "ENABLE_ALL_FEATURES")
    for account in members(call, organization):
        if account.joined_method == "INVITED" and account.account_id != organization.management_account:
            ask(call, organization, "ENABLE_ALL_FEATURES", account.account_id, parent=request.handshake_id)
    propose_approval(call, request)
    return {"Handshake": handshake_shape(call, request, request.state)}


def _missing(call: Call, request_id: str, organization: str) -> bool:
    """Whether an account that was asked to agree has not."""
    children = (each for each in handshakes_of(call, organization) if each.parent == request_id)
    return any(each.action == "ENABLE_ALL_FEATURES" and each.state != "ACCEPTED" for each in children)


def propose_approval(call: Call, handshake: Handshake) -> None:
    """When everyone has agreed, ask the management account to go ahead."""
    request_id = handshake.parent or handshake.handshake_id
    organization = call.records.get(ORGANIZATIONS, handshake.organization)
    if organization is not None and not _missing(call, request_id, organization.organization_id):
        ask(call, organization, "APPROVE_ALL_FEATURES", organization.management_account, parent=request_id)


def enable_all(call: Call, handshake: Handshake) -> None:
    """Enable all features, once every invited account has agreed."""
    request_id = handshake.parent or handshake.handshake_id
    if _missing(call, request_id, handshake.organization):
        raise InvalidHandshakeTransitionException(OVER)
    organization = call.records.get(ORGANIZATIONS, handshake.organization)
    if organization is not None:
        enabled = replace(organization, feature_set="ALL")
        call.records.put(ORGANIZATIONS, (organization.organization_id,), enabled)
    for each in list(handshakes_of(call, handshake.organization)):
        if request_id in (each.handshake_id, each.parent) and each.state in OPEN:
            ended = replace(each, state="ACCEPTED", ended=call.now)
            call.records.put(HANDSHAKES, (each.handshake_id,), ended)


OPERATIONS = (enable_all_features,)
