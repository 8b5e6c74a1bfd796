"""AWS Organizations: accounts, organizational units and policies of an organization.

Each module that is imported below has operations. What they share: ``membership`` (who may call, and what is in the
organization), ``resources`` (what authorization sees of a request), ``documents``, ``ids``, ``shapes``, ``paging``,
``handshake_records``, ``linked_role``.

Not built, and so refused by name: ``CreateGovCloudAccount`` (it opens an account in another partition) and the billing
transfers between organizations (``InviteOrganizationToTransferResponsibility``, ``DescribeResponsibilityTransfer``,
``ListInboundResponsibilityTransfers``, ``ListOutboundResponsibilityTransfers``, ``UpdateResponsibilityTransfer``,
``TerminateResponsibilityTransfer``): nobody bills here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sparekey.services.operation import Operation, table
from sparekey.services.organizations import (
    accounts,
    attachments,
    delegated_administrators,
    effective,
    features,
    handshakes,
    leaving,
    organization,
    policies,
    resource_policy,
    tagging,
    units,
)

__all__ = ["OPERATIONS"]

OPERATIONS: Final[Mapping[str, Operation]] = table(
    *organization.OPERATIONS,
    *units.OPERATIONS,
    *accounts.OPERATIONS,
    *leaving.OPERATIONS,
    *handshakes.OPERATIONS,
    *features.OPERATIONS,
    *policies.OPERATIONS,
    *attachments.OPERATIONS,
    *effective.OPERATIONS,
    *delegated_administrators.OPERATIONS,
    *resource_policy.OPERATIONS,
    *tagging.OPERATIONS,
)
