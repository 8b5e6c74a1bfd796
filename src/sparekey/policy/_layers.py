"""Which policies of a set apply to a principal, and what each type of them leaves for one action."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.policy._compile import CompiledStatement, Entries, Entry, compiled
from sparekey.policy._decision import Because
from sparekey.policy._document import Effect, Policy, PolicyType
from sparekey.policy._evaluate import ACCOUNT_KINDS, Caller, Named
from sparekey.policy._grants import GRANTABLE, covers, names
from sparekey.policy._request import Grant, PrincipalKind
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparekey.policy._policies import PolicySet

#: A type of policy and the entries of which one must allow.
Need = tuple[PolicyType, Entries]

#: What the policies of one type are: told, absent, or not told.
Told = tuple[Policy, ...] | None | Unknown


class Side(NamedTuple):
    """What the policies on the caller's side leave of an action: they are the same for all callers of a kind.

    ``guards`` are the levels of SCPs; ``identity``, ``boundary`` and ``session`` are what these must allow, empty where
    one of them does not limit.
    """

    scp_denies: Entries
    limit_denies: Entries  # boundary and session policies
    identity_denies: Entries
    guards: tuple[Need, ...]
    identity: tuple[Need, ...]
    boundary: tuple[Need, ...]
    session: tuple[Need, ...]


def told(policies: PolicySet, kind: PrincipalKind, action: str, policy_type: PolicyType) -> tuple[Told, ...]:
    """The policies of one type that apply to a kind of caller: one element, or one a level for SCPs and RCPs."""
    linked = kind is PrincipalKind.SERVICE_LINKED_ROLE
    if policy_type is PolicyType.SCP:
        return () if linked or kind not in ACCOUNT_KINDS else _levels(policies.scp)
    if policy_type is PolicyType.RCP:
        return () if linked or action == "kms:retiregrant" else _levels(policies.rcp)
    if policy_type is PolicyType.ENDPOINT:
        return (_one(policies.endpoint),)
    if policy_type is PolicyType.RESOURCE:
        return (_one(policies.resource),)
    if kind not in ACCOUNT_KINDS:
        return ()
    if policy_type is PolicyType.BOUNDARY:
        return (_one(policies.boundary),)
    return (policies.session if policy_type is PolicyType.SESSION else policies.identity,)


def make_side(policies: PolicySet, kind: PrincipalKind, action: str) -> Side:
    """Work out the caller's side for a kind of caller and an action (in lower case)."""

    def denies(policy_type: PolicyType) -> Entries:
        layers = told(policies, kind, action, policy_type)
        return tuple(entry for layer in layers for entry in _denies(policy_type, layer, action))

    def need(policy_type: PolicyType) -> tuple[Need, ...]:
        layers = told(policies, kind, action, policy_type)
        return tuple(need for layer in layers for need in _need(policy_type, layer, action))

    session = need(PolicyType.SESSION) if policies.session else ()
    if not policies.session and kind is PrincipalKind.FEDERATED_USER:
        session = ((PolicyType.SESSION, ()),)
    asks_identity = kind in ACCOUNT_KINDS and kind is not PrincipalKind.ROOT_USER
    return Side(
        denies(PolicyType.SCP),
        (*denies(PolicyType.BOUNDARY), *denies(PolicyType.SESSION)),
        denies(PolicyType.IDENTITY),
        need(PolicyType.SCP),
        ((PolicyType.IDENTITY, _allows(PolicyType.IDENTITY, policies.identity, action)),) if asks_identity else (),
        need(PolicyType.BOUNDARY),
        session,
    )


def _denies(policy_type: PolicyType, layer: Told, action: str) -> Entries:
    if isinstance(layer, Unknown):
        return (open_policies(policy_type),)
    return tuple(entry for policy in layer or () for entry in compiled(policy).entries(action)[0])


