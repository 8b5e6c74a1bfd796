"""AWS managed policies as records: the catalog's, seen like the account's own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sparekey.catalog import managed_policies
from sparekey.services.directory.policies import ManagedPolicy, PolicyVersion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.catalog.managed_policies import AwsManagedPolicy


@lru_cache(maxsize=512)
def find(arn_of_policy: str) -> ManagedPolicy | None:
    """The AWS managed policy of that ARN with its default version, or ``None``."""
    found = managed_policies.find(arn_of_policy)
    if found is None:
        return None
    return _record(found, (PolicyVersion(found.default_version, found.document, found.updated),))


def every(partition: str) -> Iterator[ManagedPolicy]:
    """Every AWS managed policy, by name, without its versions: their documents are read only by :func:`find`."""
    return (_record(each, ()) for each in managed_policies.every(partition))


def _record(policy: AwsManagedPolicy, versions: tuple[PolicyVersion, ...]) -> ManagedPolicy:
    return ManagedPolicy(
        name=policy.name,
        path=policy.path,
        policy_id=policy.policy_id,
        arn=policy.arn,
        created=policy.created,
        updated=policy.updated,
        default_version=policy.default_version,
        versions=versions,
    )
