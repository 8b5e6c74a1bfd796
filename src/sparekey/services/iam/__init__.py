"""AWS Identity and Access Management: users, groups, roles, policies and credentials of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.services.iam import (
    access_keys,
    account,
    attachments,
    boundaries,
    context_keys,
    credential_report,
    delegation,
    details,
    groups,
    inline,
    instance_profiles,
    last_accessed,
    linked_roles,
    login_profiles,
    mfa,
    oidc_providers,
    organization_access,
    policies,
    policy_versions,
    roles,
    root_access,
    saml_providers,
    server_certificates,
    service_credentials,
    signing_certificates,
    simulation,
    ssh_keys,
    summary,
    tags,
    users,
)
from sparekey.services.operation import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.operation import Operation

__all__ = ["OPERATIONS"]

#: Every operation of IAM that is built, by name.
OPERATIONS: Mapping[str, Operation] = table(
    *access_keys.OPERATIONS,
    *account.OPERATIONS,
    *attachments.OPERATIONS,
    *boundaries.OPERATIONS,
    *context_keys.OPERATIONS,
    *credential_report.OPERATIONS,
    *delegation.OPERATIONS,
    *details.OPERATIONS,
    *groups.OPERATIONS,
    *inline.OPERATIONS,
    *instance_profiles.OPERATIONS,
    *last_accessed.OPERATIONS,
    *linked_roles.OPERATIONS,
    *login_profiles.OPERATIONS,
    *mfa.OPERATIONS,
    *oidc_providers.OPERATIONS,
    *organization_access.OPERATIONS,
    *policies.OPERATIONS,
    *policy_versions.OPERATIONS,
    *roles.OPERATIONS,
    *root_access.OPERATIONS,
    *saml_providers.OPERATIONS,
    *server_certificates.OPERATIONS,
    *service_credentials.OPERATIONS,
    *signing_certificates.OPERATIONS,
    *simulation.OPERATIONS,
    *ssh_keys.OPERATIONS,
    *summary.OPERATIONS,
    *tags.OPERATIONS,
    *users.OPERATIONS,
)
