"""Which policies apply to a caller: those its identity carries, its session's, and the organization's.

What is handed out stays the same object for as long as the records it is made of stay the same.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.policy import Policy, PolicySet, PolicyType, PrincipalKind
from sparekey.services.directory.accounts import ACCOUNTS, ORGANIZATIONS, POLICY_TARGETS, Organization
from sparekey.services.directory.carried import EVERYTHING, carried, friendly_name, managed, parsed
from sparekey.services.directory.identities import ROLES, USERS, Role, User
from sparekey.services.directory.organization import RCP, SCP, parents_of, policy_of
from sparekey.services.directory.remembered import Reads, remember, remember_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.directory.sessions import Session
    from sparekey.services.operation import Caller
    from sparekey.storage.interface import Transaction

#: One tuple of policies a level (root, units, account); ``None`` where nothing of the kind applies.
Levels = tuple[tuple[Policy, ...], ...] | None

_TYPES: Final = {SCP: PolicyType.SCP, RCP: PolicyType.RCP}

#: What stands for a task's policy that is not known: without one, a root session could do anything.
NOTHING: Final = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'


class Parts(NamedTuple):
    """The caller's side of a :class:`~sparekey.policy.PolicySet`, and what else the directory says of the caller.

    ``session`` is ``None`` for a session that was made without session policies. ``tags`` are the principal's:
    those of the user or role, and of the session over them. ``exists`` is false where the identity behind the
    credentials is gone, even if another of the same name is there now.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    tags: Mapping[str, str] = MappingProxyType({})
    exists: bool = True


class Guardrails(NamedTuple):
    """The levels of SCPs that limit an account's principals, and of RCPs that limit access to its resources."""

    scp: Levels = None
    rcp: Levels = None


GONE: Final = Parts(exists=False)
_FREE: Final = Guardrails()


def identity_parts(records: Transaction, caller: Caller) -> Parts:
    """The identity-based policies, the boundary and the session policies that apply to a caller, and its tags."""
    session = caller.session
    key = ("caller", caller.principal.arn, caller.user_id, session and session.access_key_id)
    return remember(records, key, (caller.principal, session), lambda reads: _parts(reads, caller))


def guardrails(records: Transaction, account: str) -> Guardrails:
    """The SCPs and RCPs for an account, level by level, root first.

    Nothing limits a management account, or an account that is in no organization.
    """
    return remember(records, ("account", account), None, lambda reads: _guardrails(reads, account))


def policies_of(records: Transaction, caller: Caller, owner: str = "") -> PolicySet:
    """The policies that apply to a caller's requests for resources of the account ``owner``, but the resource's own.

    ``owner`` defaults to the caller's account. The same object as long as nothing has changed, so that what the engine
    has worked out about it serves again; add a resource's policy by ``with_resource``.
    """
    account = caller.account
    parts = identity_parts(records, caller)
    mine = guardrails(records, account) if account else _FREE
    theirs = mine if owner in ("", account) else guardrails(records, owner)
    session = caller.session
    return remember_of(
        ("set", caller.principal.arn, caller.user_id, session and session.access_key_id, owner),
        (parts, mine.scp, theirs.rcp),
        lambda: PolicySet(parts.identity, None, parts.boundary, parts.session, mine.scp, theirs.rcp),
    )


def _parts(reads: Reads, caller: Caller) -> Parts:
    principal, session = caller.principal, caller.session
    match principal.kind:
        case PrincipalKind.ROOT_USER:
            exists = reads.get(ACCOUNTS, principal.account) is not None
            return Parts(_task(reads, session), session=_session_policies(reads, session), exists=exists)
        case PrincipalKind.IAM_USER:
            name = friendly_name(principal.arn)
            user = _user(reads, principal.account, name, session.parent if session else caller.user_id)
            return _of_identity(reads, user, session)
        case PrincipalKind.ROLE_SESSION | PrincipalKind.SERVICE_LINKED_ROLE:
            return _of_identity(reads, _role_behind(reads, caller), session)
        case PrincipalKind.FEDERATED_USER:
            return _of_federated_user(reads, session)
        case _:
            return Parts()