def _need(policy_type: PolicyType, layer: Told, action: str) -> tuple[Need, ...]:
    """The need for one of these policies to allow; none where there are no such policies, or one surely allows."""
    return () if layer is None else limiting(policy_type, _allows(policy_type, layer, action))


def _allows(policy_type: PolicyType, layer: Told, action: str) -> Entries:
    if isinstance(layer, Unknown):
        return (open_policies(policy_type),)
    return _shortest([entry for policy in layer or () for entry in compiled(policy).entries(action)[1]])


def limiting(policy_type: PolicyType, allows: Entries) -> tuple[Need, ...]:
    """The need for one of the entries to allow, unless one does so without further checks."""
    return () if len(allows) == 1 and _unconditional(allows[0]) else ((policy_type, allows),)


class Layers:
    """The policies of a set whose statements name principals, as they apply to one caller and action."""

    __slots__ = ("_asked", "_asks_resource", "action", "caller", "policies", "side")

    def __init__(self, policies: PolicySet, caller: Caller, action: str, side: Side, *, asks_resource: bool) -> None:
        """Take the caller's side too; ``asks_resource`` says whether a resource-based policy is asked."""
        self.policies = policies
        self.caller = caller
        self.action = action
        self.side = side
        self._asks_resource = asks_resource
        self._asked: tuple[Policy, list[tuple[CompiledStatement, bool]]] | None = None

    def denies(self) -> Entries:
        """Everything that may deny, in the order in which AWS names the types."""
        side = self.side
        return (
            *side.scp_denies,
            *(self._named(PolicyType.RCP) if self.policies.rcp else ()),
            *(self._named(PolicyType.ENDPOINT) if self.policies.endpoint else ()),
            *side.limit_denies,
            *(self._named(PolicyType.RESOURCE) if self._asks_resource else ()),
            *side.identity_denies,
        )

    def _named(self, policy_type: PolicyType) -> Entries:
        entries: list[Entry] = []
        for layer in told(self.policies, self.caller.principal.kind, self.action, policy_type):
            if isinstance(layer, Unknown):
                entries.append(open_policies(policy_type))
            else:
                for policy in layer or ():
                    entries.extend(self._named_denies(policy))
        return tuple(entries)

    def guards(self) -> tuple[Need, ...]:
        """What must allow on every way: each level of SCPs, and the VPC endpoint policy."""
        endpoint = self.policies.endpoint
        if endpoint is None:
            return self.side.guards
        if isinstance(endpoint, Unknown):
            return (*self.side.guards, (PolicyType.ENDPOINT, (open_policies(PolicyType.ENDPOINT),)))
        allows = [entry for found in self._named_allows(endpoint).values() for entry in found]
        return (*self.side.guards, *limiting(PolicyType.ENDPOINT, _shortest(allows)))

    def resource_allows(self) -> dict[Named, Entries]:
        """The Allow statements of the resource-based policy, by how strongly they name the caller."""
        resource = self.policies.resource
        if isinstance(resource, Unknown):
            return {Named.ITSELF: (open_policies(PolicyType.RESOURCE),)}
        if resource is None or self.action == "kms:retiregrant":  # an Allow of kms:RetireGrant has no effect there
            return {}
        return self._named_allows(resource)

    def grants(self, *, same_account: bool) -> dict[tuple[Named, bool], tuple[tuple[Grant, bool], ...]]:
        """The grants that may allow the action: by how strongly they name the caller, and whether it is at home.

        A grant made by the caller's own account acts as at home, whoever owns the key.
        """
        found: dict[tuple[Named, bool], list[tuple[Grant, bool]]] = {}
        grants = self.policies.grants
        if not grants or isinstance(grants, Unknown) or not self.action.startswith("kms:"):
            return {}
        for grant in grants:
            issuer = _account(grant.issuing_account)
            home = same_account if issuer is None else issuer == self.caller.principal.account
            for surely, possibly in self._grant_names(grant, at_home=home):
                if surely:
                    found.setdefault((surely, home or same_account), []).append((grant, True))
                if possibly > surely:
                    found.setdefault((possibly, home or same_account), []).append((grant, False))
        return {key: tuple(entries) for key, entries in found.items()}

    def open_grants(self) -> Entries:
        """An entry for grants that are not told, where one could allow the action."""
        if not isinstance(self.policies.grants, Unknown):
            return ()
        service, _, operation = self.action.partition(":")
        return (open_policies(PolicyType.GRANT),) if service == "kms" and operation in GRANTABLE else ()

    def _grant_names(self, grant: Grant, *, at_home: bool) -> Iterator[tuple[Named, Named]]:
        operation = self.action.partition(":")[2]
        if covers(grant, operation):
            yield names(grant.grantee, self.caller)
        if operation == "retiregrant":
            if grant.retiring_principal:
                yield names(grant.retiring_principal, self.caller)
            if at_home:
                yield (Named.BY_ACCOUNT, Named.BY_ACCOUNT)

    def _statements(self, policy: Policy) -> list[tuple[CompiledStatement, bool]]:
        """The statements of a policy to ask; kept for the last policy, whose Denies and Allows are asked in turn."""
        if self._asked is None or self._asked[0] is not policy:
            self._asked = policy, compiled(policy).asked(self.action, self.caller)
        return self._asked[1]

    def _named_denies(self, policy: Policy) -> Iterator[Entry]:
        for statement, sure in self._statements(policy):
            effect = statement.statement.effect
            if effect is Effect.ALLOW:
                continue
            surely, possibly = statement.names(self.caller, Effect.DENY)
            told = sure and effect is Effect.DENY
            if possibly:
                yield statement.entry(sure=told and surely is not Named.NOT)
            elif statement.statement.principal and statement.statement.principal.federated:
                yield statement.federated_entry(sure=told)
        if policy.unknown:
            yield compiled(policy).unread

    def _named_allows(self, policy: Policy) -> dict[Named, Entries]:
        named: dict[Named, list[Entry]] = {}
        for statement, sure in self._statements(policy):
            effect, element = statement.statement.effect, statement.statement.principal
            if effect is Effect.DENY:
                continue
            surely, possibly = statement.names(self.caller, Effect.ALLOW)
            told = sure and effect is Effect.ALLOW
            if surely:
                named.setdefault(surely, []).append(statement.entry(sure=told))
            if possibly > surely:
                named.setdefault(possibly, []).append(statement.entry(sure=False))
            if element and element.federated and surely < Named.BY_PARENT:
                named.setdefault(Named.BY_PARENT, []).append(statement.federated_entry(sure=told))
        if policy.unknown:
            named.setdefault(Named.ITSELF, []).append(compiled(policy).unread)
        return {strength: _shortest(entries) for strength, entries in named.items()}


def _levels(levels: tuple[tuple[Policy, ...], ...] | Unknown | None) -> tuple[Told, ...]:
    if isinstance(levels, Unknown):
        return (levels,)
    return levels or ()


def _one(policy: Policy | Unknown | None) -> Told:
    return (policy,) if isinstance(policy, Policy) else policy


def open_policies(policy_type: PolicyType) -> Entry:
    """The entry that stands for policies of a type that are not told."""
    return (None, None, False, Because(policy_type))


def _unconditional(entry: Entry) -> bool:
    return entry[0] is None and entry[1] is None and entry[2]


def _shortest(entries: list[Entry]) -> Entries:
    """The entries, or the one among them that applies without further checks."""
    for entry in entries:
        if _unconditional(entry):
            return (entry,)
    return tuple(entries)


def _account(issuer: str | None) -> str | None:
    """The account of a grant's issuer, which ListGrants shows as the account's ``:root`` ARN."""
    return issuer.split(":")[4] if issuer and issuer.count(":") >= 5 else issuer
