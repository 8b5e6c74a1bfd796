"""The roles that Organizations makes in accounts: its own service-linked role, and the one to manage members by."""

from __future__ import annotations

import json
from typing import Final

from sparekey.errors import AccessDenied
from sparekey.policy import Principal, PrincipalKind
from sparekey.services.directory.identities import ROLES
from sparekey.services.operation import Call, Caller, Target
from sparekey.services.organizations.errors import AccessDeniedForDependencyException

_PRINCIPAL: Final = "organizations.amazonaws.com"
_LINKED_ROLE: Final = "AWSServiceRoleForOrganizations"
_SERVICE: Final = Caller(Principal(PrincipalKind.AWS_SERVICE, _PRINCIPAL, has_boundary=False))

#: The name of the role that lets the management account into a new member account.
ACCESS_ROLE: Final = "OrganizationAccountAccessRole"


def authorize_linked_role(call: Call) -> None:
    """Ask whether the caller may make ``AWSServiceRoleForOrganizations`` in its account, unless it is there.

    Raises:
        AccessDeniedForDependencyException: it may not.
    """
    if _is_there(call, call.account):
        return
    arn = f"arn:{call.partition}:iam::{call.account}:role/aws-service-role/{_PRINCIPAL}/{_LINKED_ROLE}"
    try:
        call.authorize("iam:CreateServiceLinkedRole", Target(arn), {"iam:AWSServiceName": _PRINCIPAL})
    except AccessDenied:
        raise AccessDeniedForDependencyException(
            "The operation that you attempted requires you to have the iam:CreateServiceLinkedRole for "
            "organizations.amazonaws.com permission so that Organizations can create the required service-linked role. "
            "You don't have that permission.",
            Reason="ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE",
        ) from None


def _is_there(call: Call, account: str) -> bool:
    return call.records.get(ROLES, account, _LINKED_ROLE.lower()) is not None


def make_linked_role(call: Call, account: str) -> None:
    """Make ``AWSServiceRoleForOrganizations`` in an account, unless it is there."""
    if not _is_there(call, account):
        call.invoke(_SERVICE, "iam", "CreateServiceLinkedRole", account=account, aws_service_name=_PRINCIPAL)


def make_access_role(call: Call, account: str, name: str | None, management: str) -> None:
    """Make the role in a new account that trusts the management account and may do everything."""
    name = name or ACCESS_ROLE
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{call.partition}:iam::{management}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    call.invoke(
        _SERVICE, "iam", "CreateRole", account=account, role_name=name, assume_role_policy_document=json.dumps(trust)
    )
    everything = f"arn:{call.partition}:iam::aws:policy/AdministratorAccess"
    call.invoke(_SERVICE, "iam", "AttachRolePolicy", account=account, role_name=name, policy_arn=everything)
