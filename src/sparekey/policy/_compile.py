"""Policies, ready to be asked: each statement's matchers made on first use, statements indexed by action.

A policy is compiled once and keeps its compiled form. What an action leaves of it is a short list of *entries*: the
statements that cover the action, each reduced to the checks that depend on the single request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sparekey.policy._condition import compile_conditions
from sparekey.policy._decision import Because, Match
from sparekey.policy._document import Effect, Policy, PolicyType, PrincipalElement, Statement, Text
from sparekey.policy._evaluate import Caller, Named, NamedRange, Principals, could_be, without_path
from sparekey.policy._pattern import compile_actions, compile_resources
from sparekey.policy._request import ABSENT, Lookup
from sparekey.unknown import Unknown

ResourceCheck = Callable[[str | Unknown, Lookup], Match]
ConditionCheck = Callable[[Lookup], Match]

#: What is left of a statement once principal and action are settled: its resource and condition checks (``None``:
#: nothing to check), whether it is wholly told, and how to name it.
Entry = tuple[ResourceCheck | None, ConditionCheck | None, bool, Because]

Entries = tuple[Entry, ...]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

#: How many actions (or principals and actions) a policy remembers the answer for.
MEMORY = 4096

#: Context keys that KMS supports in IAM policies only, not in key policies.
#: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-aws.html
IAM_KEYS = ("aws:resourcetag/", "kms:resourcealiases")

_NEGATED = {Match.YES: Match.NO, Match.NO: Match.YES}


class CompiledStatement:
    """One statement with its matchers, each made when it is first needed."""

    __slots__ = ("_actions", "_conditions", "_principals", "_resources", "because", "policy", "statement")

    def __init__(self, policy: Policy, statement: Statement) -> None:
        """Take the statement and the policy it stands in."""
        self.policy = policy
        self.statement = statement
        self.because = Because(policy.type, policy, statement)
        self._actions: Callable[[str], Match] | None = None
        self._resources: ResourceCheck | None = None
        self._conditions: ConditionCheck | None = None
        self._principals: Principals | None = None

    def action(self, action: str) -> Match:
        """Whether the statement's Action or NotAction covers an action, given in lower case."""
        covers = self._actions
        if covers is None:
            patterns = self.statement.not_action if self.statement.action is None else self.statement.action
            covers = self._actions = compile_actions(patterns or ())
        found = covers(action)
        return found if self.statement.action is not None else _NEGATED.get(found, found)

    @property
    def inert(self) -> bool:
        """Whether the statement lacks an element it needs to have any effect (KMS stores such statements)."""
        statement = self.statement
        if statement.action is None and statement.not_action is None:
            return True
        return (
            statement.resource is None and statement.not_resource is None and self.policy.type is not PolicyType.TRUST
        )

    def names(self, caller: Caller, effect: Effect) -> NamedRange:
        """How the Principal or NotPrincipal names the caller, surely and possibly (federated entries apart)."""
        statement = self.statement
        principals = self._principals
        if principals is None:
            element = statement.principal or statement.not_principal or PrincipalElement()
            principals = self._principals = Principals(element)
        if statement.not_principal is None:
            return principals.name(caller)
        spares = principals.exempts_from_deny if effect is Effect.DENY else principals.exempts_from_allow
        spared = spares(caller)
        return (Named.ITSELF if spared is False else Named.NOT, Named.NOT if spared else Named.ITSELF)

    def resources(self) -> ResourceCheck | None:
        """The check of Resource or NotResource; ``None`` if it covers everything."""
        statement = self.statement
        if statement.resource is None and statement.not_resource is None:  # a trust policy: the role it hangs on
            return None
        if statement.resource is not None and "*" in statement.resource:
            return None
        check = self._resources
        if check is None:
            patterns = statement.not_resource if statement.resource is None else statement.resource
            covers = compile_resources(patterns or (), self.policy.version)
            check = self._resources = _negated(covers) if statement.resource is None else covers
        return check

    def conditions(self) -> ConditionCheck | None:
        """The check of the Condition element; ``None`` if there is none."""
        if not self.statement.conditions:
            return None
        check = self._conditions
        if check is None:
            check = compile_conditions(self.statement.conditions, self.policy.version)
            if self._asks_for_iam_keys:
                check = _on_seen_keys(check)
            self._conditions = check
        return check

    def seen_keys(self, lookup: Lookup) -> Lookup:
        """The context keys as this statement sees them: a key policy does not see those for IAM policies only."""
        return _seen_keys(lookup) if self._asks_for_iam_keys else lookup

    @property
    def _asks_for_iam_keys(self) -> bool:
        if self.policy.type is not PolicyType.KEY:
            return False
        asked = [text for condition in self.statement.conditions for text in (condition.key, *condition.values)]
        return any(isinstance(text, Unknown) or text.lower().startswith(IAM_KEYS) or "${" in text for text in asked)

    def entry(self, *, sure: bool) -> Entry:
        """What is left to check per request, for a caller and an action that the statement covers."""
        return (self.resources(), self.conditions(), sure and not self.statement.unknown, self.because)

    def provider(self, lookup: Lookup) -> Match:
        """Whether the caller came through one of the identity providers that the Principal names."""
        providers = self.statement.principal.federated if self.statement.principal else ()
        return _through_provider(providers, None)(lookup)

    def federated_entry(self, *, sure: bool) -> Entry:
        """Like :meth:`entry`, for a caller that only the Principal's federated providers may name."""
        providers = self.statement.principal.federated if self.statement.principal else ()
        resources, conditions, told, because = self.entry(sure=sure)
        return (resources, _through_provider(providers, conditions), told, because)


