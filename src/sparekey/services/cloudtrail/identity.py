"""Who made a call, as CloudTrail's ``userIdentity`` tells it.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sparekey.arn import Arn
from sparekey.policy import PrincipalKind
from sparekey.services.directory.sessions import SessionKind

if TYPE_CHECKING:
    from datetime import datetime

    from sparekey.services.directory.record import CallRecord

_TYPES: Final = {
    PrincipalKind.ROOT_USER.value: "Root",
    PrincipalKind.IAM_USER.value: "IAMUser",
    PrincipalKind.ROLE_SESSION.value: "AssumedRole",
    PrincipalKind.SERVICE_LINKED_ROLE.value: "AssumedRole",
    PrincipalKind.FEDERATED_USER.value: "FederatedUser",
    PrincipalKind.AWS_SERVICE.value: "AWSService",
}

#: The calls that nobody signs: who is behind them is in the answer.
_FEDERATION: Final = {"AssumeRoleWithSAML": "SAMLUser", "AssumeRoleWithWebIdentity": "WebIdentityUser"}


def user_identity(record: CallRecord) -> dict[str, object]:
    """``userIdentity``."""
    kind = _TYPES.get(record.kind)
    if kind is None:
        return _federated(record)
    if kind == "AWSService":
        return {"type": kind, "invokedBy": record.principal}
    if record.account != record.principal_account:
        return {"type": "AWSAccount", "principalId": record.user_id, "accountId": record.principal_account}
    identity: dict[str, object] = {
        "type": kind,
        "principalId": record.user_id,
        "arn": record.principal,
        "accountId": record.principal_account,
    }
    if record.access_key_id:
        identity["accessKeyId"] = record.access_key_id
    if kind == "IAMUser":
        identity["userName"] = record.user_name or record.principal.rpartition("/")[2]
    if record.session_kind:
        identity["sessionContext"] = _session_context(record)
    if record.invoked_by:
        identity["invokedBy"] = record.invoked_by
    return identity


def user_name(record: CallRecord) -> str:
    """``Username`` of an event: the user's name, the role session's, or ``root``."""
    if record.kind == PrincipalKind.ROOT_USER.value:
        return "root"
    if record.kind == PrincipalKind.AWS_SERVICE.value:
        return record.principal
    identity = user_identity(record)
    return record.user_name or str(identity.get("userName", "")) or record.principal.rpartition("/")[2]


def _session_context(record: CallRecord) -> dict[str, object]:
    context: dict[str, object] = {}
    if record.session_kind in (SessionKind.ASSUMED_ROLE.value, SessionKind.FEDERATED_USER.value):
        context["sessionIssuer"] = _issuer(record)
    if record.federated_provider:
        context["webIdFederationData"] = {"federatedProvider": record.federated_provider, "attributes": {}}
    issued = _iso(record.session_issued) if record.session_issued else ""
    context["attributes"] = {"creationDate": issued, "mfaAuthenticated": str(record.session_mfa).lower()}
    if record.source_identity:
        context["sourceIdentity"] = record.source_identity
    return context


def _issuer(record: CallRecord) -> dict[str, object]:
    issuer: dict[str, object] = {
        "type": {"role": "Role", "root": "Root"}.get(Arn.parse(record.issuer).resource.partition("/")[0], "IAMUser"),
        "principalId": record.issuer_id,
        "arn": record.issuer,
        "accountId": record.principal_account,
    }
    if "/" in record.issuer:
        issuer["userName"] = record.issuer.rpartition("/")[2]
    return issuer


def _federated(record: CallRecord) -> dict[str, object]:
    """The user of an identity provider, as far as the answer tells; nothing where the call was refused."""
    kind = _FEDERATION.get(record.operation)
    if kind is None:
        return {"type": "Unknown", "principalId": "", "accountId": record.account}
    answer = json.loads(record.response) if record.response else {}
    if kind == "SAMLUser":
        provider, subject = answer.get("issuer", ""), answer.get("subject", "")
        principal = f"{answer.get('nameQualifier', '')}:{subject}"
    else:
        provider, subject = answer.get("provider", ""), answer.get("subjectFromWebIdentityToken", "")
        principal = f"{provider}:{answer.get('audience', '')}:{subject}"
    return {"type": kind, "principalId": principal, "userName": subject, "identityProvider": provider}


def _iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
