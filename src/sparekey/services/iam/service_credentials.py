"""Service-specific credentials: user names and passwords, or API keys, for one service each.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_bedrock_cloudwatchlogs.html
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sparekey.errors import ValidationError
from sparekey.services.directory.credentials import SERVICE_CREDENTIALS, SERVICE_PASSWORD, ServiceCredential
from sparekey.services.directory.identities import UNIQUE_IDS
from sparekey.services.iam.access_keys import is_active
from sparekey.services.iam.errors import InvalidInputException, LimitExceededException, NoSuchEntityException
from sparekey.services.iam.names import arn, find_user, unique_id
from sparekey.services.iam.owners import ROOT_NAME, Owner, owner_of
from sparekey.services.iam.paging import page
from sparekey.services.iam.resources import about, user
from sparekey.services.operation import Target, operation

if TYPE_CHECKING:
    from sparekey.policy import ContextValue
    from sparekey.services.operation import Call, Output

#: Services with user names and passwords.
PASSWORD_SERVICES: Final = frozenset(("codecommit.amazonaws.com", "cassandra.amazonaws.com"))
#: Services with API keys, and how their keys begin.
API_KEY_SERVICES: Final = {"bedrock.amazonaws.com": "ABSK", "logs.amazonaws.com": "ACWL"}

#: "You can have a maximum of two sets of service-specific credentials for each supported service per user."
PER_SERVICE: Final = 2


def age_and_service(
    _call: Call, *, service_name: str, credential_age_days: int | None = None, **_: object
) -> dict[str, ContextValue]:
    """``iam:ServiceSpecificCredentialServiceName`` and ``…AgeDays``: what a new credential is for, and how long."""
    keys: dict[str, ContextValue] = {"iam:ServiceSpecificCredentialServiceName": service_name}
    if credential_age_days is not None:
        keys["iam:ServiceSpecificCredentialAgeDays"] = str(credential_age_days)
    return keys


def service_of(
    call: Call, *, service_specific_credential_id: str, user_name: str | None = None, **_: object
) -> dict[str, ContextValue]:
    """``iam:ServiceSpecificCredentialServiceName``: the service that a credential is for."""
    try:
        found = _find(call, owner_of(call, user_name), service_specific_credential_id)
    except (NoSuchEntityException, ValidationError):  # the operation says so
        return {}
    return {"iam:ServiceSpecificCredentialServiceName": found.service}


@operation("iam:CreateServiceSpecificCredential", **about(user, age_and_service))
def create_service_specific_credential(
    call: Call, *, user_name: str, service_name: str, credential_age_days: int | None = None
) -> Output:
    """Give a user a credential for one service; its password is shown this once."""
    owner = Owner(find_user(call, user_name))
    _check_service(service_name)
    if credential_age_days is not None and service_name not in API_KEY_SERVICES:
        raise InvalidInputException(f"CredentialAgeDays is not supported for {service_name}.")
    present = [each for _, each in call.records.scan(SERVICE_CREDENTIALS, call.account, owner.user_id)]
    of_service = [each for each in present if each.service == service_name]
    if len(of_service) >= PER_SERVICE:
        raise LimitExceededException(f"Cannot exceed quota for ServiceSpecificCredentialsPerUser: {PER_SERVICE}")
    alias = _free_alias(call, owner, {each.service_user_name for each in of_service})
    secret = _new_secret(call, service_name, alias)
    made = ServiceCredential(
        credential_id=unique_id(call, "ACCA"),
        service=service_name,
        service_user_name=alias,
        password=call.sealer.seal(secret.encode(), SERVICE_PASSWORD),
        created=call.now,
        expires=None if credential_age_days is None else call.now + timedelta(days=credential_age_days),
    )
    call.records.put(SERVICE_CREDENTIALS, (call.account, owner.user_id, made.credential_id), made)
    return {"ServiceSpecificCredential": {**_metadata(call, owner.name, made), **_secret_members(made, secret)}}


def listed_user(call: Call, *, user_name: str | None = None, all_users: bool = False, **_: object) -> Target:
    """The user whose credentials are listed, or all users."""
    return Target(arn(call, "user/*")) if all_users and user_name is None else user(call, user_name=user_name)


@operation("iam:ListServiceSpecificCredentials", **about(listed_user))
def list_service_specific_credentials(
    call: Call,
    *,
    user_name: str | None = None,
    service_name: str | None = None,
    all_users: bool = False,
    marker: str | None = None,
    max_items: int | None = None,
) -> Output:
    """List the service-specific credentials of a user, or of all users, perhaps for one service only."""
    if service_name is not None:
        _check_service(service_name)
    if all_users:
        return _of_all_users(call, user_name, service_name, marker, max_items)
    owner = owner_of(call, user_name)
    found = page(
        call,
        SERVICE_CREDENTIALS,
        call.account,
        owner.user_id,
        marker=marker,
        max_items=max_items,
        keep=None if service_name is None else lambda each: each.service == service_name,
    )
    return {"ServiceSpecificCredentials": [_metadata(call, owner.name, each) for each in found.items], **found.members}


def _of_all_users(
    call: Call, user_name: str | None, service_name: str | None, marker: str | None, max_items: int | None
) -> Output:
    if user_name is not None:
        raise ValidationError("UserName and AllUsers cannot be specified together.")
    names = {
        each.credential_id: _name_of(call, key[1]) for key, each in call.records.scan(SERVICE_CREDENTIALS, call.account)
    }
    found = page(
        call,
        SERVICE_CREDENTIALS,
        call.account,
        marker=marker,
        max_items=max_items,
        keep=None if service_name is None else lambda each: each.service == service_name,
    )
    members = [_metadata(call, names[each.credential_id], each) for each in found.items]
    return {"ServiceSpecificCredentials": members, **found.members}


def _name_of(call: Call, user_id: str) -> str:
    known = call.records.get(UNIQUE_IDS, call.account, user_id) if user_id else None
    return known.name.rpartition("/")[2] if known else ROOT_NAME


@operation("iam:ResetServiceSpecificCredential", **about(user, service_of))
def reset_service_specific_credential(
    call: Call, *, service_specific_credential_id: str, user_name: str | None = None
) -> Output:
    """Give a service-specific credential another password; it is shown this once."""
    owner = owner_of(call, user_name)
    found = _find(call, owner, service_specific_credential_id)
    secret = _new_secret(call, found.service, found.service_user_name)
    changed = replace(found, password=call.sealer.seal(secret.encode(), SERVICE_PASSWORD))
    call.records.put(SERVICE_CREDENTIALS, (call.account, owner.user_id, found.credential_id), changed)
    return {"ServiceSpecificCredential": {**_metadata(call, owner.name, changed), **_secret_members(changed, secret)}}


@operation("iam:UpdateServiceSpecificCredential", **about(user, service_of))
def update_service_specific_credential(
    call: Call, *, service_specific_credential_id: str, status: str, user_name: str | None = None
) -> None:
    """Switch a service-specific credential off or on again."""
    owner = owner_of(call, user_name)
    found = _find(call, owner, service_specific_credential_id)
    changed = replace(found, active=is_active(status))
    call.records.put(SERVICE_CREDENTIALS, (call.account, owner.user_id, found.credential_id), changed)


@operation("iam:DeleteServiceSpecificCredential", **about(user, service_of))
def delete_service_specific_credential(
    call: Call, *, service_specific_credential_id: str, user_name: str | None = None
) -> None:
    """Delete a service-specific credential."""
    owner = owner_of(call, user_name)
    found = _find(call, owner, service_specific_credential_id)
    call.records.delete(SERVICE_CREDENTIALS, call.account, owner.user_id, found.credential_id)


def _check_service(service_name: str) -> None:
    if service_name not in PASSWORD_SERVICES and service_name not in API_KEY_SERVICES:
        raise NoSuchEntityException(f"No such service {service_name} is supported for Service Specific Credentials")


def _free_alias(call: Call, owner: Owner, taken: set[str]) -> str:
    """``jane-at-123456789012``; a user's second credential for a service is ``jane+1-at-123456789012``."""
    numbers = ("", *(f"+{number}" for number in range(1, PER_SERVICE + 1)))
    aliases = (f"{owner.name}{number}-at-{call.account}" for number in numbers)
    return next(alias for alias in aliases if alias not in taken)


