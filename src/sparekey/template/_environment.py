"""Where and with what a template is deployed, as far as it is told."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How region names begin, and the partition they are in; any other region is in ``aws``.
_PARTITIONS: tuple[tuple[str, str], ...] = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("us-iso-", "aws-iso"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
)

_URL_SUFFIXES: Mapping[str, str] = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}


def partition_of(region: str) -> str:
    """The partition a region belongs to."""
    return next((partition for prefix, partition in _PARTITIONS if region.startswith(prefix)), "aws")


def url_suffix_of(partition: str) -> str | None:
    """The suffix of a partition's domain names, if the partition is known."""
    return _URL_SUFFIXES.get(partition)


class Environment(NamedTuple):
    """What is told about a deployment: ``None``, or a missing name, is unknown.

    ``partition`` follows from ``region`` where it is not given. ``parameters`` are the parameters passed to the
    stack (lists as CloudFormation takes them: separated by commas), ``imports`` the values of exports by name, ``ssm``
    the values of Systems Manager parameters by name.
    """

    account: str | None = None
    region: str | None = None
    partition: str | None = None
    stack_name: str | None = None
    parameters: Mapping[str, str] = MappingProxyType({})
    imports: Mapping[str, str] = MappingProxyType({})
    ssm: Mapping[str, str] = MappingProxyType({})

    @property
    def known_partition(self) -> str | None:
        """The partition: as given, or the one the region is in."""
        return self.partition or (partition_of(self.region) if self.region else None)
