"""The policies that apply to a request."""

from __future__ import annotations

from dataclasses import dataclass

from sparekey.policy._document import Policy
from sparekey.policy._request import Grant
from sparekey.unknown import Unknown


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class PolicySet:
    """Every policy that applies to one request, by type. What is not told is an :class:`Unknown`.

    - ``identity``: managed and inline policies of the user and its groups, or of the role
    - ``resource``: the key policy, trust policy or bucket policy; ``None`` where the resource has none
    - ``boundary``: the principal's permissions boundary; ``None`` where it has none
    - ``session``: the session policies; ``None`` where the session was made without one
    - ``scp``, ``rcp``: one tuple of policies a level, root first; ``None`` where no organization applies
      (a management account's principals, for SCPs). A level without SCPs allows nothing.
    - ``endpoint``: the VPC endpoint's policy; ``None`` where the call goes through none
    - ``grants``: the KMS grants on the key

    Raises:
        ValueError: one of the policies is malformed, so AWS would never have stored it.
    """

    identity: tuple[Policy, ...] | Unknown = ()
    resource: Policy | None | Unknown = None
    boundary: Policy | None | Unknown = None
    session: tuple[Policy, ...] | None | Unknown = None
    scp: tuple[tuple[Policy, ...], ...] | None | Unknown = None
    rcp: tuple[tuple[Policy, ...], ...] | None | Unknown = None
    endpoint: Policy | None | Unknown = None
    grants: tuple[Grant, ...] | Unknown = ()
