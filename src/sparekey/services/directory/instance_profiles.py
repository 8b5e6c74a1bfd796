"""Instance profiles: what hands a role to an EC2 instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sparekey.services.directory.identities import Reference
from sparekey.storage.interface import Kind


@dataclass(frozen=True, slots=True)
class InstanceProfile:
    """An instance profile; ``roles`` are the names of its roles, one at most."""

    name: str
    path: str
    profile_id: str
    arn: str
    created: datetime
    roles: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


#: (account, lower-cased name)
INSTANCE_PROFILES = Kind("iam.instance-profile", InstanceProfile)
#: (account, lower-cased role name, lower-cased profile name) → the profile's name
PROFILES_OF_ROLE = Kind("iam.role-instance-profile", Reference)
