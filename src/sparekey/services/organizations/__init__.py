"""AWS Organizations: accounts, organizational units and policies of an organization.

Not built, and so refused by name: ``CreateGovCloudAccount`` (it opens an account in another partition) and the billing
transfers between organizations (``InviteOrganizationToTransferResponsibility``, ``DescribeResponsibilityTransfer``,
``ListInboundResponsibilityTransfers``, ``ListOutboundResponsibilityTransfers``, ``UpdateResponsibilityTransfer``,
``TerminateResponsibilityTransfer``): nobody bills here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sparekey.services.operation import Operation, table
from sparekey.services.organizations.accounts import ACCOUNT_OPERATIONS
from sparekey.services.organizations.attachments import ATTACHMENTS
from sparekey.services.organizations.delegated_administrators import DELEGATED_ADMINISTRATORS
from sparekey.services.organizations.effective import EFFECTIVE
from sparekey.services.organizations.features import FEATURES
from sparekey.services.organizations.handshakes import HANDSHAKE_OPERATIONS
from sparekey.services.organizations.leaving import LEAVING
from sparekey.services.organizations.organization import ORGANIZATION
from sparekey.services.organizations.policies import POLICIES
from sparekey.services.organizations.resource_policy import RESOURCE_POLICY
from sparekey.services.organizations.tagging import TAGGING
from sparekey.services.organizations.units import UNIT_OPERATIONS

__all__ = ["OPERATIONS"]

OPERATIONS: Final[Mapping[str, Operation]] = table(
    *(*ORGANIZATION, *UNIT_OPERATIONS, *ACCOUNT_OPERATIONS, *LEAVING, *HANDSHAKE_OPERATIONS, *FEATURES, *POLICIES),
    *(*ATTACHMENTS, *EFFECTIVE, *DELEGATED_ADMINISTRATORS, *RESOURCE_POLICY, *TAGGING),
)
