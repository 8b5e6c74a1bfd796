"""The error shapes of CloudTrail's service model that LookupEvents answers with.

AWS documents no sentences for them; these are ours.
"""

from __future__ import annotations

from sparekey.errors import ServiceError


class InvalidLookupAttributesException(ServiceError):
    """A lookup attribute cannot be used so."""


class InvalidNextTokenException(ServiceError):
    """The token is none, or was given for other parameters."""


class InvalidTimeRangeException(ServiceError):
    """The start is after the end."""
