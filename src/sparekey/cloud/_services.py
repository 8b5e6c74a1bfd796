"""Which services there are: the table of operations by service."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sparekey.errors import InvalidAction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.operation import Operation

#: The services that are there.
SERVICES = ("cloudtrail", "iam", "organizations", "sts")


@cache
def operations_of(service: str) -> Mapping[str, Operation]:
    """The operations of a service that are built, by name; a service is imported when it is first called.

    Raises:
        InvalidAction: there is no such service here.
    """
    match service:
        case "iam":
            from sparekey.services import iam

            return iam.OPERATIONS
        case "sts":
            from sparekey.services import sts

            return sts.OPERATIONS
        case "organizations":
            from sparekey.services import organizations

            return organizations.OPERATIONS
        case "cloudtrail":
            from sparekey.services import cloudtrail

            return cloudtrail.OPERATIONS
        case _:
            raise InvalidAction(f"sparekey does not serve `{service}`: it has {', '.join(SERVICES)}")


def is_anonymous(service: str, operation: str) -> bool:
    """Whether an operation is callable without credentials."""
    found = operations_of(service).get(operation) if service in SERVICES else None
    return found is not None and found.anonymous