def _seen_keys(lookup: Lookup) -> Lookup:
    return lambda key: ABSENT if key.startswith(IAM_KEYS) else lookup(key)


def _on_seen_keys(check: ConditionCheck) -> ConditionCheck:
    return lambda lookup: check(_seen_keys(lookup))


def _negated(covers: ResourceCheck) -> ResourceCheck:
    def check(resource: str | Unknown, lookup: Lookup) -> Match:
        found = covers(resource, lookup)
        return _NEGATED.get(found, found)

    return check


def _through_provider(providers: tuple[Text, ...], conditions: ConditionCheck | None) -> ConditionCheck:
    """Let a condition check apply only to callers that came through one of the identity providers."""

    def check(lookup: Lookup) -> Match:
        came_through = lookup("aws:federatedprovider")
        if came_through in providers and isinstance(came_through, str):
            named = Match.YES
        elif isinstance(came_through, Unknown):
            named = Match.UNKNOWN
        else:
            text = came_through if isinstance(came_through, str) else ""
            open_entries = (entry for entry in providers if isinstance(entry, Unknown))
            named = Match.UNKNOWN if text and any(could_be(entry, text) for entry in open_entries) else Match.NO
        if named is Match.NO or conditions is None:
            return named
        found = conditions(lookup)
        return found if named is Match.YES or found is Match.NO else Match.UNKNOWN

    return check


