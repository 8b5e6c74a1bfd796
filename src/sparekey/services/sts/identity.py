"""Who am I, whose key is this, and why was I refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.errors import ValidationError
from sparekey.services.directory.authorization_messages import decode_authorization_message as decoded
from sparekey.services.directory.credentials import ACCESS_KEYS
from sparekey.services.directory.identifiers import account_of
from sparekey.services.operation import operation
from sparekey.services.sts.errors import InvalidAuthorizationMessageException

if TYPE_CHECKING:
    from sparekey.services.operation import Call, Output


@operation("sts:GetCallerIdentity", authorized=False)
def get_caller_identity(call: Call) -> Output:
    """Tell who calls; never denied."""
    caller = call.caller
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.principal.arn}


@operation("sts:GetAccessKeyInfo")
def get_access_key_info(call: Call, *, access_key_id: str) -> Output:
    """Tell the account of an access key, from the key's record or from the id itself."""
    key = call.records.get(ACCESS_KEYS, access_key_id)
    account = key.account if key is not None else account_of(access_key_id)
    if account is None:
        raise ValidationError(f"{access_key_id} is invalid")
    return {"Account": account}


@operation("sts:DecodeAuthorizationMessage")
def decode_authorization_message(call: Call, *, encoded_message: str) -> Output:
    """Say in JSON what an encoded authorization message of this account holds."""
    try:
        account, message = decoded(call.sealer, encoded_message)
    except ValueError:
        raise InvalidAuthorizationMessageException("Message is not valid") from None
    if account != call.account:
        raise InvalidAuthorizationMessageException("Message is not valid")
    return {"DecodedMessage": message}