def _new_secret(call: Call, service: str, alias: str) -> str:
    password = base64.b64encode(call.entropy(32)).decode()
    prefix = API_KEY_SERVICES.get(service)
    return password if prefix is None else prefix + base64.b64encode(f"{alias}:{password}".encode()).decode()


def _find(call: Call, owner: Owner, credential_id: str) -> ServiceCredential:
    found = call.records.get(SERVICE_CREDENTIALS, call.account, owner.user_id, credential_id)
    if found is None:
        raise NoSuchEntityException(f"No such credential {credential_id} exists")
    return found


def _metadata(call: Call, user_name: str, found: ServiceCredential) -> dict[str, object]:
    shown: dict[str, object] = {
        "UserName": user_name,
        "Status": _status(call, found),
        "CreateDate": found.created,
        "ServiceSpecificCredentialId": found.credential_id,
        "ServiceName": found.service,
    }
    shown["ServiceCredentialAlias" if found.service in API_KEY_SERVICES else "ServiceUserName"] = (
        found.service_user_name
    )
    if found.expires:
        shown["ExpirationDate"] = found.expires
    return shown


def _status(call: Call, found: ServiceCredential) -> str:
    if found.expires is not None and found.expires <= call.now:
        return "Expired"
    return "Active" if found.active else "Inactive"


def _secret_members(found: ServiceCredential, secret: str) -> dict[str, object]:
    return {"ServiceCredentialSecret" if found.service in API_KEY_SERVICES else "ServicePassword": secret}


OPERATIONS = (
    create_service_specific_credential,
    list_service_specific_credentials,
    reset_service_specific_credential,
    update_service_specific_credential,
    delete_service_specific_credential,
)
