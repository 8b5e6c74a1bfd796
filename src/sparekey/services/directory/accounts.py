"""Accounts and the organization they may be in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sparekey.services.directory.identities import Reference
from sparekey.storage.interface import Kind


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account. ``organization`` is the id of the organization it is a member of."""

    account_id: str
    created: datetime
    name: str = ""
    email: str = ""
    organization: str | None = None
    status: str = "ACTIVE"
    joined_method: str = "CREATED"
    joined: datetime | None = None
    alias: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization and its one root."""

    organization_id: str
    arn: str
    root_id: str
    management_account: str
    email: str
    created: datetime
    feature_set: str = "ALL"
    policy_types: tuple[str, ...] = ()  # those enabled on the root
    trusted_services: Mapping[str, datetime] = field(default_factory=dict)
    root_tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unit:
    """An organizational unit."""

    unit_id: str
    name: str
    arn: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrganizationPolicy:
    """An SCP, RCP or other policy of an organization; AWS's own (``p-FullAWSAccess``) are not stored."""

    policy_id: str
    arn: str
    name: str
    type: str
    content: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicyTargets:
    """The ids of the policies attached to one root, unit or account, in the order of attachment."""

    policy_ids: tuple[str, ...] = ()


#: (account id,)
ACCOUNTS = Kind("account", Account)
#: (organization id,)
ORGANIZATIONS = Kind("organizations.organization", Organization)
#: (organization id, unit id)
UNITS = Kind("organizations.unit", Unit)
#: (organization id, child id) → the parent's id, for units and accounts
PARENTS = Kind("organizations.parent", Reference)
#: (organization id, parent id, child id) → ``ACCOUNT`` or ``ORGANIZATIONAL_UNIT``
CHILDREN = Kind("organizations.child", Reference)
#: (organization id, policy id)
ORGANIZATION_POLICIES = Kind("organizations.policy", OrganizationPolicy)
#: (organization id, target id): the policies attached there
POLICY_TARGETS = Kind("organizations.policy-target", PolicyTargets)