class CompiledPolicy:
    """A policy indexed by action and by principal."""

    __slots__ = (
        "_by_principal",
        "_covering",
        "_entries",
        "_exact",
        "_naming",
        "_patterned",
        "_unindexed",
        "policy",
        "statements",
    )

    def __init__(self, policy: Policy) -> None:
        """Sort the statements by the actions they write out; those with patterns are asked one by one."""
        self.policy = policy
        self.statements = tuple(CompiledStatement(policy, statement) for statement in policy.statements)
        self._exact: dict[str, list[int]] = {}
        self._patterned: list[int] = []
        self._by_principal: dict[str, list[int]] | None = None
        self._unindexed: list[int] = []
        self._covering: dict[str, dict[int, bool]] = {}
        self._naming: dict[tuple[str, ...], list[int]] = {}
        self._entries: dict[str, tuple[Entries, Entries]] = {}
        for index, statement in enumerate(self.statements):
            if not statement.inert:
                self._index(index, statement.statement.action)

    def _index(self, index: int, actions: tuple[Text, ...] | None) -> None:
        if actions is None:
            self._patterned.append(index)
            return
        patterned = False
        for action in actions:
            if isinstance(action, Unknown) or "*" in action or "?" in action or not action.isascii():
                patterned = True
            else:
                self._exact.setdefault(action.lower(), []).append(index)
        if patterned:
            self._patterned.append(index)

    def covering(self, action: str) -> dict[int, bool]:
        """The statements that cover an action (in lower case), by index, and whether they do so for sure."""
        surely = self._covering.get(action)
        if surely is None:
            surely = dict.fromkeys(self._exact.get(action, ()), True)
            for index in self._patterned:
                if index not in surely:
                    match = self.statements[index].action(action)
                    if match is not Match.NO:
                        surely[index] = match is Match.YES
            remember(self._covering, action, surely)
        return surely

    def asked(self, action: str, caller: Caller) -> list[tuple[CompiledStatement, bool]]:
        """The statements, in order, that cover an action and may name a caller; with whether they cover it for sure."""
        surely = self.covering(action)
        naming = self._statements_naming(caller)
        statements = self.statements
        return [(statements[index], surely[index]) for index in naming if index in surely]

    def _statements_naming(self, caller: Caller) -> list[int]:
        if self._by_principal is None:
            self._by_principal = self._index_principals()
        if caller.vague:
            return list(range(len(self.statements)))
        key = (*caller.names, caller.pathless_role or "")
        naming = self._naming.get(key)
        if naming is None:
            found = {*self._unindexed, *(index for name in key for index in self._by_principal.get(name, ()))}
            naming = sorted(found)
            remember(self._naming, key, naming)
        return naming

    def _index_principals(self) -> dict[str, list[int]]:
        """Index the statements whose Principal lists nothing but ARNs; the others may name anybody."""
        by_principal: dict[str, list[int]] = {}
        for index, statement in enumerate(self.statements):
            element = statement.statement.principal
            listed = element.aws if element else ()
            if element is None or element != PrincipalElement(aws=listed) or not all(map(_plain, listed)):
                self._unindexed.append(index)
                continue
            for name in {form for text in listed for form in (str(text), without_path(str(text)))}:
                by_principal.setdefault(name, []).append(index)
        return by_principal

    def entries(self, action: str) -> tuple[Entries, Entries]:
        """What denies and what may allow an action, in a policy whose statements name no principal."""
        found = self._entries.get(action)
        if found is None:
            denies: list[Entry] = []
            allows: list[Entry] = []
            surely = self.covering(action)
            for index in sorted(surely):
                statement = self.statements[index]
                effect = statement.statement.effect
                entry = statement.entry(sure=surely[index] and isinstance(effect, Effect))
                if effect is not Effect.ALLOW:
                    denies.append(entry)
                if effect is not Effect.DENY:
                    allows.append(entry)
            if self.policy.unknown:
                denies.append(self.unread)
                allows.append(self.unread)
            found = (tuple(denies), tuple(allows))
            remember(self._entries, action, found)
        return found

    @property
    def unread(self) -> Entry:
        """The entry that stands for the statements of a policy that is not told in full."""
        return (None, None, False, Because(self.policy.type, self.policy))


def lower_action(action: str) -> str:
    """An action as statements compare it: ASCII letters in lower case, so that no look-alike becomes one."""
    return action.lower() if action.isascii() else "".join(char.lower() if char.isascii() else char for char in action)


def _plain(name: Text) -> bool:
    return isinstance(name, str) and name != "*"


def remember(memory: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Keep a value, and forget everything once there is too much of it."""
    if len(memory) >= MEMORY:
        memory.clear()
    memory[key] = value


def compiled(policy: Policy) -> CompiledPolicy:
    """The compiled form of a policy, which the policy keeps."""
    form = policy._compiled  # noqa: SLF001 - the one place that fills this slot
    if form is None:
        form = CompiledPolicy(policy)
        object.__setattr__(policy, "_compiled", form)
    return form
