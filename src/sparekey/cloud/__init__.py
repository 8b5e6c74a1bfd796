"""An AWS as a value: every call goes through :meth:`Cloud.invoke`, the one door."""

from __future__ import annotations

from sparekey.cloud._cloud import Cloud
from sparekey.cloud._context import Circumstances
from sparekey.cloud._credentials import Credential
from sparekey.cloud._services import SERVICES, is_anonymous, operations_of

__all__ = ["SERVICES", "Circumstances", "Cloud", "Credential", "is_anonymous", "operations_of"]
