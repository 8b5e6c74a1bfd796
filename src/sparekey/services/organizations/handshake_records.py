"""The records of handshakes: opened, found, and what time makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from sparekey.services.directory.accounts import ACCOUNTS, HANDSHAKES, HANDSHAKES_OF, Handshake, Organization
from sparekey.services.directory.identities import Reference
from sparekey.services.operation import Call
from sparekey.services.organizations.errors import HandshakeConstraintViolationException
from sparekey.services.organizations.ids import handshake_arn, random_id
from sparekey.services.organizations.shapes import email_of

#: How long an account has to answer; a handshake that is over is shown for 30 days more.
OPEN_FOR: Final = {"INVITE": timedelta(days=15), "ENABLE_ALL_FEATURES": timedelta(days=90)}
_SHOWN_FOR: Final = timedelta(days=30)

#: The states in which a handshake can be answered.
OPEN: Final = ("OPEN", "REQUESTED")

OVER: Final = "You can't perform the operation on the handshake in its current state."


def violates(reason: str, message: str) -> HandshakeConstraintViolationException:
    """The HandshakeConstraintViolationException for a reason of the model."""
    return HandshakeConstraintViolationException(message, Reason=reason)


def ask(
    call: Call,
    organization: Organization,
    action: str,
    account: str = "",
    target: str = "",
    target_type: str = "ACCOUNT",
    parent: str | None = None,
) -> Handshake:
    """Open a handshake."""
    handshake_id = random_id(call.entropy, "h-", 32)
    handshake = Handshake(
        handshake_id=handshake_id,
        arn=handshake_arn(organization, action, handshake_id),
        organization=organization.organization_id,
        action=action,
        state="OPEN" if account else "REQUESTED",
        requested=call.now,
        expires=call.now + OPEN_FOR.get(action, OPEN_FOR["ENABLE_ALL_FEATURES"]),
        account=account,
        target=target or account,
        target_type=target_type,
        parent=parent,
    )
    call.records.put(HANDSHAKES, (handshake_id,), handshake)
    call.records.put(HANDSHAKES_OF, (organization.organization_id, handshake_id), Reference(handshake_id))
    if account and (account != organization.management_account):
        call.records.put(HANDSHAKES_OF, (account, handshake_id), Reference(handshake_id))
    return handshake


def state_of(call: Call, handshake: Handshake) -> str:
    """The state of a handshake now: one that nobody answered in time is expired."""
    return "EXPIRED" if handshake.state in OPEN and call.now >= handshake.expires else handshake.state


def addresses_of(call: Call) -> tuple[str, ...]:
    """The ways the calling account can be asked: by its id, or by its e-mail address."""
    account = call.records.get(ACCOUNTS, call.account)
    return (call.account, email_of(account).lower()) if account else (call.account,)


def handshakes_of(call: Call, party: str) -> Iterator[Handshake]:
    """The handshakes of an account or organization that are open, or were not long ago."""
    for _, reference in call.records.scan(HANDSHAKES_OF, party):
        handshake = call.records.get(HANDSHAKES, reference.name)
        if handshake is not None and not is_old(call, handshake):
            yield handshake


def is_enabling(call: Call, organization: Organization) -> bool:
    """Whether the organization is in the process of enabling all features."""
    asked = handshakes_of(call, organization.organization_id)
    return any(each.action == "ENABLE_ALL_FEATURES" and state_of(call, each) in OPEN for each in asked)


def is_old(call: Call, handshake: Handshake) -> bool:
    """Whether a handshake has been over for so long that it is no longer shown."""
    ended = handshake.ended or handshake.expires
    return call.now > ended + _SHOWN_FOR
