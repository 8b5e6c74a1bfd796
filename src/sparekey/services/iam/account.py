"""What is set for the account as a whole: its alias, its password policy, STS preferences, account properties.

https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparekey.arn import is_account_id
from sparekey.errors import ValidationError
from sparekey.services.directory.accounts import ACCOUNTS, Account
from sparekey.services.directory.identifiers import random_uuid
from sparekey.services.directory.identities import Reference
from sparekey.services.directory.settings import (
    ACCOUNT_ALIASES,
    ACCOUNT_PROPERTIES,
    OUTBOUND_FEDERATION,
    PASSWORD_POLICIES,
    TOKEN_PREFERENCES,
    AccountProperties,
    OutboundFederation,
    PasswordPolicy,
    TokenPreferences,
)
from sparekey.services.iam.errors import (
    EntityAlreadyExistsException,
    FeatureDisabledException,
    FeatureEnabledException,
    InvalidInputException,
    NoSuchEntityException,
)
from sparekey.services.iam.paging import listed
from sparekey.services.iam.passwords import granted_to_users
from sparekey.services.iam.resources import nothing
from sparekey.services.operation import Target, operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.policy import ContextValue
    from sparekey.services.operation import Call, Output


@operation("iam:CreateAccountAlias", resource=nothing)
def create_account_alias(call: Call, *, account_alias: str) -> None:
    """Name the account; an alias it has is replaced. Aliases are unique among all accounts of AWS."""
    account = _account(call)
    if is_account_id(account_alias):
        raise ValidationError("The account alias must not be a 12-digit number.")
    if call.records.get(ACCOUNT_ALIASES, account_alias) is not None:
        raise EntityAlreadyExistsException(f"The account alias {account_alias} already exists.")
    if account.alias:
        call.records.delete(ACCOUNT_ALIASES, account.alias)
    call.records.put(ACCOUNT_ALIASES, (account_alias,), Reference(call.account))
    call.records.put(ACCOUNTS, (call.account,), replace(account, alias=account_alias))


@operation("iam:DeleteAccountAlias", resource=nothing)
def delete_account_alias(call: Call, *, account_alias: str) -> None:
    """Take the account's alias away."""
    account = _account(call)
    if account.alias != account_alias:
        raise NoSuchEntityException(f"The account alias {account_alias} does not exist.")
    call.records.delete(ACCOUNT_ALIASES, account_alias)
    call.records.put(ACCOUNTS, (call.account,), replace(account, alias=None))


@operation("iam:ListAccountAliases", resource=nothing)
def list_account_aliases(call: Call, *, marker: str | None = None, max_items: int | None = None) -> Output:
    """List the one alias of the account, if it has one."""
    alias = _account(call).alias
    found = listed([alias] if alias else [], str, marker=marker, max_items=max_items)
    return {"AccountAliases": list(found.items), **found.members}


def _account(call: Call) -> Account:
    return call.records.get(ACCOUNTS, call.account) or Account(call.account, call.now)


@operation("iam:UpdateAccountPasswordPolicy", resource=nothing)
def update_account_password_policy(  # noqa: PLR0913 - the members of the API
    call: Call,
    *,
    minimum_password_length: int = 6,
    require_symbols: bool = False,
    require_numbers: bool = False,
    require_uppercase_characters: bool = False,
    require_lowercase_characters: bool = False,
    allow_users_to_change_password: bool = False,
    max_password_age: int | None = None,
    password_reuse_prevention: int | None = None,
    hard_expiry: bool = False,
) -> None:
    """Set the account's password policy as a whole: what is left out goes back to its default."""
    call.records.put(
        PASSWORD_POLICIES,
        (call.account,),
        PasswordPolicy(
            minimum_length=minimum_password_length,
            require_symbols=require_symbols,
            require_numbers=require_numbers,
            require_uppercase=require_uppercase_characters,
            require_lowercase=require_lowercase_characters,
            allow_change=allow_users_to_change_password,
            max_age=max_password_age or 0,
            reuse_prevention=password_reuse_prevention or 0,
            hard_expiry=hard_expiry,
        ),
    )


def password_policy(call: Call, **_: object) -> Target:
    """The password policy; an account that lets its users change their passwords lets them read it, too."""
    return Target(policy=granted_to_users(call, "iam:GetAccountPasswordPolicy"))


@operation("iam:GetAccountPasswordPolicy", resource=password_policy)
def get_account_password_policy(call: Call) -> Output:
    """Read the account's own password policy; AWS's default is not shown."""
    policy = _policy(call)
    members: dict[str, object] = {
        "MinimumPasswordLength": policy.minimum_length,
        "RequireSymbols": policy.require_symbols,
        "RequireNumbers": policy.require_numbers,
        "RequireUppercaseCharacters": policy.require_uppercase,
        "RequireLowercaseCharacters": policy.require_lowercase,
        "AllowUsersToChangePassword": policy.allow_change,
        "ExpirePasswords": policy.max_age > 0,
    }
    if policy.max_age:
        members["MaxPasswordAge"] = policy.max_age
    if policy.reuse_prevention:
        members["PasswordReusePrevention"] = policy.reuse_prevention
    if policy.hard_expiry:
        members["HardExpiry"] = True
    return {"PasswordPolicy": members}


