"""Records as the members of Organizations' output shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.directory.accounts import (
    ACCOUNTS,
    ORGANIZATIONS,
    Account,
    Organization,
    OrganizationPolicy,
    Unit,
)
from sparekey.services.directory.organization import SCP, is_aws_policy, parents_of
from sparekey.services.organizations.ids import account_arn, root_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.directory.accounts import AccountRequest, Handshake
    from sparekey.services.operation import Call


def email_of(account: Account) -> str:
    """The e-mail address of an account; accounts that were opened without one get an address that nobody has."""
    return account.email or f"{account.account_id}@accounts.example.com"


def name_of(account: Account) -> str:
    """The name of an account; its id, where it was opened without a name."""
    return account.name or account.account_id


def account_shape(call: Call, organization: Organization, account: Account) -> dict[str, object]:
    """``Account``."""
    return {
        "Id": account.account_id,
        "Arn": account_arn(organization, account.account_id),
        "Email": email_of(account),
        "Name": name_of(account),
        "Status": account.status,
        "State": account.status,
        "Paths": [path_of_child(call, organization, account.account_id)],
        "JoinedMethod": account.joined_method,
        "JoinedTimestamp": account.joined or account.created,
    }


def path_of_child(call: Call, organization: Organization, child: str) -> str:
    """The path of a unit or account: ``o-…/r-…/ou-…/``, itself last."""
    above = parents_of(call.records, organization.organization_id, child)
    return "/".join((organization.organization_id, *above, child, ""))


def organization_shape(organization: Organization, email: str) -> dict[str, object]:
    """``Organization``. AWS deprecates ``AvailablePolicyTypes``: it shows service control policies, whatever is on."""
    available = [{"Type": SCP, "Status": "ENABLED"}] if organization.feature_set == "ALL" else []
    return {
        "Id": organization.organization_id,
        "Arn": organization.arn,
        "FeatureSet": organization.feature_set,
        "MasterAccountArn": account_arn(organization, organization.management_account),
        "MasterAccountId": organization.management_account,
        "MasterAccountEmail": email,
        "AvailablePolicyTypes": available,
    }


def root_shape(organization: Organization, pending: Mapping[str, str] | None = None) -> dict[str, object]:
    """``Root``; ``pending`` are types whose status is on its way."""
    statuses = {**dict.fromkeys(organization.policy_types, "ENABLED"), **(pending or {})}
    return {
        "Id": organization.root_id,
        "Arn": root_arn(organization),
        "Name": "Root",
        "PolicyTypes": [{"Type": each, "Status": status} for each, status in statuses.items()],
    }


def unit_shape(call: Call, organization: Organization, unit: Unit) -> dict[str, object]:
    """``OrganizationalUnit``."""
    path = path_of_child(call, organization, unit.unit_id)
    return {"Id": unit.unit_id, "Arn": unit.arn, "Name": unit.name, "Path": path}


def policy_summary(policy: OrganizationPolicy) -> dict[str, object]:
    """``PolicySummary``."""
    return {
        "Id": policy.policy_id,
        "Arn": policy.arn,
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.type,
        "AwsManaged": is_aws_policy(policy.policy_id),
    }


def policy_shape(policy: OrganizationPolicy) -> dict[str, object]:
    """``Policy``."""
    return {"PolicySummary": policy_summary(policy), "Content": policy.content}


def request_shape(request: AccountRequest) -> dict[str, object]:
    """``CreateAccountStatus``."""
    shape: dict[str, object] = {
        "Id": request.request_id,
        "AccountName": request.account_name,
        "State": request.state,
        "RequestedTimestamp": request.requested,
        "CompletedTimestamp": request.completed,
    }
    if request.account is not None:
        shape["AccountId"] = request.account
    if request.failure is not None:
        shape["FailureReason"] = request.failure
    return shape


def handshake_shape(call: Call, handshake: Handshake, state: str) -> dict[str, object]:
    """``Handshake``, in a state that may have come by time."""
    parties: list[dict[str, object]] = [{"Id": handshake.organization, "Type": "ORGANIZATION"}]
    resources: list[dict[str, object]] = [_organization_resource(call, handshake)]
    if handshake.account:
        parties.append({"Id": handshake.target, "Type": handshake.target_type})
        resources.append({"Type": handshake.target_type, "Value": handshake.target})
    if handshake.notes:
        resources.append({"Type": "NOTES", "Value": handshake.notes})
    if handshake.parent:
        resources.append({"Type": "PARENT_HANDSHAKE", "Value": handshake.parent})
    return {
        "Id": handshake.handshake_id,
        "Arn": handshake.arn,
        "Parties": parties,
        "State": state,
        "RequestedTimestamp": handshake.requested,
        "ExpirationTimestamp": handshake.expires,
        "Action": handshake.action,
        "Resources": resources,
    }


def _organization_resource(call: Call, handshake: Handshake) -> dict[str, object]:
    """What a handshake tells of the organization behind it, as long as there is one."""
    shape: dict[str, object] = {"Type": "ORGANIZATION", "Value": handshake.organization}
    organization = call.records.get(ORGANIZATIONS, handshake.organization)
    management = organization and call.records.get(ACCOUNTS, organization.management_account)
    if organization and management:
        shape["Resources"] = [
            {"Type": "MASTER_EMAIL", "Value": email_of(management)},
            {"Type": "MASTER_NAME", "Value": name_of(management)},
            {"Type": "ORGANIZATION_FEATURE_SET", "Value": organization.feature_set},
        ]
    return shape
