"""Users, groups and roles, each with the policies it carries: one record answers what a principal may do.

Names are unique without regard to case: a record's key is ``(account, lower-cased name)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sparekey.storage.interface import Kind

#: The path of service-linked roles and of the policies they carry; the service's name follows.
LINKED_PATH: Final = "/aws-service-role/"


@dataclass(frozen=True, slots=True)
class LastUsed:
    """When and where credentials were last used."""

    at: datetime
    region: str
    service: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user. ``inline`` maps policy names to documents as text, ``attached`` are ARNs, ``groups`` group names."""

    name: str
    path: str
    user_id: str
    arn: str
    created: datetime
    inline: Mapping[str, str] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    boundary: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """An IAM group; its members are :data:`MEMBERS`."""

    name: str
    path: str
    group_id: str
    arn: str
    created: datetime
    inline: Mapping[str, str] = field(default_factory=dict)
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role. ``linked_service`` is set for a service-linked role.

    ``trust`` is its trust policy as it was given; ``bound`` maps the users and roles it names as principals to the
    unique ids they had then. What the policy says now is :func:`sparekey.services.directory.trust.trust_document`.
    """

    name: str
    path: str
    role_id: str
    arn: str
    created: datetime
    trust: str
    description: str | None = None
    max_session_duration: int = 3600
    inline: Mapping[str, str] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    linked_service: str | None = None
    bound: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """One end of a relation that is kept under the other end's key; it says nothing but that it is there."""

    name: str


USERS = Kind("iam.user", User)
GROUPS = Kind("iam.group", Group)
ROLES = Kind("iam.role", Role)
#: (account, lower-cased group name, lower-cased user name) → the user's name
MEMBERS = Kind("iam.group-member", Reference)
#: (account, unique id such as AIDA…, AGPA…, AROA…) → the ARN it stands for
UNIQUE_IDS = Kind("iam.unique-id", Reference)
#: (account, ``role`` or ``user``, path, lower-cased name) → the name, for roles and users whose path is not ``/``
PATHS = Kind("iam.path", Reference)
#: (account, lower-cased role or user name prefixed by ``role/`` or ``user/``): appended in passing
LAST_USED = Kind("iam.last-used", LastUsed)
#: (account, lower-cased name of a service-linked role) → the id of the task that deleted it last
DELETION_TASKS = Kind("iam.role-deletion", Reference)