def _of_identity(reads: Reads, identity: User | Role | None, session: Session | None) -> Parts:
    if identity is None:
        return GONE
    return Parts(
        tuple(each.policy for each in carried(reads, identity)),
        managed(reads, identity.boundary, PolicyType.BOUNDARY) if identity.boundary else None,
        _session_policies(reads, session),
        _tags(identity.tags, session),
    )


def _of_federated_user(reads: Reads, session: Session | None) -> Parts:
    """A federated user may do what the user (or root user) that made its session may, within its session policies."""
    if session is None:
        return GONE
    if session.parent != session.account:
        user = _user(reads, session.account, friendly_name(session.parent_arn), session.parent)
        return _of_identity(reads, user, session)
    if reads.get(ACCOUNTS, session.account) is None:
        return GONE
    everything = parsed(EVERYTHING, PolicyType.IDENTITY, f"the permissions of `{session.parent_arn}`")
    return Parts((everything,), None, _session_policies(reads, session), _tags({}, session))


def _user(reads: Reads, account: str, name: str, user_id: str) -> User | None:
    """The user of a name, unless that is another one by now."""
    user = reads.get(USERS, account, name.lower())
    return None if user is None or (user_id and user.user_id != user_id) else user


def _role_behind(reads: Reads, caller: Caller) -> Role | None:
    """The role of a session. Without what the session says, the role is the one the principal names."""
    session, role_arn = caller.session, caller.principal.role_arn
    if session is not None:
        role_id, name = session.parent, friendly_name(session.parent_arn)
    elif isinstance(role_arn, str):
        role_id, name = caller.user_id.partition(":")[0], friendly_name(role_arn)
    else:
        role_id, name = caller.user_id.partition(":")[0], caller.principal.arn.split("/")[1]
    role = reads.get(ROLES, caller.account, name.lower())
    return None if role is None or (role_id and role.role_id != role_id) else role


def _session_policies(reads: Reads, session: Session | None) -> tuple[Policy, ...] | None:
    """The policies given when the session was made; managed ones are what they are now."""
    if session is None:
        return None
    policies = [parsed(text, PolicyType.SESSION, "the session policy") for text in session.policies]
    policies += [managed(reads, arn, PolicyType.SESSION) for arn in session.policy_arns]
    return tuple(policies) or None


def _task(reads: Reads, session: Session | None) -> tuple[Policy, ...]:
    """The identity-based policy of a session that AssumeRoot made: it denies all but one task."""
    if session is None or not session.task_policy:
        return ()
    task = managed(reads, session.task_policy)
    return (task if task.statements else parsed(NOTHING, PolicyType.IDENTITY, task.name),)


def _tags(own: Mapping[str, str], session: Session | None) -> Mapping[str, str]:
    """The tags of the identity, and those of its session, which take the place of equal keys whatever their case."""
    if session is None or not session.tags:
        return own
    taken = {key.lower() for key in session.tags}
    return {**{key: value for key, value in own.items() if key.lower() not in taken}, **session.tags}


def _guardrails(reads: Reads, account_id: str) -> Guardrails:
    account = reads.get(ACCOUNTS, account_id)
    if account is None or account.organization is None:
        return _FREE
    organization = reads.get(ORGANIZATIONS, account.organization)
    if organization is None or organization.management_account == account_id:
        return _FREE
    way = (*parents_of(reads, organization.organization_id, account_id), account_id)
    return Guardrails(_levels(reads, organization, SCP, way), _levels(reads, organization, RCP, way))


def _levels(reads: Reads, organization: Organization, policy_type: str, way: tuple[str, ...]) -> Levels:
    if policy_type not in organization.policy_types:
        return None
    return tuple(tuple(_attached(reads, organization, policy_type, target)) for target in way)


def _attached(reads: Reads, organization: Organization, policy_type: str, target: str) -> list[Policy]:
    targets = reads.get(POLICY_TARGETS, organization.organization_id, target)
    found = [policy_of(reads, organization, policy_id) for policy_id in (targets.policy_ids if targets else ())]
    return [
        parsed(policy.content, _TYPES[policy_type], f"`{policy.name}`", policy.arn)
        for policy in found
        if policy is not None and policy.type == policy_type
    ]
