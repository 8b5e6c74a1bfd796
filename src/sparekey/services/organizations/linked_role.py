"""The roles that Organizations makes in accounts: its own service-linked role, and the one to manage members by."""

from __future__ import annotations

import json
from typing import Final

from sparekey.policy import Principal, PrincipalKind
from sparekey.services.directory.identities import ROLES
from sparekey.services.operation import Call, Caller

_SERVICE: Final = Caller(Principal(PrincipalKind.AWS_SERVICE, "organizations.amazonaws.com", has_boundary=False))

#: The name of the role that lets the management account into a new member account.
ACCESS_ROLE: Final = "OrganizationAccountAccessRole"


def make_linked_role(call: Call, account: str) -> None:
    """Make ``AWSServiceRoleForOrganizations`` in an account, unless it is there."""
    if call.records.get(ROLES, account, "awsservicerolefororganizations") is None:
        call.invoke(
            _SERVICE, "iam", "CreateServiceLinkedRole", account=account, aws_service_name="organizations.amazonaws.com"
        )


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
