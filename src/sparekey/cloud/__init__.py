"""An AWS as a value: every call goes through :meth:`Cloud.invoke`, the one door."""

from __future__ import annotations

from sparekey.cloud._cloud import Cloud
from sparekey.cloud._context import Circumstances
from sparekey.cloud._credentials import Credential

__all__ = ["Circumstances", "Cloud", "Credential"]
