"""What has to allow: the policies of one set, arranged for one principal and one action.

A :class:`Plan` holds everything that does not depend on the single request. Its *denies* are asked first. Its *guards*
(SCPs level by level, VPC endpoint policy) must each allow. Then one of its *ways* must be open: a way is a list of
entries that name the caller equally strongly, and the layers that must allow besides. The table of ways:

=======================  ==========================  =========================================
the resource-based       same account                across accounts
policy (or grant) names
=======================  ==========================  =========================================
the caller itself, `*`   nothing else                identity, boundary, session
its role, its user       boundary, session           boundary, session, identity
its account              identity, boundary,         identity, boundary, session
                         session
nobody                   identity, boundary,         never
                         session (never for KMS
                         keys and roles)
=======================  ==========================  =========================================

The order in which a way lists its layers is the order in which AWS's message names them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.policy._compile import Entries, Entry, remember
from sparekey.policy._context import implied_by, implied_for
from sparekey.policy._decision import Because
from sparekey.policy._document import Policy, PolicyType
from sparekey.policy._evaluate import ACCOUNT_KINDS, Caller, Named, caller_of
from sparekey.policy._grants import GRANTABLE
from sparekey.policy._layers import Layers, Need, Side, make_side
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.policy._policies import PolicySet
    from sparekey.policy._request import ContextValue, Grant, Principal, PrincipalKind

#: KMS actions that no key policy is asked about.
#: https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
KMS_WITHOUT_KEY = frozenset(
    f"kms:{name}"
    for name in [
        "createkey",
        "listkeys",
        "listaliases",
        "generaterandom",
        "listretirablegrants",
        "connectcustomkeystore",
        "createcustomkeystore",
        "deletecustomkeystore",
        "describecustomkeystores",
        "disconnectcustomkeystore",
        "updatecustomkeystore",
    ]
)

#: KMS actions that a key policy can allow to principals of other accounts.
#: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
KMS_ACROSS_ACCOUNTS = frozenset(
    f"kms:{name}" for name in (*GRANTABLE, "getkeyrotationstatus", "listgrants", "revokegrant")
)

#: The action that succeeds whatever the policies say.
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
ALWAYS_ALLOWED = "sts:getcalleridentity"

#: What allows where no statement does: a root user in its own account, an action that is always allowed.
IMPLIED = Because(PolicyType.IDENTITY)
_IMPLIED_ENTRY: Entry = (None, None, True, IMPLIED)


class Question(NamedTuple):
    """What a plan is made for: principal and action, and how the resource stands to them.

    ``keyless`` marks a KMS request that is about no key (on ``*`` or an alias), ``reserved`` one that would make,
    change or delete an alias of AWS's own (``alias/aws/…``), which nobody may.
    """

    principal: Principal
    action: str
    lowered: str  # the action in lower case
    same_account: bool
    keyless: bool = False
    reserved: bool = False

    @property
    def asks_resource(self) -> bool:
        """Whether a resource-based policy is asked at all."""
        return not (self.keyless or self.lowered in KMS_WITHOUT_KEY)

    @property
    def needs_resource(self) -> bool:
        """Whether the resource-based policy must allow or delegate even in the same account: keys and roles."""
        return self.asks_resource and self.lowered.startswith(("kms:", "sts:assumerole"))


class Way(NamedTuple):
    """One way to be allowed: one of the entries (or grants) applies, and every needed layer allows.

    ``delegates`` says that an identity-based policy decides, because the entries only make it effective.
    """

    entries: Entries
    needs: tuple[Need, ...]
    grants: tuple[tuple[Grant, bool], ...] = ()
    delegates: bool = False


class Plan(NamedTuple):
    """The policies of a set, arranged for one principal and one action.

    ``silent`` is the type of policy that AWS names when no way is open at all. ``keyed`` says that a key policy is
    asked, so that a request without a key needs another plan.
    """

    question: Question
    principal: Principal
    caller: Caller
    denies: Entries
    guards: tuple[Need, ...]
    ways: tuple[Way, ...]
    silent: PolicyType
    keyed: bool
    implied: dict[str, ContextValue]


class Plans:
    """The plans of one policy set, each made when it is first needed."""

    __slots__ = ("_spelling", "callers", "made", "policies", "sides")

    def __init__(self, policies: PolicySet, kin: Plans | None = None) -> None:
        """Begin without any plan; ``kin`` are those of a set that differs in nothing but the resource-based policy."""
        self.policies = policies
        self.made: dict[tuple[str, str, int], Plan] = {}
        self.callers: dict[str, tuple[Caller, dict[str, ContextValue]]] = kin.callers if kin else {}
        self.sides: dict[tuple[str, PrincipalKind], Side] = kin.sides if kin else {}
        self._spelling: dict[str, str] | None = None

    def make(self, question: Question) -> Plan:
        """Make a plan, and remember it."""
        principal, action = question.principal, question.lowered
        caller, implied = self._caller(principal)
        side = self.sides.get((action, principal.kind))
        if side is None:
            side = make_side(self.policies, principal.kind, action)
            remember(self.sides, (action, principal.kind), side)
        layers = Layers(self.policies, caller, action, side, asks_resource=question.asks_resource)
        plan = _make_plan(layers, question, implied_for(action, implied))
        remember(self.made, (principal.arn, question.action, int(question.same_account) + 2 * question.keyless), plan)
        return plan

    def _caller(self, principal: Principal) -> tuple[Caller, dict[str, ContextValue]]:
        known = self.callers.get(principal.arn)
        if known is None or known[0].principal != principal:
            boundary = self.policies.boundary
            told = None if isinstance(boundary, Unknown) else boundary is not None
            known = (caller_of(principal, told), implied_by(principal))
            remember(self.callers, principal.arn, known)
        return known

    def spelling(self, key: str) -> str:
        """A context key as the policies write it."""
        if self._spelling is None:
            self._spelling = {
                condition.key.lower(): condition.key
                for policy in self.policies.all()
                for statement in policy.statements
                for condition in statement.conditions
                if isinstance(condition.key, str)
            }
        return self._spelling.get(key, key)


def plans_of(policies: PolicySet) -> Plans:
    """The plans of a policy set, which the set keeps."""
    plans = policies._plans  # noqa: SLF001 - the one place that fills this slot
    if plans is None:
        plans = Plans(policies)
        object.__setattr__(policies, "_plans", plans)
    return plans


def _make_plan(layers: Layers, question: Question, implied: dict[str, ContextValue]) -> Plan:
    always = question.lowered == ALWAYS_ALLOWED
    return Plan(
        question,
        question.principal,
        layers.caller,
        () if always else layers.denies(),
        () if always else layers.guards(),
        (Way((_IMPLIED_ENTRY,), ()),) if always else _ways(layers, question),
        _silent(layers.policies, question),
        question.needs_resource and question.lowered.startswith("kms:"),
        implied,
    )


def _silent(policies: PolicySet, question: Question) -> PolicyType:
    if not question.asks_resource:
        return PolicyType.IDENTITY
    if isinstance(policies.resource, Policy):
        return policies.resource.type
    if not question.needs_resource:
        return PolicyType.RESOURCE
    return PolicyType.KEY if question.lowered.startswith("kms:") else PolicyType.TRUST


def _ways(layers: Layers, question: Question) -> tuple[Way, ...]:
    """The ways of the table above that any statement or grant leads to, strongest first."""
    identity, boundary, session = layers.side.identity, layers.side.boundary, layers.side.session
    all_three = (*identity, *boundary, *session)
    if not question.asks_resource:
        own = question.same_account and question.principal.kind in ACCOUNT_KINDS and not question.reserved
        return (Way((_IMPLIED_ENTRY,), all_three, delegates=True),) if own else ()
    named = layers.resource_allows()
    grants = layers.grants(same_account=question.same_account)
    if question.principal.kind not in ACCOUNT_KINDS:
        entries = (*(entry for strength in Named for entry in named.get(strength, ())), *layers.open_grants())
        given = tuple(grant for found in grants.values() for grant in found)
        return _open_ways([Way(entries, (), given)])
    at_home = ((Named.ITSELF, ()), (Named.BY_PARENT, (*boundary, *session)), (Named.BY_ACCOUNT, all_three))
    abroad = ((Named.ITSELF, all_three), (Named.BY_PARENT, (*boundary, *session, *identity)), at_home[2])
    ways = [Way(layers.open_grants(), ())]
    for strength, needs in at_home:
        entries = named.get(strength, ()) if question.same_account else ()
        if strength is Named.BY_ACCOUNT and question.same_account and not _needs_delegation(layers.policies, question):
            entries = (_IMPLIED_ENTRY,)  # elsewhere than for keys and roles, identity-based policies need no delegation
        ways.append(Way(entries, needs, grants.get((strength, True), ()), strength is Named.BY_ACCOUNT))
    if not question.same_account:
        reachable = not question.lowered.startswith("kms:") or question.lowered in KMS_ACROSS_ACCOUNTS
        for strength, needs in abroad:
            entries = named.get(strength, ()) if reachable else ()
            ways.append(Way(entries, needs, grants.get((strength, False), ()), strength is Named.BY_ACCOUNT))
    return _open_ways(ways)


def _needs_delegation(policies: PolicySet, question: Question) -> bool:
    """Whether the resource-based policy must allow or delegate: a trust policy must, also for ``sts:TagSession``."""
    trust = isinstance(policies.resource, Policy) and policies.resource.type is PolicyType.TRUST
    return question.needs_resource or trust


def _open_ways(ways: list[Way]) -> tuple[Way, ...]:
    return tuple(way for way in ways if way.entries or way.grants)
