"""Managed policies, and who they are attached to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sparekey.services.directory.identities import Reference
from sparekey.storage.interface import Kind


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a managed policy; ``document`` is the text as it was given."""

    version_id: str
    document: str
    created: datetime


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A customer managed policy with its versions (five at most), newest last. AWS's own are in the catalog."""

    name: str
    path: str
    policy_id: str
    arn: str
    created: datetime
    updated: datetime
    default_version: str
    versions: tuple[PolicyVersion, ...]
    next_version: int = 2
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


#: (account, lower-cased name)
POLICIES = Kind("iam.policy", ManagedPolicy)
#: (account, policy ARN, ``user`` | ``group`` | ``role``, lower-cased name) → the entity's name: attachments
ATTACHMENTS = Kind("iam.attachment", Reference)
#: the same for permissions boundaries
BOUNDARY_USES = Kind("iam.boundary-use", Reference)
