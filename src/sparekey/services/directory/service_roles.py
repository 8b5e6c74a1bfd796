"""How an AWS service gets to act as a role: by AssumeRole, through the door, as the role's trust policy lets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from sparekey.policy import Principal, PrincipalKind
from sparekey.services.directory.tokens import open_session
from sparekey.services.operation import Caller

if TYPE_CHECKING:
    from sparekey.policy import ContextValue
    from sparekey.services.directory.sessions import Session
    from sparekey.services.operation import Call


def assume_service_role(
    call: Call,
    *,
    role_arn: str,
    service_principal: str,
    session_name: str,
    context: Mapping[str, ContextValue] | None = None,
    seconds: int = 3600,
) -> Session:
    """A session of a role for a service such as ``cloudformation.amazonaws.com``; call as its ``caller_of``.

    There is no way around the door: this invokes ``sts:AssumeRole`` as the service's principal, so the call is decided
    by the trust policy (and RCPs) and is in the decision record. ``context`` is what the service says of its own
    request, ``aws:SourceArn`` and ``aws:SourceAccount``. That the caller of the service may pass it the role
    (``iam:PassRole``) is for the service to ask.

    Raises:
        AccessDenied: there is no such role, or it does not trust the service.
    """
    service = Caller(Principal(PrincipalKind.AWS_SERVICE, service_principal), source=context or {})
    answer = call.invoke(
        service,
        "sts",
        "AssumeRole",
        account=role_arn.split(":")[4] if role_arn.count(":") >= 5 else call.account,
        role_arn=role_arn,
        role_session_name=session_name,
        duration_seconds=seconds,
    )
    token = cast("Mapping[str, str]", answer["Credentials"])["SessionToken"]
    return open_session(call.sealer, token)
