"""An AWS as a value: every call goes through :meth:`Cloud.invoke`, the one door.

``_running`` is a call on its way through: ``_authorization`` asks the engine, with the condition keys of ``_context``;
``_trail`` runs it against the store and keeps the ``_record``, ``_uses`` notes which credentials were used.
``_credentials`` tells who signs with an access key, ``_account`` opens accounts, ``_services`` has their table.
"""

from __future__ import annotations

from sparekey.cloud._cloud import Cloud
from sparekey.cloud._context import Circumstances
from sparekey.cloud._credentials import Credential
from sparekey.cloud._services import SERVICES, is_anonymous, operations_of

__all__ = ["SERVICES", "Circumstances", "Cloud", "Credential", "is_anonymous", "operations_of"]
