"""Encoded authorization messages: a refused request, sealed, for services that answer with one.

https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
"""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.policy import Decision, Statement
    from sparekey.services.operation import Caller, Sealer

#: the sealing purpose of encoded authorization messages
AUTHORIZATION_MESSAGE: Final = "sts.authorization-message"


def encode_authorization_message(sealer: Sealer, decision: Decision, caller: Caller) -> str:
    """A refused request in the form that DecodeAuthorizationMessage opens, for services that answer with one.

    It tells of the context only what the request itself gave: the rest is worked out when a condition asks.
    """
    message = json.dumps([caller.account, _message(decision, caller)], separators=(",", ":")).encode()
    return urlsafe_b64encode(sealer.seal(zlib.compress(message, 6), AUTHORIZATION_MESSAGE)).decode("ascii")


def decode_authorization_message(sealer: Sealer, message: str) -> tuple[str, str]:
    """The account of the caller who was refused, and the message as JSON text in AWS's shape.

    Raises:
        ValueError: the message was not made here, or it was changed.
    """
    sealed = urlsafe_b64decode(message.encode("ascii"))
    account, decoded = json.loads(zlib.decompress(sealer.unseal(sealed, AUTHORIZATION_MESSAGE)))
    return str(account), json.dumps(decoded, separators=(",", ":"))


def _message(decision: Decision, caller: Caller) -> dict[str, object]:
    """https://docs.aws.amazon.com/cli/latest/reference/sts/decode-authorization-message.html"""
    request = decision.request
    because = decision.because
    denying = because.statement if because and decision.outcome == "explicit_deny" else None
    conditions = [
        {"key": key, "values": _items([{"value": each} for each in ((value,) if isinstance(value, str) else value)])}
        for key, value in request.context.values.items()
        if isinstance(value, str | tuple)
    ]
    return {
        "allowed": decision.allowed,
        "explicitDeny": decision.outcome == "explicit_deny",
        "matchedStatements": _items([_statement(denying)] if denying else []),
        "failures": _items([]),
        "context": {
            "principal": {"id": caller.user_id, "name": caller.name or "", "arn": request.principal.arn},
            "action": request.action,
            "resource": str(request.resource),
            "conditions": _items(conditions),
        },
    }


def _statement(statement: Statement) -> dict[str, object]:
    return {
        "statementId": str(statement.sid or ""),
        "effect": str(statement.effect).upper(),
        "principals": _items([]),
        "principalGroups": _items([]),
        "actions": _items([{"value": str(each)} for each in statement.action or ()]),
        "resources": _items([{"value": str(each)} for each in statement.resource or ()]),
        "conditions": _items(
            [
                {"key": str(each.key), "values": _items([{"value": str(value)} for value in each.values])}
                for each in statement.conditions
            ]
        ),
    }


def _items(items: Sequence[Mapping[str, object]]) -> dict[str, object]:
    return {"items": items}
