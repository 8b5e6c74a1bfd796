"""Who and what is in an account: the records that more than one service reads, and what is worked out from them.

IAM, Organizations and STS write here; every service and the door may read. The directory itself knows no service.

Records, each module with its kinds:

- ``identities`` (users, groups, roles), ``policies``, ``instance_profiles``, ``providers``
- ``credentials`` (access keys, MFA devices, passwords), ``certificates``, ``sessions``
- ``accounts`` (accounts, organizations, handshakes), ``settings``, ``delegation``, ``access_reports``
- ``record``: the decision record, every call with what decided it; ``redaction`` keeps secrets out of it
- ``tallies`` and ``quotas``: how many there are, and how many there may be

Questions about them:

- ``applicable``: which policies apply to a caller. ``carried`` are those of an identity; ``remembered`` keeps answers
  as long as the records behind them stay the same
- ``organization``: AWS's own policies, and where an account stands; ``trust``: whom a role trusts by now
- ``callers``: who calls with some credentials; ``tokens`` seal sessions; ``service_roles``: AWS services as roles
- ``one_time_codes``, ``authorization_messages``, ``identifiers``
"""