@operation("iam:DeleteAccountPasswordPolicy", resource=nothing)
def delete_account_password_policy(call: Call) -> None:
    """Go back to AWS's default password policy."""
    _policy(call)
    call.records.delete(PASSWORD_POLICIES, call.account)


def _policy(call: Call) -> PasswordPolicy:
    policy = call.records.get(PASSWORD_POLICIES, call.account)
    if policy is None:
        raise NoSuchEntityException(f"The Password Policy with domain name {call.account} cannot be found.")
    return policy


@operation("iam:SetSecurityTokenServicePreferences", resource=nothing)
def set_security_token_service_preferences(call: Call, *, global_endpoint_token_version: str) -> None:
    """Choose the version of tokens that the global STS endpoint gives; both are valid in every Region here."""
    version = {"v1Token": 1, "v2Token": 2}[global_endpoint_token_version]
    call.records.put(TOKEN_PREFERENCES, (call.account,), TokenPreferences(version))


@operation("iam:EnableOutboundWebIdentityFederation", resource=nothing)
def enable_outbound_web_identity_federation(call: Call) -> Output:
    """Let principals of the account ask STS for web identity tokens; the issuer stays the same for ever."""
    known = call.records.get(OUTBOUND_FEDERATION, call.account)
    if known is not None and known.enabled:
        raise FeatureEnabledException("Outbound web identity federation is already enabled for this account.")
    issuer = known.issuer if known else f"https://{random_uuid(call.entropy)}.tokens.sts.global.api.aws"
    call.records.put(OUTBOUND_FEDERATION, (call.account,), OutboundFederation(issuer))
    return {"IssuerIdentifier": issuer}


@operation("iam:DisableOutboundWebIdentityFederation", resource=nothing)
def disable_outbound_web_identity_federation(call: Call) -> None:
    """Let nobody ask for web identity tokens any more; those that were given stay valid."""
    known = _federation(call)
    call.records.put(OUTBOUND_FEDERATION, (call.account,), replace(known, enabled=False))


@operation("iam:GetOutboundWebIdentityFederationInfo", resource=nothing)
def get_outbound_web_identity_federation_info(call: Call) -> Output:
    """Tell the issuer of the account's web identity tokens."""
    known = _federation(call)
    return {"IssuerIdentifier": known.issuer, "JwtVendingEnabled": known.enabled}


def _federation(call: Call) -> OutboundFederation:
    known = call.records.get(OUTBOUND_FEDERATION, call.account)
    if known is None or not known.enabled:
        raise FeatureDisabledException("Outbound web identity federation is not enabled for this account.")
    return known


def namespaces(call: Call, *, properties: Mapping[str, str] | None = None, **_: object) -> dict[str, ContextValue]:
    """``iam:AccountPropertyNamespaces``: the namespaces of the properties that are read or set."""
    if properties is None:
        known = call.records.get(ACCOUNT_PROPERTIES, call.account)
        properties = known.values if known else {}
    found = dict.fromkeys(key.partition("/")[0] for key in properties)
    return {"iam:AccountPropertyNamespaces": tuple(found)} if found else {}


@operation("iam:GetAccountProperties", resource=nothing, context=namespaces)
def get_account_properties(call: Call) -> Output:
    """Read the properties of the account that were set."""
    known = call.records.get(ACCOUNT_PROPERTIES, call.account)
    return {"Properties": dict(known.values) if known else {}}


@operation("iam:PutAccountProperties", resource=nothing, context=namespaces)
def put_account_properties(call: Call, *, properties: Mapping[str, str]) -> Output:
    """Set properties of one namespace. Which there are, and their types, is not published: any are taken."""
    if not all(key.count("/") == 1 and key[0] != "/" and key[-1] != "/" for key in properties):
        raise InvalidInputException("Property keys must have the format Namespace/PropertyName.")
    if len({key.partition("/")[0] for key in properties}) > 1:
        raise InvalidInputException("All properties in a request must belong to the same namespace.")
    known = call.records.get(ACCOUNT_PROPERTIES, call.account)
    merged = {**(known.values if known else {}), **properties}
    call.records.put(ACCOUNT_PROPERTIES, (call.account,), AccountProperties(merged))
    return {}


OPERATIONS = (
    create_account_alias,
    delete_account_alias,
    list_account_aliases,
    update_account_password_policy,
    get_account_password_policy,
    delete_account_password_policy,
    set_security_token_service_preferences,
    enable_outbound_web_identity_federation,
    disable_outbound_web_identity_federation,
    get_outbound_web_identity_federation_info,
    get_account_properties,
    put_account_properties,
)
