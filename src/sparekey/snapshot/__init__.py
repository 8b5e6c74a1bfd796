"""Real accounts as values: IAM identities with their policies, and service control policies.

:func:`read_snapshot` reads ``aws iam get-account-authorization-details`` and plain policy documents,
:func:`read_scps` service control policies. Both take file contents, not files.
"""

from sparekey.snapshot._account import Identity, Snapshot
from sparekey.snapshot._read import read_scps, read_snapshot

__all__ = ["Identity", "Snapshot", "read_scps", "read_snapshot"]
