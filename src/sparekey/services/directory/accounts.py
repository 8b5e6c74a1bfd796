"""Accounts and the organization they may be in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sparekey.services.directory.identities import Reference
from sparekey.storage.interface import Kind


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account. ``organization`` is the id of the organization it is a member of.

    ``status`` is ``ACTIVE`` or ``SUSPENDED``: nobody can sign in to a closed account (``closed`` tells since when).
    """

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
    closed: datetime | None = None


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
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class PolicyTargets:
    """The ids of the policies attached to one root, unit or account, in the order of attachment."""

    policy_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delegation:
    """An account administers a service for the organization, since ``enabled``."""

    account: str
    service: str
    enabled: datetime


@dataclass(frozen=True, slots=True)
class OrganizationResourcePolicy:
    """The resource-based policy of an organization, which lets member accounts manage its policies."""

    policy_id: str
    arn: str
    content: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """A CreateAccount request and what came of it (``SUCCEEDED`` or ``FAILED``)."""

    request_id: str
    account_name: str
    state: str
    requested: datetime
    completed: datetime
    account: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Handshake:
    """What an organization asks an account, or itself: to join (``INVITE``), or to enable all features.

    ``account`` is who is asked. ``target`` is the id or e-mail address it was given by. ``ended`` is when the state
    became a last one.
    """

    handshake_id: str
    arn: str
    organization: str
    action: str
    state: str
    requested: datetime
    expires: datetime
    account: str = ""
    target: str = ""
    target_type: str = "ACCOUNT"
    notes: str = ""
    parent: str | None = None
    ended: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


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
#: (organization id, policy id, target id): where a policy is attached; the other end of ``POLICY_TARGETS``
ATTACHED_TO = Kind("organizations.policy-attachment", Reference)
#: (organization id, account id, service principal)
DELEGATIONS = Kind("organizations.delegated-administrator", Delegation)
#: (organization id,)
RESOURCE_POLICIES = Kind("organizations.resource-policy", OrganizationResourcePolicy)
#: (organization id, request id)
ACCOUNT_REQUESTS = Kind("organizations.account-request", AccountRequest)
#: (handshake id,)
HANDSHAKES = Kind("organizations.handshake", Handshake)
#: (organization id or account id, handshake id): the handshakes of a party
HANDSHAKES_OF = Kind("organizations.party-handshake", Reference)
#: (lower-cased e-mail address,) → the account that has it
EMAILS = Kind("account.email", Reference)
